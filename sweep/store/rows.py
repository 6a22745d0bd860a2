"""The tables of the database, and how records become their rows and come back, bit for bit.

SQLite has no checksums of its own, so every row carries a CRC-32 over its table's name, its id and all of its
columns, each with its type and length. A row that is not exactly as it was written is `None` here, and never
a record.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.store.records import KEY, Curves, Failure, Record
from sweep.terms.arrays import Floats

Value = int | float | bytes | str
Row = tuple[Any, ...]
"""What the database gives back: the id, the columns, the CRC; of any type where it is damaged."""

_INTS = np.dtype("<i8")
_FLOATS = np.dtype("<f8")


@dataclass(frozen=True)
class Table:
    """One table: its columns are the id, those in `columns` with their types, and the CRC."""

    name: str
    columns: tuple[str, ...]

    @property
    def schema(self) -> str:
        """The statement that creates it; the ids are given by the writer, from 1 on, without a gap."""
        return f"CREATE TABLE {self.name} (id INTEGER PRIMARY KEY, {', '.join(self.columns)}, crc INTEGER)"

    @property
    def select(self) -> str:
        """The statement that reads whole rows, to be continued by a condition."""
        names = ", ".join(column.split()[0] for column in self.columns)
        return f"SELECT id, {names}, crc FROM {self.name}"

    @property
    def insert(self) -> str:
        """The statement that adds one sealed row."""
        return f"INSERT INTO {self.name} VALUES ({', '.join('?' * (len(self.columns) + 2))})"


BATCHES = Table(
    "batches",
    (
        "trajectories INTEGER",
        "seconds REAL",
        "has_curves INTEGER",
        "keys BLOB",
        "replicates BLOB",
        "epochs BLOB",
        "losses BLOB",
        "diverged_at BLOB",
    ),
)
CURVES = Table("curves", ("trajectories INTEGER", "epochs BLOB", "losses BLOB", "outputs BLOB"))
FAILURES = Table("failures", ("trajectories INTEGER", "keys BLOB", "replicates BLOB", "reason TEXT"))
WEIGHTS = Table("weights", ("trajectories INTEGER", "parameters BLOB"))
TABLES = {1: (BATCHES, CURVES, FAILURES), 2: (BATCHES, CURVES, FAILURES, WEIGHTS)}
"""The tables by the format of the database, in alphabetical order. It has format 1 until weights are stored."""


Columns = Mapping[Table, tuple[Value, ...]]
"""What is to be inserted: the columns, without id and CRC, of a row in each of the tables."""


def seal(table: Table, row_id: int, values: Sequence[Value]) -> Row:
    """Return the row of the table that has this id and these columns, with its CRC."""
    return (row_id, *values, _checksum(table, (row_id, *values)))


def is_whole(table: Table, row: Row) -> bool:
    """Tell whether the row is exactly as it was sealed."""
    return bool(row) and bool(row[-1] == _checksum(table, row[:-1]))


def columns_of(record: Record) -> Columns:
    """Return the columns of a record, in each table that it has a row in: those rows share their id."""
    columns = {BATCHES: _batch_values(record)}
    if record.curves is not None:
        columns[CURVES] = _curves_values(record.curves)
    if record.weights is not None:
        columns[WEIGHTS] = (len(record), record.weights.astype(_FLOATS).tobytes())
    return columns


def columns_of_failure(failure: Failure) -> Columns:
    """Return the columns of a failure."""
    reason = failure.reason.encode("utf-8", "backslashreplace").decode("utf-8")
    keys, replicates = failure.keys.tobytes(), failure.replicates.astype(_INTS).tobytes()
    return {FAILURES: (len(failure.keys), keys, replicates, reason)}


def _batch_values(record: Record) -> tuple[Value, ...]:
    return (
        len(record),
        float(record.seconds),
        int(record.curves is not None),
        record.keys.tobytes(),
        record.replicates.astype(_INTS).tobytes(),
        record.epochs.astype(_INTS).tobytes(),
        record.losses.astype(_FLOATS).tobytes(),
        record.diverged_at.astype(_INTS).tobytes(),
    )


def _curves_values(curves: Curves) -> tuple[Value, ...]:
    return (
        len(curves.losses),
        curves.epochs.astype(_INTS).tobytes(),
        curves.losses.astype(_FLOATS).tobytes(),
        curves.outputs.astype(_FLOATS).tobytes(),
    )


def record_of(row: Row) -> Record | None:
    """Return the record of a row of `batches`, without its curves and weights."""
    if not is_whole(BATCHES, row):
        return None
    _, n, seconds, _, keys, replicates, epochs, losses, diverged_at, _ = row
    try:
        return Record(
            keys=np.frombuffer(keys, KEY),
            replicates=_ints(replicates),
            epochs=_ints(epochs),
            losses=_floats(losses).reshape(n, -1),
            diverged_at=_ints(diverged_at),
            seconds=seconds,
        )
    except ValueError:  # one in four billion damaged rows has the right CRC
        return None


def curves_of(row: Row) -> Curves | None:
    """Return the curves of a row of `curves`."""
    if not is_whole(CURVES, row):
        return None
    _, n, epochs, losses, outputs, _ = row
    try:
        return Curves(_ints(epochs), _floats(losses).reshape(n, -1), _floats(outputs).reshape(n, -1))
    except ValueError:
        return None


def weights_of(row: Row) -> Floats | None:
    """Return the weights of a row of `weights`."""
    if not is_whole(WEIGHTS, row):
        return None
    _, n, parameters, _ = row
    try:
        return _floats(parameters).reshape(n, -1)
    except ValueError:
        return None


def failure_of(row: Row) -> Failure | None:
    """Return the failure of a row of `failures`."""
    if not is_whole(FAILURES, row):
        return None
    _, _, keys, replicates, reason, _ = row
    try:
        return Failure(np.frombuffer(keys, KEY), _ints(replicates), reason.decode("utf-8"))
    except ValueError:
        return None


def _ints(blob: bytes) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.frombuffer(blob, _INTS).astype(np.int64, copy=False)


def _floats(blob: bytes) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.frombuffer(blob, _FLOATS).astype(np.float64, copy=False)


def _checksum(table: Table, values: Sequence[object]) -> int:
    crc = zlib.crc32(table.name.encode())
    for value in values:
        content = value.encode() if isinstance(value, str) else value
        if isinstance(content, bytes):
            crc = zlib.crc32(content, zlib.crc32(struct.pack("<cq", b"b", len(content)), crc))
        elif isinstance(content, float):
            crc = zlib.crc32(struct.pack("<cd", b"f", content), crc)
        elif isinstance(content, int):
            crc = zlib.crc32(struct.pack("<cq", b"i", content), crc)
        else:
            crc = zlib.crc32(b"n", crc)
    return crc
