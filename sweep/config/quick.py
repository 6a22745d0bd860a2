"""[quick]: other values for some keys of a config, for a first look: fewer replicates, shorter trainings.

Each of its keys stands elsewhere in the config too, and its value takes the other's place there before anything is
checked.
"""

import copy
from collections.abc import Iterator
from typing import Any

from sweep.config.places import Mistakes, Place
from sweep.config.schema import QUICK, Schema, headed
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
            mistakes.add((QUICK, key), _replaces_nothing(key, schema))
        for place, table in found:
            _exclude_no_more(table, key, value)
            table[key] = value
            mistakes.redirect((*place, key), (QUICK, key))
    return changed


def _exclude_no_more(table: dict[str, Any], key: str, value: object) -> None:
    """Take usual values of an axis that its other values lack out of `exclude`: they leave nothing out there.

    A combination of which no value of the axis is left goes as a whole.
    """
    usual, rules = table[key], table.get("exclude")
    if not (isinstance(usual, list) and isinstance(value, list) and isinstance(rules, list)):
        return
    gone = [one for one in usual if one not in value]
    kept = []
    for rule in rules:
        if isinstance(rule, dict) and key in rule:
            stated = rule[key] if isinstance(rule[key], list) else [rule[key]]
            left = [one for one in stated if one not in gone]
            if not left:
                continue
            rule[key] = left
        kept.append(rule)
    table["exclude"] = kept


def _replaces_nothing(key: str, schema: Schema) -> str:
    """Return what is wrong with a key of [quick] that stands nowhere else, and what to do."""
    homes = {name: table for table in _tables(schema) for name in schema.keys[table]}
    if key in homes:
        return f"has no usual value to replace: write `{key} = ...` under {headed(homes[key])} as well, or take it out."
    others = {*schema.table_names, *(name for table in schema.keys.values() for name in table)}
    if key in others:
        *first, last = (headed(table) for table in _tables(schema))
        return f"cannot be replaced, only keys of {', '.join(first)} and {last} can: take it out."
    meant = schema.meant_by(key, "grid")
    if meant in homes:
        return f"is not a key of a config; did you mean `{meant}`?"
    return "is not a key of a config. [quick] has keys of the other tables, such as `replicates = 4`."


def _tables(schema: Schema) -> tuple[str, ...]:
    """Return the names of the tables whose values may be replaced."""
    return (*schema.training.tables, "grid", "store", "claims")


def _changeable(document: dict[str, Any], schema: Schema) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield the tables whose values may be replaced, with their places."""
    for name in _tables(schema):
        found = document.get(name, {})
        tables: dict[Place, Any] = {(name,): found}
        if isinstance(found, list):
            tables = {(name, i): table for i, table in enumerate(found)}
        yield from ((place, table) for place, table in tables.items() if isinstance(table, dict))
