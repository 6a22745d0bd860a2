"""`trend`: along an axis a metric falls, or rises, by a factor with each doubling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np

from sweep.forms.form import LEFT_OUT, AxisFinder, Form, Found, Pair, Place, Successes
from sweep.forms.shared import axis_key
from sweep.terms.arrays import Floats
from sweep.terms.keys import Interval, Key, Table, key, keys_of
from sweep.terms.metric import Metric
from sweep.terms.text import count_of
from sweep.terms.values import Value
from sweep.words import message, say


class _Keys(Table):
    axis: str = axis_key()
    direction: Literal["falls", "rises"] = key(meaning="what the metric does along the axis")
    factor: float = key(
        1.0,
        meaning="with each doubling the metric falls to less than this factor of it, or rises to more",
        gt=0,
    )
    between: Interval = key(LEFT_OUT, meaning="only the values of the axis from low to high count")


_SENTENCES = {
    ("falls", False): message("from {axis} {one} to {other} the {metric} falls in {share} of {n} replicates"),
    ("rises", False): message("from {axis} {one} to {other} the {metric} rises in {share} of {n} replicates"),
    ("falls", True): message(
        "from {axis} {one} to {other} the {metric} falls to less than {factor} times in {share} of {n} replicates"
    ),
    ("rises", True): message(
        "from {axis} {one} to {other} the {metric} rises to more than {factor} times in {share} of {n} replicates"
    ),
}
"""What is found, by the direction and whether a factor is asked for."""


@dataclass(frozen=True)
class Trend(Form):
    """Along `axis`, over all `values` together, the metric falls, or rises, by more than `factor` with each doubling.

    In each replicate a line is laid through the logarithms of metric and axis, by least squares: its slope is the
    scaling exponent, and 2 to its power the factor of a doubling. Not every step has to go the way of the line. A
    replicate in which a run diverged, or whose metric is 0 or less, has no such line and says nothing.
    """

    name: ClassVar[str] = "trend"
    meaning: ClassVar[str] = "a metric falls or rises by a factor with each doubling along an axis"
    keys: ClassVar[Mapping[str, Key]] = keys_of(_Keys, "claim")
    compares: ClassVar[bool] = True
    silent_words: ClassVar[str] = message("a run diverged, a metric is 0 or less, or nothing changes")
    finds: ClassVar[str] = "an axis along which the metric falls, or rises, by more in {share} of replicates"

    metric: Metric
    axis: str
    values: tuple[Value, ...]
    direction: Literal["falls", "rises"]
    factor: float = 1.0

    @classmethod
    def resolve(cls, stated: Mapping[str, Any], metric: Metric, finder: AxisFinder) -> Self | None:
        """Return the form with those values of the axis that count."""
        numbers = finder.numbers(stated["axis"])
        low, high = stated.get("between") or (float("-inf"), float("inf"))
        values = tuple(value for value in numbers if low <= value <= high)
        if any(value <= 0 for value in values):
            finder.note(
                "axis", "must have values > 0 alone: nothing else can be doubled. `between` picks some."
            )
        elif numbers and len(values) < 2:
            told = f"must hold two values or more of the axis, got {count_of(len(values), 'value')}."
            finder.note("between", told)
        direction, factor = stated["direction"], stated.get("factor", 1.0)
        if (factor > 1) if direction == "falls" else (factor < 1):
            than = "at most" if direction == "falls" else "at least"
            finder.note("factor", f'must be {than} 1 where the metric "{direction}", got {factor:g}.')
        return cls(metric, stated["axis"], values, direction, factor)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """One comparison, from the first value to the last."""
        return ((self.values[0], self.values[-1]),)

    @property
    def comparisons(self) -> tuple[tuple[Place, ...], ...]:
        """All values at once."""
        return (tuple((value,) for value in self.values),)

    @property
    def names_all(self) -> bool:
        """The line needs all of its values."""
        return True

    def count(self, *each: Floats) -> Successes:
        """Return where the metric falls, or rises, by more."""
        factor = self.effect(*each)
        is_more = factor < self.factor if self.direction == "falls" else factor > self.factor
        return Successes(is_more, ~np.isnan(factor) & (factor != self.factor))

    def effect(self, *each: Floats) -> Floats:
        """Return the factor of a doubling, by the slope of the logarithms."""
        along = np.log2(np.array(self.values, dtype=np.float64))
        along -= along.mean()
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            logs = np.log2(np.stack(each))
            slope = np.tensordot(along / np.sum(along**2), np.where(np.isfinite(logs), logs, np.nan), axes=1)
            return np.asarray(2.0**slope)

    def effect_words(self, size: str) -> str:
        """Return the factor as that of a doubling."""
        return say(
            "with each doubling the {metric} is, in the median, {size} times as large",
            metric=self.metric.short_words,
            size=size,
        )

    def sentence(self, found: Found) -> str:
        """Return how often the metric fell, or rose, by more."""
        one, other = found.values
        return say(
            _SENTENCES[self.direction, self.factor != 1],
            axis=self.axis_words,
            one=one,
            other=other,
            metric=self.metric.short_words,
            factor=f"{self.factor:g}",
            share=found.percent,
            n=found.n_words,
        )

    def silence(self, found: Found) -> str:
        """Return why no replicate speaks."""
        if not found.replicates:
            return say("no results yet")
        return say(
            "in all of {n} replicates a run diverged, its {metric} is 0 or less, or nothing changes",
            n=f"{found.replicates:,}",
            metric=self.metric.short_words,
        )
