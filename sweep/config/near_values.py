"""Which value of an axis is meant by one in a config: itself, or a number next to it."""

import difflib
import math
from collections.abc import Sequence

from sweep.terms.text import toml_text
from sweep.terms.values import Value, exactly, is_number

RELATIVE_TOLERANCE = 1e-9
"""Numbers as close as this are the same: what `log` makes has 12 digits, and nobody need write them all."""


def meant_value(value: Value, level: Sequence[Value]) -> Value | None:
    """Return the value of an axis that is meant by one in the config: itself, or a number next to it."""
    same = [other for other in level if exactly(other) == exactly(value)]
    if same:
        return same[0]
    close = [other for other in level if _are_close(value, other)]
    return nearest_value(value, close) if close else None


def _are_close(one: Value, other: Value) -> bool:
    match one, other:
        case ((int() | float()), (int() | float())) if is_number(one) and is_number(other):
            return bool(math.isclose(one, other, rel_tol=RELATIVE_TOLERANCE))
        case tuple(), tuple() if len(one) == len(other):
            return all(_are_close(a, b) for a, b in zip(one, other, strict=True))
    return False


def nearest_value(value: Value, level: Sequence[Value]) -> Value:
    """Return the value of a level that is nearest to another of the same field."""
    return min(level, key=lambda other: _distance(value, other))


def _distance(one: Value, other: Value) -> float:
    match one, other:
        case ((int() | float()), (int() | float())) if is_number(one) and is_number(other):
            return float(abs(one - other))
        case tuple(), tuple() if len(one) == len(other):
            return float(sum(_distance(a, b) for a, b in zip(one, other, strict=True)))
    return 1 - difflib.SequenceMatcher(None, toml_text(one), toml_text(other)).ratio()
