"""The results folder of a sweep: the only place that knows the paths in it, and whose it is."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sweep.errors import ResultsError
from sweep.store.database import Database
from sweep.store.sqlite import is_database, newer_format
from sweep.store.writer import DatabaseWriter

MADE_BY = "sweep"
FORMAT = 1
"""Of the folder: raised whenever an older sweep could not use it; it refuses it then."""
_MARKER = "sweep.json"
_OF_NOBODY = re.compile(r"\.(DS_Store|gitignore|gitkeep|sweep-\d+\.partial\.json)$")
_REMEDY = "choose another folder by --results DIR"


@dataclass(frozen=True)
class _Folder:
    """A folder whose files are written in one step each."""

    path: Path

    @property
    def figures(self) -> Path:
        """The folder of the figures."""
        return self.path / "figures"

    @property
    def report(self) -> Path:
        """The report in Markdown, with the figures beside it."""
        return self.path / "report.md"

    @property
    def verdicts(self) -> Path:
        """The table of the verdicts on all claims; there is none without claims."""
        return self.path / "verdicts.csv"

    @contextmanager
    def replacing(self, path: Path) -> Iterator[Path]:
        """Give a path to write to, of the same ending, that takes the place of `path` at the end.

        So whoever reads `path` sees the old file or the whole new one; after an exception it is the old one.
        Raises `ResultsError` if it cannot be written.
        """
        partial = path.with_name(f".{path.stem}-{os.getpid()}.partial{path.suffix}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield partial
            os.replace(partial, path)
        except OSError as error:
            raise ResultsError(f"{path} cannot be written: {error.strerror or error}") from error
        finally:
            partial.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Take away what this process has not finished writing, since it is about to end."""
        for partial in self.path.rglob(f".*-{os.getpid()}.partial*"):
            partial.unlink(missing_ok=True)

    def write(self, path: Path, content: str | bytes) -> None:
        """Write a file of the folder in one step; text is written as UTF-8 with its line ends as they are."""
        with self.replacing(path) as partial:
            partial.write_bytes(content.encode() if isinstance(content, str) else content)


class SeriesFolder(_Folder):
    """A folder that holds the results of several sweeps, each in a folder of its own, and one page on all of them."""

    def sweep(self, name: str) -> Path:
        """Return where the results of one of the sweeps are."""
        return self.path / name

    @property
    def marker(self) -> Path:
        """What the page was made from: the configs, as hashes."""
        return self.path / "series.json"


class ResultsFolder(_Folder):
    """A folder that holds the results of one sweep, and nothing else."""

    @property
    def database(self) -> Path:
        """The durable results, from which all else here is made anew."""
        return self.path / "store.sqlite"

    @property
    def lock_file(self) -> Path:
        """What the kernel locks for the life of a sweep; it is empty and stays."""
        return self.path / "store.lock"

    @property
    def owner(self) -> Path:
        """Who holds the lock, as JSON."""
        return self.path / "store.owner.json"

    def tidy(self) -> None:
        """Take away what this process has not finished writing, and its name as the owner: it is about to end."""
        super().tidy()
        self.owner.unlink(missing_ok=True)

    @property
    def marker(self) -> Path:
        """What says that the folder is of a sweep, and its format."""
        return self.path / _MARKER

    @property
    def runs(self) -> Path:
        """The table of all runs."""
        return self.path / "runs.parquet"

    @property
    def cells(self) -> Path:
        """The table of all cells."""
        return self.path / "cells.csv"

    @property
    def page(self) -> Path:
        """The report as one self-contained HTML page."""
        return self.path / "report.html"

    @property
    def config(self) -> Path:
        """A copy of the config that the results were made with."""
        return self.path / "config.toml"

    @property
    def stamps(self) -> Path:
        """What the tables and the report were made from, as hashes: what is up to date is not written again."""
        return self.path / "store.stamps.json"

    @property
    def decisions(self) -> Path:
        """What was decided about results of code that has changed since."""
        return self.path / "code.json"

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

    def check(self) -> None:
        """Refuse what `prepare` would refuse, and write nothing; a folder that does not exist is fine."""
        if not os.path.lexists(self.path):
            return
        if not self.path.is_dir():
            raise ResultsError(f"{self.path} is a file, expected a folder for the results: {_REMEDY}")
        try:
            found = self._format()
            foreign = min(
                (name for name in os.listdir(self.path) if not _OF_NOBODY.match(name)), default=None
            )
        except OSError as error:
            raise ResultsError(f"{self.path} cannot be read ({error.strerror}): {_REMEDY}") from error
        if found is not None and found > FORMAT:
            raise newer_format(self.path, found, FORMAT)
        if found is None and foreign and not is_database(self.database):
            problem = f"it holds {foreign}, and no {_MARKER} that sweep has written"
            raise ResultsError(f"{self.path} is not a results folder ({problem}): {_REMEDY}")

    def prepare(self) -> None:
        """Create the folder if need be, so that results can be written to it.

        Raises `ResultsError`, and leaves everything untouched, if the path is a file, a folder of another's
        making, or of a newer sweep, or cannot be written.
        """
        self.check()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if self._format() is None:
                self.write(self.marker, json.dumps({"made_by": MADE_BY, "format": FORMAT}) + "\n")
            elif not os.access(self.path, os.W_OK):
                raise ResultsError(f"{self.path} cannot be written, you have no right to: {_REMEDY}")
        except OSError as error:
            raise ResultsError(f"{self.path} cannot be written ({error.strerror}): {_REMEDY}") from error

    def _format(self) -> int | None:
        """Return the format that the marker tells, None if there is no marker of ours that can be read."""
        try:
            marker = json.loads(self.marker.read_bytes())
        except (FileNotFoundError, IsADirectoryError, ValueError, RecursionError):
            return None
        if not isinstance(marker, dict) or marker.get("made_by") != MADE_BY:
            return None
        found = marker.get("format")
        return found if type(found) is int and found > 0 else None
