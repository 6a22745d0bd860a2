"""Whole rows out of the pages of a database that SQLite cannot read, or not all of: what is damaged costs only itself.

Every page is searched for rows by itself, in the file and in its log, whatever its head, its list of rows, the schema
and the pages that point to it say. A row belongs to the table whose name its CRC fits. The format of rows is that of
https://sqlite.org/fileformat2.html#record_format.
"""

import os
import re
import sqlite3
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Self

from sweep.errors import ResultsError
from sweep.store import legacy
from sweep.store.formats import FORMAT
from sweep.store.header import PAGE_SIZE, may_have_log
from sweep.store.log import damaged_log, frames_of, log_of
from sweep.store.outcomes import OUTCOMES, kept_table
from sweep.store.rows import Row, Table, is_whole
from sweep.store.sqlite import connect_alone
from sweep.store.stored import CODE_NAME, CURVES_NAME

_BEGIN = re.compile(rb"(?=[\x05-\x7f]\x00[\x01-\x06\x08\x09])")
"""How the content of a row begins: how long its list of types is, that its id is not here, a whole number."""
_LOCAL, _LEAST = PAGE_SIZE - 35, (PAGE_SIZE - 12) * 32 // 255 - 23
"""So much of a row is in its own page: all, if it is no more, else this or a little more."""
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_N_COLUMNS = {len(table.columns) + 2 for table in (OUTCOMES, kept_table(CURVES_NAME), *legacy.TABLES[2])}
_OF_NO_ROW = (IndexError, ValueError, struct.error, OverflowError)
_KEPT = re.compile(rb"CREATE TABLE kept_([a-z][a-z0-9_]*) \(")
_USUALLY_KEPT = (CURVES_NAME, CODE_NAME, legacy.OUTPUTS_NAME, legacy.WEIGHTS_NAME)


def recovered(path: Path) -> sqlite3.Connection:
    """Return a database of its own, beside no other file, with all whole rows that are in a database and its log.

    Raises `ResultsError` if these cannot be read.
    """
    connection = sqlite3.connect("", isolation_level=None)
    connection.text_factory = bytes
    try:
        with ExitStack() as stack:
            _copy(_Pages.of(path, stack), connection)
    except OSError as error:
        connection.close()
        raise ResultsError(f"{path} cannot be read: {error.strerror}") from error
    except BaseException:
        connection.close()
        raise
    return connection


def merged(path: Path) -> sqlite3.Connection:
    """Return a database and its log as one, opened to read it: a copy for itself, where SQLite can use no log.

    Raises `ResultsError` if they cannot be read or copied, and one of `READ_ERRORS` if they are damaged.
    """
    try:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            copy, pages = Path(folder) / path.name, _Pages.of(path, stack)
            with copy.open("wb") as file:
                file.writelines(pages.page(number) for number in pages.numbers())
                file.seek(18)
                file.write(b"\1\1")  # it has no log
            return connect_alone(copy)  # stays open where its name is removed
    except OSError as error:
        raise ResultsError(f"{path} cannot be read: {error.strerror}") from error


def _copy(pages: "_Pages", connection: sqlite3.Connection) -> None:
    tables = (OUTCOMES, *legacy.TABLES[2], *map(kept_table, sorted(pages.names_kept())))
    connection.execute("BEGIN")
    for table in tables:
        connection.execute(table.schema)
    for page in pages.searched():
        for row in _rows(pages, page):
            for table in tables:
                if len(row) == len(table.columns) + 2 and is_whole(table, typed := _typed(table, row)):
                    connection.execute(table.insert.replace("INSERT", "INSERT OR IGNORE"), typed)
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("COMMIT")


