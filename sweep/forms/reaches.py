"""`reaches` and `fails`: more, or fewer, runs than a share get a metric beyond a bound."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from sweep.forms.form import LEFT_OUT, AxisFinder, Form, Found, Successes, all_counted
from sweep.forms.shared import share_key
from sweep.terms.arrays import Bools, Floats
from sweep.terms.keys import Key, Table, key, keys_of
from sweep.terms.metric import Metric

_BEYOND = "a run succeeds if its metric is {} than this; a diverged run does not"


class _Keys(Table):
    below: float = key(LEFT_OUT, meaning=_BEYOND.format("smaller"), range="a number")
    above: float = key(LEFT_OUT, meaning=_BEYOND.format("larger"), range="a number")
    share: float = share_key()


@dataclass(frozen=True)
class _Beyond(Form):
    """Runs succeed whose metric is below, or above, a bound; one that diverged does not."""

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
        if "below" not in stated and "above" not in stated:
            yield "below", f'is missing: a claim of the form "{cls.name}" needs it, a number, or `above`.'
        elif "below" in stated and "above" in stated:
            yield "above", "does not go with `below`. Remove one of the two."

    @classmethod
    def resolve(cls, stated: Mapping[str, Any], metric: Metric, finder: AxisFinder) -> Self | None:  # noqa: ARG003 - the interface of all forms
        """Return the form; it asks nothing of the axes."""
        is_below = "below" in stated
        return cls(metric, stated["below" if is_below else "above"], is_below, stated.get("share", 0.5))

    def _succeed(self, values: Floats) -> Bools:
        is_beyond: Bools = values < self.limit if self.is_below else values > self.limit
        # What diverged counts as the worst, which is infinite: beyond any bound on that side.
        is_beyond[values == self.metric.worst] = False
        return is_beyond

    @property
    def _where(self) -> str:
        return f"{'below' if self.is_below else 'above'} {self.limit:g}"


@dataclass(frozen=True)
class Reaches(_Beyond):
    """More than `share` of the runs succeed."""

    name: ClassVar[str] = "reaches"

    @property
    def bound(self) -> float:
        """The share itself."""
        return self.share

    def count(self, one: Floats, other: Floats) -> Successes:  # noqa: ARG002 - the interface of all forms
        """Return which runs succeed."""
        return all_counted(self._succeed(one))

    def sentence(self, found: Found) -> str:
        """Return how many runs succeeded."""
        return f"{found.percent} of {found.n:,} runs have {self.metric.a_words} {self._where}"


@dataclass(frozen=True)
class Fails(_Beyond):
    """Fewer than `share` of the runs succeed: what is counted are those that do not."""

    name: ClassVar[str] = "fails"

    @property
    def bound(self) -> float:
        """The share that does not succeed."""
        return 1.0 - self.share

    def count(self, one: Floats, other: Floats) -> Successes:  # noqa: ARG002 - the interface of all forms
        """Return which runs do not succeed."""
        return all_counted(~self._succeed(one))

    def sentence(self, found: Found) -> str:
        """Return how many runs did not succeed."""
        return f"{found.percent} of {found.n:,} runs have no {self.metric.words} {self._where}"
