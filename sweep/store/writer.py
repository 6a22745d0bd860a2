"""Writing the database: one process appends, and what it has committed outlives a kill and a power cut."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sweep.errors import ResultsError
from sweep.store.database import Database, Wanted, none
from sweep.store.rebuild import finish_rebuilding, rebuild
from sweep.store.records import Failure, Record
from sweep.store.rows import (
    BATCHES,
    CURVES,
    FAILURES,
    WEIGHTS,
    Columns,
    Table,
    columns_of,
    columns_of_failure,
)
from sweep.store.sqlite import (
    READ_ERRORS,
    connect_to_write,
    damage_in,
    damaged_header,
    has_our_tables,
    has_weights,
    insert,
)

COMMIT_SECONDS = 1.0
COMMIT_TRAJECTORIES = 20_000
COMMIT_BYTES = 64_000_000
ROW_BYTES = 16_000_000
"""A larger record is written as several rows: SQLite's own limit is a thousand million bytes."""

T = TypeVar("T")


class DatabaseWriter:
    """The one writer of a database; its caller holds the lock of the folder.

    Appended records are kept in memory until they are committed: by the first `append` that comes a second or
    more after the last commit, when 20 000 trajectories or 64 MB are waiting, and by `close`. A caller that
    is about to wait for long calls `commit` before. A record is stored wholly, with its curves and weights, or not at
    all.

    What is damaged is told in `damage`, a line each, and set aside: when opening, when committing, and after
    all `records` or `failures` were read, a damaged file is rebuilt from the rows that are whole, and itself
    kept as `store.sqlite.damaged-1`, -2, ...

    Raises `ResultsError` on opening, and leaves the file untouched, if it is of another program or a newer
    sweep, or cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: list[str] = []
        self._connection: sqlite3.Connection | None = None
        self._next_ids = {table.name: 1 for table in (BATCHES, FAILURES)}
        self._batches: list[Columns] = []
        self._failures: list[Columns] = []
        self._n_waiting = self._bytes_waiting = 0
        self._committed_at = time.monotonic()
        self._open()

    def records(self, curves: bool = False, weights: Wanted = none) -> Iterator[Record]:
        """Yield all records, as `Database.records` does."""
        return self._read(lambda database: database.records(curves, weights))

    def failures(self) -> Iterator[Failure]:
        """Yield all failures, as `Database.failures` does."""
        return self._read(lambda database: database.failures())

    def append(self, record: Record) -> None:
        """Add a record; it is durable once it is committed. Raises `ResultsError` if it cannot be written."""
        self._batches += [columns_of(part) for part in _parts(record)]
        self._n_waiting += len(record)
        self._bytes_waiting += _n_bytes(record)
        self._commit_if_due()

    def append_failure(self, failure: Failure) -> None:
        """Add a failure; it is durable once it is committed."""
        self._failures.append(columns_of_failure(failure))
        self._n_waiting += len(failure.keys)
        self._commit_if_due()

    def commit(self) -> None:
        """Make everything that was appended durable. Raises `ResultsError` if it cannot be written."""
        if not (self._batches or self._failures):
            return
        try:
            self._insert()
        except sqlite3.Error as error:
            self._rebuild(damage_in(self.path, error))
            self._insert()
        self._next_ids[BATCHES.name] += len(self._batches)
        self._next_ids[FAILURES.name] += len(self._failures)
        self._batches, self._failures = [], []
        self._n_waiting = self._bytes_waiting = 0
        self._committed_at = time.monotonic()

    def close(self) -> None:
        """Commit, and close the file."""
        try:
            self.commit()
            if self._connection is not None:
                # Back to a plain file, which can be read later without SQLite making others beside it.
                with suppress(sqlite3.Error):
                    self._connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        finally:
            self._disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> None:
        finish_rebuilding(self.path)
        if not self.path.exists():
            rebuild(self.path)
        broken = self._connect()
        if broken:
            self._rebuild(broken)

    def _connect(self) -> str | None:
        """Open the file, and return what is wrong with its structure, None if nothing is."""
        broken = damaged_header(self.path)
        if broken:
            return broken
        try:
            self._connection = connect_to_write(self.path)
            if not has_our_tables(self._connection):
                return "its tables are not those that sweep writes"
            for table in (BATCHES, FAILURES):
                ids = _ids(self._connection, table)
                self._next_ids[table.name] = len(ids) + 1
                if ids != list(range(1, len(ids) + 1)):
                    return f"rows of `{table.name}` are missing"
            for table in (CURVES, WEIGHTS) if has_weights(self._connection) else (CURVES,):
                if not set(_ids(self._connection, table)) <= set(_ids(self._connection, BATCHES)):
                    return f"there are {table.name} without a batch"
        except READ_ERRORS as error:
            return damage_in(self.path, error)
        return None

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _rebuild(self, broken: str) -> None:
        self._tell([f"{self.path} is damaged ({broken}): what cannot be read will be trained anew"])
        self._disconnect()
        self._tell(rebuild(self.path))
        still_broken = self._connect()
        if still_broken:
            raise ResultsError(
                f"{self.path} is damaged as soon as it is written ({still_broken}): check the disk"
            )

    def _tell(self, damage: list[str]) -> None:
        self.damage.extend(line for line in damage if line not in self.damage)

    def _read(self, items: Callable[[Database], Iterator[T]]) -> Iterator[T]:
        self.commit()
        stored = Database(self.path, self._connection, [])
        yield from items(stored)
        if stored.damage:
            self._tell(stored.damage)
            self._disconnect()
            self._tell(rebuild(self.path))
            self._connect()

    def _commit_if_due(self) -> None:
        if (
            time.monotonic() - self._committed_at >= COMMIT_SECONDS
            or self._n_waiting >= COMMIT_TRAJECTORIES
            or self._bytes_waiting >= COMMIT_BYTES
        ):
            self.commit()

    def _insert(self) -> None:
        """Write all that waits in one transaction."""
        connection = self._connection
        if connection is None:
            raise ResultsError(f"{self.path} is closed: open it again to append to it")
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        self._forget_stored(connection)
        connection.execute("BEGIN IMMEDIATE")
        for table, waiting in ((BATCHES, self._batches), (FAILURES, self._failures)):
            for i, columns in enumerate(waiting, start=self._next_ids[table.name]):
                insert(connection, i, columns)
        connection.execute("COMMIT")

    def _forget_stored(self, connection: sqlite3.Connection) -> None:
        """Drop what waits no longer, because a commit went through and Ctrl-C came before that was noted."""
        for table, waiting in ((BATCHES, self._batches), (FAILURES, self._failures)):
            (last,) = connection.execute(f"SELECT ifnull(max(id), 0) FROM {table.name}").fetchone()
            del waiting[: max(0, last + 1 - self._next_ids[table.name])]
            self._next_ids[table.name] = last + 1


def _ids(connection: sqlite3.Connection, table: Table) -> list[int]:
    return [row_id for (row_id,) in connection.execute(f"SELECT id FROM {table.name} ORDER BY id")]


def _n_bytes(record: Record) -> int:
    parts = [record.keys, record.replicates, record.diverged_at, record.losses]
    if record.curves is not None:
        parts += [record.curves.losses, record.curves.outputs]
    if record.weights is not None:
        parts.append(record.weights)
    return sum(part.nbytes for part in parts)


def _parts(record: Record) -> list[Record]:
    """Return the record, or the parts of it that are small enough for a row each."""
    n_bytes = _n_bytes(record)
    if n_bytes <= ROW_BYTES:
        return [record] if len(record) else []
    size = max(1, len(record) * ROW_BYTES // n_bytes)
    return [record[start : start + size] for start in range(0, len(record), size)]
