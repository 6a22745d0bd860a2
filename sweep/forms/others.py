"""The values that one value of an axis is compared with: those that are named, or all others."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sweep.forms.form import LEFT_OUT, AxisFinder
from sweep.terms.keys import key
from sweep.terms.text import times_text, toml_text
from sweep.terms.values import Value, exactly


def than_key() -> Any:
    """Return the key of the values that one is compared with."""
    return key(
        LEFT_OUT,
        meaning="the values that it is compared with; left out, all others",
        range="a value of that axis, or a list of them",
    )


def others_than(
    value: Value, stated: object, values: Sequence[Value], axis: str, finder: AxisFinder
) -> tuple[Value, ...]:
    """Return the values of an axis that one of them is compared with, as stated; mistakes are noted."""
    others: Sequence[Value | None] = values
    if stated != LEFT_OUT:
        others = tuple(finder.value(axis, item, "than") for item in finder.several(axis, stated))
        _check(value, others, finder)
    return tuple(other for other in others if other is not None and exactly(other) != exactly(value))


def _check(value: Value, others: Sequence[Value | None], finder: AxisFinder) -> None:
    """Note what is wrong with the values that are compared with one; those that are mistaken are None."""
    if not others:
        finder.note(
            "than", "must list one value or more, got []. Without `than` it is compared with all others."
        )
    exact = [exactly(other) for other in others if other is not None]
    if exactly(value) in exact:
        finder.note("than", f"must list other values than {toml_text(value)} itself.")
    for one, times in Counter(exact).items():
        if times > 1:
            other = next(other for other in others if other is not None and exactly(other) == one)
            finder.note("than", f"must list each value once, got {toml_text(other)} {times_text(times)}.")
