"""Axes: the values of one parameter in a grid, from a list, a single value, or { log = [0.01, 1.0], num = 5 }.

The number of values is known, and held against a limit, before any of them is made.
"""

import math
import sys
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from sweep.config.general import MOST_RUNS
from sweep.config.places import Mistakes, Place
from sweep.config.schema import Schema
from sweep.terms.text import code_list, count_of, times_text, toml_text, whole_text
from sweep.terms.values import Value, exactly
from sweep.training.parameter import Parameter

Values = tuple[Value, ...]

N_DIGITS = 12
"""Significant digits of what `log` and `linear` make: 0.01 is to be 0.01, and not 0.010000000000000002."""

MOST_DIGITS = 17
"""All that a float has."""

LARGEST_EXPONENT = math.nextafter(math.log10(sys.float_info.max), 0)
"""Of ten, for what is a float."""

MOST_VALUES = 100_000
"""Of an axis by its ends: what has more is a slip of the pen, and would take minutes to plan."""

N_TOLD = 3
"""As many wrong values of one axis are told."""

EXAMPLES = {
    "log": "{ log = [0.01, 1.0], num = 5 }",
    "linear": "{ linear = [0.1, 0.5], num = 5 }",
    "range": "{ range = [1, 10], step = 1 }",
}


@dataclass(frozen=True)
class Spacing:
    """`n_values` numbers from `low` to `high`, spaced as "log", "linear" or "range" (by `step`)."""

    kind: str
    low: float
    high: float
    n_values: int
    step: int = 1

    def values(self, *, whole: bool) -> tuple[float, ...]:
        """Return the values, rising, each once: whole numbers, rounded, if `whole`, and else floats.

        They have as few digits as tell them apart, 12 at least. So there may be fewer whole numbers than asked for;
        and fewer floats where there are no more between the ends.
        """
        found: tuple[float, ...] = ()
        for n_digits in (N_DIGITS,) if whole else range(N_DIGITS, MOST_DIGITS + 1):
            inner = (self._value(index, n_digits) for index in range(1, self.n_values - 1))
            values = (self.low, *inner, self._last())
            found = tuple(dict.fromkeys(round(value) if whole else float(value) for value in values))
            if len(found) == self.n_values:
                break
        return found

    def _last(self) -> float:
        return self._value(self.n_values - 1, N_DIGITS) if self.kind == "range" else self.high

    def _value(self, index: int, n_digits: int) -> float:
        if self.kind == "range":
            return self.low + index * self.step
        share = index / (self.n_values - 1)
        if self.kind == "linear":
            value = self.low * (1 - share) + self.high * share
        elif n_digits == N_DIGITS:
            exponent = math.log10(self.low) * (1 - share) + math.log10(self.high) * share
            value = math.pow(10, min(exponent, LARGEST_EXPONENT))
        else:  # the ends are close together: a logarithm of each would say nothing of what is between them
            value = self.low + self.low * math.expm1(share * math.log1p((self.high - self.low) / self.low))
        return min(max(float(f"{value:.{n_digits}g}"), self.low), self.high)


@dataclass(frozen=True)
class Limit:
    """How many runs there may be, and how many each grid point takes."""

    max_runs: int
    replicates: int = 1

    def refusal(self, size: int, how: str) -> str:
        """Return the message about too many runs, where `how` says what is multiplied."""
        remedy = f"List fewer values: `max_runs` can be raised to {MOST_RUNS:_} at most."
        if size <= MOST_RUNS:
            raised = f"`max_runs = {size:_}` at the top of the file, or `--max-runs`"
            remedy = f"List fewer values, or raise the limit: {raised}."
        return f"asks for {whole_text(size)} runs{how}, more than `max_runs` = {self.max_runs:_}. {remedy}"


@dataclass(frozen=True)
class AxisReader:
    """Reads the axes of one grid; what the user should know of them is added to `remarks`."""

    schema: Schema
    limit: Limit
    mistakes: Mistakes
    remarks: list[str]

    def values(self, parameter: Parameter, found: object, place: Place) -> Values:
        """Return the values of an axis in canonical types and in the order of the config; () after a mistake.

        A form that alone asks for more runs than the limit is a mistake. Values that occur twice come back twice.
        """
        if isinstance(found, dict):
            return self._spaced(parameter, found, place)
        if found == []:
            self.mistakes.add(place, "must list at least one value, got [].")
            return ()
        return checked_values(parameter, found, place, self.mistakes)

    def _spaced(self, parameter: Parameter, found: dict[str, Any], place: Place) -> Values:
        mistakes = self.mistakes
        if not parameter.is_numeric:
            mistakes.add(
                place, f"must be a list of values, got {toml_text(found)}. Such forms are for numbers."
            )
            return ()
        before = len(mistakes)
        stated = self.schema.check_table(found, "axis", place, mistakes)
        if len(mistakes) == before:
            _check_parts(stated, place, mistakes)
        if len(mistakes) > before:
            return ()
        spacing = _spacing(stated)
        for part, message in _wrong(spacing, parameter, self.limit):
            mistakes.add((*place, part), message)
        if len(mistakes) > before:
            return ()
        is_whole = _is_whole(spacing, parameter)
        values = spacing.values(whole=is_whole)
        if len(values) < spacing.n_values:
            self._tell_fewer(parameter.name, len(values), spacing.n_values, place, is_whole=is_whole)
        return values

    def _tell_fewer(self, name: str, n: int, asked: int, place: Place, *, is_whole: bool) -> None:
        if is_whole:
            told = f"{n:_} of {asked:_} values, since they are rounded to whole numbers"
            self.remarks.append(f"`{name}` has {told}.")
        else:
            told = (
                f"asks for {asked:_} values, and {n:_} numbers are there. Take fewer, or ends further apart."
            )
            self.mistakes.add((*place, "num"), told)


