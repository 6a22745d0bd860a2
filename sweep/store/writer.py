"""Writing the database: one process appends, and what it has committed outlives a kill and a power cut."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from sweep.errors import ResultsError
from sweep.store.database import Database
from sweep.store.formats import insert, last_id, lay_out
from sweep.store.opening import DamageError, open_sound
from sweep.store.outcomes import columns_of
from sweep.store.place import Identity, check_place, identity
from sweep.store.rebuild import rebuild, tidy
from sweep.store.rows import Columns
from sweep.store.sqlite import READ_ERRORS, connect_to_write, damage_in
from sweep.store.stored import Stored, Wanted, nothing
from sweep.terms.outcome import Outcome

COMMIT_SECONDS = 1.0
COMMIT_TRAJECTORIES = 100_000
COMMIT_BYTES = 16_000_000
ROW_BYTES = 16_000_000
"""A larger outcome is written as several rows: SQLite's own limit is a thousand million bytes."""


class DatabaseWriter:
    """The one writer of a database; its caller holds the lock of the folder.

    Appended outcomes are kept in memory until they are committed: by the first `append` that comes a second or
    more after the last commit, when 100 000 trajectories or 16 MB are waiting, and by `close`. A caller that
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
        self._waiting = _Waiting()
        self._committed_at = time.monotonic()
        self._is_closed = False
        self._connected()

    def outcomes(self, wanted: Wanted = nothing) -> Iterator[Stored]:
        """Yield all outcomes, as `Database.outcomes` does."""
        self.commit()
        stored = Database(self.path, self._connected(), [], self.objective)
        yield from stored.outcomes(wanted)
        if stored.damage:
            self._note_damage(stored.damage)
            self._rebuild()

    def append(self, outcome: Outcome) -> None:
        """Add an outcome; it is durable once it is committed. One of no trajectories leaves no trace.

        Raises `ResultsError` if it cannot be written, and ValueError for extras that cannot be kept.
        """
        parts = _parts(outcome)
        self._waiting.columns += [columns_of(part) for part in parts]
        self._waiting.n_trajectories += len(outcome)
        self._waiting.n_bytes += sum(map(_n_bytes, parts))
        self._commit_if_due()

    def commit(self) -> None:
        """Make everything that was appended durable.

        Raises `ResultsError` if it cannot be written, or the file was moved, removed or replaced.
        """
        if not self._waiting.columns:
            return
        try:
            self._insert()
        except sqlite3.Error as error:
            self._check_place()  # it does not write to a file that was moved
            self._note_broken(damage_in(self.path, error))
            self._rebuild()
            self._insert()
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
            self._is_closed = True
            self._disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connected(self) -> sqlite3.Connection:
        """Return the open file; one that is damaged is rebuilt before."""
        if self._is_closed:
            raise ResultsError(f"{self.path} is closed: open it again to append to it")
        if self._connection is None and (broken := self._open()):
            self._note_broken(broken)
            self._rebuild()
        assert self._connection is not None
        return self._connection

    def _open(self) -> str | None:
        """Open the file, unless there is something wrong with its structure: then return what.

        One that does not exist is created, and a rebuilding that was interrupted is completed before.
        """
        self._note_damage(tidy(self.path))
        if not self.path.exists():
            rebuild(self.path, self.objective)
        connection = None
        try:
            open_sound(self.path).close()
            connection = connect_to_write(self.path)
            self._waiting = self._waiting.after(last_id(connection))
            self._connection, self._file = connection, identity(self.path)
        except DamageError as broken:
            return str(broken)
        except READ_ERRORS as error:
            return damage_in(self.path, error)
        finally:
            if connection is not None and connection is not self._connection:
                connection.close()
        return None

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _rebuild(self) -> None:
        self._waiting = replace(self._waiting, first_id=None)  # the rows that are stored are numbered anew
        damaged, self._connection = self._connection, None
        try:
            self._note_damage(rebuild(self.path, self.objective))
        finally:
            if damaged is not None:
                damaged.close()  # not before: that would write the log into the damaged file
        if still_broken := self._open():
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

    def _note_broken(self, broken: str) -> None:
        self._note_damage([f"{self.path} is damaged ({broken}): what cannot be read will be trained anew"])

    def _note_damage(self, damage: list[str]) -> None:
        self.damage.extend(line for line in damage if line not in self.damage)

    def _commit_if_due(self) -> None:
        if (
            time.monotonic() - self._committed_at >= COMMIT_SECONDS
            or self._waiting.n_trajectories >= COMMIT_TRAJECTORIES
            or self._waiting.n_bytes >= COMMIT_BYTES
        ):
            self.commit()

    def _insert(self) -> None:
        """Write all that waits in one transaction, but for what has gone through before, when Ctrl-C came after it."""
        connection = self._connected()
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        self._waiting = self._waiting.after(last_id(connection))
        connection.execute("BEGIN IMMEDIATE")
        lay_out(connection, (table for columns in self._waiting.columns for table in columns))
        for i, columns in enumerate(self._waiting.columns, start=last_id(connection) + 1):
            insert(connection, i, columns)
        connection.execute("COMMIT")
        self._waiting = self._waiting.after(last_id(connection))


@dataclass
class _Waiting:
    """What waits to be written. It is exchanged as a whole: so at any moment it says rightly what is not stored yet.

    `first_id` is the id that its first row gets; None if that is not known yet. `n_trajectories` and `n_bytes` tell
    how much there is.
    """

    first_id: int | None = None
    columns: list[Columns] = field(default_factory=list)
    n_trajectories: int = 0
    n_bytes: int = 0

    def after(self, last_id: int) -> "_Waiting":
        """Return what is left to be written to a database with this last id."""
        n_stored = 0 if self.first_id is None else max(0, last_id + 1 - self.first_id)
        if n_stored >= len(self.columns):
            return _Waiting(last_id + 1)
        return replace(self, first_id=last_id + 1, columns=self.columns[n_stored:])


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
