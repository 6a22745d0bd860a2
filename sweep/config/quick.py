"""[quick]: other values for some keys of a config, for a first look: fewer replicates, shorter trainings.

Each of its keys stands elsewhere in the config too, and its value takes the other's place there before anything is
checked.
"""

import copy
from collections.abc import Iterator
from typing import Any

from sweep.config.places import Mistakes, Place
from sweep.config.schema import QUICK, Schema
from sweep.terms.text import toml_text


def without_quick(document: dict[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """Return the document without its table [quick]."""
    changes = document.get(QUICK, {})
    if not isinstance(changes, dict):
        mistakes.add((QUICK,), f"must be a table of keys and their other values, got {toml_text(changes)}.")
    return {key: value for key, value in document.items() if key != QUICK}


def with_quick(document: dict[str, Any], schema: Schema, mistakes: Mistakes) -> dict[str, Any]:
    """Return the document with the values under [quick] in their places; mistakes in them are told with their line."""
    changed = copy.deepcopy(without_quick(document, mistakes))
    changes = document.get(QUICK, {})
    for key, value in changes.items() if isinstance(changes, dict) else ():
        found = [(place, table) for place, table in _changeable(changed, schema) if key in table]
        if not found:
            mistakes.add(
                (QUICK, key),
                f"must stand elsewhere in the config too, with its usual value. {_hint(key, schema)}",
            )
        for place, table in found:
            table[key] = value
            mistakes.redirect((*place, key), (QUICK, key))
    return changed


def _hint(key: str, schema: Schema) -> str:
    meant = schema.meant_by(key, "grid")
    return f"Did you mean `{meant}`?" if meant and meant != key else "Write it there."


def _changeable(document: dict[str, Any], schema: Schema) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield the tables whose values may be replaced, with their places."""
    for name in (*schema.training.tables, "grid", "store", "claims"):
        found = document.get(name, {})
        tables: dict[Place, Any] = {(name,): found}
        if isinstance(found, list):
            tables = {(name, i): table for i, table in enumerate(found)}
        yield from ((place, table) for place, table in tables.items() if isinstance(table, dict))
