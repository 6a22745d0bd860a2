"""The results folder of a sweep: the only place that knows the paths in it, and whose it is."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psutil import pid_exists

from sweep.errors import ResultsError
from sweep.store.database import Database
from sweep.store.header import is_database, newer_format
from sweep.store.made import partial_beside, read_stamps, sync_folder, told_of
from sweep.store.place import ANOTHER_FOLDER, shown
from sweep.store.writer import DatabaseWriter
from sweep.terms.text import printable

MADE_BY = "sweep"
FORMAT = 1
"""Of the folder: raised whenever an older sweep could not use it; it refuses it then."""
PAGE = "page"
"""The part of a series that is made from the results of its sweeps; see `made`."""
_MARKER = "sweep.json"
_QUICK = "quick"
"""What a marker says of results in the quick form."""
_PARTIAL = re.compile(r"\..+-(\d+)\.partial(\.\w+)?")
_OF_NOBODY = re.compile(rf"(\.(DS_Store|gitignore|gitkeep)|{_PARTIAL.pattern})$")
_REMEDY = ANOTHER_FOLDER


def usual_place(name: str, *, quick: bool) -> Path:
    """Return the folder of results that nobody has named: the quick form has one of its own."""
    return Path("results", f"{name}-quick" if quick else name)


@dataclass(frozen=True)
class Folder:
    """A folder whose files are written in one step each; its path is absolute, `str` is for a reader."""

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", self.path.absolute())

    def __str__(self) -> str:
        return shown(self.path)

    @property
    def figures(self) -> Path:
        """The folder of the figures."""
        return self.path / "figures"

    @property
    def report(self) -> Path:
        """The report in Markdown, with the figures beside it."""
        return self.path / "report.md"

    @property
    def page(self) -> Path:
        """The report as one self-contained HTML page."""
        return self.path / "report.html"

    @property
    def verdicts(self) -> Path:
        """The table of the verdicts on all claims; there is none without claims."""
        return self.path / "verdicts.csv"

    @property
    def stamps(self) -> Path:
        """What vouches for the files that were made from the results; see `made`."""
        return self.path / "store.stamps.json"

    @property
    def lock_file(self) -> Path:
        """What the kernel locks for the life of a sweep; it is empty and stays."""
        return self.path / "store.lock"

    @property
    def owner(self) -> Path:
        """Who holds the lock, as JSON."""
        return self.path / "store.owner.json"

    def write(self, path: Path, content: str | bytes) -> None:
        """Write a file of the folder in one step; text is written as UTF-8 with its line ends as they are.

        Whoever reads it sees the old file or the whole new one, which outlives a power cut. Raises `ResultsError` if it
        cannot be written.
        """
        partial = partial_beside(path)
        try:
            with told_of(path):
                with partial.open("wb") as file:
                    file.write(content.encode() if isinstance(content, str) else content)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
        sync_folder(path.parent)

    def clear_partials(self) -> None:
        """Remove what writers have left that were killed; the caller holds the lock.

        The marker alone is written without it: what a living process may still be at stays.
        """
        for partial, writer in self._partials():
            if not pid_exists(writer):
                with suppress(OSError):
                    partial.unlink()

    def tidy(self) -> None:
        """Take away what this process, which holds the lock and is about to end, has not finished writing."""
        for partial, writer in self._partials():
            if writer == os.getpid():
                partial.unlink(missing_ok=True)
        self.owner.unlink(missing_ok=True)

    def _partials(self) -> Iterator[tuple[Path, int]]:
        """Yield the files that are not whole yet, each with the process that writes it."""
        for folder in (self.path, self.figures):
            for name in _names(folder):
                if writer := _PARTIAL.fullmatch(name):
                    yield folder / name, int(writer[1])

    def _check_kinds(self, files: Iterable[str], found: Iterable[os.DirEntry[str]]) -> None:
        """Refuse a pipe, a device, a folder or a link to nothing where a file of ours stands."""
        for entry in found:
            is_store = entry.name.startswith(
                ("store.sqlite", "store.lock", "store.owner", "store.stamps", "store.trained")
            )
            is_none = (is_store or entry.name in files) and not entry.is_file()
            if is_none and os.path.lexists(entry.path):  # a sweep that is running removes its own
                what = "a folder" if entry.is_dir() else "no file"
                raise ResultsError(
                    f"{shown(Path(entry.path))} is {what}, expected a file: move it away, or {_REMEDY}"
                )
            if entry.name == self.figures.name and not entry.is_dir():
                raise ResultsError(
                    f"{shown(Path(entry.path))} is not a folder, nor leads to one: move it away, or {_REMEDY}"
                )


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


class SeriesFolder(Folder):
    """A folder that holds the results of several sweeps, each in a folder of its own, and one page on all of them."""

    def sweep(self, name: str) -> Path:
        """Return where the results of one of the sweeps are."""
        return self.path / name

    @property
    def marker(self) -> Path:
        """What the page was made from: the configs, as hashes."""
        return self.path / "series.json"

    def prepare(self, names: Iterable[str], *, quick: bool = False) -> None:
        """Create the folder if need be, for a page on configs of these names, in the quick form or the full one.

        Raises `ResultsError`, and leaves everything untouched, if something stands where the page would that no
        reproduce has written, or the page of other configs, or of the full form where the quick one is to be, or if
        the folder cannot be written.
        """
        if os.path.lexists(self.path) and not self.path.is_dir():
            raise ResultsError(f"{self} is no folder, and the page is to have one: {_REMEDY}")
        try:
            if self.path.is_dir():
                self._check(set(names), quick)
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ResultsError(f"{self} cannot be used ({error.strerror}): {_REMEDY}") from error
        if not os.access(self.path, os.W_OK):
            raise ResultsError(f"{self} cannot be written, you have no right to: {_REMEDY}")

    def _check(self, names: set[str], quick: bool) -> None:
        page = (self.report, self.page, self.verdicts, self.marker)
        with os.scandir(self.path) as found:
            self._check_kinds([path.name for path in page], found)
        there = [path.name for path in (*page, self.figures) if os.path.lexists(path)]
        told = _read(self.marker)
        made_from = told.get("configs")
        is_ours = isinstance(made_from, dict) or PAGE in read_stamps(self.stamps)
        if there and not is_ours:
            raise ResultsError(
                f"{self} holds {there[0]}, which is of no page of `sweep reproduce`: {_REMEDY}"
            )
        if isinstance(made_from, dict) and made_from and not names & made_from.keys():
            others = ", ".join(list(made_from)[:3])
            raise ResultsError(f"{self} holds the page on other configs ({printable(others)}): {_REMEDY}")
        if quick and isinstance(made_from, dict) and told.get(_QUICK) is not True:
            raise _of_the_full_form(self)


class ResultsFolder(Folder):
    """A folder that holds the results of one sweep, and nothing else."""

    @property
    def database(self) -> Path:
        """The durable results, from which all else here is made anew."""
        return self.path / "store.sqlite"

    def database_state(self) -> tuple[tuple[int, int], ...]:
        """Return what changes whenever results are stored: size and time of the database's files."""
        found = []
        for path in (self.database, self.database.with_name(f"{self.database.name}-wal")):
            with suppress(OSError):
                status = path.stat()
                found.append((status.st_size, status.st_mtime_ns))
        return tuple(found)

    @property
    def marker(self) -> Path:
        """What says that the folder is of a sweep, of which config, and its format."""
        return self.path / _MARKER

    @property
    def runs(self) -> Path:
        """The table of all runs."""
        return self.path / "runs.parquet"

    @property
    def cells(self) -> Path:
        """The table of all cells as text, unless there are very many."""
        return self.path / "cells.csv"

    @property
    def cells_parquet(self) -> Path:
        """The table of all cells with its types, however many there are."""
        return self.path / "cells.parquet"

    @property
    def config(self) -> Path:
        """A copy of the config that the results were made with."""
        return self.path / "config.toml"

    @property
    def decisions(self) -> Path:
        """What was decided about results of code that has changed since."""
        return self.path / "code.json"

    @property
    def surroundings(self) -> Path:
        """With what, and on what kind of machine, results were trained here."""
        return self.path / "store.trained.json"

    @property
    def series(self) -> SeriesFolder:
        """The folder of the series, if the sweep is one of a series: the inverse of `SeriesFolder.sweep`."""
        return SeriesFolder(self.path.parent)

    def read(self, objective: str) -> Database:
        """Open the results to read them, as `Database.read` does."""
        return Database.read(self.database, objective)

    def writer(self, objective: str) -> DatabaseWriter:
        """Open the results to append to them, as `DatabaseWriter` does; the caller holds the folder's lock."""
        return DatabaseWriter(self.database, objective)

    def check(self, *, quick: bool = False) -> None:
        """Refuse what `prepare` would refuse, and write nothing; a folder that does not exist is fine."""
        if not os.path.lexists(self.path):
            return
        if not self.path.is_dir():
            what = "a link to nothing" if self.path.is_symlink() and not self.path.exists() else "a file"
            raise ResultsError(f"{self} is {what}, expected a folder for the results: {_REMEDY}")
        try:
            with os.scandir(self.path) as entries:
                self._check_kinds(_FILES, entries)
            # Before it is read what marks the folder, which somebody else may be preparing: the mark comes first there.
            foreign = min(
                (name for name in os.listdir(self.path) if not _OF_NOBODY.match(name)), default=None
            )
            found = self._format()
        except OSError as error:
            raise ResultsError(f"{self} cannot be read ({error.strerror}): {_REMEDY}") from error
        if found is not None and found > FORMAT:
            raise newer_format(self.path, found, FORMAT)
        if found is None and foreign and not is_database(self.database):
            problem = f"it holds {printable(foreign)}, and no {_MARKER} that sweep has written"
            raise ResultsError(f"{self} is not a results folder ({problem}): {_REMEDY}")
        if quick and not self._is_quick() and (found is not None or is_database(self.database)):
            raise _of_the_full_form(self)

    def prepare(self, *, quick: bool = False) -> None:
        """Create the folder if need be, so that results in the quick form or the full one can be written to it.

        Raises `ResultsError`, and leaves everything untouched, if the path is a file, a folder of another's
        making, or of a newer sweep, or of the full form where the quick one is to be, or cannot be written.
        """
        self.check(quick=quick)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if self._format() is None or self._is_quick() != quick:
                self._mark(quick=quick)
            elif not os.access(self.path, os.W_OK):
                raise ResultsError(f"{self} cannot be written, you have no right to: {_REMEDY}")
        except OSError as error:
            raise ResultsError(f"{self} cannot be written ({error.strerror}): {_REMEDY}") from error

    def other_config(self, config: Path | None) -> Path | None:
        """Return the config that the folder belongs to, if that is another file than this one.

        A config that is not there any more, because it was renamed or removed, has no claim to it.
        """
        try:
            told = _read(self.marker).get("config")
            theirs = self.path / told if isinstance(told, str) else self.path
            is_other = theirs.is_file() and not (config is not None and theirs.samefile(config))
            return theirs.resolve() if is_other else None
        except (OSError, ValueError):
            return None

    def keeps(self, text: str) -> bool:
        """Tell whether this is the text of the config that was run here last."""
        try:
            return self.config.is_file() and self.config.read_bytes() == text.encode()
        except OSError:
            return False

    def belong_to(self, config: Path) -> None:
        """Keep which config the folder belongs to; the path from here to there holds when both are moved together."""
        try:
            told = Path(os.path.relpath(config.resolve(), self.path.resolve())).as_posix()
        except ValueError:  # on another drive
            told = config.as_posix()
        if _read(self.marker).get("config") != told:
            self._mark(config=told)

    def _mark(self, **more: str | bool) -> None:
        kept = {key: value for key, value in _read(self.marker).items() if key in ("config", _QUICK)}
        told = {key: value for key, value in (kept | more).items() if value is not False}
        self.write(self.marker, json.dumps({"made_by": MADE_BY, "format": FORMAT, **told}) + "\n")

    def _is_quick(self) -> bool:
        return _read(self.marker).get(_QUICK) is True

    def _format(self) -> int | None:
        """Return the format that the marker tells, None if there is no marker of ours that can be read."""
        marker = _read(self.marker)
        found = marker.get("format")
        return found if marker.get("made_by") == MADE_BY and type(found) is int and found > 0 else None


_FILES = (
    "runs.parquet",
    "cells.csv",
    "cells.parquet",
    "verdicts.csv",
    "report.md",
    "report.html",
    "config.toml",
    "code.json",
    _MARKER,
)
"""What we write beside the figures and what begins with "store."."""


def _of_the_full_form(folder: Folder) -> ResultsError:
    return ResultsError(
        f"{folder} holds results of the full form, which the quick one never writes over: {_REMEDY}"
    )


def _read(marker: Path) -> dict[str, Any]:
    """Return what a file in JSON says; nothing if there is none that can be read."""
    if not marker.is_file():
        return {}
    try:
        told = json.loads(marker.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