def checked_values(parameter: Parameter, found: object, place: Place, mistakes: Mistakes) -> Values:
    """Return the values of a list, or of a single value, in canonical types; () after a mistake."""
    values, wrong = [], []
    for item_place, item in _items(parameter, found, place):
        try:
            values.append(parameter.check(item))
        except ValueError as error:
            wrong.append((item_place, str(error)))
    for item_place, message in wrong[:N_TOLD]:
        mistakes.add(item_place, message)
    if len(wrong) > N_TOLD:
        mistakes.add(place, f"has {count_of(len(wrong) - N_TOLD, 'more wrong value')}.")
    return () if wrong else tuple(values)


def check_each_once(values: Values, place: Place, mistakes: Mistakes) -> None:
    """Note a mistake for each value that an axis lists more than once."""
    places: dict[Hashable, list[int]] = {}
    for index, value in enumerate(values):
        places.setdefault(exactly(value), []).append(index)
    several = [found for found in places.values() if len(found) > 1]
    for found in several[:N_TOLD]:
        told = f"{toml_text(values[found[1]])} {times_text(len(found))}"
        hint = "Repeats of a grid point come from `replicates`."
        mistakes.add((*place, found[1]), f"must list each value once, got {told}. {hint}")
    if len(several) > N_TOLD:
        mistakes.add(place, f"lists {count_of(len(several) - N_TOLD, 'more value')} several times.")


def _items(parameter: Parameter, found: object, place: Place) -> Iterator[tuple[Place, object]]:
    """Yield each value with its place. A flat list is one interval, or the layers of one network."""
    one_list = (
        parameter.holds_lists
        and isinstance(found, list)
        and not any(isinstance(item, list) for item in found)
    )
    if isinstance(found, list) and not one_list:
        for index, item in enumerate(found):
            yield (*place, index), item
    else:
        yield place, found


def _check_parts(stated: dict[str, Any], place: Place, mistakes: Mistakes) -> None:
    """Note which keys of a form are missing, and which do not go together."""
    spacings = [spacing for spacing in EXAMPLES if spacing in stated]
    if len(spacings) != 1:
        expected = f"must have one of {code_list(EXAMPLES, 'or')}, such as {EXAMPLES['log']}"
        mistakes.add(place, f"{expected}, got {code_list(spacings) if spacings else 'none of them'}.")
        return
    (spacing,) = spacings
    if spacing != "range" and "num" not in stated:
        mistakes.add(place, f"needs `num`, the number of values, such as {EXAMPLES[spacing]}.")
    foreign = "num" if spacing == "range" else "step"
    if foreign in stated:
        mistakes.add((*place, foreign), f"does not go with `{spacing}`; write it like {EXAMPLES[spacing]}.")


def _spacing(stated: dict[str, Any]) -> Spacing:
    kind = next(kind for kind in EXAMPLES if kind in stated)
    low, high = stated[kind]
    step = stated.get("step", 1)
    n_values = (high - low) // step + 1 if kind == "range" else stated["num"]
    return Spacing(kind, low, high, n_values, step)


def _is_whole(spacing: Spacing, parameter: Parameter) -> bool:
    """Tell whether the values are whole numbers; those of a `range` are, wherever both kinds are taken."""
    return parameter.is_whole or (spacing.kind == "range" and parameter.type == "any")


def _wrong(spacing: Spacing, parameter: Parameter, limit: Limit) -> Iterator[tuple[str, str]]:
    """Yield the key and the message of what is wrong with a spacing, before any of its values is made."""
    ends = f"[{toml_text(spacing.low)}, {toml_text(spacing.high)}]"
    if spacing.kind == "log" and not min(spacing.low, spacing.high) > 0:
        yield spacing.kind, f"must be two numbers > 0, got {ends}. Start above 0, or take `linear`."
    elif spacing.low > spacing.high:
        swapped = f"[{toml_text(spacing.high)}, {toml_text(spacing.low)}]"
        yield spacing.kind, f"must be [low, high], got {ends}. Swap them: {swapped}."
    elif spacing.kind != "range" and (spacing.n_values == 1) != (spacing.low == spacing.high):
        expected = (
            "1, as both ends are the same" if spacing.low == spacing.high else "at least 2, for both ends"
        )
        yield "num", f"must be {expected}, got {whole_text(spacing.n_values)}."
    elif spacing.n_values * limit.replicates > limit.max_runs:
        how = f" ({whole_text(spacing.n_values)} values x {whole_text(limit.replicates)} replicates)"
        key = "range" if spacing.kind == "range" else "num"
        yield key, limit.refusal(spacing.n_values * limit.replicates, how)
    elif spacing.n_values > MOST_VALUES:
        key = "range" if spacing.kind == "range" else "num"
        yield (
            key,
            f"asks for {spacing.n_values:_} values, and an axis has {MOST_VALUES:_} at most. Take fewer.",
        )
    else:
        yield from _outside(spacing, parameter)


def _outside(spacing: Spacing, parameter: Parameter) -> Iterator[tuple[str, str]]:
    """Yield the ends that are out of the parameter's range: all other values lie between them."""
    for end in dict.fromkeys((spacing.low, spacing.high)):
        try:
            parameter.check(round(end) if parameter.is_whole else end)
        except ValueError as error:
            yield spacing.kind, f"gives values of `{parameter.name}`, which {error}"
