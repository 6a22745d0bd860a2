"""`enough`: from a value of an axis on, going further gains little."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from sweep.forms.form import AxisFinder, Form, Found, Pair, Successes, both_lost, has_share, same_silence
from sweep.forms.shared import axis_key
from sweep.terms.arrays import Floats
from sweep.terms.keys import Key, Table, key, keys_of
from sweep.terms.metric import Metric
from sweep.terms.text import percent_text, toml_text
from sweep.terms.values import Value
from sweep.words import say


class _Keys(Table):
    axis: str = axis_key()
    value: Any = key(meaning="the one from which on larger values gain little", range="a value of that axis")
    gain: float = key(
        meaning="going on to a larger value makes the metric better by less than this share of it", gt=0, lt=1
    )


@dataclass(frozen=True)
class Enough(Form):
    """From `value` of `axis` on, going to any of `further` gains less than a share `gain` of the metric.

    So much is gained where lower is better if the metric falls to (1 - gain) times what it was, or below, and where
    higher is better if it rises to (1 + gain) times or above. Where both diverged, it says nothing. A share has a
    meaning for a metric that is not negative.
    """

    name: ClassVar[str] = "enough"
    meaning: ClassVar[str] = "going further along an axis gains little"
    finds: ClassVar[str] = "a value from which on little is gained in {share} of pairs"
    keys: ClassVar[Mapping[str, Key]] = keys_of(_Keys, "claim")
    compares: ClassVar[bool] = True

    metric: Metric
    axis: str
    value: Value
    further: tuple[Value, ...]
    gain: float

    @classmethod
    def resolve(cls, stated: Mapping[str, Any], metric: Metric, finder: AxisFinder) -> Self | None:
        """Return the form with the values that lie further along the axis."""
        axis = stated["axis"]
        numbers = finder.numbers(axis)
        value: Any = finder.value(axis, stated["value"], "value") if numbers else None
        if value is None:
            return None
        further = tuple(other for other in numbers if other > value)
        if not further:
            told = f"must have larger values after it on the axis, got the largest, {toml_text(value)}."
            finder.note("value", told)
        return cls(metric, axis, value, further, stated["gain"])

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Each of the further values, and the value itself."""
        return tuple((further, self.value) for further in self.further)

    def count(self, *each: Floats) -> Successes:
        """Return where the first has not gained so much; where both diverged there is nothing to gain."""
        one, other = each
        with np.errstate(over="ignore"):
            if self.metric.is_lower_better:
                has_gained = one <= (1.0 - self.gain) * other
            else:
                has_gained = one >= (1.0 + self.gain) * other
        has_gained &= one != other  # from 0 to 0 nothing is gained
        return Successes(~has_gained, ~both_lost(one, other) & has_share(one, other))

    def sentence(self, found: Found) -> str:
        """Return how often little was gained."""
        one, other = found.values
        return say(
            "going on from {axis} {other} to {one} gains less than {gain} in {share} of {n} replicates",
            axis=self.axis_words,
            one=one,
            other=other,
            gain=percent_text(self.gain),
            share=found.percent,
            n=found.n_words,
        )

    def silence(self, found: Found) -> str:
        """Return why no pair speaks."""
        return same_silence(found, self.metric, has_share=True)
