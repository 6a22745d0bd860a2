"""What forms have in common that compare one value of an axis with others: those that are named, or all others."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from sweep.forms.form import LEFT_OUT, AxisFinder, Form, Pair
from sweep.terms.keys import key
from sweep.terms.metric import Metric
from sweep.terms.text import times_text, toml_text
from sweep.terms.values import Value, exactly


def than_key() -> Any:
    """Return the key of the values that one is compared with."""
    return key(
        LEFT_OUT,
        meaning="the values that it is compared with; left out, all others",
        range="a value of that axis, or a list of them",
    )


@dataclass(frozen=True)
class AgainstOthers(Form):
    """On `axis`, `value` is compared with each of `than`; subclasses say how, and have fields of their own beside.

    `is_named` says whether `than` is what was written, and not all others: then the claim cannot hold where the grid
    leaves one of them out.
    """

    compares: ClassVar[bool] = True

    metric: Metric
    axis: str
    value: Value
    than: tuple[Value, ...]
    is_named: bool = field(default=False, kw_only=True)

    @classmethod
    def own_fields(cls, stated: Mapping[str, Any], metric: Metric) -> Mapping[str, Any]:  # noqa: ARG003 - for those that have some
        """Return the fields that a subclass adds, as they are written."""
        return {}

    @classmethod
    def resolve(cls, stated: Mapping[str, Any], metric: Metric, finder: AxisFinder) -> Self | None:
        """Return the form with its values on the axis."""
        axis, than = stated["axis"], stated.get("than", LEFT_OUT)
        values = finder.values(axis)
        value = finder.value(axis, stated["value"], "value") if values else None
        if value is None:
            return None
        others = _others(value, than, values, axis, finder)
        is_named = than != LEFT_OUT
        return cls(metric, axis, value, others, is_named=is_named, **cls.own_fields(stated, metric))

    @property
    def names_all(self) -> bool:
        """Whether the others are named."""
        return self.is_named

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The value, and each of the others."""
        return tuple((self.value, other) for other in self.than)


def _others(
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
