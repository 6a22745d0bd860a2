"""Rows of the database, which know when they are damaged.

SQLite has no checksums of its own, so every row carries a CRC-32 over its table's name, its id and all of its
columns, each with its type and length.
"""

import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from sweep.store.stored import Parts, Stored
from sweep.terms.arrays import Floats, Ints

Value: TypeAlias = int | float | bytes | str
Row: TypeAlias = tuple[Any, ...]
"""What the database gives back: the id, the columns, the CRC; of any type where it is damaged."""

INTS = np.dtype("<i8")
FLOATS = np.dtype("<f8")


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


Columns: TypeAlias = Mapping[Table, tuple[Value, ...]]
"""What is to be inserted: the columns, without id and CRC, of a row in each of the tables. The rows share their id."""


@dataclass(frozen=True)
class Section:
    """A table of outcomes, and how its rows are read.

    Attributes
    ----------
    table
        It has a row for each outcome.
    stored_of
        Returns what a row says, without what is kept beside it; None if the row is not whole.
    table_beside
        Returns the table that has, under the id of the outcome, what is kept by a name.
    parts_of
        Returns what a row of such a table holds; None if the row is not whole.
    unlisted
        The names of which an outcome's row does not say whether they are kept: their own row says it, by being there.
    """

    table: Table
    stored_of: Callable[[Row], Stored | None]
    table_beside: Callable[[str], Table]
    parts_of: Callable[[Table, Row], Parts | None]
    unlisted: frozenset[str] = frozenset()


def seal(table: Table, row_id: int, values: Sequence[Value]) -> Row:
    """Return the row of the table that has this id and these columns, with its CRC."""
    return (row_id, *values, _checksum(table, (row_id, *values)))


def is_whole(table: Table, row: Row) -> bool:
    """Tell whether the row is exactly as it was sealed."""
    return bool(row) and bool(row[-1] == _checksum(table, row[:-1]))


def ints_of(blob: bytes) -> Ints:
    """Return the whole numbers in a blob, of shape (n,)."""
    return np.frombuffer(blob, INTS).astype(np.int64, copy=False)


def floats_of(blob: bytes) -> Floats:
    """Return the numbers in a blob, of shape (n,)."""
    return np.frombuffer(blob, FLOATS).astype(np.float64, copy=False)


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
