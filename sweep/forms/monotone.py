"""`monotone`: along an axis, from each value to the next, a metric falls, or rises, replicate by replicate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from sweep.forms.form import LEFT_OUT, AxisFinder, Form, Found, Pair, Successes, same_silence
from sweep.forms.shared import axis_key
from sweep.terms.arrays import Floats
from sweep.terms.keys import Interval, Key, Table, key, keys_of
from sweep.terms.metric import Metric
from sweep.terms.text import count_of
from sweep.terms.values import Value
from sweep.words import say


class _Keys(Table):
    axis: str = axis_key()
    direction: Literal["falls", "rises"] = key(
        meaning="what the metric does from each value of the axis to the next larger one"
    )
    between: Interval = key(LEFT_OUT, meaning="only the values of the axis from low to high count")


@dataclass(frozen=True)
class Monotone(Form):
    """Along `axis`, from each of `values` to the next larger one, the metric falls, or rises.

    What is compared are the values of the metric, whichever way is better. Equal ones say nothing.
    """

    name: ClassVar[str] = "monotone"
    meaning: ClassVar[str] = "a metric falls or rises along an axis"
    finds: ClassVar[str] = "an axis along which each step falls, or rises, in {share} of pairs"
    keys: ClassVar[Mapping[str, Key]] = keys_of(_Keys, "claim")
    compares: ClassVar[bool] = True

    metric: Metric
    axis: str
    values: tuple[Value, ...]
    direction: Literal["falls", "rises"]

    @classmethod
    def resolve(cls, stated: Mapping[str, Any], metric: Metric, finder: AxisFinder) -> Self | None:
        """Return the form with those values of the axis that count."""
        numbers = finder.numbers(stated["axis"])
        low, high = stated.get("between") or (float("-inf"), float("inf"))
        values = tuple(value for value in numbers if low <= value <= high)
        if numbers and len(values) < 2:
            finder.note(
                "between", f"must hold two values or more of the axis, got {count_of(len(values), 'value')}."
            )
        return cls(metric, stated["axis"], values, stated["direction"])

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """For each step that of the two values first that is to have the smaller metric."""
        steps = zip(self.values[1:], self.values[:-1], strict=True)
        return tuple(steps) if self.direction == "falls" else tuple((one, other) for other, one in steps)

    def count(self, *each: Floats) -> Successes:
        """Return where the first is smaller."""
        one, other = each
        return Successes(one < other, one != other)

    def sentence(self, found: Found) -> str:
        """Return how often the metric fell, or rose, in the step that decides."""
        other, one = found.values if self.direction == "falls" else found.values[::-1]
        places = {
            "axis": self.axis_words,
            "one": one,
            "other": other,
            "metric": self.metric.short_words,
            "share": found.percent,
            "n": found.n_words,
        }
        if self.direction == "falls":
            return say(
                "from {axis} {one} to {other} the {metric} falls in {share} of {n} replicates", **places
            )
        return say("from {axis} {one} to {other} the {metric} rises in {share} of {n} replicates", **places)

    def silence(self, found: Found) -> str:
        """Return why no pair speaks."""
        return same_silence(found, self.metric)