@dataclass(frozen=True)
class _Pages:
    """The pages of a database, numbered from 1 on, as its log has them, else as the file has them."""

    file: BinaryIO
    n: int
    log: BinaryIO | None
    in_log: Mapping[int, int]
    damaged: Sequence[int]
    """Where in the log pages begin that are not as they were written, or were written after such."""

    @classmethod
    def of(cls, path: Path, stack: ExitStack) -> Self:
        file, log, frames = stack.enter_context(path.open("rb")), None, []
        if may_have_log(path) and log_of(path).exists():
            log = stack.enter_context(log_of(path).open("rb"))
            all_of_it = damaged_log(path) is not None  # else what is not replayed was never committed
            frames = [frame for frame in frames_of(path) if frame.is_replayed or all_of_it]
        in_log = {frame.page: frame.offset for frame in frames if frame.is_whole}
        n = -(-file.seek(0, os.SEEK_END) // PAGE_SIZE)
        return cls(file, n, log, in_log, [frame.offset for frame in frames if not frame.is_whole])

    def page(self, number: int) -> bytes:
        """Return a page, b"" if there is none."""
        if self.log is not None and number in self.in_log:
            return _page(self.log, self.in_log[number])
        return _page(self.file, (number - 1) * PAGE_SIZE) if 1 <= number <= self.n else b""

    def numbers(self) -> range:
        """Return the numbers of all pages."""
        return range(1, 1 + max(self.n, *self.in_log, 0))

    def searched(self) -> Iterator[bytes]:
        """Yield all pages, and those of the damaged part of the log."""
        damaged = (_page(self.log, offset) for offset in self.damaged if self.log is not None)
        yield from chain(map(self.page, self.numbers()), damaged)

    def names_kept(self) -> set[str]:
        """Return under which names something may be kept beside outcomes, by the first page and by custom."""
        schemas = self.page(1) + _page(self.file, 0)
        return {*_USUALLY_KEPT, *(name.decode() for name in _KEPT.findall(schemas))}

    @property
    def n_bytes(self) -> int:
        """No row is longer."""
        return (self.n + len(self.in_log)) * PAGE_SIZE


def _page(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    return file.read(PAGE_SIZE)


def _rows(pages: _Pages, page: bytes) -> Iterator[Row]:
    """Yield what in a page looks like rows, as far as it can be read."""
    for found in _BEGIN.finditer(page):
        with suppress(*_OF_NO_ROW):
            start = found.start()
            kinds = _kinds(page, start)
            if len(kinds) in _N_COLUMNS:
                size = page[start] + sum(map(_size, kinds))
                yield _id_before(page, start), *_values(_content(pages, page, start, size), kinds)[1:]


def _id_before(page: bytes, end: int) -> int:
    """Return the whole number that ends there: of its bytes, only the last one is below 128."""
    start = end - 1
    while page[start - 1] >= 0x80:
        start -= 1
    return _varint(page, start)[0]


def _kinds(page: bytes, start: int) -> list[int]:
    """Return the types of the columns, of which the content of a row has a list at its beginning."""
    end, place, kinds = start + page[start], start + 1, []
    while place < end:
        kind, place = _varint(page, place)
        kinds.append(kind)
    return kinds


def _content(pages: _Pages, leaf: bytes, start: int, size: int) -> bytes:
    """Return the bytes of a row, which may go on in other pages."""
    if size > pages.n_bytes:
        raise ValueError
    most = _LEAST + (size - _LEAST) % (PAGE_SIZE - 4)
    here = size if size <= _LOCAL else most if most <= _LOCAL else _LEAST
    parts, missing = [leaf[start : start + here]], size - here
    following = leaf[start + here : start + here + 4]
    while missing > 0:
        page = pages.page(int.from_bytes(following))
        if not page:
            raise ValueError
        parts.append(page[4 : 4 + missing])
        following, missing = page[:4], missing - (PAGE_SIZE - 4)
    return b"".join(parts)


def _values(content: bytes, kinds: list[int]) -> list[Any]:
    """Return the columns of a row; text as bytes."""
    start, values = content[0], []
    for kind in kinds:
        part, start = content[start : start + _size(kind)], start + _size(kind)
        if len(part) < _size(kind):
            raise ValueError
        values.append(_value(kind, part))
    return values


def _size(kind: int) -> int:
    """Return how many bytes a column of this type has."""
    return _INTEGERS.get(kind, 8 if kind == 7 else max(0, kind - 12) // 2)


def _value(kind: int, part: bytes) -> Any:
    if kind in _INTEGERS:
        return int.from_bytes(part, signed=True)
    if kind == 7:
        return struct.unpack(">d", part)[0]
    return part if kind >= 12 else {8: 0, 9: 1}.get(kind)


def _varint(content: bytes, start: int) -> tuple[int, int]:
    """Return a whole number of one to nine bytes, and where it ends."""
    value = 0
    for place in range(start, start + 8):
        value = value << 7 | content[place] & 0x7F
        if content[place] < 0x80:
            return value, place + 1
    return value << 8 | content[start + 8], start + 9


def _typed(table: Table, row: Row) -> Row:
    """Return a row with the numbers of its columns for real ones: where these are whole, SQLite stores them so."""
    types = ("", *(column.split()[1] for column in table.columns), "")
    pairs = zip(row, types, strict=True)
    return tuple(
        float(value) if kind == "REAL" and isinstance(value, int) else value for value, kind in pairs
    )
