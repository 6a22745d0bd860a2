"""Files of a folder that are made together, and the stamp that vouches for them.

A stamp says what the files were made from, and keeps a hash of each. It holds for what is there: a file that was
deleted, cut off or edited since is not vouched for. The files of a part take their places only when all of them are
written, and between the first and the last of them there is no stamp; so whenever a process or a machine dies, the
files under a stamp are those that were written together.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePath
from typing import Any

from sweep.errors import ResultsError
from sweep.store.place import shown

_numbers = count()


@dataclass(frozen=True)
class Stamp:
    """What is known of the files of a part.

    `origin` says what they were made from, None while they are being replaced; `hashes` has by name the hashes of what
    we may have written there.
    """

    origin: str | None = None
    hashes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class Making:
    """The files of a part, not in their places yet."""

    folder: Path
    _partials: dict[Path, Path] = field(default_factory=dict)
    _withdrawn: list[Path] = field(default_factory=list)

    @contextmanager
    def replacing(self, path: Path) -> Iterator[Path]:
        """Give a path to write to, of the same ending; what is there takes the place of `path` with all others.

        Raises `ResultsError` if it cannot be written.
        """
        partial = partial_beside(path)
        self._partials[path] = partial
        with told_of(path):
            if path.parent != self.folder:  # which may have been moved, and is not made again
                path.parent.mkdir(exist_ok=True)
            yield partial

    def write(self, path: Path, content: str | bytes) -> None:
        """Write a file; text is written as UTF-8 with its line ends as they are."""
        with self.replacing(path) as partial:
            partial.write_bytes(content.encode() if isinstance(content, str) else content)

    def withdraw(self, path: Path) -> None:
        """Remove a file before any other takes its place; it may be written anew, and then comes last."""
        self._withdrawn.append(path)

    def hashes(self) -> dict[Path, str]:
        """Return the hash of each file, which is on the disk then."""
        found = {}
        for path, partial in self._partials.items():
            with told_of(path), partial.open("rb") as file:
                found[path] = hashlib.file_digest(file, _hash).hexdigest()
                os.fsync(file.fileno())
        return found

    def put(self) -> None:
        """Let all files take their places."""
        for path in self._withdrawn:
            with told_of(path):
                path.unlink(missing_ok=True)
        for folder in {path.parent for path in self._withdrawn}:
            sync_folder(folder)
        for path in sorted(self._partials, key=self._withdrawn.__contains__):
            with told_of(path):
                os.replace(self._partials[path], path)
        for folder in {path.parent for path in self._partials}:
            sync_folder(folder)

    def clear(self) -> None:
        """Remove what has not taken its place."""
        for partial in self._partials.values():
            with suppress(OSError):
                partial.unlink()


def partial_beside(path: Path) -> Path:
    """Return where a file is written before it takes its place: a name that nobody else has, with the same ending."""
    return path.with_name(f".{next(_numbers)}-{os.getpid()}.partial{path.suffix}")


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Raise a `ResultsError` that names the file for whatever the system refuses."""
    try:
        yield
    except OSError as error:
        raise ResultsError(f"{shown(path)} cannot be written: {error.strerror or error}") from error


def sync_folder(folder: Path) -> None:
    """Bring to the disk which files a folder has, where the system can."""
    with suppress(OSError):  # Windows opens no folders
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def hash_of(path: Path) -> str | None:
    """Return the hash of a file; None if there is none, or it cannot be read."""
    try:
        if not path.is_file():  # whoever opened a pipe would wait for ever
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, _hash).hexdigest()
    except OSError:
        return None


def read_stamps(path: Path) -> dict[str, Stamp]:
    """Return the stamps of all parts that a file holds; nothing if it is not there, damaged or of an older sweep."""
    try:
        found = json.loads(path.read_bytes())
        return {part: stamp for part, told in found.items() if (stamp := _stamp(told)) is not None}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}


def stamps_text(stamps: Mapping[str, Stamp]) -> str:
    """Return what is written to the file of the stamps."""
    told = {part: {"from": stamp.origin, "files": stamp.hashes} for part, stamp in stamps.items()}
    return json.dumps(told, indent=1, sort_keys=True) + "\n"


def is_vouched(folder: Path, stamp: Stamp, origin: str) -> bool:
    """Tell whether files were made from this origin, and are all there as they were written."""
    return stamp.origin == origin and all(
        hash_of(folder / name) == hashes[0] for name, hashes in stamp.hashes.items()
    )


@contextmanager
def making(folder: Path, before: Stamp, origin: str, note: Callable[[Stamp], None]) -> Iterator[Making]:
    """Give what the files of a part are written by; at the end they take their places, and are vouched for.

    Files that were made before and are made no more are removed then, unless somebody has changed them. `note` keeps a
    stamp. After an exception everything is as it was. Raises `ResultsError` if a file cannot be written.
    """
    made = Making(folder)
    try:
        yield made
        hashes = {_name(folder, path): (each,) for path, each in made.hashes().items()}
        ours = {
            name: (*before.hashes.get(name, ()), *hashes.get(name, ())) for name in {*before.hashes, *hashes}
        }
        note(Stamp(None, ours))
        made.put()
    finally:
        made.clear()
    for name in before.hashes.keys() - hashes.keys():
        _remove_unchanged(folder / name, before.hashes[name])
    note(Stamp(origin, hashes))


def withdraw(folder: Path, before: Stamp, note: Callable[[Stamp], None]) -> None:
    """Remove the files of a part, but for those that somebody has changed; `note` keeps a stamp."""
    note(Stamp(None, before.hashes))
    for name, hashes in before.hashes.items():
        _remove_unchanged(folder / name, hashes)
    note(Stamp())


def _remove_unchanged(path: Path, hashes: tuple[str, ...]) -> None:
    if hash_of(path) in hashes:
        with told_of(path):
            path.unlink(missing_ok=True)


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _stamp(told: Any) -> Stamp | None:
    """Return a stamp as it was read, None if it is none of ours."""
    if not isinstance(told, dict) or not isinstance(told.get("files"), dict):
        return None
    origin = told.get("from")
    hashes = {name: tuple(each) for name, each in told["files"].items() if isinstance(each, list) and each}
    is_inside = all(".." not in PurePath(name).parts and not PurePath(name).is_absolute() for name in hashes)
    is_whole = is_inside and len(hashes) == len(told["files"])
    return Stamp(origin if isinstance(origin, str) else None, hashes) if is_whole else None


def _hash() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=16)
