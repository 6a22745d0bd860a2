"""Reading rows past whatever SQLite cannot read: what is damaged costs only itself."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sweep.store.recovery import recovered
from sweep.store.rows import Row, Table
from sweep.store.sqlite import READ_ERRORS, damage_in


@dataclass
class Rows:
    """The rows of an open database, whole or not. `note_damage` takes what is said about a part that cannot be read.

    What SQLite does not find is looked for in `recovered`, which is made when it is needed.

    Its methods raise `ResultsError` if the file is not to blame.
    """

    path: Path
    connection: sqlite3.Connection
    note_damage: Callable[[str], None]
    recovered: sqlite3.Connection | None = None

    def of(self, table: Table) -> Iterator[Row]:
        """Yield all rows of a table, by rising ids; those after one that SQLite cannot read if they are whole."""
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
            yield from self._in_pages().execute(f"{table.select} WHERE id > ? ORDER BY id", (last,))

    def one(self, table: Table, row_id: int) -> Row:
        """Return a row that was stored, empty if it is lost."""
        query = f"{table.select} WHERE id = ?"
        if listed := self._first(self.connection, query, row_id):
            return listed
        if found := self._first(self._in_pages(), query, row_id):
            missing = f"rows of `{table.name}` are not listed"
            self.note_damage(f"is damaged ({missing}): what is lost will be trained anew")
        return found or ()

    def has(self, table: Table, row_id: int) -> bool:
        """Tell whether there is such a row, without looking at it. What cannot be told is taken to be there."""
        return self._first(self.connection, f"SELECT id FROM {table.name} WHERE id = ?", row_id) is not None

    def close(self) -> None:
        """Free what was needed to read beside the open database, which stays open."""
        if self.recovered is not None and self.recovered is not self.connection:
            self.recovered.close()

    def _in_pages(self) -> sqlite3.Connection:
        self.recovered = self.recovered or recovered(self.path)
        return self.recovered

    def _first(self, connection: sqlite3.Connection, query: str, row_id: int) -> Row | None:
        try:
            row: Row | None = connection.execute(query, (row_id,)).fetchone()
        except READ_ERRORS as error:
            damage_in(self.path, error)
            return ()
        return row
