"""The scales of figures: round values for ticks, and frames that one wild value does not squash."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axis import Axis, XAxis
from matplotlib.colors import LogNorm, Normalize
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from sweep.report.look.labels import cell_number, level_labels
from sweep.terms.metric import Metric

_WILD = 1e2
"""A loss this many times above nine tenths of the others does not set the scale for them."""

_STEPS = 20
"""So many steps of an even scale are told apart by the numbers in its squares."""

_MOST_SIGNS = 7
"""The longest number in a square."""


@dataclass(frozen=True)
class ColourScale:
    """The values from `low` to `high` that the colours of a heatmap tell apart; both positive if it is by ratios."""

    low: float
    high: float
    is_log: bool = True

    @property
    def norm(self) -> Normalize:
        """The scale as matplotlib wants it."""
        return LogNorm(self.low, self.high) if self.is_log else Normalize(self.low, self.high)

    def ticks(self) -> list[float]:
        """Return round values along it, two to eight; its ends if there are none."""
        candidates = (log_values if self.is_log else linear_values)(self.low, self.high)
        return next((ticks for ticks in candidates if 2 <= len(ticks) <= 8), [self.low, self.high])

    def within(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values, those below the scale raised to its low end: a 0 has no logarithm."""
        return np.maximum(values, self.low)


def colour_scale(values: ArrayLike, metric: Metric) -> ColourScale | None:
    """Return the scale for the values of a metric that can be shown; None if there is none.

    It is by ratios where `is_logarithmic` says so; else it is even, and holds all finite values.
    """
    if not is_logarithmic(values, metric):
        shown = finite(values)
        if not shown.size:
            return None
        low, high = float(shown.min()), float(shown.max())
        margin = 0.0 if high > low else 0.05 * abs(high) or 0.5
        return ColourScale(low - margin, high + margin, is_log=False)
    above = positive(values)
    if not above.size:
        return None
    low, high = float(above.min()), ceiling(above)
    return ColourScale(low / 1.1, high * 1.1) if high < 1.2 * low else ColourScale(low, high)


def square_number(value: float, scale: ColourScale | None) -> str:
    """Write a value into a square: with two digits, or on an even scale with the decimals that show its steps."""
    step = math.nan if scale is None or scale.is_log else (scale.high - scale.low) / _STEPS
    if not 0 < step < math.inf:
        return cell_number(value)
    text = f"{value:.{max(0, math.ceil(-math.log10(step)))}f}"
    return text if len(text) <= _MOST_SIGNS else cell_number(value)


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


@dataclass(frozen=True)
class Frame:
    """The ends of an axis of values, and whether it is logarithmic."""

    low: float
    high: float
    is_log: bool

    def set_ticks(self, axis: Axis, at_most: int) -> None:
        """Make an axis of this frame, with at most so many ticks at round values."""
        (set_log_ticks if self.is_log else set_linear_ticks)(axis, self.low, self.high, at_most)


def value_frame(values: ArrayLike, quartiles: ArrayLike, highest: float, metric: Metric) -> Frame:
    """Return the frame for values of a metric and their quartiles; from 1 to 10 if none can be shown.

    It is logarithmic for positive values of which lower is better; there, values above `highest` do not fit, so that
    those below it have room.
    """
    if not is_logarithmic(values, metric):
        both = np.concatenate([finite(values), finite(quartiles)])
        if not both.size:
            return Frame(0.0, 1.0, is_log=False)
        margin = 0.06 * float(both.max() - both.min()) or 0.5
        return Frame(float(both.min()) - margin, float(both.max()) + margin, is_log=False)
    if not positive(values).size:
        return Frame(1.0, 10.0, is_log=True)
    both = np.concatenate([positive(values), positive(quartiles)])
    low, high = both.min(), min(both.max(), max(highest, 3 * both.min()))
    margin = max(high / low, 2.0) ** 0.06
    return Frame(float(low / margin), float(high * margin), is_log=True)


def is_logarithmic(values: ArrayLike, metric: Metric) -> bool:
    """Whether values of a metric are shown by their ratios: if lower is better, and none is negative."""
    shown = finite(values)
    return metric.is_lower_better and not (shown < 0).any()


def finite(values: ArrayLike) -> NDArray[np.float64]:
    """Return the finite values, in one row."""
    flat = np.asarray(values, dtype=float).ravel()
    shown: NDArray[np.float64] = flat[np.isfinite(flat)]
    return shown


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
