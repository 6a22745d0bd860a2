"""Reading rows past whatever SQLite cannot read: what is damaged costs only itself."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sweep.store.rows import Row, Table
from sweep.store.sqlite import READ_ERRORS, damage_in

REACH = 100_000
"""How many ids are tried one by one where a stretch of the table cannot be read."""
ROW_BYTES = 100
"""No row is smaller."""


@dataclass(frozen=True)
class Rows:
    """The rows of an open database, whole or not. `note_damage` takes what is said about a part that cannot be read.

    Its methods raise `ResultsError` if the file is not to blame.
    """

    path: Path
    connection: sqlite3.Connection
    note_damage: Callable[[str], None]

    def of(self, table: Table) -> Iterator[Row]:
        """Yield all rows of a table that can be read, by rising ids."""
        last = 0
        try:
            for row in self.connection.execute(f"{table.select} ORDER BY id"):
                if isinstance(row[0], int):
                    yield row
                    last = max(last, row[0])
        except READ_ERRORS as error:
            reason = damage_in(self.path, error)
            self.note_damage(
                f"is damaged after row {last} of `{table.name}` ({reason}): what is lost will be trained anew"
            )
            yield from self._beyond(table, last)

    def one(self, table: Table, row_id: int) -> Row | None:
        """Return a row, empty if it cannot be read, None if there is none."""
        return self._first(f"{table.select} WHERE id = ?", row_id)

    def has(self, table: Table, row_id: int) -> bool:
        """Tell whether there is such a row, without looking at it. What cannot be told is taken to be there."""
        return self._first(f"SELECT id FROM {table.name} WHERE id = ?", row_id) is not None

    def _first(self, query: str, row_id: int) -> Row | None:
        try:
            row: Row | None = self.connection.execute(query, (row_id,)).fetchone()
        except READ_ERRORS as error:
            damage_in(self.path, error)
            return ()
        return row

    def _beyond(self, table: Table, last: int) -> Iterator[Row]:
        for row_id in self._candidates(table, last):
            row = self.one(table, row_id)
            if row and isinstance(row[0], int):
                yield row

    def _candidates(self, table: Table, last: int) -> list[int]:
        """Return the ids after `last` that may be there: seen from both ends, and those between."""
        condition = f"SELECT id FROM {table.name} WHERE id > {last} ORDER BY id"
        front, complete = self._ids(condition)
        if complete:
            return front
        back, _ = self._ids(f"{condition} DESC")
        start, reach = max(front, default=last) + 1, min(REACH, self.path.stat().st_size // ROW_BYTES)
        between = range(start, min([*back, start + reach]))
        return sorted({*front, *back, *between})

    def _ids(self, query: str) -> tuple[list[int], bool]:
        """Return the ids until the first that cannot be read, and whether these are all."""
        ids: list[int] = []
        try:
            ids.extend(row_id for (row_id,) in self.connection.execute(query))
        except READ_ERRORS as error:
            damage_in(self.path, error)
            return ids, False
        return ids, True
