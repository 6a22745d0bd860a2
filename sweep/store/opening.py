"""A database is looked at before a row is read or written: the same look for whoever reads it and whoever writes it.

The look changes no file. So what is damaged is found before SQLite writes a log into it.
"""

import sqlite3
from pathlib import Path

from sweep.store.formats import disorder_in
from sweep.store.header import damaged_header
from sweep.store.log import damaged_log
from sweep.store.recovery import merged
from sweep.store.sqlite import READ_ERRORS, connect_to_read, damage_in, lacks_index


class DamageError(Exception):
    """Something is wrong with the structure of a database; the text says what."""


def open_sound(path: Path) -> sqlite3.Connection:
    """Open an existing database to read it, also while another process writes to it, if its structure is sound.

    It is: the header, the log, the tables, and the ids of all rows. What the rows hold is not looked at.

    Raises `DamageError` if it is not, and `ResultsError` if the file is not to blame, or another program's.
    """
    broken = damaged_header(path) or damaged_log(path)
    if broken:
        raise DamageError(broken)
    connection = None
    try:
        connection = merged(path) if lacks_index(path) else connect_to_read(path)
        connection.execute("BEGIN")  # all tables are seen as they are at one moment
        broken = disorder_in(connection)
        connection.execute("COMMIT")
    except READ_ERRORS as error:
        broken = damage_in(path, error)
    if connection is not None and not broken:
        return connection
    if connection is not None:
        connection.close()
    raise DamageError(broken)
