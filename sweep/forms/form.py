"""What all forms of claims have in common: their keys, how they find their values on the axes, what they count.

A form compares cells replicate by replicate, each pair of cells being one *part* of a claim, or judges cells by
themselves. What counts are successes: replicates that speak for the claim, of those that speak at all.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweep.terms.arrays import Bools, Floats
from sweep.terms.keys import Key
from sweep.terms.metric import Metric
from sweep.terms.text import percent_text
from sweep.terms.values import Value, table_value, value_words

LEFT_OUT: Any = ()
"""Default of a key that has none, but need not be given."""

Pair: TypeAlias = tuple[Value | None, Value | None]
"""Two values on a claim's axis whose cells are compared; (None, None) where cells are judged by themselves."""

BY_THEMSELVES: tuple[Pair, ...] = ((None, None),)


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
    def is_complete(self) -> bool:
        """Whether that of each of them is there."""
        return self.arrays.keys() >= set(range(self.n))


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
    is_complete
        Whether all of them had a result.
    note
        What the form noted as it counted.
    """

    pair: Pair
    share: float
    n: int
    replicates: int
    is_complete: bool
    note: str = ""

    @property
    def percent(self) -> str:
        """The share in words."""
        return percent_text(self.share)

    @property
    def values(self) -> tuple[object, object]:
        """The values that were compared, as a table shows them."""
        one, other = (
            None if value is None else value_words(value) if isinstance(value, bool) else table_value(value)
            for value in self.pair
        )
        return one, other


class AxisFinder(Protocol):
    """The axes of a sweep as a form asks for them; what is wrong is noted with the claim's key."""

    def note(self, key: str, message: str) -> None:
        """Note a mistake at a key of the claim. The message reads on from the key's name."""

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
    needs, needs_words
        What has to be kept beside the metrics: the name of an extra, "" if nothing; and what that is, in words.
    compares
        Whether two cells are compared, so that there is a ratio of their metrics.
    metric
        What is looked at.
    axis
        The axis along which cells are compared; None if they are judged by themselves.
    """

    name: ClassVar[str]
    meaning: ClassVar[str]
    keys: ClassVar[Mapping[str, Key]]
    at_the_end: ClassVar[bool] = False
    needs: ClassVar[str] = ""
    needs_words: ClassVar[str] = ""
    compares: ClassVar[bool] = False

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

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """What each part of the claim compares; cells by themselves unless the form says otherwise."""
        return BY_THEMSELVES

    @property
    def bound(self) -> float:
        """The share of successes above which the claim holds, and below which it does not.

        A half unless the form says otherwise: that of the sign test, where the one is as often the better as the other.
        """
        return 0.5

    def count(self, one: Floats, other: Floats) -> Successes:  # noqa: ARG002 - for those that say otherwise
        """Return the successes for the metrics of pairs, of shape (..., n) each: ±inf for what diverged.

        NaN, which speaks for neither side, is told apart by the caller.
        """
        raise TypeError(f"a claim of the form {self.name!r} is not judged by a metric")

    def count_kept(self, kept: Kept) -> Successes:  # noqa: ARG002 - for those that say otherwise
        """Return the successes for what is kept of a cell, if the form needs that."""
        raise TypeError(f"a claim of the form {self.name!r} is judged by a metric")

    @abstractmethod
    def sentence(self, found: Found) -> str:
        """Return what was found, in words."""

    def silence(self, found: Found) -> str:  # noqa: ARG002 - for those that say otherwise
        """Return why no replicate speaks, in words."""
        return "no results yet"

    @property
    def axis_words(self) -> str:
        """The axis in words."""
        return (self.axis or "").replace("_", " ")


def all_counted(success: Bools) -> Successes:
    """Return successes where every replicate speaks."""
    return Successes(success, np.ones_like(success))


def both_lost(one: Floats, other: Floats) -> Bools:
    """Return where both of a pair diverged."""
    return np.isinf(one) & np.isinf(other)


def same_silence(found: Found, metric: Metric) -> str:
    """Return why no pair speaks where those that are equal say nothing."""
    if not found.is_complete:
        return "no results yet"
    return f"in all of {found.replicates:,} replicates both {metric.many_words} are the same, or both runs diverged"
