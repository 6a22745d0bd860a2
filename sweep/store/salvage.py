"""Reading rows past whatever SQLite cannot read: what is damaged costs only itself."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sweep.store.recovery import recovered
from sweep.store.rows import Row, Table
from sweep.store.sqlite import READ_ERRORS, damage_in


@dataclass(frozen=True)
class Rows:
    """The rows of an open database, whole or not. `note_damage` takes what is said about a part that cannot be read.

    Its methods raise `ResultsError` if the file is not to blame.
    """

    path: Path
    connection: sqlite3.Connection
    note_damage: Callable[[str], None]

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
            with closing(recovered(self.path)) as rest:
                yield from rest.execute(f"{table.select} WHERE id > ? ORDER BY id", (last,))

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
