"""Writing the database: one process appends, and what it has committed outlives a kill and a power cut."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from sweep.errors import ResultsError
from sweep.store.database import Database
from sweep.store.formats import disorder_in, insert, last_id, lay_out
from sweep.store.outcomes import columns_of
from sweep.store.place import Identity, check_place, identity
from sweep.store.rebuild import finish_rebuilding, rebuild
from sweep.store.rows import Columns
from sweep.store.sqlite import READ_ERRORS, connect_to_write, damage_in, damaged_header
from sweep.store.stored import Stored, Wanted, nothing
from sweep.terms.outcome import Outcome

COMMIT_SECONDS = 1.0
COMMIT_TRAJECTORIES = 20_000
COMMIT_BYTES = 64_000_000
ROW_BYTES = 16_000_000
"""A larger outcome is written as several rows: SQLite's own limit is a thousand million bytes."""


class DatabaseWriter:
    """The one writer of a database; its caller holds the lock of the folder.

    Appended outcomes are kept in memory until they are committed: by the first `append` that comes a second or
    more after the last commit, when 20 000 trajectories or 64 MB are waiting, and by `close`. A caller that
    is about to wait for long calls `commit` before. An outcome is stored wholly, with its curves and extras, or not at
    all.

    What is damaged is told in `damage`, a line each, and set aside: when opening, when committing, and after
    all `outcomes` were read, a damaged file is rebuilt from the rows that are whole, and itself kept as
    `store.sqlite.damaged-1`, -2, ...

    A file of an older format may be appended to, and has the newest format from then on.

    Raises `ResultsError` on opening, and leaves the file untouched, if it is of another program or a newer
    sweep, or cannot be opened or written.
    """

    def __init__(self, path: Path, objective: str) -> None:
        self.path = path
        self.objective = objective
        self.damage: list[str] = []
        self._connection: sqlite3.Connection | None = None
        self._file: Identity | None = None
        self._next_id = 1
        self._waiting: list[Columns] = []
        self._n_waiting = self._bytes_waiting = 0
        self._committed_at = time.monotonic()
        self._open()

    def outcomes(self, wanted: Wanted = nothing) -> Iterator[Stored]:
        """Yield all outcomes, as `Database.outcomes` does."""
        self.commit()
        stored = Database(self.path, self._connection, [], self.objective)
        yield from stored.outcomes(wanted)
        if stored.damage:
            self._note_damage(stored.damage)
            self._disconnect()
            self._note_damage(rebuild(self.path, self.objective))
            self._connect()

    def append(self, outcome: Outcome) -> None:
        """Add an outcome; it is durable once it is committed. One of no trajectories leaves no trace.

        Raises `ResultsError` if it cannot be written, and ValueError for extras that cannot be kept.
        """
        self._waiting += [columns_of(part) for part in _parts(outcome)]
        self._n_waiting += len(outcome)
        self._bytes_waiting += _n_bytes(outcome)
        self._commit_if_due()

    def commit(self) -> None:
        """Make everything that was appended durable.

        Raises `ResultsError` if it cannot be written, or the file was moved, removed or replaced.
        """
        if not self._waiting:
            return
        try:
            self._insert()
        except sqlite3.Error as error:
            self._check_place()  # it does not write to a file that was moved
            self._rebuild(damage_in(self.path, error))
            self._insert()
        self._next_id += len(self._waiting)
        self._waiting = []
        self._n_waiting = self._bytes_waiting = 0
        self._committed_at = time.monotonic()
        self._check_place()

    def close(self) -> None:
        """Commit, and close the file."""
        try:
            self.commit()
            if self._connection is not None:
                self._check_place()  # what stands in its place is not ours
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
            rebuild(self.path, self.objective)
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
            self._file = identity(self.path)
            broken = disorder_in(self._connection)
            self._next_id = last_id(self._connection) + 1
        except READ_ERRORS as error:
            return damage_in(self.path, error)
        return broken

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _rebuild(self, broken: str) -> None:
        self._note_damage([f"{self.path} is damaged ({broken}): what cannot be read will be trained anew"])
        self._disconnect()
        self._note_damage(rebuild(self.path, self.objective))
        still_broken = self._connect()
        if still_broken:
            raise ResultsError(
                f"{self.path} is damaged as soon as it is written ({still_broken}): check the disk"
            )

    def _check_place(self) -> None:
        """Raise a `ResultsError` if the file was moved, removed or replaced; it has all that was committed then."""
        try:
            check_place(self.path, self._file)
        except ResultsError:
            if self._connection is not None:
                with suppress(sqlite3.Error):  # its log may have stayed behind
                    self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            raise

    def _note_damage(self, damage: list[str]) -> None:
        self.damage.extend(line for line in damage if line not in self.damage)

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
        lay_out(connection, (table for columns in self._waiting for table in columns))
        for i, columns in enumerate(self._waiting, start=self._next_id):
            insert(connection, i, columns)
        connection.execute("COMMIT")

    def _forget_stored(self, connection: sqlite3.Connection) -> None:
        """Drop what waits no longer, because a commit went through and Ctrl-C came before that was noted."""
        last = last_id(connection)
        del self._waiting[: max(0, last + 1 - self._next_id)]
        self._next_id = last + 1


def _n_bytes(outcome: Outcome) -> int:
    curves = () if outcome.curves is None else outcome.curves.metrics.values()
    arrays = chain(
        (outcome.keys, outcome.replicates, outcome.status, outcome.ended_at),
        *(outcome.metrics.values(), outcome.extras.values(), curves),
    )
    return sum(array.nbytes for array in arrays) + sum(len(reason) for reason in {*outcome.reasons.values()})


def _parts(outcome: Outcome) -> list[Outcome]:
    """Return the outcome, or the parts of it that are small enough for a row each."""
    n_bytes = _n_bytes(outcome)
    if n_bytes <= ROW_BYTES:
        return [outcome] if len(outcome) else []
    size = max(1, len(outcome) * ROW_BYTES // n_bytes)
    return [outcome[start : start + size] for start in range(0, len(outcome), size)]
