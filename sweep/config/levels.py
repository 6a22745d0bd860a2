"""Levels: which values the axes have in all grids together, and which of them a value in the config means.

Nothing is expanded here: the axes of each grid stay as they are, and no product of a whole grid is made.
"""

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, product

from sweep.config.axes import Values
from sweep.config.experiment import Axis, Grid
from sweep.terms.text import toml_text
from sweep.terms.values import Value

Axes = tuple[Axis, ...]
"""All axes of one grid."""

RELATIVE_TOLERANCE = 1e-9
"""Numbers as close as this are the same: what `log` makes has 12 digits, and nobody need write them all."""


def completed(grids: Sequence[Grid], fixed: Mapping[str, Value]) -> tuple[Axes, ...]:
    """Return the axes of each grid, where a field that is an axis elsewhere is one here too, of its fixed value.

    So all of them have the same fields; `epochs` is always one. Where `fixed` is silent about a field, as after a
    mistake, such an axis is empty.
    """
    names = dict.fromkeys(chain(*(grid.names for grid in grids), ["epochs"]))
    return tuple(
        grid.axes + tuple(_alone(name, fixed) for name in names if name not in grid.names) for grid in grids
    )


def _alone(name: str, fixed: Mapping[str, Value]) -> Axis:
    return Axis((name,), ((fixed[name],),) if name in fixed else ())


def levels_of(grids: Iterable[Axes]) -> dict[str, Values]:
    """Return the values of each field in all grids together, each once and rising; () if any axis of it is empty."""
    found: dict[str, set[Value]] = {}
    empty: set[str] = set()
    for axis in chain.from_iterable(grids):
        for name, values in zip(axis.names, zip(*axis.points, strict=True), strict=False):
            found.setdefault(name, set()).update(values)
        empty.update(axis.names if not axis.points else ())
    rising = {name: tuple(sorted(values)) for name, values in found.items()}
    return rising | dict.fromkeys(empty, ())


def within(grids: Iterable[Axes], where: Mapping[str, Value]) -> tuple[Axes, ...]:
    """Return what is left of the grids where each field in `where` has its value; a grid without it is dropped."""
    kept = (tuple(_kept(axis, where) for axis in axes) for axes in grids)
    return tuple(axes for axes in kept if all(axes))


def _kept(axis: Axis, where: Mapping[str, Value]) -> Axis:
    wanted = {index: where[name] for index, name in enumerate(axis.names) if name in where}
    points = (point for point in axis.points if all(point[index] == value for index, value in wanted.items()))
    return Axis(axis.names, tuple(points))


def is_determined(field: str, named: Iterable[str], grids: Iterable[Axes]) -> bool:
    """Return whether the named fields leave one value of a field only, in all grids together.

    They do so by `zip`: of the named fields, those count that move together with the field in any grid.
    """
    grids = tuple(grids)
    together = {name for axis in chain.from_iterable(grids) if field in axis.names for name in axis.names}
    partners = tuple(name for name in named if name in together)
    found: dict[Values, Value] = {}
    return all(
        found.setdefault(key, value) == value for axes in grids for key, value in _seen(axes, partners, field)
    )


def _seen(axes: Axes, partners: tuple[str, ...], field: str) -> Iterator[tuple[Values, Value]]:
    """Yield the values of the partners with that of the field, for all their combinations in a grid."""
    concerned = [axis for axis in axes if {field, *partners} & set(axis.names)]
    names = [name for axis in concerned for name in axis.names]
    for points in product(*(axis.points for axis in concerned)):
        point = dict(zip(names, chain.from_iterable(points), strict=True))
        yield tuple(point[name] for name in partners), point[field]


def meant_value(value: Value, level: Sequence[Value]) -> Value | None:
    """Return the value of an axis that is meant by one in the config: itself, or a number next to it."""
    if value in level:
        return value
    close = [other for other in level if _are_close(value, other)]
    return nearest_value(value, close) if close else None


def _are_close(one: Value, other: Value) -> bool:
    match one, other:
        case ((int() | float()), (int() | float())):
            return math.isclose(one, other, rel_tol=RELATIVE_TOLERANCE)
        case tuple(), tuple() if len(one) == len(other):
            return all(_are_close(a, b) for a, b in zip(one, other, strict=True))
    return False


def nearest_value(value: Value, level: Sequence[Value]) -> Value:
    """Return the value of a level that is nearest to another of the same field."""
    return min(level, key=lambda other: _distance(value, other))


def _distance(one: Value, other: Value) -> float:
    match one, other:
        case ((int() | float()), (int() | float())):
            return abs(one - other)
        case tuple(), tuple() if len(one) == len(other):
            return sum(abs(a - b) for a, b in zip(one, other, strict=True))
    return 1 - difflib.SequenceMatcher(None, toml_text(one), toml_text(other)).ratio()
