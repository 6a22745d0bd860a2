"""Which of many values are ordinary: those that a scale is to serve, whatever a few or many wild ones are.

Distances are in decades, so that neither the unit of a metric nor a loss near the largest number there is matters.
"""

import numpy as np
from numpy.typing import NDArray

_CLEAR = 2.0
"""Values at most so many decades from the ordinary ones are always ordinary."""

_WIDE = 3.0
"""So are those at most so many times as far as the ordinary ones reach themselves."""

_FEW = 0.25
"""More than this share of all on one side is ordinary all the same, unless it is absurdly far away."""

_ABSURD = 12.0
"""No training learns from one such end to the other, in decades: what is worse by more has diverged."""

_ROUNDING = -12.0
"""A loss of fewer decades is 0 but for rounding, where others are absurdly far above it."""


def ordinary(values: NDArray[np.float64], lower_is_better: bool, by_ratios: bool) -> NDArray[np.float64]:
    """Return the ordinary ones of finite values, ascending; all are positive if the scale is `by_ratios`.

    They are found from the densest half of the values outwards: what comes next is ordinary too, unless there is a wide
    gap before it. What is absurdly worse is no part of that half, however much there is of it.
    """
    ascending = np.sort(values)
    if len(ascending) < 3:
        return ascending
    at = np.log10(ascending) if by_ratios else _signed_decades(ascending)
    first, last = _without_absurd(at, lower_is_better, by_ratios)
    densest = _densest_half(at, first, last)
    first, last = _without_endless(at, densest, _grown(at, *densest), lower_is_better)
    return ascending[first : last + 1]


def _signed_decades(ascending: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values of any sign in decades of a size that is usual for the smaller ones, even around 0."""
    sizes = np.abs(ascending[ascending != 0])
    if not sizes.size:
        return ascending
    unit = float(np.quantile(sizes, 0.1, method="lower"))
    with np.errstate(over="ignore"):
        ratios = np.minimum(np.abs(ascending) / unit, np.finfo(float).max)
    return np.asarray(np.sign(ascending) * np.log10(1.0 + ratios))


def _without_absurd(at: NDArray[np.float64], lower_is_better: bool, by_ratios: bool) -> tuple[int, int]:
    """Return the first and the last place that is left, if what is absurdly far away is left out."""
    first, last = 0, len(at) - 1
    fewest = max(2, len(at) // 10)
    for i in np.flatnonzero(np.diff(at) >= _ABSURD).tolist():
        if by_ratios and at[i] < _ROUNDING:
            first = i + 1 if len(at) - i - 1 >= fewest else first
        elif lower_is_better and i + 1 - first >= fewest:
            return first, i
        elif not lower_is_better and len(at) - i - 1 >= fewest:
            first = i + 1
    return first, last


def _densest_half(at: NDArray[np.float64], first: int, last: int) -> tuple[int, int]:
    width = (last - first + 1) // 2
    start = first + int(np.argmin(at[first + width : last + 1] - at[first : last + 1 - width]))
    return start, start + width


def _grown(at: NDArray[np.float64], first: int, last: int) -> tuple[int, int]:
    """Return the ends of what is ordinary, if what stands between two places is."""
    while True:
        reach = max(_CLEAR, _WIDE * (at[last] - at[first]))
        gaps = [
            (at[first] - at[first - 1], first / len(at)) if first else None,
            (at[last + 1] - at[last], 1 - (last + 1) / len(at)) if last + 1 < len(at) else None,
        ]
        below, above = (gap is not None and _is_bridged(*gap, reach) for gap in gaps)
        if not below and not above:
            return first, last
        # By jumps over all that is near: a million values are not taken one by one.
        if below:
            first = _next_gap_below(at, first, reach)
        if above:
            last = _next_gap_above(at, last, reach)


def _without_endless(
    at: NDArray[np.float64], densest: tuple[int, int], grown: tuple[int, int], lower_is_better: bool
) -> tuple[int, int]:
    """Return the ends without what is absurdly worse than the densest half, where no gap stands before it."""
    first, last = grown
    low, high = at[densest[0]], at[densest[1]]
    near = max(_CLEAR, high - low)
    if lower_is_better and at[last] - high > _ABSURD:
        last = int(np.searchsorted(at, high + near, side="right")) - 1
    if not lower_is_better and low - at[first] > _ABSURD:
        first = int(np.searchsorted(at, low - near, side="left"))
    return first, last


def _is_bridged(gap: float, share: float, reach: float) -> bool:
    return gap <= reach or (share > _FEW and gap < _ABSURD)


def _next_gap_below(at: NDArray[np.float64], first: int, reach: float) -> int:
    wide = np.flatnonzero(np.diff(at[:first]) > reach)
    return int(wide[-1]) + 1 if len(wide) else 0


def _next_gap_above(at: NDArray[np.float64], last: int, reach: float) -> int:
    wide = np.flatnonzero(np.diff(at[last + 1 :]) > reach)
    return last + 1 + int(wide[0]) if len(wide) else len(at) - 1
