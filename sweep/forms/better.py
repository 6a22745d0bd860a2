"""`better`: on an axis, one value gives a better metric than others, replicate by replicate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sweep.forms.form import Found, Successes, both_lost, has_share, same_silence
from sweep.forms.others import AgainstOthers, than_key
from sweep.forms.shared import axis_key, better_sentence
from sweep.terms.arrays import Floats
from sweep.terms.keys import Key, Table, key, keys_of
from sweep.terms.metric import Metric
from sweep.terms.text import percent_text
from sweep.words import say


class _Keys(Table):
    axis: str = axis_key()
    value: Any = key(meaning="the value that is better than others", range="a value of that axis")
    than: Any = than_key()
    by: float = key(
        0.0,
        meaning="the share of the other's metric by which it is better: with 0.5, less than half of its loss",
        ge=0,
        lt=1,
    )


@dataclass(frozen=True)
class Better(AgainstOthers):
    """On `axis`, `value` is better than each of `than`, by a share `by` of the other's metric.

    `by` is at least 0 and below 1. Where lower is better, the metric is less than (1 - by) times the other's; where
    higher is, it is more than (1 + by) times. Without `by` equal values say nothing (Dixon & Mood 1946). A share has a
    meaning for a metric that is not negative.
    """

    name: ClassVar[str] = "better"
    meaning: ClassVar[str] = "a value of an axis is better than others"
    keys: ClassVar[Mapping[str, Key]] = keys_of(_Keys, "claim")

    by: float = 0.0

    @classmethod
    def own_fields(cls, stated: Mapping[str, Any], metric: Metric) -> Mapping[str, Any]:  # noqa: ARG003 - the interface of these forms
        """Return the share."""
        return {"by": stated.get("by", 0.0)}

    def count(self, *each: Floats) -> Successes:
        """Return where the first is better."""
        one, other = each
        if self.by == 0:
            return Successes(self.metric.beats(one, other), one != other)
        factor = 1.0 - self.by if self.metric.is_lower_better else 1.0 + self.by
        with np.errstate(over="ignore"):
            return Successes(
                self.metric.beats(one, factor * other), ~both_lost(one, other) & has_share(one, other)
            )

    def opposite(self, *each: Floats) -> Successes | None:
        """Return where the other is better by the share; where neither is, they are alike."""
        return self.count(*each[::-1]) if self.by else None

    def sentence(self, found: Found) -> str:
        """Return how often the value was better."""
        if not self.by:
            return better_sentence(self, found)
        one, other = found.values
        places = {
            "axis": self.axis_words,
            "one": one,
            "other": other,
            "a_metric": self.metric.a_short_words,
            "by": percent_text(self.by),
            "share": found.percent,
            "n": found.n_words,
        }
        if self.metric.is_lower_better:
            return say(
                "{axis} {one} has {a_metric} smaller by {by} or more than {other} in {share} of {n} pairs",
                **places,
            )
        return say(
            "{axis} {one} has {a_metric} larger by {by} or more than {other} in {share} of {n} pairs",
            **places,
        )

    def silence(self, found: Found) -> str:
        """Return why no pair speaks."""
        return same_silence(found, self.metric, has_share=self.by > 0)
