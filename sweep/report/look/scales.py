"""The scales of figures: round values for ticks, and frames that one wild value does not squash."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axis import Axis, XAxis
from matplotlib.colors import LogNorm
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from sweep.report.look.labels import level_labels

_WILD = 1e2
"""A loss this many times above nine tenths of the others does not set the scale for them."""


@dataclass(frozen=True)
class LossScale:
    """The losses from `low` to `high`, both positive, that the colours of a heatmap tell apart."""

    low: float
    high: float

    @property
    def norm(self) -> LogNorm:
        """The scale as matplotlib wants it."""
        return LogNorm(self.low, self.high)


def loss_scale(losses: ArrayLike) -> LossScale | None:
    """Return the scale for the finite positive losses; None if there is none."""
    finite = positive(losses)
    if not finite.size:
        return None
    low, high = float(finite.min()), ceiling(finite)
    return LossScale(low / 1.1, high * 1.1) if high < 1.2 * low else LossScale(low, high)


def positive(values: ArrayLike) -> NDArray[np.float64]:
    """Return the finite values above 0, in one row: those that a logarithmic scale can show."""
    flat = np.asarray(values, dtype=float).ravel()
    shown: NDArray[np.float64] = flat[np.isfinite(flat) & (flat > 0)]
    return shown


def spans_decades(values: ArrayLike) -> bool:
    """Whether a logarithmic axis helps: all values are positive, and span a factor of 10 or more."""
    flat = np.asarray(values, dtype=float)
    return bool(flat.min() > 0 and flat.max() >= 10 * flat.min())


def ceiling(losses: ArrayLike) -> float:
    """Return the largest of the finite positive losses that is to set a scale; there must be at least one."""
    finite = positive(losses)
    return float(min(finite.max(), _WILD * np.quantile(finite, 0.9)))


def loss_frame(losses: ArrayLike, quartiles: ArrayLike, highest: float) -> tuple[float, float]:
    """Return the ends of a logarithmic axis for losses and their quartiles; (1, 10) if none can be shown.

    Losses above `highest` do not fit, so that those below it have room.
    """
    if not positive(losses).size:
        return 1.0, 10.0
    both = np.concatenate([positive(losses), positive(quartiles)])
    low, high = both.min(), min(both.max(), max(highest, 3 * both.min()))
    margin = max(high / low, 2.0) ** 0.06
    return float(low / margin), float(high * margin)


def log_values(low: float, high: float) -> Iterator[list[float]]:
    """Yield round values from `low` to `high` for a logarithmic scale: lists from dense to sparse."""
    if high < 8 * low:
        yield from linear_values(low, high)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for mantissas in ((1, 2, 5), (1, 3), (1,)):
        yield _within([float(f"{m}e{d}") for d in range(first, last + 1) for m in mantissas], low, high)
    for stride in (2, 3, 5, 10, 20, 50, 100):
        yield _within([float(f"1e{d}") for d in range(first, last + 1) if d % stride == 0], low, high)


def linear_values(low: float, high: float, whole: bool = False) -> Iterator[list[float]]:
    """Yield round (or whole) values from `low` to `high` for an even scale: lists from dense to sparse."""
    for n_bins in (20, 10, 5, 3, 2):
        ticks = MaxNLocator(n_bins, steps=[1, 2, 5, 10], integer=whole).tick_values(low, high)
        yield _within([float(f"{tick:.12g}") for tick in ticks], low, high)


def set_log_ticks(axis: Axis, low: float, high: float, at_most: int) -> None:
    """Make an axis logarithmic from `low` to `high`, with at most `at_most` ticks at round values."""
    _scale(axis, "log", low, high)
    _set_ticks(axis, log_values(low, high), at_most)


def set_linear_ticks(axis: Axis, low: float, high: float, at_most: int, whole: bool = False) -> None:
    """Make an axis even from `low` to `high`, with at most `at_most` ticks at round (or whole) values."""
    _scale(axis, "linear", low, high)
    _set_ticks(axis, linear_values(low, high, whole), at_most)


def _scale(axis: Axis, scale: Literal["log", "linear"], low: float, high: float) -> None:
    axes = axis.axes  # limits first: no scale is to be guessed from losses that may all be 0
    if isinstance(axis, XAxis):
        axes.set(xlim=(low, high), xscale=scale)
    else:
        axes.set(ylim=(low, high), yscale=scale)
    axis.set_minor_locator(NullLocator())


def _set_ticks(axis: Axis, candidates: Iterator[list[float]], at_most: int) -> None:
    values = next((values for values in candidates if len(values) <= at_most), [])
    axis.set_ticks(values, level_labels(values))


def _within(values: list[float], low: float, high: float) -> list[float]:
    # A hair of tolerance: an axis from logspace may end at 0.9999999.
    tolerance = 1e-6 * (abs(low) + abs(high)) if low <= 0 else 1e-3 * low
    return [value for value in values if low - tolerance <= value <= high + tolerance]
