"""What all figures of losses as lines share: a line with its band, its entry in the legend, and crosses."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sweep.report.figures.multiples import Multiples
from sweep.report.look.labels import level_labels
from sweep.report.look.style import INK

_UNSEEN = 1e200
"""Where an infinite quartile is drawn: far beyond every frame, yet a number that a band can end at."""

_CROSS: dict[str, Any] = {"ls": "", "marker": "x", "ms": 6, "mew": 1.8}


def draw_line(axes: Axes, line: pd.DataFrame, x: str, value: str, colour: str, marker: str = "") -> None:
    """Draw the finite values of a statistic against `x`, with the band between the quartiles."""
    line = line.sort_values(x)
    at, loss = line[x].to_numpy(), line[value].to_numpy(float)
    low, high = (
        np.clip(line[side].to_numpy(float), -_UNSEEN, _UNSEEN)
        for side in ("lower_quartile", "upper_quartile")
    )
    axes.fill_between(at, low, high, where=np.isfinite(loss).tolist(), color=colour, alpha=0.14, lw=0)
    axes.plot(at, np.where(np.isfinite(loss), loss, np.nan), color=colour, lw=1.6, marker=marker, ms=4)


def add_cross(axes: Axes, x: float, y: float, colour: str) -> None:
    """Put a cross where a line ends because its loss becomes infinite."""
    axes.plot([x], [y], color=colour, clip_on=False, zorder=4, **_CROSS)


def add_crosses_above(axes: Axes, at: Sequence[float], row: int, colour: str) -> None:
    """Put crosses near the upper edge, each line's in a row of its own, counted from the edge."""
    add_crosses_at(axes, at, 0.955 - 0.05 * row, colour)


def add_crosses_at(axes: Axes, at: Sequence[float], height: float, colour: str) -> None:
    """Put crosses at a height, from 0 at the lower edge to 1 at the upper one."""
    axes.plot(
        at,
        np.full(len(at), height),
        color=colour,
        transform=axes.get_xaxis_transform(),
        clip_on=False,
        zorder=4,
        **_CROSS,
    )


def line_handles(shown: Multiples, colours: list[str], value: str, marker: str = "") -> list[Line2D]:
    """Return the entries of the legend: the values of the hue in order, and the cross if there is one."""
    levels = [level for level in shown.hues if level is not None]
    handles = [
        Line2D([], [], color=colour, lw=2, marker=marker, ms=4, label=label)
        for colour, label in zip(colours, level_labels(levels), strict=bool(levels))
    ]
    cross = Line2D([], [], color=INK, label=f"{value} diverged", **_CROSS)
    return [*handles, cross] if np.isinf(shown.table[value].to_numpy(float)).any() else handles
