"""`best`: the best value of an axis is a certain one, or lies between two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from sweep.forms.form import LEFT_OUT, AxisFinder, Form, Found, Pair, Successes, same_silence
from sweep.forms.shared import axis_key, better_sentence
from sweep.terms.arrays import Floats
from sweep.terms.keys import Interval, Key, Table, key, keys_of
from sweep.terms.metric import Metric
from sweep.terms.text import count_of
from sweep.terms.values import Value, exactly, in_order


class _Keys(Table):
    axis: str = axis_key()
    value: Any = key(LEFT_OUT, meaning="the value that is the best", range="a value of that axis")
    between: Interval = key(LEFT_OUT, meaning="the best value of the axis is one from low to high")


@dataclass(frozen=True)
class Best(Form):
    """On `axis`, each of the values `outside` is worse than one of those `inside`.

    A value is better than another one if it is so in more than half of the pairs that differ; so the best is one of
    those inside. Beside the verdict stand the values that cannot be told from the best one (subset selection, Gupta
    1965).
    """

    name: ClassVar[str] = "best"
    meaning: ClassVar[str] = "the best value of an axis is a certain one, or lies between two"
    keys: ClassVar[Mapping[str, Key]] = keys_of(_Keys, "claim")
    compares: ClassVar[bool] = True
    finds: ClassVar[str] = "a value that is better than each other one in {share} of pairs"

    metric: Metric
    axis: str
    inside: tuple[Value, ...]
    outside: tuple[Value, ...]
    is_contest: bool = False
    """Whether every value is compared with every other one."""

    @classmethod
    def mistakes(cls, stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong unless there is exactly one place of the best."""
        if "value" not in stated and "between" not in stated:
            yield (
                "value",
                'is missing: a claim of the form "best" needs it, a value of the axis, or `between`.',
            )
        elif "value" in stated and "between" in stated:
            yield "between", "does not go with `value`. Remove one of the two."

    @classmethod
    def resolve(cls, stated: Mapping[str, Any], metric: Metric, finder: AxisFinder) -> Self | None:
        """Return the form with its values on the axis."""
        axis, inside = stated["axis"], list[Value]()
        values = finder.numbers(axis) if "between" in stated else finder.values(axis)
        if not values:
            return None
        if "between" in stated:
            low, high = stated["between"]
            inside = [value for value in values if low <= value <= high]
        elif (value := finder.value(axis, stated["value"], "value")) is not None:
            inside = [value]
        within = {exactly(value) for value in inside}
        outside = [value for value in values if exactly(value) not in within]
        if "between" in stated and not (inside and outside):
            got = f"{count_of(len(inside), 'value')} of {len(values)}"
            finder.note("between", f"must hold some values of the axis and leave out others, got {got}.")
        return cls(metric, axis, tuple(inside), tuple(outside)) if inside and outside else None

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """For each value outside each of those inside, and that one."""
        if self.is_contest:
            every = sorted((*self.inside, *self.outside), key=in_order)
            return tuple((one, other) for other in every for one in every if exactly(one) != exactly(other))
        return tuple((one, other) for other in self.outside for one in self.inside)

    @property
    def groups(self) -> tuple[int, ...]:
        """One for each value outside: it is enough that one of those inside is better."""
        if self.is_contest:
            return tuple(range(len(self.pairs)))
        return tuple(group for group in range(len(self.outside)) for _ in self.inside)

    @property
    def contest(self) -> Form | None:
        """What compares every value with every other one."""
        return replace(self, is_contest=True)

    def count(self, *each: Floats) -> Successes:
        """Return where the first is better."""
        one, other = each
        return Successes(self.metric.beats(one, other), one != other)

    def sentence(self, found: Found) -> str:
        """Return how often a value was better than the one that comes nearest to it."""
        return better_sentence(self, found)

    def silence(self, found: Found) -> str:
        """Return why no pair speaks."""
        return same_silence(found, self.metric)
