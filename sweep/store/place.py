"""Where a folder or a file stands: its path in full, and whether that still leads to what this process has open."""

import os
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from sweep.errors import ResultsError
from sweep.terms.text import printable

Identity: TypeAlias = tuple[int, int]
"""Device and number of a file: another file has another one, as long as this one is open."""

ANOTHER_FOLDER = 'choose another folder by --results DIR (in Python: results="DIR")'
"""What to do where results cannot be kept in the folder that was meant."""

_OPEN_FILES = Path("/proc/self/fd")
_REMOVED = " (deleted)"


def shown(path: Path) -> str:
    """Return a path for a reader: from the current folder on, if it is below that, and with nothing unprintable."""
    with suppress(ValueError, OSError):  # it is elsewhere, or the current folder was removed
        path = path.relative_to(Path.cwd())
    return printable(str(path))


def identity(path: Path) -> Identity | None:
    """Return what a path leads to, None if that is nothing."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


GONE = "what was stored in it is gone, and the same command trains it again"


def check_place(path: Path, opened: Identity | None, gone: str = GONE) -> None:
    """Raise a `ResultsError`, which says where it is now, if a path does not lead to what was opened there.

    `gone` says what it means if it was removed.
    """
    there = identity(path)
    if opened is None or there == opened:
        return
    what = f"{shown(path)} was"
    instead = "" if there is None else " What stands in its place is left as it is."
    now = _path_now(opened)
    if now is None:
        raise ResultsError(
            f"{what} removed or moved while it was in use: what was stored in it is not here.{instead}"
        )
    if now.endswith(_REMOVED):
        raise ResultsError(f"{what} removed while it was in use: {gone}.{instead}")
    back = "move it back, and the same command goes on, or name the folder it is in by --results DIR"
    raise ResultsError(
        f"{what} moved to {printable(now)} while it was in use, and what was finished is stored there: {back}.{instead}"
    )


def _path_now(opened: Identity) -> str | None:
    """Return the path of an open file as the system knows it (Linux), None if it tells none."""
    try:
        numbers = os.listdir(_OPEN_FILES)
    except OSError:
        return None
    for number in numbers:
        link = _OPEN_FILES / number
        if identity(link) == opened:
            try:
                return os.readlink(link)
            except OSError:
                return None
    return None
