"""The formats of a database: which tables it has.

A new one has format 3: `outcomes`, and a table for each name under which something is kept. One of format 1 or 2 gets
these beside its own tables when it is first appended to, and has format 3 from then on: an older sweep refuses it.
"""

import sqlite3
from collections.abc import Iterable

from sweep.store import legacy
from sweep.store.outcomes import KEPT, KEPT_COLUMNS, OUTCOMES, SECTION
from sweep.store.rows import Columns, Section, Table, seal

OLDEST_FORMAT, FORMAT = min(legacy.TABLES), 3
"""Of a database: raised whenever an older sweep could not read it; it refuses it then.

No format may differ in a single bit from an earlier one: after 3 comes 4, then 8. So a flipped bit is no newer format.
"""


def format_of(connection: sqlite3.Connection) -> int:
    """Return the format of a database."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def table_names(connection: sqlite3.Connection) -> set[str]:
    """Return the names of all tables that are there."""
    names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    return {name.decode() for (name,) in names if isinstance(name, bytes)}


def sections(connection: sqlite3.Connection, objective: str) -> list[Section]:
    """Return the tables of outcomes in the order in which they are read.

    Those that the format promises are among them whether they are there or not, and those that are there whether the
    format knows them or not: in a damaged file, reading them tells what is lost.
    """
    version, there = format_of(connection), table_names(connection)
    found: list[Section] = []
    promised = {table.name for table in legacy.TABLES.get(version, ())}
    if promised or there & {table.name for table in legacy.TABLES[1]}:
        found += legacy.sections(objective, has_weights=legacy.WEIGHTS.name in promised | there)
    if version >= FORMAT or OUTCOMES.name in there:
        found.append(SECTION)
    return found


def disorder_in(connection: sqlite3.Connection) -> str | None:
    """Say what is wrong with the tables, or which rows are missing; None if nothing is."""
    tables = _our_tables(connection)
    if tables is None:
        return "its tables are not those that sweep writes"
    ids = {table: _ids(connection, table) for table in tables}
    for table in tables & {OUTCOMES, legacy.BATCHES, legacy.FAILURES}:
        if ids[table] != list(range(1, len(ids[table]) + 1)):
            return f"rows of `{table.name}` are missing"
    for table in tables - {OUTCOMES, legacy.BATCHES, legacy.FAILURES}:
        beside = legacy.BATCHES if table in (legacy.CURVES, legacy.WEIGHTS) else OUTCOMES
        if not {*ids[table]} <= {*ids[beside]}:
            return f"there are rows of `{table.name}` without those of `{beside.name}`"
    return None


def lay_out(connection: sqlite3.Connection, tables: Iterable[Table]) -> None:
    """Give a database of whatever format `outcomes` and these tables where they are not there, within a transaction."""
    there = table_names(connection)
    for table in dict.fromkeys((OUTCOMES, *tables)):
        if table.name not in there:
            connection.execute(table.schema)
    if format_of(connection) != FORMAT:
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def insert(connection: sqlite3.Connection, row_id: int, columns: Columns) -> None:
    """Insert a row of this id into each of the tables, within a transaction."""
    for table, values in columns.items():
        connection.execute(table.insert, seal(table, row_id, values))


def last_id(connection: sqlite3.Connection) -> int:
    """Return the last id of `outcomes`, 0 if there is none."""
    if OUTCOMES.name not in table_names(connection):
        return 0
    (last,) = connection.execute(f"SELECT ifnull(max(id), 0) FROM {OUTCOMES.name}").fetchone()
    return int(last)


def _our_tables(connection: sqlite3.Connection) -> set[Table] | None:
    """Return the tables, if they are as they were created, and the format has those and no others; else None."""
    found = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master")}
    kept = {Table(name, KEPT_COLUMNS) for name in table_names(connection) if name.startswith(KEPT)}
    possible: dict[int, list[set[Table]]]
    possible = {version: [{*tables}] for version, tables in legacy.TABLES.items()}
    possible[FORMAT] = [{OUTCOMES, *kept, *tables} for tables in ((), *legacy.TABLES.values())]
    candidates = possible.get(format_of(connection), [])
    return next((tables for tables in candidates if {t.schema.encode() for t in tables} == found), None)


def _ids(connection: sqlite3.Connection, table: Table) -> list[int]:
    return [row_id for (row_id,) in connection.execute(f"SELECT id FROM {table.name} ORDER BY id")]
