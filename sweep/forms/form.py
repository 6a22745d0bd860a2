"""What all forms of claims have in common: their keys, how they find their values on the axes, what they count.

A form compares cells replicate by replicate, each pair of cells being one *part* of a claim, or judges cells by
themselves. What counts are successes: replicates that speak for the claim, of those that speak at all.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweep.terms.arrays import Bools, Floats
from sweep.terms.keys import Key
from sweep.terms.metric import Metric
from sweep.terms.text import percent_text
from sweep.terms.values import Value, table_value, value_words
from sweep.words import say, word

LEFT_OUT: Any = ()
"""Default of a key that has none, but need not be given."""

Pair: TypeAlias = tuple[Value | None, Value | None]
"""Two values on a claim's axis whose cells are compared; (None, None) where cells are judged by themselves."""

BY_THEMSELVES: tuple[Pair, ...] = ((None, None),)

Place: TypeAlias = tuple[Value, ...]
"""A cell by its values on the axes along which a claim compares."""


@dataclass(frozen=True, eq=False)
class Successes:
    """Which replicates speak for a claim, and which speak at all; both of shape (..., n).

    `note` is what a form of what is kept has to say beside that, for its sentence about the cell.
    """

    success: Bools
    counted: Bools
    note: str = ""


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept beside the metrics of the first n replicates of a cell.

    `setting` has the values of the cell's parameters; `arrays[r]` is what is kept of replicate r, if it is there.
    """

    setting: Mapping[str, Value]
    arrays: Mapping[int, NDArray[Any]]
    n: int

    @property
    def beginning(self) -> "Kept":
        """What is kept of those replicates that come before the first one of which nothing is."""
        n = next((r for r in range(self.n) if r not in self.arrays), self.n)
        return replace(self, n=n)


@dataclass(frozen=True)
class Found:
    """What was found in the comparison that decides, for a sentence about it.

    Attributes
    ----------
    pair
        The values that were compared.
    share, n
        The share of successes, and of how many.
    replicates
        After how many replicates that was.
    measured
        What the form measured beside.
    note
        What the form noted as it counted.
    """

    pair: Pair
    share: float
    n: int
    replicates: int
    measured: tuple[float, ...] = ()
    note: str = ""

    @property
    def percent(self) -> str:
        """The share in words."""
        return percent_text(self.share)

    @property
    def n_words(self) -> str:
        """Of how many, in words."""
        return f"{self.n:,}"

    @property
    def values(self) -> tuple[object, object]:
        """The values that were compared, as a table shows them."""
        one, other = (
            None
            if value is None
            else value_words(value)
            if isinstance(value, bool | str)
            else table_value(value)
            for value in self.pair
        )
        return one, other


class AxisFinder(Protocol):
    """The axes of a sweep as a form asks for them; what is wrong is noted with the claim's key."""

    def note(self, key: str, message: str) -> None:
        """Note a mistake at a key of the claim. The message reads on from the key's name."""

    def is_axis(self, key: str, name: str) -> bool:
        """Return whether the sweep has such an axis, and note a mistake at a key if it has none."""

    def values(self, axis: str) -> tuple[Value, ...]:
        """Return the values of an axis that a claim compares, rising; () after a mistake."""

    def numbers(self, axis: str) -> tuple[Any, ...]:
        """Return them if they are numbers, and so have an order; () after a mistake."""

    def value(self, axis: str, found: object, key: str) -> Value | None:
        """Return the value on an axis that is meant by one in the config; None after a mistake."""

    def several(self, axis: str, found: object) -> Sequence[object]:
        """Return the values that are written at a key: those of a list, or the one that it is."""


