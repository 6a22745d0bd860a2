"""`alike`: two values of an axis do not differ by more than a share of the metric."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sweep.forms.form import Found, Pair, Successes, both_lost, has_share, same_silence
from sweep.forms.others import AgainstOthers, than_key
from sweep.forms.shared import axis_key
from sweep.terms.arrays import Floats
from sweep.terms.keys import Key, Table, key, keys_of
from sweep.terms.metric import Metric
from sweep.words import say


class _Keys(Table):
    axis: str = axis_key()
    value: Any = key(meaning="the value that does not differ from others", range="a value of that axis")
    than: Any = than_key()
    by: float = key(
        meaning="the share by which neither metric may exceed the other: with 0.1, their ratio is below 1.1",
        gt=0,
        lt=1,
    )


@dataclass(frozen=True)
class Alike(AgainstOthers):
    """On `axis`, the metric at `value` and at each of `than` differ by less than a share `by` of the smaller one.

    In the median: that the metric is less than (1 + by) times the other's in more than half of the pairs, and the
    other's less than (1 + by) times this one, are two comparisons, and both have to hold (two one-sided tests,
    Schuirmann 1987). Where both diverged it says nothing. A share has a meaning for a metric that is not negative.
    """

    name: ClassVar[str] = "alike"
    meaning: ClassVar[str] = "values of an axis do not differ by more than a share"
    keys: ClassVar[Mapping[str, Key]] = keys_of(_Keys, "claim")
    finds: ClassVar[str] = "values that are within the share, on either side, in {share} of pairs"

    by: float

    @classmethod
    def mistakes(cls, stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield that 0 is no share here, which it is for another form that has the key."""
        if stated.get("by") == 0:
            yield "by", 'must be > 0 and < 1 for "alike", got 0.'

    @classmethod
    def own_fields(cls, stated: Mapping[str, Any], metric: Metric) -> Mapping[str, Any]:  # noqa: ARG003 - the interface of these forms
        """Return the share."""
        return {"by": stated["by"]}

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The value and each of the others, in both orders."""
        return tuple(pair for other in self.than for pair in ((self.value, other), (other, self.value)))

    def count(self, *each: Floats) -> Successes:
        """Return where the first is not larger by the share."""
        one, other = each
        with np.errstate(over="ignore"):
            return Successes(
                (one < (1.0 + self.by) * other) | (one == other),
                ~both_lost(one, other) & has_share(one, other),
            )

    def sentence(self, found: Found) -> str:
        """Return how often the one was not larger by the share."""
        one, other = found.values
        return say(
            "{axis} {one} has less than {times} times the {metric} of {other} in {share} of {n} pairs",
            axis=self.axis_words,
            one=one,
            times=f"{1 + self.by:g}",
            metric=self.metric.short_words,
            other=other,
            share=found.percent,
            n=found.n_words,
        )

    def silence(self, found: Found) -> str:
        """Return why no pair speaks."""
        return same_silence(found, self.metric, has_share=True)
