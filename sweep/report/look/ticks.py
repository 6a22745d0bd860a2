"""Tick labels for an axis of squares: all where they fit, else fewer, at values a person would choose.

Positions count squares: the middle of the first one is at 0.5.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweep.report.look.axis_choice import is_numeric
from sweep.report.look.labels import Level, level_labels
from sweep.report.look.scales import linear_values, log_values
from sweep.report.look.style import widest

TICK_SIZE = 8.0
"""The size of tick labels, in points."""

_CLEAR = 5.0  # points between neighbouring labels
_LINE = 1.3 * TICK_SIZE
_SPACINGS = ((np.log, log_values), (np.asarray, linear_values))


@dataclass(frozen=True)
class Ticks:
    """The labelled positions of one axis; `upright` labels are turned by 90 degrees."""

    positions: list[float]
    labels: list[str]
    upright: bool = False

    @property
    def depth(self) -> float:
        """The room that the labels need below an axis, in points."""
        return widest(self.labels, TICK_SIZE) if self.upright else TICK_SIZE


def row_ticks(levels: Sequence[Level], square: float) -> Ticks:
    """Ticks for rows that are `square` points high."""
    return _fitting(levels, square, lambda _: _LINE)


def column_ticks(levels: Sequence[Level], square: float) -> Ticks:
    """Ticks for columns that are `square` points wide; text that does not fit is turned."""
    lying = _fitting(levels, square, lambda labels: widest(labels, TICK_SIZE) + _CLEAR)
    if is_numeric(levels) or len(lying.labels) == len(levels):
        return lying
    upright = _fitting(levels, square, lambda _: _LINE)
    return Ticks(upright.positions, upright.labels, upright=True)


def _fitting(levels: Sequence[Level], square: float, spacing: Callable[[list[str]], float]) -> Ticks:
    """Return all labels if the squares are as far apart as `spacing` wants labels to be, else what fits."""
    labels = level_labels(levels)
    every = math.ceil(spacing(labels) / square) if len(levels) > 1 else 1
    if every > 1:
        for positions, values in _round_values(levels):
            round_labels = level_labels(values)
            if np.diff(positions).min() * square >= spacing(round_labels):
                return Ticks([float(position) for position in positions], round_labels)
    return Ticks([i + 0.5 for i in range(0, len(levels), every)], labels[::every])


def _round_values(levels: Sequence[Level]) -> Iterator[tuple[NDArray[np.float64], list[float]]]:
    """Yield the positions of round values on an evenly spaced axis, two of them or more, many first."""
    if not is_numeric(levels) or len(levels) < 3:
        return
    values = np.array(levels, dtype=float)
    for grow, candidates in _SPACINGS:
        if grow is np.log and values.min() <= 0:
            continue
        grown = grow(values)
        step = (grown[-1] - grown[0]) / (len(levels) - 1)
        if np.allclose(np.diff(grown), step, rtol=0.01):
            for chosen in candidates(values[0], values[-1]):
                if len(chosen) >= 2:
                    yield (grow(np.array(chosen)) - grown[0]) / step + 0.5, chosen
