"""How the files of a database are opened, and which of SQLite's errors mean that a file is damaged."""

import sqlite3
import struct
from pathlib import Path

from sweep.errors import ResultsError
from sweep.store.formats import FORMAT, OLDEST_FORMAT, lay_out

APPLICATION_ID = 0x73776570  # "swep"

READ_ERRORS = (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError)
"""What reading a damaged file may raise."""

_MAGIC = b"SQLite format 3\0"
_NOT_OF_THE_FILE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_AUTH,
    }
)


def is_database(path: Path) -> bool:
    """Tell whether the file is a database of ours, of any format."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError:
        return False
    return header.startswith(_MAGIC) and header[68:72] == APPLICATION_ID.to_bytes(4, "big")


def damaged_header(path: Path) -> str | None:
    """Return what is wrong with the first 100 bytes of an existing file, None if nothing is.

    The file is looked at without SQLite, which might write beside it. Raises `ResultsError` if it is a
    database of another program or of a newer sweep, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise ResultsError(f"{path} cannot be read: {error.strerror}") from error
    if len(header) < 100 or not header.startswith(_MAGIC):
        return "it does not begin as a database"
    (version,), (application,) = struct.unpack(">i", header[60:64]), struct.unpack(">I", header[68:72])
    if application != APPLICATION_ID:
        found = f"application id {application:#x}, expected {APPLICATION_ID:#x}"
        raise ResultsError(f"{path} is another program's database ({found}): {_ELSEWHERE}")
    if version > FORMAT:
        raise newer_format(path, version, FORMAT)
    if version < OLDEST_FORMAT or not {*header[18:20]} <= {1, 2}:
        return "its header is not one that sweep writes"
    return None


_ELSEWHERE = "move it away, or choose another folder by --results DIR"


def newer_format(path: Path, found: int, known: int) -> ResultsError:
    """Return the refusal of what a newer sweep has made."""
    text = f"{path} was made by a newer sweep (format {found}, this one reads up to {known})"
    return ResultsError(f"{text}: upgrade sweep, or choose another folder by --results DIR")


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open an existing database without writing to it; another process may be writing meanwhile.

    Raises `ResultsError` if the file cannot be opened, and one of `READ_ERRORS` if it is damaged.
    """
    try:
        return _connect(path, "mode=ro")
    except sqlite3.OperationalError as error:
        unfinished = path.with_name(f"{path.name}-wal")
        if (
            primary_code(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
            or unfinished.exists()
        ):
            raise
        # SQLite wants to make files beside a database; where it may not, nobody else writes either
        return _connect(path, "immutable=1")


def connect_to_write(path: Path) -> sqlite3.Connection:
    """Open an existing database for the one writer, so that what is committed outlives a power cut."""
    connection = _connect(path, "mode=rw")
    try:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def create(path: Path) -> sqlite3.Connection:
    """Create a database without rows where there is no file, and return it open to be filled.

    It has no write-ahead log yet: when the connection is closed, everything is in the one file.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.text_factory = bytes
    try:
        connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        lay_out(connection, ())
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


_PAGE_SIZE = 16384  # rows are hundreds of kilobytes: larger pages read and write them faster


def damage_in(path: Path, error: Exception) -> str:
    """Return what an error says about the damage of the file.

    Raises `ResultsError` instead if the file is not to blame: a full disk, missing rights, a locked file.
    """
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, sqlite3.Error) and primary_code(error) in _NOT_OF_THE_FILE:
        remedy = "nothing of what is stored is lost, repair that and run the same command again"
        raise ResultsError(f"{path} cannot be used ({said}): {remedy}") from error
    return said


def primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's error code without its finer distinctions, 0 if Python itself has raised the error."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    try:
        connection.text_factory = bytes  # damaged text must not raise before its CRC is looked at
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()  # the file is opened only now
    except BaseException:
        connection.close()
        raise
    return connection
