"""Which value of an axis a person means: itself, as it is shown, or the number that what was typed is rounded from."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import numpy as np

from sweep.config.near_values import meant_value
from sweep.errors import InputError
from sweep.terms.values import TableValue, is_number, value_words

MOST_NAMED = 8
"""So many values of an axis are named in a message; of more, the nearest ones."""

_FEWEST_DIGITS, _MOST_DIGITS = 2, 17
_SHOWN_IN_FULL = 4
"""Numbers of so many digits are not rounded in figures."""

_NEAREST = 4
_LARGEST = 2**63


def meant_where(
    where: Mapping[str, TableValue], levels: Mapping[str, Sequence[TableValue]]
) -> dict[str, TableValue]:
    """Return for each axis that is named the value that is meant. Raises `InputError` as `meant_level` does."""
    for axis in where:
        check_name("an axis", axis, list(levels))
    return {axis: meant_level(axis, told, levels[axis]) for axis, told in where.items()}


def meant_level(axis: str, told: Any, levels: Sequence[TableValue]) -> TableValue:
    """Return the value of an axis that is meant by a number or a text.

    That is the value itself, or what tables and figures show as this text; of numbers with a fraction also the one
    that, rounded to the digits that were given (two at least), is this number.

    Raises
    ------
    InputError
        If there is none, or there are several.

    >>> meant_level("rate", 0.027, [0.0253, 0.0270027, 0.0288]), meant_level("flag", "true", [False, True])
    (0.0270027, True)
    """
    number = number_or_text(told)
    same = [level for level in levels if level == (told if isinstance(told, str) else number)]
    words = {word: level for level in levels for word in (str(level), value_words(level))}
    word = told if isinstance(told, str) else str(number).lower()
    if same or word in words:
        return same[0] if same else words[word]
    close = meant_value(number, levels)
    if isinstance(close, str | int | float):
        return close
    near = _rounded_to(number, [level for level in levels if isinstance(level, float)])
    if not near:
        raise InputError(f"no cell has {axis} = {number!r}; {known_words(number, levels)}")
    if len(near) > 1:
        raise InputError(f"{axis} = {told} may be {_listed(near, 'or')}: give more digits")
    return near[0]


def check_name(role: str, name: str, known: Sequence[str]) -> None:
    """Raise an `InputError` unless the name is one of those that are known."""
    if name not in known:
        near = get_close_matches(name, known, n=1) if isinstance(name, str) else []
        hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known)}"
        raise InputError(f"{name!r} is not {role} of this sweep: {hint}")


def known_words(told: TableValue, levels: Sequence[TableValue]) -> str:
    """Return which values an axis has, for a message: all of a few, and of many those next to what was told.

    >>> known_words(3, [1, 2]), known_words(50.4, list(range(100)))
    ('it has 1, 2', 'the nearest of its 100 values are 49, 50, 51, 52')
    """
    if len(levels) <= MOST_NAMED:
        return f"it has {_listed(levels)}"
    numbers = [level for level in levels if is_number(level)]
    if is_number(told) and numbers:
        near = sorted(sorted(numbers, key=lambda level: abs(level - told))[:_NEAREST])
        return f"the nearest of its {len(levels):,} values are {_listed(near)}"
    words = [value_words(level) for level in levels]
    similar = get_close_matches(str(told), words, n=_NEAREST, cutoff=0.3) or words[:_NEAREST]
    return f"{', '.join(similar)} are among its {len(levels):,} values"


def number_or_text(told: Any) -> TableValue:
    """Return what was given or typed as a number of Python's own, if it is one."""
    if not isinstance(told, str):
        plain: TableValue = told.item() if isinstance(told, np.generic) else told
        return plain if not isinstance(plain, int) or abs(plain) < _LARGEST else float("inf")
    for kind in (int, float):
        with suppress(ValueError):
            return number_or_text(kind(told))
    return told


def _rounded_to(number: TableValue, levels: Sequence[float]) -> list[float]:
    """Return the levels that a number may be rounded from: the one that figures show so, else all with these digits."""
    if not is_number(number) or number != number:
        return []
    all_differ = (d for d in range(_FEWEST_DIGITS, _MOST_DIGITS) if len(_rounded(levels, d)) == len(levels))
    digits = next(all_differ, _MOST_DIGITS)
    long = [level for level in levels if _n_digits(level) > _SHOWN_IN_FULL]
    shown = _rounded(long, digits).get(float(number), [])
    given = _n_digits(number)
    return shown or _rounded(levels, max(given, _FEWEST_DIGITS)).get(float(number), [])


def _n_digits(number: float) -> int:
    return len(Decimal(repr(number)).normalize().as_tuple().digits)


def _rounded(levels: Sequence[float], digits: int) -> dict[float, list[float]]:
    """Return the levels by what they are, rounded to so many significant digits."""
    found: dict[float, list[float]] = {}
    for level in levels:
        found.setdefault(float(f"{level:.{digits - 1}e}"), []).append(level)
    return found


def _listed(levels: Sequence[TableValue], last: str = "") -> str:
    words = [value_words(level) for level in levels]
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if last else ", ".join(words)
