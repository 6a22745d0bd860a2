"""The tables and keys that a config may have, for one kind of training; and what was probably meant by any other."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, TypeAdapter

from sweep.config.general import AxisTable, ClaimsTable, GridTable, TopTable
from sweep.config.places import Mistakes, Place
from sweep.forms import GENERAL_FORMS, Form, claim_keys
from sweep.terms.keys import Key, as_tuple, keys_of
from sweep.terms.text import code_list, count_of, nearest_word, toml_text
from sweep.training.kind import Training, check_kind
from sweep.training.parameter import Parameter

SYNONYMS = {
    "repeats": "replicates",
    "repetitions": "replicates",
    "runs": "replicates",
    "random_seed": "seed",
    "name": "title",
}
"""Other people's words for our keys, where they are too different to be taken for a slip of the pen."""

MOST_UNKNOWN = 20
"""As many unknown keys of one table are told one by one."""

QUICK = "quick"
"""The table of other values for a first look: see `sweep.config.quick`."""


@dataclass(frozen=True, eq=False)
class Schema:
    """What a config of one kind of training may hold. Raises `InputError` if the kind's names cannot be used."""

    training: Training

    def __post_init__(self) -> None:
        check_kind(self.training)

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters of the training by name, in canonical order: each may be an axis of a grid."""
        return self.training.parameters

    @property
    def forms(self) -> tuple[type[Form], ...]:
        """The forms of claims: those that make sense whatever is trained, and the training's own."""
        return (*GENERAL_FORMS, *self.training.forms)

    @cached_property
    def keys(self) -> Mapping[str, Mapping[str, Key]]:
        """Every key by table and name, in canonical order: "" is the top of the file, "axis" one by its ends."""
        own = {
            table: {name: one for name, one in self.parameters.items() if one.table == table}
            for table in self.training.tables
        }
        return {
            "": {**keys_of(TopTable, ""), "figures": self._figures},
            **self.training.own_tables,
            **own,
            "grid": keys_of(GridTable, "grid"),
            "axis": keys_of(AxisTable, "axis"),
            "store": self.training.keeps,
            "claims": keys_of(ClaimsTable, "claims"),
            "claim": claim_keys(self.forms, self.training.metrics),
        }

    @property
    def table_names(self) -> tuple[str, ...]:
        """The names of the tables that a config can have."""
        return tuple(table for table in self.keys if table not in ("", "axis"))

    def check_table(self, found: object, table: str, place: Place, mistakes: Mistakes) -> dict[str, Any]:
        """Return those values of a table that are right, in canonical types; note a mistake for every other key.

        In [grid] the axes are passed over. A key that is absent is absent in the result too.
        """
        if not isinstance(found, dict):
            mistakes.add(place, self._not_a_table(found, table))
            return {}
        values: dict[str, Any] = {}
        unknown = []
        for name, value in found.items():
            if name in self.keys[table]:
                values |= self._checked(self.keys[table][name], value, (*place, name), mistakes)
            elif not (table == "grid" and name in self.parameters):
                unknown.append(name)
        for name in unknown[:MOST_UNKNOWN]:
            mistakes.add((*place, name), self._unknown(name, table))
        if len(unknown) > MOST_UNKNOWN:
            more = count_of(len(unknown) - MOST_UNKNOWN, "more key")
            mistakes.add((*place, unknown[MOST_UNKNOWN]), f"is the first of {more} that are not known.")
        return values

    def meant_by(self, name: str, table: str) -> str | None:
        """Return the key that was probably meant by an unknown one: of the same table, or else of any."""
        here = nearest_word(
            name, {**self.keys[table], **self.parameters} if table == "grid" else self.keys[table]
        )
        if here or table == "axis":
            return here
        everywhere = [key for other in ("", *self.table_names) for key in self.keys[other]]
        return self._synonyms.get(name.lower()) or nearest_word(name, everywhere)

    @property
    def _figures(self) -> Key:
        names = self.training.figure_names
        one: Any = Literal[names]
        known: Any = Annotated[tuple[one, ...], BeforeValidator(as_tuple)]
        return replace(
            keys_of(TopTable, "")["figures"],
            range="a list of " + ", ".join(f'"{name}"' for name in names),
            adapter=TypeAdapter(known, config=ConfigDict(strict=True)),
        )

    @property
    def _synonyms(self) -> Mapping[str, str]:
        of_parameters = {word: name for name, one in self.parameters.items() for word in one.synonyms}
        return SYNONYMS | of_parameters

    def _checked(self, key: Key, value: object, place: Place, mistakes: Mistakes) -> dict[str, Any]:
        if key.name in ("zip", "exclude"):
            return {}  # their shape is checked together with the axes that they name
        try:
            return {key.name: key.check(value)}
        except ValueError as error:
            mistakes.add(place, f"{error}{self._as_axis(key, value)}")
            return {}

    def _as_axis(self, key: Key, value: object) -> str:
        several = isinstance(value, list | dict)
        if key.holds_lists:
            several = isinstance(value, list) and any(isinstance(item, list) for item in value)
        is_parameter = self.parameters.get(key.name) is key
        if several and key.table == "grid" and key.name == "seed":
            return " The seeds of all replicates are made from it: say how many by `replicates`."
        return " Several values make an axis: move it to [grid]." if several and is_parameter else ""

    def _home(self, name: str) -> str | None:
        return next((table for table in ("", *self.table_names) if name in self.keys[table]), None)

    def _unknown(self, name: str, table: str) -> str:
        home = self._home(name)
        if table == "claim" and name in self.parameters:
            return f"is an axis, not a key of [[claim]]; fix it in `where = {{ {name} = ... }}`."
        if table == "claim" and name in {metric.name for metric in self.training.metrics}:
            return f'is a metric: write `metric = "{name}"`, and its bound as `below = ...` or `above = ...`.'
        if home is not None and table != "axis":
            return f"belongs {_inside(home)}; move it there."
        if told := self.training.unknown(name, table):
            return told
        if table == "" and (near_table := nearest_word(name, (*self.table_names, QUICK))):
            return f"is not a table of a config; did you mean {headed(near_table)}?"
        meant = self.meant_by(name, table)
        if meant is None:
            return f"is not a key of {_titled(table)}. {self._keys_in_words(table)}"
        return f"is not a key of {_titled(table)}; did you mean `{meant}`{self._elsewhere(meant, table)}?"

    def _elsewhere(self, name: str, table: str) -> str:
        home = self._home(name)
        is_here = home == table or (table == "grid" and name in self.parameters)
        return "" if table == "axis" or home is None or is_here else f", which belongs {_inside(home)}"

    def _keys_in_words(self, table: str) -> str:
        if not self.keys[table]:
            return f"{headed(table)} has no keys for {self.training.name}: leave it out."
        keys = code_list(self.keys[table])
        if table == "grid":
            *first, last = (headed(name) for name in self.training.tables)
            where = f"{', '.join(first)} and {last}" if first else last
            return f"Its keys are {keys}, and as an axis any field of {where}."
        tables = ", ".join(headed(name) for name in (*self.table_names, QUICK))
        return f"Its keys are {keys}, its tables {tables}." if table == "" else f"Its keys are {keys}."

    def _not_a_table(self, found: object, table: str) -> str:
        if isinstance(found, list) and table not in ("grid", "claim"):
            a_claim = " A claim begins with [[claim]]." if table == "claims" else ""
            return f"must be a single table: write [{table}] once, in single brackets.{a_claim}"
        line = f"write {headed(table)} in a line of its own and its keys below it"
        return f"must be a table: {line}, got {toml_text(found)}."


def headed(table: str) -> str:
    """Return the line that begins a table, such as "[grid]"."""
    return "[[claim]]" if table == "claim" else f"[{table}]"


def _inside(table: str) -> str:
    return f"in {headed(table)}" if table else "at the top of the file, above the first [table]"


def _titled(table: str) -> str:
    return {"": "the top level", "axis": "an axis"}.get(table, headed(table))