class Form(ABC):
    """A form of claim, with what it is about; subclasses are frozen records.

    Attributes
    ----------
    name, meaning
        As the config calls it, and what it says in words.
    keys
        What is written in a claim of this form, beside what all claims have.
    at_the_end
        Whether it is judged where a training ends, at its largest step count, unless the claim names the steps.
    replicates_a_count
        How many replicates what is counted takes at least.
    needs, needs_words
        What has to be kept beside the metrics: the name of an extra, "" if nothing; and what that is, in words.
    compares
        Whether cells are compared, replicate by replicate.
    names_all
        Whether all that is compared is named, so that the claim cannot hold where the grid leaves out a part of it.
    silent_words
        Why replicates say nothing that have their metrics, after "in 44", if it is not that runs diverged on all sides
        or are equal.
    finds
        What the planned replicates are likely to find, in words; "{share}" stands for the share of replicates.
    metric
        What is looked at.
    axis
        The axis along which cells are compared; None if they are judged by themselves.
    """

    name: ClassVar[str]
    meaning: ClassVar[str]
    keys: ClassVar[Mapping[str, Key]]
    at_the_end: ClassVar[bool] = False
    replicates_a_count: ClassVar[int] = 1
    needs: ClassVar[str] = ""
    needs_words: ClassVar[str] = ""
    compares: ClassVar[bool] = False
    silent_words: ClassVar[str] = ""
    finds: ClassVar[str] = "a setting that is better in {share} of pairs"

    metric: Metric
    axis: str | None

    @classmethod
    def mistakes(cls, stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:  # noqa: ARG003 - for those that say otherwise
        """Yield key and message of what is wrong with the form's keys as they are written, whatever the axes are."""
        yield from ()

    @classmethod
    @abstractmethod
    def resolve(cls, stated: Mapping[str, Any], metric: Metric, finder: AxisFinder) -> Self | None:
        """Return the form with its values on the axes; None after a mistake, which is noted."""

    @classmethod
    def axes_stated(cls, stated: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the axes along which cells are compared, as they are written."""
        return (stated["axis"],) if "axis" in stated else ()

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes along which cells are compared."""
        return () if self.axis is None else (self.axis,)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """What each part of the claim compares, in words; cells by themselves unless the form says otherwise."""
        return BY_THEMSELVES

    @property
    def comparisons(self) -> tuple[tuple[Place, ...], ...]:
        """For each part the cells that are compared at once, each by its values on `axes`."""
        if self.axis is None:
            return (((),),)
        return tuple(tuple((value,) for value in pair if value is not None) for pair in self.pairs)

    @property
    def groups(self) -> tuple[int, ...]:
        """For each part its group: the claim holds if in every group one part holds at least."""
        return tuple(range(len(self.pairs)))

    @property
    def names_all(self) -> bool:
        """Whether all that is compared is named in the claim."""
        return False

    @property
    def contest(self) -> "Form | None":
        """What compares every value of the axis with every other one, if the claim is about the best of them."""
        return None

    @property
    def bound(self) -> float:
        """The share of successes above which the claim holds, and below which it does not.

        A half unless the form says otherwise: that of the sign test, where the one is as often the better as the other.
        """
        return 0.5

    def count(self, *each: Floats) -> Successes:  # noqa: ARG002 - for those that say otherwise
        """Return the successes for the metrics of the cells that are compared, of shape (..., n) each.

        What diverged is ±inf. NaN, which speaks for neither side, is told apart by the caller.
        """
        raise TypeError(f"a claim of the form {self.name!r} is not judged by a metric")

    def opposite(self, *each: Floats) -> Successes | None:  # noqa: ARG002 - for those that say otherwise
        """Return the successes of the opposite of the claim, if that is more than that the claim fails."""
        return None

    def effect(self, *each: Floats) -> Floats | None:
        """Return how large the difference is, of shape (..., n): of a pair the ratio of what is not negative."""
        if len(each) != 2:
            return None
        return ratio_of(*each)

    def measured(self, *each: Floats) -> tuple[float, ...]:  # noqa: ARG002 - for those that say otherwise
        """Return what else a sentence needs, of the metrics of one part, of shape (n,) each; NaN is no metric."""
        return ()

    def count_kept(self, kept: Kept) -> Successes:  # noqa: ARG002 - for those that say otherwise
        """Return the successes for what is kept of a cell, if the form needs that."""
        raise TypeError(f"a claim of the form {self.name!r} is judged by a metric")

    @abstractmethod
    def sentence(self, found: Found) -> str:
        """Return what was found, in words."""

    def short_sentence(self, found: Found) -> str:
        """Return the same with two numbers at most, where there is little room."""
        return self.sentence(found)

    def silence(self, found: Found) -> str:  # noqa: ARG002 - for those that say otherwise
        """Return why no replicate speaks, in words."""
        return say("no results yet")

    def effect_words(self, size: str) -> str:
        """Return a size with its interval, such as "0.45 [0.4, 0.5]", as what it is."""
        return say("median {metric} ratio {size}", metric=self.metric.short_words, size=size)

    @property
    def axis_words(self) -> str:
        """The axis in words."""
        return word((self.axis or "").replace("_", " "))


def all_counted(success: Bools) -> Successes:
    """Return successes where every replicate speaks."""
    return Successes(success, np.ones_like(success))


def both_lost(one: Floats, other: Floats) -> Bools:
    """Return where both of a pair diverged."""
    return np.isinf(one) & np.isinf(other)


def same_silence(found: Found, metric: Metric, *, has_share: bool = False) -> str:
    """Return why no pair speaks where those that are equal say nothing; with a share also where one is negative."""
    if not found.replicates:
        return say("no results yet")
    n, metrics = f"{found.replicates:,}", metric.many_words
    if has_share:
        return say(
            "in all of {n} replicates both {metrics} are the same, both runs diverged, or one is negative, so that a "
            "share of it means nothing",
            n=n,
            metrics=metrics,
        )
    return say(
        "in all of {n} replicates both {metrics} are the same, or both runs diverged", n=n, metrics=metrics
    )


def ratio_of(one: Floats, other: Floats) -> Floats:
    """Return the ratio of metrics; NaN where one is negative, or both are 0 or infinite.

    What diverged where higher is better, and so counts as -inf, counts as 0 here.
    """
    one, other = (np.where(np.isneginf(values), 0.0, values) for values in (one, other))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where((one >= 0) & (other >= 0), one / other, np.nan)


def has_share(one: Floats, other: Floats) -> Bools:
    """Return where a share of one metric is something to measure the other by: neither is negative, unless as -inf."""
    return np.asarray(((one >= 0) | np.isneginf(one)) & ((other >= 0) | np.isneginf(other)))
