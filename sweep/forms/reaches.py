"""`reaches` and `fails`: more, or fewer, runs than a share get a metric beyond a bound."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from sweep.forms.form import AxisFinder, Form, Found, Successes, all_counted
from sweep.forms.shared import beyond_key, share_key
from sweep.terms.arrays import Bools, Floats
from sweep.terms.keys import Key, Table, keys_of
from sweep.terms.metric import Metric
from sweep.terms.text import percent_text
from sweep.words import say


class _Keys(Table):
    below: float = beyond_key("smaller")
    above: float = beyond_key("larger")
    share: float = share_key()


@dataclass(frozen=True)
class Beyond:
    """A bound of a metric: runs succeed that are below it, or above; one that diverged does not."""

    metric: Metric
    limit: float
    is_below: bool

    @classmethod
    def of(cls, stated: Mapping[str, Any], metric: Metric) -> Self:
        """Return the bound as it is written."""
        is_below = "below" in stated
        return cls(metric, stated["below" if is_below else "above"], is_below)

    def succeed(self, values: Floats) -> Bools:
        """Return which of the values succeed."""
        is_beyond = np.asarray(values < self.limit if self.is_below else values > self.limit)
        # What diverged counts as the worst, which is infinite: beyond any bound on that side.
        return np.asarray(is_beyond & (values != self.metric.worst))

    @property
    def words(self) -> str:
        """The bound in words, "an rms error below 0.2"."""
        places = {"a_metric": self.metric.a_words, "limit": f"{self.limit:g}"}
        return (
            say("{a_metric} below {limit}", **places)
            if self.is_below
            else say("{a_metric} above {limit}", **places)
        )

    @property
    def where(self) -> str:
        """On which side, "below 0.2"."""
        return f"{'below' if self.is_below else 'above'} {self.limit:g}"

    @staticmethod
    def mistakes(form: str, stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong unless exactly one bound is written."""
        if "below" not in stated and "above" not in stated:
            yield "below", f'is missing: a claim of the form "{form}" needs it, a number, or `above`.'
        elif "below" in stated and "above" in stated:
            yield "above", "does not go with `below`. Remove one of the two."


@dataclass(frozen=True)
class _OfItself(Form):
    """A cell is judged by the share of its runs that succeed."""

    meaning: ClassVar[str] = "more, or fewer, runs than a share succeed"
    keys: ClassVar[Mapping[str, Key]] = keys_of(_Keys, "claim")

    metric: Metric
    limit: float
    is_below: bool
    share: float = 0.5
    axis: None = field(default=None, init=False)
    """Cells are judged by themselves."""

    @classmethod
    def mistakes(cls, stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong unless there is exactly one bound."""
        return Beyond.mistakes(cls.name, stated)

    @classmethod
    def resolve(cls, stated: Mapping[str, Any], metric: Metric, finder: AxisFinder) -> Self | None:  # noqa: ARG003 - the interface of all forms
        """Return the form; it asks nothing of the axes."""
        bound = Beyond.of(stated, metric)
        return cls(metric, bound.limit, bound.is_below, stated.get("share", 0.5))

    @property
    def beyond(self) -> Beyond:
        """What a run has to get beyond."""
        return Beyond(self.metric, self.limit, self.is_below)


@dataclass(frozen=True)
class Reaches(_OfItself):
    """More than `share` of the runs succeed."""

    name: ClassVar[str] = "reaches"
    finds: ClassVar[str] = "a setting where {share} of runs succeed"

    @property
    def bound(self) -> float:
        """The share itself."""
        return self.share

    def count(self, *each: Floats) -> Successes:
        """Return which runs succeed."""
        return all_counted(self.beyond.succeed(each[0]))

    def sentence(self, found: Found) -> str:
        """Return how many runs succeeded."""
        return say(
            "{share} of {n} runs have {bound}", share=found.percent, n=found.n_words, bound=self.beyond.words
        )


@dataclass(frozen=True)
class Fails(_OfItself):
    """Fewer than `share` of the runs succeed: what is counted are those that do not."""

    name: ClassVar[str] = "fails"
    finds: ClassVar[str] = "a setting where {share} of runs do not succeed"

    @property
    def bound(self) -> float:
        """The share that does not succeed."""
        return 1.0 - self.share

    def count(self, *each: Floats) -> Successes:
        """Return which runs do not succeed."""
        return all_counted(~self.beyond.succeed(each[0]))

    def sentence(self, found: Found) -> str:
        """Return how many runs did not succeed."""
        places = {
            "share": found.percent,
            "n": found.n_words,
            "metric": self.metric.words,
            "limit": f"{self.limit:g}",
        }
        if self.is_below:
            return say("{share} of {n} runs have no {metric} below {limit}", **places)
        return say("{share} of {n} runs have no {metric} above {limit}", **places)

    def short_sentence(self, found: Found) -> str:
        """Return how many runs succeeded, without a second not."""
        return say(
            "{share} of {n} runs have {bound}",
            share=percent_text(1.0 - found.share),
            n=found.n_words,
            bound=self.beyond.words,
        )
