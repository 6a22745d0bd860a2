"""Reading the database: every record that comes out is, bit for bit, one that was written.

A damaged row, or a stretch of the file that SQLite cannot read, is passed over and told in `damage`. Nothing
here writes; see `writer` for the other half.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sized
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sweep.store.records import Failure, Record
from sweep.store.rows import (
    BATCHES,
    CURVES,
    FAILURES,
    WEIGHTS,
    Row,
    Table,
    curves_of,
    failure_of,
    record_of,
    weights_of,
)
from sweep.store.sqlite import READ_ERRORS, connect_to_read, damage_in, damaged_header, has_weights

REACH = 100_000
"""How many ids are tried one by one where a stretch of the table cannot be read."""
ROW_BYTES = 100
"""No row is smaller."""

T = TypeVar("T")

Wanted = Callable[[Record], bool]
"""Tells of a record whether something of it is to be read too; it is given without its curves and weights."""


def every(record: Record) -> bool:  # noqa: ARG001
    """Of every record."""
    return True


def none(record: Record) -> bool:  # noqa: ARG001
    """Of none."""
    return False


class Database:
    """What a sweep has stored. `damage` has a line for everything that was found damaged so far."""

    def __init__(self, path: Path, connection: sqlite3.Connection | None, damage: list[str]) -> None:
        self.path = path
        self.damage = damage
        self._connection = connection

    @classmethod
    def read(cls, path: Path) -> Self:
        """Open the database to read it, also while another process writes to it.

        A file that does not exist holds no records. Raises `ResultsError`, and leaves the file untouched, if
        it is of another program or a newer sweep, or cannot be opened.
        """
        from_rebuilding = path.with_name(f"{path.name}.rebuilt")
        source = from_rebuilding if from_rebuilding.exists() else path
        database = cls(source, None, [])
        if source.exists():
            broken = damaged_header(source)
            try:
                database._connection = connect_to_read(source)
            except READ_ERRORS as error:
                broken = damage_in(source, error)
            if broken:
                database.tell(f"is damaged ({broken}): what cannot be read will be trained anew")
        return database

    def records(self, curves: bool = False, weights: Wanted = none) -> Iterator[Record]:
        """Yield the records in the order in which they were appended.

        They come with their curves if asked, and with the weights of those that are wanted, unless these were not
        stored or are lost.
        """
        if weights is none and not curves:
            return self._read(BATCHES, record_of)
        return self._read(BATCHES, lambda row: self._in_full(row, curves, weights))

    def failures(self) -> Iterator[Failure]:
        """Yield the failures in the order in which they were appended."""
        return self._read(FAILURES, failure_of)

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

    def tell(self, what: str) -> None:
        """Add a line to `damage`, once."""
        line = f"{self.path} {what}"
        if line not in self.damage:
            self.damage.append(line)

    def _read(self, table: Table, unpack: Callable[[Row], T | None]) -> Iterator[T]:
        last = 0  # ids rise by one, so that a missing row is seen
        for row in self._rows(table):
            row_id, value = row[0], unpack(row)
            if value is not None and row_id > last:
                if row_id > last + 1:
                    self._tell_missing(table, last + 1, row_id - 1)
                last = row_id
                yield value
                continue
            self.tell(f"has a damaged row {row_id} in `{table.name}`: {_affected(row)} will be trained anew")
            last = row_id if row_id == last + 1 else last

    def _tell_missing(self, table: Table, first: int, last: int) -> None:
        rows = f"row {first}" if first == last else f"rows {first} to {last}"
        self.tell(f"has lost {rows} of `{table.name}`: their trajectories will be trained anew")

    def _rows(self, table: Table) -> Iterator[Row]:
        """Yield all rows that can be read, whole or not, by rising ids."""
        last = 0
        if self._connection is None:
            return
        try:
            for row in self._connection.execute(f"{table.select} ORDER BY id"):
                if isinstance(row[0], int):
                    yield row
                    last = max(last, row[0])
        except READ_ERRORS as error:
            reason = damage_in(self.path, error)
            self.tell(
                f"is damaged after row {last} of `{table.name}` ({reason}): what is lost will be trained anew"
            )
            yield from self._rows_beyond(self._connection, table, last)

    def _rows_beyond(self, connection: sqlite3.Connection, table: Table, last: int) -> Iterator[Row]:
        for row_id in self._candidates(connection, table, last):
            try:
                row = connection.execute(f"{table.select} WHERE id = ?", (row_id,)).fetchone()
            except READ_ERRORS as error:
                damage_in(self.path, error)
            else:
                if row is not None and isinstance(row[0], int):
                    yield row

    def _candidates(self, connection: sqlite3.Connection, table: Table, last: int) -> list[int]:
        """Return the ids after `last` that may be there: seen from both ends, and those between."""
        condition = f"SELECT id FROM {table.name} WHERE id > {last} ORDER BY id"
        front, complete = self._ids(connection, condition)
        if complete:
            return front
        back, _ = self._ids(connection, f"{condition} DESC")
        start, reach = max(front, default=last) + 1, min(REACH, self.path.stat().st_size // ROW_BYTES)
        between = range(start, min([*back, start + reach]))
        return sorted({*front, *back, *between})

    def _ids(self, connection: sqlite3.Connection, query: str) -> tuple[list[int], bool]:
        """Return the ids until the first that cannot be read, and whether these are all."""
        ids: list[int] = []
        try:
            ids.extend(row_id for (row_id,) in connection.execute(query))
        except READ_ERRORS as error:
            damage_in(self.path, error)
            return ids, False
        return ids, True

    def _in_full(self, batch: Row, curves: bool, weights: Wanted) -> Record | None:
        record = record_of(batch)
        if record is None:
            return None
        row_id, _, _, has_curves, *_ = batch
        both: dict[str, Any] = {}
        if curves and has_curves:
            both["curves"] = self._beside(CURVES, batch, curves_of(self._row(CURVES, row_id) or ()))
        if weights(record) and (row := self._row(WEIGHTS, row_id)) is not None:
            both["weights"] = self._beside(WEIGHTS, batch, weights_of(row))
        return replace(record, **both)

    def _row(self, table: Table, row_id: int) -> Row | None:
        """Return the row of `curves` or `weights`, empty if it cannot be read, None if there is none."""
        assert self._connection is not None
        try:
            if table is WEIGHTS and not has_weights(self._connection):
                return None
            row: Row | None = self._connection.execute(f"{table.select} WHERE id = ?", (row_id,)).fetchone()
        except READ_ERRORS as error:
            damage_in(self.path, error)
            return ()
        return row

    def _beside(self, table: Table, batch: Row, found: Sized | None) -> Sized | None:
        """Return what was found beside a batch, unless it is not of its trajectories; tell what is lost."""
        row_id, n, *_ = batch
        if found is not None and len(found) == n:
            return found
        lost = f"{_affected(batch)} lose their {table.name}, and keep their losses"
        self.tell(f"has a damaged row {row_id} in `{table.name}`: {lost}")
        return None


def _affected(row: Row) -> str:
    """Say how many trajectories a damaged row was about, if two of its columns agree on that."""
    n = row[1]
    agreed = isinstance(n, int) and any(isinstance(part, bytes) and len(part) == 16 * n for part in row[2:])
    return f"its {n} trajectories" if agreed else "its trajectories"
