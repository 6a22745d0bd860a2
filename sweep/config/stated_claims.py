"""Reads the shape of [[claim]]: which form each has, and its keys, each of the right type.

What a claim means on the axes of the sweep is found when the plan is there: see `sweep.claims.resolve`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sweep.config.places import Mistakes, Place
from sweep.config.schema import Schema
from sweep.forms import COMMON, Form
from sweep.terms.metric import Metric
from sweep.terms.text import code_list

MOST_TABLES = 1000
"""Of [[grid]] and of [[claim]]."""


@dataclass(frozen=True)
class StatedClaim:
    """A claim as it is written, right in itself.

    Attributes
    ----------
    place
        Where it stands in the config.
    sentence, source
        What is claimed in words, and where that comes from.
    form, metric
        How it is judged, and what is looked at.
    stated
        The keys of the form, in canonical types.
    where, over
        As written: the axes that are fixed, and those with a verdict for each combination.
    """

    place: Place
    sentence: str
    source: str
    form: type[Form]
    metric: Metric
    stated: Mapping[str, Any]
    where: Mapping[str, Any]
    over: tuple[str, ...]

    @property
    def axis(self) -> tuple[str, ...]:
        """The axes that the form names."""
        return self.form.axes_stated(self.stated)


def read_claims(found: object, schema: Schema, mistakes: Mistakes) -> tuple[StatedClaim, ...]:
    """Return the claims of a config; those with a mistake, which is noted, are left out."""
    if found == []:
        return ()
    if not isinstance(found, list):
        hint = "each claim begins with [[claim]], in double brackets."
        mistakes.add(("claim",), f"must be a list of tables: {hint}")
        return ()
    read = (
        _read(table, ("claim", i), schema, mistakes) for i, table in enumerate(few(found, "claim", mistakes))
    )
    return tuple(claim for claim in read if claim is not None)


def few(tables: list[Any], name: str, mistakes: Mistakes) -> list[Any]:
    """Return as many of the tables of one name as there may be, and note a mistake at the first that is too many."""
    if len(tables) > MOST_TABLES:
        told = f"comes {len(tables):_} times, and may come {MOST_TABLES:_} times at most."
        mistakes.add((name, MOST_TABLES), told)
    return tables[:MOST_TABLES]


def _read(found: object, place: Place, schema: Schema, mistakes: Mistakes) -> StatedClaim | None:
    before = len(mistakes)
    stated = schema.check_table(found, "claim", place, mistakes)
    forms = {form.name: form for form in schema.forms}
    form = forms.get(stated.get("form", ""))
    if isinstance(found, dict):
        _check_needed(found, form, place, schema, mistakes)
    if form is None or len(mistakes) > before:
        return None
    own = {name: value for name, value in stated.items() if name not in COMMON}
    _check_own(own, form, place, schema, mistakes)
    for name, message in form.mistakes(own):
        mistakes.add((*place, name), message)
    if len(mistakes) > before:
        return None
    metric = schema.training.metric(stated.get("metric") or schema.training.objective.name)
    texts = stated["sentence"], stated.get("source", "")
    return StatedClaim(place, *texts, form, metric, own, stated.get("where", {}), stated.get("over", ()))


def _check_needed(
    written: Mapping[str, Any], form: type[Form] | None, place: Place, schema: Schema, mistakes: Mistakes
) -> None:
    """Note the keys that are missing."""
    needed = [name for name in ("sentence", "form") if name not in written]
    own = form.keys if form is not None else {}
    needed += [name for name, key in own.items() if key.default is None and name not in written]
    for name in needed:
        whose = "every claim" if form is None or name in COMMON else f'a claim of the form "{form.name}"'
        key = schema.keys["claim"][name]
        mistakes.add((*place, name), f"is missing: {whose} needs it, {key.range}.")


def _check_own(
    own: Mapping[str, Any], form: type[Form], place: Place, schema: Schema, mistakes: Mistakes
) -> None:
    """Note the keys of another form."""
    for name in own:
        if name not in form.keys:
            homes = [other.name for other in schema.forms if name in other.keys]
            told = f'belongs to the form {code_list(homes, "or")}, not to "{form.name}". Remove it.'
            mistakes.add((*place, name), told)
