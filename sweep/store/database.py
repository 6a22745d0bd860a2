"""Reading the database: every outcome that comes out is, bit for bit, one that was written.

A damaged row, or a stretch of the file that SQLite cannot read, is passed over and told in `damage`. Nothing
here writes or creates a file; see `writer` for the other half.
"""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from sweep.errors import ResultsError
from sweep.store.formats import sections
from sweep.store.header import is_sound, may_have_log
from sweep.store.log import log_of
from sweep.store.opening import DamageError, open_sound
from sweep.store.outcomes import KEPT
from sweep.store.recovery import recovered
from sweep.store.rows import Row, Section, Table
from sweep.store.salvage import Rows
from sweep.store.sqlite import READ_ERRORS, damage_in
from sweep.store.stored import Parts, Stored, Wanted, nothing, with_parts

_TRIES, _WAIT_SECONDS = 100, 0.01


class Database:
    """What a sweep has stored. `damage` has a line for everything that was found damaged so far.

    `objective` names the metric in rows of older sweeps, which do not name it.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection | None, damage: list[str], objective: str
    ) -> None:
        self.path = path
        self.damage = damage
        self.objective = objective
        self._connection = connection

    @classmethod
    def read(cls, path: Path, objective: str) -> Self:
        """Open the database to read it, also while another process writes to it; nothing is created or changed.

        A file that does not exist holds no outcomes. Raises `ResultsError`, and leaves the file untouched, if
        it is of another program or a newer sweep, or cannot be opened.
        """
        for _ in range(_TRIES):
            found = _found(path)
            try:
                database = cls._open(found[0], objective)
            except ResultsError:
                if _found(path) == found:
                    raise
            else:
                if _found(path) == found:
                    return database
                database.close()
            time.sleep(
                _WAIT_SECONDS
            )  # somebody opens or closes it to write, or puts another one in its place
        raise ResultsError(f"{path} changes all the time: wait for the sweep that writes it, and try again")

    @classmethod
    def _open(cls, path: Path, objective: str) -> Self:
        database = cls(path, None, [], objective)
        try:
            path.stat()
        except FileNotFoundError:
            return database
        except OSError as error:
            raise ResultsError(f"{path} cannot be read: {error.strerror}") from error
        try:
            database._connection = open_sound(path)
        except DamageError as broken:
            database.note_damage(f"is damaged ({broken}): what cannot be read will be trained anew")
            database._connection = recovered(path)
        return database

    def outcomes(self, wanted: Wanted = nothing) -> Iterator[Stored]:
        """Yield the outcomes in the order in which they were appended; those of older sweeps first.

        They come with those of their curves and extras that are wanted, unless these were not stored or are lost.
        """
        if self._connection is None:
            return
        rows = Rows(self.path, self._connection, self.note_damage)
        try:
            found = sections(self._connection, self.objective)
        except READ_ERRORS as error:
            broken = damage_in(self.path, error)
            self.note_damage(f"is damaged ({broken}): what is lost will be trained anew")
            return
        for section in found:
            yield from self._read(rows, section, wanted)

    def close(self) -> None:
        """Close the file. What was read stays valid."""
        if self._connection is not None:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def note_damage(self, what: str) -> None:
        """Add a line to `damage`, once."""
        line = f"{self.path} {what}"
        if line not in self.damage:
            self.damage.append(line)

    def _read(self, rows: Rows, section: Section, wanted: Wanted) -> Iterator[Stored]:
        last = 0  # ids rise by one, so that a missing row is seen
        for row in rows.of(section.table):
            row_id, stored = row[0], section.stored_of(row)
            if stored is not None and row_id > last:
                if row_id > last + 1:
                    self._note_missing(section.table, last + 1, row_id - 1)
                last = row_id
                yield self._in_full(rows, section, row, stored, wanted)
                continue
            name = section.table.name
            self.note_damage(f"has a damaged row {row_id} in `{name}`: {_affected(row)} will be trained anew")
            last = row_id if row_id == last + 1 else last

    def _note_missing(self, table: Table, first: int, last: int) -> None:
        rows = f"row {first}" if first == last else f"rows {first} to {last}"
        self.note_damage(f"has lost {rows} of `{table.name}`: their trajectories will be trained anew")

    def _in_full(self, rows: Rows, section: Section, row: Row, stored: Stored, wanted: Wanted) -> Stored:
        """Return what was read from a row with what is wanted beside it."""
        unlisted = {name for name in section.unlisted if rows.has(section.table_beside(name), row[0])}
        stored = Stored(stored.outcome, stored.kept | unlisted)
        names = stored.kept.intersection(wanted(stored))
        if not names:
            return stored
        tables = {section.table_beside(name) for name in names}
        found = {table: self._beside(rows, section, table, row) for table in tables}
        lost = {name for name in stored.kept if found.get(section.table_beside(name), {}) is None}
        parts = {name: part for each in found.values() for name, part in (each or {}).items()}
        outcome = with_parts(stored.outcome, {name: parts[name] for name in names - lost})
        return Stored(outcome, stored.kept - lost)

    def _beside(self, rows: Rows, section: Section, table: Table, row: Row) -> Parts | None:
        """Return what is kept in one table beside a row; None, which is told, if it is lost."""
        row_id, n, *_ = row
        found = rows.one(table, row_id) or ()
        parts = section.parts_of(table, found)
        if parts is not None and found[1] == n:
            return parts
        lost = f"{_affected(row)} lose their {table.name.removeprefix(KEPT)}, and keep their metrics"
        self.note_damage(f"has a damaged row {row_id} in `{table.name}`: {lost}")
        return None


def _affected(row: Row) -> str:
    """Say how many trajectories a damaged row was about, if two of its columns agree on that."""
    n = row[1]
    agreed = isinstance(n, int) and any(isinstance(part, bytes) and len(part) == 16 * n for part in row[2:])
    return f"its {n} trajectories" if agreed else "its trajectories"


def _found(path: Path) -> tuple[Path, object]:
    """Return which file is the database now, and what changes when somebody begins or ends writing it."""
    rebuilt = path.with_name(f"{path.name}.rebuilt")
    source = rebuilt if is_sound(rebuilt) else path
    try:
        status = source.stat()
        return source, (status.st_dev, status.st_ino, may_have_log(source), log_of(source).exists())
    except (OSError, ResultsError):
        return source, None
