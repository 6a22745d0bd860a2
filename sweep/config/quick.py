"""[quick]: other values for some keys of a config, for a first look: fewer replicates, shorter trainings.

Each of its keys stands elsewhere in the config too, and its value takes the other's place there before anything is
checked.
"""

import copy
from collections.abc import Iterator
from typing import Any

from sweep.config.places import Mistakes, Place
from sweep.config.tables import SWEPT, meant_by
from sweep.terms.text import toml_text

TABLE = "quick"
CHANGED = (*SWEPT, "grid", "store", "claims")
"""The tables in which values are replaced."""


def without_quick(document: dict[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """Return the document without its table [quick]."""
    changes = document.get(TABLE, {})
    if not isinstance(changes, dict):
        mistakes.add((TABLE,), f"must be a table of keys and their other values, got {toml_text(changes)}.")
    return {key: value for key, value in document.items() if key != TABLE}


def with_quick(document: dict[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """Return the document with the values under [quick] in their places; mistakes in them are told with their line."""
    changed = copy.deepcopy(without_quick(document, mistakes))
    changes = document.get(TABLE, {})
    for key, value in changes.items() if isinstance(changes, dict) else ():
        found = [(place, table) for place, table in _tables(changed) if key in table]
        if not found:
            mistakes.add(
                (TABLE, key), f"must stand elsewhere in the config too, with its usual value. {_hint(key)}"
            )
        for place, table in found:
            table[key] = value
            mistakes.redirect((*place, key), (TABLE, key))
    return changed


def _hint(key: str) -> str:
    meant = meant_by(key, "grid")
    return f"Did you mean `{meant}`?" if meant and meant != key else "Write it there."


def _tables(document: dict[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield the tables whose values may be replaced, with their places."""
    for name in CHANGED:
        found = document.get(name, {})
        tables: dict[Place, Any] = {(name,): found}
        if isinstance(found, list):
            tables = {(name, i): table for i, table in enumerate(found)}
        yield from ((place, table) for place, table in tables.items() if isinstance(table, dict))
