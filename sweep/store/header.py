"""The first page of a database: whose it is, of which format, and whether its header is one that sweep writes.

It is looked at without SQLite, which may write beside a file that it opens, and takes a flipped bit at its word.
"""

import stat
import struct
from pathlib import Path

from sweep.errors import ResultsError
from sweep.store import legacy
from sweep.store.formats import FORMAT, OLDEST_FORMAT
from sweep.store.outcomes import OUTCOMES
from sweep.store.place import ANOTHER_FOLDER

APPLICATION_ID = 0x73776570  # "swep"
PAGE_SIZE = 16384  # rows are hundreds of kilobytes: larger pages read and write them faster

_MAGIC = b"SQLite format 3\0"
_SIZE = 100
_ALWAYS = {
    16: struct.pack(">H", PAGE_SIZE),
    20: bytes((0, 64, 32, 32)),  # nothing is reserved in a page; how full pages may be
    44: struct.pack(">I", 4),  # the format of the schema
    48: bytes(8),  # the size of the cache, and the largest root page, which there is where pages are vacuumed
    56: struct.pack(">I", 1),  # text is UTF-8
    64: bytes(4),  # nothing is vacuumed
    72: bytes(20),
}
"""What is the same in all databases of sweep, by its place."""


def is_database(path: Path) -> bool:
    """Tell whether the file is a database of ours, of any format."""
    try:
        page = _first_page(path)
    except ResultsError:
        return False
    return page.startswith(_MAGIC) and page[68:72] == APPLICATION_ID.to_bytes(4, "big")


def is_sound(path: Path) -> bool:
    """Tell whether the file is a whole database of ours, of a format that is known: neither empty nor cut off."""
    try:
        return is_database(path) and damaged_header(path) is None
    except ResultsError:
        return False


def may_have_log(path: Path) -> bool:
    """Tell whether a write-ahead log beside the database is its own: not if it was closed, and its header says so."""
    return _first_page(path)[18:20] != b"\1\1"


def damaged_header(path: Path) -> str | None:
    """Return what is wrong with the first 100 bytes of an existing file, None if nothing is.

    Raises `ResultsError` if it is a database of another program or of a newer sweep, or cannot be read. One flipped
    bit makes no file another's: the tables in the first page say that it is ours.
    """
    page = _first_page(path)
    if len(page) < _SIZE or not page.startswith(_MAGIC):
        return "it does not begin as a database"
    (version,), (application,) = struct.unpack(">i", page[60:64]), struct.unpack(">I", page[68:72])
    by_tables = _format_by_tables(page)
    if application != APPLICATION_ID:
        if by_tables is None or not _differ_in_one_bit(application, APPLICATION_ID):
            found = f"application id {application:#x}, expected {APPLICATION_ID:#x}"
            raise ResultsError(f"{path} is another program's database ({found}): {_ELSEWHERE}")
        return "a bit of its application id is flipped"
    if version > FORMAT:
        if by_tables is None or not _differ_in_one_bit(version, by_tables):
            raise newer_format(path, version, FORMAT)
        return "a bit of its format is flipped"
    constant = all(page[place:].startswith(value) for place, value in _ALWAYS.items())
    if version < OLDEST_FORMAT or page[18:20] not in (b"\1\1", b"\2\2") or not constant:
        return "its header is not one that sweep writes"
    return _wrong_size(path, page)


_ELSEWHERE = f"move it away, or {ANOTHER_FOLDER}"


def newer_format(path: Path, found: int, known: int) -> ResultsError:
    """Return the refusal of what a newer sweep has made."""
    text = f"{path} was made by a newer sweep (format {found}, this one reads up to {known})"
    return ResultsError(f"{text}: upgrade sweep, or {ANOTHER_FOLDER}")


def _first_page(path: Path) -> bytes:
    """Return up to a page; b"" of a file that is shorter. What is no file is not waited for."""
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise ResultsError(f"{path} cannot be read: it is not a file that holds data; {_ELSEWHERE}")
        with path.open("rb") as file:
            return file.read(PAGE_SIZE)
    except OSError as error:
        raise ResultsError(f"{path} cannot be read: {error.strerror}") from error


def _format_by_tables(page: bytes) -> int | None:
    """Return the format of which the tables are that the first page names, None if they are not ours."""
    marks = {FORMAT: OUTCOMES, 2: legacy.WEIGHTS, 1: legacy.BATCHES}
    return next((version for version, table in marks.items() if table.schema.encode() in page), None)


def _differ_in_one_bit(one: int, other: int) -> bool:
    return (one ^ other).bit_count() == 1


def _wrong_size(path: Path, page: bytes) -> str | None:
    """Say what the header counts wrongly, unless another header counts, in a log or journal."""
    changes, n_pages, unused, n_unused, valid_for = struct.unpack(">24x4I52xI4x", page[:_SIZE])
    if (unused == 0) != (n_unused == 0):
        return "its header counts pages that are unused, and there are none"
    besides = [path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-journal")]
    if changes == valid_for and not any(beside.exists() for beside in besides):
        n_bytes = path.stat().st_size
        if n_bytes != n_pages * PAGE_SIZE:
            return f"its header tells of {n_pages * PAGE_SIZE:,} bytes, and it has {n_bytes:,}"
    return None
