"""How the files of a database are opened, and which of SQLite's errors mean that a file is damaged."""

import os
import sqlite3
from pathlib import Path

from sweep.errors import ResultsError
from sweep.store.formats import lay_out
from sweep.store.header import APPLICATION_ID, PAGE_SIZE, may_have_log
from sweep.store.log import log_of

READ_ERRORS = (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError)
"""What reading a damaged file may raise."""

_NOT_OF_THE_FILE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_AUTH,
    }
)


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open an existing database without writing or creating a file; another process may be writing meanwhile.

    Raises one of `READ_ERRORS` if the file is damaged, or cannot be opened.
    """
    try:
        return _connect(path, _read_mode(path))
    except sqlite3.OperationalError as error:
        unfinished = path.with_name(f"{path.name}-journal").exists()
        if primary_code(error) != sqlite3.SQLITE_READONLY or not unfinished:
            raise
        return connect_alone(path)  # killed at opening or closing it, which changes the header alone


def connect_alone(path: Path) -> sqlite3.Connection:
    """Open a database to read it, as if there were no file beside it, and nobody else."""
    return _connect(path, _ALONE)


_ALONE = "mode=ro&immutable=1"


def _read_mode(path: Path) -> str:
    """Return how a database is opened so that SQLite makes no file beside it, nor replays what is not its own."""
    log, index = log_of(path), path.with_name(f"{path.name}-shm")
    if may_have_log(path) != log.exists():
        return _ALONE  # copied without its log, or the log is another's
    if os.access(index, os.W_OK):
        return "mode=ro"
    is_begun = log.exists() and log.stat().st_size <= PAGE_SIZE  # SQLite waits for its first page, for 10 s
    return _ALONE if is_begun else "mode=ro&readonly_shm=1"


def lacks_index(path: Path) -> bool:
    """Tell whether a database has a log, and not the file that SQLite reads it by and would have to make."""
    has_log = may_have_log(path) and log_of(path).exists()
    return has_log and not os.access(path.with_name(f"{path.name}-shm"), os.R_OK)


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
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        lay_out(connection, ())
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def damage_in(path: Path, error: Exception) -> str:
    """Return what an error says about the damage of the file.

    Raises `ResultsError` instead if the file is not to blame: a full disk, missing rights, a locked file.
    """
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, sqlite3.Error) and primary_code(error) in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    ):
        remedy = "wait until it has ended or stop it, and run the same command again"
        raise ResultsError(f"{path} is being read by another program ({said}): {remedy}") from error
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
