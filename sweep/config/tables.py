"""Checks one table of a config, key by key, and names what was meant by the keys that it does not know."""

from typing import Any

from sweep.config.experiment import Value
from sweep.config.fields import FIELDS, KEYS, Field
from sweep.config.places import Mistakes, Place
from sweep.terms.text import code_list, nearest_word, toml_text

SYNONYMS = {
    "lr": "learning_rate",
    "eta": "learning_rate",
    "rate": "learning_rate",
    "step_size": "learning_rate",
    "width": "neurons",
    "units": "neurons",
    "hidden": "neurons",
    "depth": "hidden_layers",
    "iterations": "epochs",
    "steps": "epochs",
    "updates": "epochs",
    "samples": "batch_size",
    "minibatch": "batch_size",
    "delta": "difference_step",
    "points": "check_points",
    "domain": "interval",
    "range": "interval",
    "expression": "function",
    "formula": "function",
    "repeats": "replicates",
    "repetitions": "replicates",
    "runs": "replicates",
    "random_seed": "seed",
    "name": "title",
}
"""Other people's words for our keys, where they are too different to be taken for a slip of the pen."""

TABLE_NAMES = ("target", "network", "training", "rounds", "grid", "store", "claims", "claim")
SWEPT = TABLE_NAMES[:4]
"""The tables whose fields may be axes."""


def check_table(found: object, table: str, place: Place, mistakes: Mistakes) -> dict[str, Any]:
    """Return those values of a table that are right, in canonical types; note a mistake for every other key.

    In [grid] the axes are passed over. A key that is absent is absent in the result too.
    """
    if not isinstance(found, dict):
        mistakes.add(place, _not_a_table(found, table))
        return {}
    values: dict[str, Any] = {}
    for name, value in found.items():
        if name in KEYS[table]:
            values |= _checked(KEYS[table][name], value, (*place, name), mistakes)
        elif not (table == "grid" and name in FIELDS):
            mistakes.add((*place, name), _unknown(name, table))
    return values


def _checked(field: Field, value: object, place: Place, mistakes: Mistakes) -> dict[str, Value]:
    if field.name in ("zip", "exclude"):
        return {}  # their shape is checked together with the axes that they name
    try:
        return {field.name: field.check(value)}
    except ValueError as error:
        mistakes.add(place, f"{error}{_as_axis(field, value)}")
        return {}


def _as_axis(field: Field, value: object) -> str:
    several = isinstance(value, list | dict)
    if field.kind in ("interval", "layers"):
        several = isinstance(value, list) and any(isinstance(item, list) for item in value)
    return " Several values make an axis: move it to [grid]." if several and field.table in SWEPT else ""


def meant_by(name: str, table: str) -> str | None:
    """Return the key that was probably meant by an unknown one: of the same table, or else of any."""
    here = nearest_word(name, {**KEYS[table], **FIELDS} if table == "grid" else KEYS[table])
    if here or table == "axis":
        return here
    everywhere = [key for other in ("", *TABLE_NAMES) for key in KEYS[other]]
    return SYNONYMS.get(name.lower()) or nearest_word(name, everywhere)


def _home(name: str) -> str | None:
    return next((table for table in ("", *TABLE_NAMES) if name in KEYS[table]), None)


def _unknown(name: str, table: str) -> str:
    home = _home(name)
    if table == "claim" and name in FIELDS:
        return f"is an axis, not a key of [[claim]]; fix it in `where = {{ {name} = ... }}`."
    if home is not None and table != "axis":
        return f"belongs {_inside(home)}; move it there."
    if table == "" and (near_table := nearest_word(name, (*TABLE_NAMES, "quick"))):
        return f"is not a table of a config; did you mean {headed(near_table)}?"
    meant = meant_by(name, table)
    if meant is None:
        return f"is not a key of {_titled(table)}. {_keys_of(table)}"
    return f"is not a key of {_titled(table)}; did you mean `{meant}`{_elsewhere(meant, table)}?"


def _elsewhere(name: str, table: str) -> str:
    home = _home(name)
    if table == "axis" or home is None or home == table or (table == "grid" and name in FIELDS):
        return ""
    return f", which belongs {_inside(home)}"


def headed(table: str) -> str:
    """Return the line that begins a table, such as "[grid]"."""
    return "[[claim]]" if table == "claim" else f"[{table}]"


def _inside(table: str) -> str:
    return f"in {headed(table)}" if table else "at the top of the file, above the first [table]"


def _titled(table: str) -> str:
    return {"": "the top level", "axis": "an axis"}.get(table, headed(table))


def _keys_of(table: str) -> str:
    keys = code_list(KEYS[table])
    if table == "grid":
        return (
            f"Its keys are {keys}, and as an axis any field of [target], [network], [training] and [rounds]."
        )
    tables = ", ".join(headed(name) for name in (*TABLE_NAMES, "quick"))
    return f"Its keys are {keys}, its tables {tables}." if table == "" else f"Its keys are {keys}."


def _not_a_table(found: object, table: str) -> str:
    if isinstance(found, list) and table not in ("grid", "claim"):
        a_claim = " A claim begins with [[claim]]." if table == "claims" else ""
        return f"must be a single table: write [{table}] once, in single brackets.{a_claim}"
    line = f"write {headed(table)} in a line of its own and its keys below it"
    return f"must be a table: {line}, got {toml_text(found)}."
