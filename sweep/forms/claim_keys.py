"""The keys that a [[claim]] can have: those of all claims, and those of the forms that there are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter

from sweep.forms.form import Form
from sweep.terms.keys import Key, Names, Table, key, keys_of
from sweep.terms.metric import Metric

COMMON = ("sentence", "source", "form", "metric", "where", "over")
"""The keys that every claim can have."""


class _First(Table):
    sentence: str = key(meaning="what is claimed, in words", range="text, not empty", min_length=1)
    source: str = key("", meaning="where the claim comes from")
    form: str = key(meaning="how it is judged")
    metric: str = key("", meaning="what is looked at; left out, the objective")


class _Last(Table):
    where: dict[str, Any] = key(
        {},
        meaning="axes that are fixed, each at one of its values",
        range="a table of axes and values, such as { neurons = 10, epochs = 1000 }",
    )
    over: Names = key(
        (),
        meaning="axes with a verdict for each combination of their values",
        range='a list of axes, such as ["activation", "epochs"]',
    )


def claim_keys(forms: Sequence[type[Form]], metrics: Sequence[Metric]) -> Mapping[str, Key]:
    """Return the keys by name; the meaning of one that is a form's begins with the forms that have it."""
    first = dict(keys_of(_First, "claim"))
    first["form"] = _choice(first["form"], [form.name for form in forms])
    first["metric"] = replace(_choice(first["metric"], [metric.name for metric in metrics]), default="")
    by_form = f"how it is judged: {_joined([(form.name, form.meaning) for form in forms])}"
    first["form"] = replace(first["form"], meaning=by_form)
    names = dict.fromkeys(name for form in forms for name in form.keys)
    own = {name: _merged(name, [form for form in forms if name in form.keys]) for name in names}
    return {**first, **own, **keys_of(_Last, "claim")}


def _merged(name: str, forms: Sequence[type[Form]]) -> Key:
    meaning = _joined([(form.name, form.keys[name].meaning) for form in forms])
    return replace(forms[0].keys[name], meaning=meaning)


def _joined(said: Sequence[tuple[str, str]]) -> str:
    """Return who says what, those together that say the same: "`a`, `b`: this; `c`: that"."""
    names: dict[str, list[str]] = {}
    for name, text in said:
        names.setdefault(text, []).append(name)
    return "; ".join(f"{', '.join(f'`{name}`' for name in of)}: {text}" for text, of in names.items())


def _choice(of: Key, names: Sequence[str]) -> Key:
    one: Any = Literal[tuple(names)]
    adapter = TypeAdapter(one, config=ConfigDict(strict=True))
    choices = tuple(names)
    return replace(of, type="choice", choices=choices, adapter=adapter, range="one of " + _quoted(choices))


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
