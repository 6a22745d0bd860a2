"""The scales of figures: round values for ticks, and frames that one wild value does not squash."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axis import Axis, XAxis
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from sweep.report.look.labels import cell_number, level_labels
from sweep.report.look.ordinary import ordinary
from sweep.report.look.style import text_width
from sweep.terms.metric import SHARE, Metric

_LARGEST = float(np.finfo(float).max)
_SMALLEST = float(np.finfo(float).tiny)
_DRAWN = 1e300
"""The end of every scale: beyond it matplotlib's own arithmetic overflows."""

_TICK_SIZE, _CLEAR = 8.0, 3.0  # points: of tick labels, and between two of them

_STEPS = 20
"""So many steps of an even scale are told apart by the numbers in its squares."""

_DIGITS = {4: 1.45, 3: 2.5}
"""On a scale by ratios that is shorter than this, two digits would be the same ones in nearly all squares."""

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

    def ticks(self, length: float = math.inf) -> list[float]:
        """Return round values along it, two to eight, with labels that do not touch; its ends if there are none.

        `length` is that of the scale in points where the labels stand side by side.
        """
        candidates = (log_values if self.is_log else linear_values)(self.low, self.high)
        fitting = (ticks for ticks in candidates if 2 <= len(ticks) <= 8 and self._fits(ticks, length))
        return next(fitting, [self.low, self.high])

    def _fits(self, ticks: list[float], length: float) -> bool:
        if math.isinf(length):
            return True
        at = np.asarray(self.norm(ticks), dtype=float) * length
        widths = np.array([text_width(label, _TICK_SIZE) for label in level_labels(ticks)])
        return bool((np.diff(at) >= (widths[1:] + widths[:-1]) / 2 + _CLEAR).all())

    def within(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values; what has no logarithm stands a little below the scale, as all that is below it."""
        return np.where(values > 0, values, self.low / 2) if self.is_log else values

    def is_below(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return where values are finite and below the scale."""
        return np.isfinite(values) & (values < self.low)

    def is_above(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return where values are finite and above the scale."""
        return np.isfinite(values) & (values > self.high)


def colour_scale(values: ArrayLike, metric: Metric) -> ColourScale | None:
    """Return the scale for the values of a metric that can be shown; None if there is none.

    It is by ratios where `is_logarithmic` says so, and holds the ordinary values; that of a share is from 0 to 1.
    """
    if metric.unit == SHARE:
        return ColourScale(0.0, 1.0, is_log=False) if finite(values).size else None
    is_log = is_logarithmic(values, metric)
    shown = positive(values) if is_log else finite(values)
    if not shown.size:
        return None
    low, high = _ends(shown, metric, is_log)
    if is_log:
        is_narrow = high / 1.2 < low
        low, high = (low / 1.1, _times(high, 1.1)) if is_narrow else (low, high)
        return ColourScale(min(max(low, _SMALLEST), _DRAWN / 10), min(high, _DRAWN))
    margin = 0.0 if high > low else 0.05 * abs(high) or 0.5
    return ColourScale(max(low - margin, -_DRAWN), min(high + margin, _DRAWN), is_log=False)


def _ends(values: NDArray[np.float64], metric: Metric, is_log: bool) -> tuple[float, float]:
    """Return the least and the largest ordinary value."""
    served = ordinary(values, metric.is_lower_better, is_log)
    return float(served[0]), float(served[-1])


def _times(value: float, factor: float) -> float:
    """Return a product, at most the largest number there is."""
    return value * factor if value < _LARGEST / factor else _LARGEST


def square_number(value: float, scale: ColourScale | None) -> str:
    """Write a value into a square: with two digits, or with as many as show the steps of a short or an even scale."""
    is_exact = float(f"{value:.2g}") == value
    if scale is not None and scale.is_log and scale.low <= value <= scale.high and not is_exact:
        digits = next((n for n, ratio in _DIGITS.items() if scale.high / scale.low < ratio), 2)
        texts = (cell_number(value, n) for n in range(digits, 2, -1))
        return next((text for text in texts if len(text) <= _MOST_SIGNS), cell_number(value))
    step = math.nan if scale is None or scale.is_log else (scale.high - scale.low) / _STEPS
    if not 0 < step < math.inf:
        return cell_number(value)
    text = f"{value:.{max(0, math.ceil(-math.log10(step)))}f}"
    text = text.lstrip("-") if float(text) == 0 else text
    return text if len(text) <= _MOST_SIGNS else cell_number(value)


def positive(values: ArrayLike) -> NDArray[np.float64]:
    """Return the finite values above 0, in one row: those that a logarithmic scale can show."""
    flat = np.asarray(values, dtype=float).ravel()
    shown: NDArray[np.float64] = flat[np.isfinite(flat) & (flat > 0)]
    return shown


def spans_decades(values: ArrayLike) -> bool:
    """Whether a logarithmic axis helps: all values are positive, and span a factor of 10 or more."""
    flat = np.asarray(values, dtype=float)
    return bool(flat.min() > 0 and flat.max() / 10 >= flat.min())


def usual(values: ArrayLike, metric: Metric) -> float:
    """Return the largest ordinary value of those that can be shown by their ratios; infinite if there is none."""
    shown = positive(values)
    return _ends(shown, metric, is_log=True)[1] if shown.size else math.inf


@dataclass(frozen=True)
class Frame:
    """The ends of an axis of values, and whether it is logarithmic."""

    low: float
    high: float
    is_log: bool

    @property
    def far_above(self) -> float:
        """A number above the frame at which a line or a band can end unseen."""
        return 1e4 * _DRAWN if self.is_log else 2 * self.high - self.low

    def is_below(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return where values are finite and below the frame."""
        return np.isfinite(values) & (values < self.low)

    def is_above(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return where values are finite and above the frame."""
        return np.isfinite(values) & (values > self.high)

    def set_ticks(self, axis: Axis, at_most: int) -> None:
        """Make an axis of this frame, with at most so many ticks at round values."""
        (set_log_ticks if self.is_log else set_linear_ticks)(axis, self.low, self.high, at_most)


def value_frame(values: ArrayLike, quartiles: ArrayLike, highest: float, metric: Metric) -> Frame:
    """Return the frame for values of a metric and their quartiles; from 1 to 10 if none can be shown.

    It serves the ordinary values, and quartiles as far as they are ordinary beside them. It is logarithmic for positive
    values of which lower is better; there, values above `highest` do not fit, so that those below it have room.
    """
    is_log = is_logarithmic(values, metric)
    shown, beside = (positive if is_log else finite)(values), (positive if is_log else finite)(quartiles)
    if not shown.size:
        return Frame(1.0, 10.0, is_log=True) if is_log else Frame(0.0, 1.0, is_log=False)
    low, high = _ends(shown, metric, is_log)
    both = np.concatenate([shown[(shown >= low) & (shown <= high)], beside])
    both_low, both_high = _ends(both, metric, is_log)
    low, high = min(low, both_low), max(high, both_high)
    if not is_log:
        margin = 0.06 * high - 0.06 * low or 0.06 * abs(high) or 0.5
        return Frame(max(low - margin, -_DRAWN), min(high + margin, _DRAWN), is_log=False)
    high = min(high, max(highest, _times(low, 3)))
    low, high = min(low, _DRAWN / 10), min(high, _DRAWN)
    margin = max(min(high / low, _LARGEST), 2.0) ** 0.06
    return Frame(max(low / margin, _SMALLEST), min(high * margin, _DRAWN), is_log=True)


def is_logarithmic(values: ArrayLike, metric: Metric) -> bool:
    """Whether values of a metric are shown by their ratios: if lower is better, none is negative, and not all are 0."""
    shown = finite(values)
    return (
        metric.is_lower_better
        and metric.unit != SHARE
        and not (shown < 0).any()
        and (not shown.size or bool(shown.any()))
    )


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
    values = next((values for values in candidates if len(values) <= at_most and _fit(axis, values)), [])
    axis.set_ticks(values, level_labels(values))


def _fit(axis: Axis, values: list[float]) -> bool:
    """Whether the labels of ticks do not touch one another."""
    figure = axis.axes.get_figure()
    if len(values) < 2 or not isinstance(figure, Figure):
        return True
    place, is_upright = axis.axes.get_position(), not isinstance(axis, XAxis)
    width = 72 * (
        figure.get_figheight() * place.height if is_upright else figure.get_figwidth() * place.width
    )
    low, high = axis.get_view_interval()
    grow = np.log if axis.get_scale() == "log" else np.asarray
    at = width * (grow(np.array(values)) - grow(low)) / (grow(high) - grow(low))
    labels = level_labels(values)
    widths = np.array([1.2 * _TICK_SIZE if is_upright else text_width(label, _TICK_SIZE) for label in labels])
    return bool((np.diff(at) >= (widths[1:] + widths[:-1]) / 2 + _CLEAR).all())


def _within(values: list[float], low: float, high: float) -> list[float]:
    # A hair of tolerance: an axis from logspace may end at 0.9999999.
    tolerance = 1e-6 * (abs(low) + abs(high)) if low <= 0 else 1e-3 * low
    return [value for value in values if low - tolerance <= value <= high + tolerance]
