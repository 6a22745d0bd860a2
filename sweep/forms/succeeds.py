"""`succeeds`: at one value of an axis more runs get a metric beyond a bound than at others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sweep.forms.form import Found, Successes
from sweep.forms.others import AgainstOthers, than_key
from sweep.forms.reaches import Beyond
from sweep.forms.shared import axis_key, beyond_key
from sweep.terms.arrays import Floats
from sweep.terms.keys import Key, Table, key, keys_of
from sweep.terms.metric import Metric
from sweep.terms.text import percent_text
from sweep.words import message, say


class _Keys(Table):
    axis: str = axis_key()
    value: Any = key(
        meaning="the value at which runs succeed more often than at others", range="a value of that axis"
    )
    than: Any = than_key()
    below: float = beyond_key("smaller")
    above: float = beyond_key("larger")


@dataclass(frozen=True)
class Succeeds(AgainstOthers):
    """On `axis`, runs at `value` get `beyond` a bound more often than those at each of `than`.

    What speaks are the pairs in which only one of the two succeeds (McNemar 1947, in its exact form).
    """

    name: ClassVar[str] = "succeeds"
    meaning: ClassVar[str] = "at one value of an axis more runs succeed than at others"
    keys: ClassVar[Mapping[str, Key]] = keys_of(_Keys, "claim")
    silent_words: ClassVar[str] = message("both succeed or both do not")
    finds: ClassVar[str] = "a value that alone succeeds in {share} of the pairs in which only one does"

    beyond: Beyond

    @classmethod
    def mistakes(cls, stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong unless there is exactly one bound."""
        return Beyond.mistakes(cls.name, stated)

    @classmethod
    def own_fields(cls, stated: Mapping[str, Any], metric: Metric) -> Mapping[str, Any]:
        """Return the bound."""
        return {"beyond": Beyond.of(stated, metric)}

    def count(self, *each: Floats) -> Successes:
        """Return where only the first succeeds, among the pairs in which one does."""
        one, other = map(self.beyond.succeed, each)
        return Successes(one & ~other, one != other)

    def effect(self, *each: Floats) -> Floats | None:  # noqa: ARG002 - the interface of all forms
        """Return nothing: how large the difference is say the shares that succeed."""
        return None

    def measured(self, *each: Floats) -> tuple[float, ...]:
        """Return the shares that succeed, of each of the two."""
        there = ~np.isnan(each[0]) & ~np.isnan(each[1])
        return tuple(float(self.beyond.succeed(one[there]).mean()) if there.any() else 0.0 for one in each)

    def sentence(self, found: Found) -> str:
        """Return how many succeeded, and how often only the first did."""
        one, _ = found.values
        shares = self.short_sentence(found)
        return say(
            "{shares}; of the {n} pairs in which only one does it is {one} in {share}",
            shares=shares,
            n=found.n_words,
            one=one,
            share=found.percent,
        )

    def short_sentence(self, found: Found) -> str:
        """Return how many succeeded."""
        one, other = found.values
        mine, theirs = map(percent_text, found.measured)
        return say(
            "{mine} succeed with {axis} {one} and {theirs} with {other}, {bound}",
            mine=mine,
            theirs=theirs,
            axis=self.axis_words,
            one=one,
            other=other,
            bound=self.beyond.words,
        )

    def silence(self, found: Found) -> str:
        """Return why no pair speaks."""
        if not found.replicates:
            return say("no results yet")
        return say(
            "in all of {n} replicates both succeed or both do not, {bound}",
            n=f"{found.replicates:,}",
            bound=self.beyond.words,
        )
