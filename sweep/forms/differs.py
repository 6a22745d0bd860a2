"""`differs`: the advantage of one value of an axis over another is larger under one condition than under another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from sweep.forms.form import AxisFinder, Form, Found, Pair, Place, Successes, ratio_of
from sweep.forms.shared import axis_key
from sweep.terms.arrays import Floats
from sweep.terms.keys import Key, Table, key, keys_of
from sweep.terms.metric import Metric
from sweep.terms.text import toml_text
from sweep.terms.values import Value, exactly, value_words
from sweep.words import message, say, word


class _Keys(Table):
    axis: str = axis_key()
    value: Any = key(meaning="the value whose advantage it is", range="a value of that axis")
    than: Any = key(meaning="the value over which it has the advantage", range="a value of that axis")
    under: dict[str, Any] = key(
        meaning="another axis and two of its values: the advantage is larger under the first than under the second",
        range='one axis with two of its values, such as { activation = ["relu", "tanh"] }',
    )


@dataclass(frozen=True)
class Differs(Form):
    """The advantage of `value` over `than` on `axis` is larger where `other` is `first` than where it is `second`.

    The advantage is how many times better the metric is: its ratio is compared replicate by replicate, and the claim
    holds if it is better under the first condition in more than half of them. A replicate in which both runs of a
    condition diverged has no ratio there, and says nothing. A ratio has a meaning for a metric that is not negative.
    """

    name: ClassVar[str] = "differs"
    meaning: ClassVar[str] = "an advantage is larger under one condition than under another"
    keys: ClassVar[Mapping[str, Key]] = keys_of(_Keys, "claim")
    compares: ClassVar[bool] = True
    silent_words: ClassVar[str] = message("an advantage has no ratio or both are the same")
    finds: ClassVar[str] = "an advantage that is larger in {share} of replicates"

    metric: Metric
    axis: str
    value: Value
    than: Value
    other: str
    first: Value
    second: Value

    @classmethod
    def axes_stated(cls, stated: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the axis, and that of the conditions."""
        return stated["axis"], *stated["under"]

    @classmethod
    def mistakes(cls, stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong unless there are two conditions on one axis."""
        under = stated.get("under", {})
        values = list(under.values())
        if len(under) != 1 or not isinstance(values[0], list) or len(values[0]) != 2:
            got = toml_text(under) if under else "{}"
            yield (
                "under",
                f'must name one axis with two values, such as {{ activation = ["relu", "tanh"] }}, got {got}.',
            )
        elif stated.get("axis") in under:
            yield "under", f"must name another axis than `{stated['axis']}`, along which values are compared."

    @classmethod
    def resolve(cls, stated: Mapping[str, Any], metric: Metric, finder: AxisFinder) -> Self | None:
        """Return the form with its values on both axes."""
        axis, ((other, conditions),) = stated["axis"], stated["under"].items()
        if not finder.is_axis("under", other) or not finder.values(axis):
            return None
        value, than = (finder.value(axis, stated[name], name) for name in ("value", "than"))
        first, second = (finder.value(other, found, "under") for found in conditions)
        if value is None or than is None or first is None or second is None:
            return None
        if exactly(value) == exactly(than):
            finder.note("than", f"must be another value than {toml_text(value)} itself.")
        if exactly(first) == exactly(second):
            finder.note("under", f"must name two values, got {toml_text(first)} twice.")
        return cls(metric, axis, value, than, other, first, second)

    @property
    def axes(self) -> tuple[str, ...]:
        """The axis, and that of the conditions."""
        return self.axis, self.other

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The two values whose advantage is compared."""
        return ((self.value, self.than),)

    @property
    def comparisons(self) -> tuple[tuple[Place, ...], ...]:
        """The two values under the first condition, and under the second."""
        return (
            tuple((value, under) for under in (self.first, self.second) for value in (self.value, self.than)),
        )

    @property
    def names_all(self) -> bool:
        """All four cells are named."""
        return True

    def count(self, *each: Floats) -> Successes:
        """Return where the advantage is larger under the first condition."""
        first, second = self._ratios(*each)
        return Successes(
            self.metric.beats(first, second), ~np.isnan(first) & ~np.isnan(second) & (first != second)
        )

    def effect(self, *each: Floats) -> Floats:
        """Return the ratio under the first condition, divided by that under the second."""
        first, second = self._ratios(*each)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.asarray(first / second)

    def effect_words(self, size: str) -> str:
        """Return the ratio of the ratios as what it is."""
        return say(
            "the {metric} ratio is, in the median, {size} times as large with {condition}",
            metric=self.metric.short_words,
            size=size,
            condition=self._condition(self.first),
        )

    def sentence(self, found: Found) -> str:
        """Return how often the advantage was larger."""
        one, other = found.values
        return say(
            "the advantage of {axis} {one} over {other} is larger with {condition} than with {second} in {share} of "
            "{n} replicates",
            axis=self.axis_words,
            one=one,
            other=other,
            condition=self._condition(self.first),
            second=value_words(self.second),
            share=found.percent,
            n=found.n_words,
        )

    def silence(self, found: Found) -> str:
        """Return why no replicate speaks."""
        if not found.replicates:
            return say("no results yet")
        return say(
            "in all of {n} replicates both advantages are the same, or one has no ratio",
            n=f"{found.replicates:,}",
        )

    def _condition(self, value: Value) -> str:
        return f"{word(self.other.replace('_', ' '))} {value_words(value)}"

    def _ratios(self, *each: Floats) -> tuple[Floats, Floats]:
        """Return the ratios of the metric under the two conditions; NaN where there is none."""
        one, other, one_then, other_then = each
        return ratio_of(one, other), ratio_of(one_then, other_then)
