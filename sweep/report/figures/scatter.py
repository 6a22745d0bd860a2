"""The objective against each axis by itself, a dot for each cell: for scattered settings, as of a random search."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.report.figures.lines import add_crosses_above
from sweep.report.look.axis_choice import HeatmapAxes, axis_levels, is_numeric, spread
from sweep.report.look.labels import Labels, Level, level_labels
from sweep.report.look.placement import Layout, add_head
from sweep.report.look.scales import Frame, set_linear_ticks, set_log_ticks, spans_decades, value_frame
from sweep.report.look.style import INK, drawn_in_style

MOST_AXES = 9
"""Axes that have a panel."""

_FEWEST_CELLS = 10
_SPARSE = 0.1
_MOST_NAMES = 6
_COLOUR = "#3f6fa8"


def is_scattered(cells: pd.DataFrame, axes: HeatmapAxes) -> bool:
    """Whether cells are so scattered that the squares of a heatmap over these axes would be empty, nearly all."""
    if len(cells) <= _FEWEST_CELLS:
        return False
    n_panels = len(cells[list(axes.facets)].drop_duplicates()) if axes.facets else 1
    n_squares = n_panels * cells[axes.rows].nunique() * cells[axes.columns].nunique()
    return bool(len(cells) < _SPARSE * n_squares)


@drawn_in_style
def scatter(
    cells: pd.DataFrame, shown: Sequence[str], best: Mapping[str, Level], labels: Labels, note: str = ""
) -> Figure:
    """Draw the median of every cell against each of the axes, a panel each; a ring is around the best.

    A cell whose median is infinite is a cross near the upper edge.
    """
    layout = Layout(
        n_panels=len(shown),
        across=min(3, len(shown)),
        panel_width=2.6,
        panel_height=2.1,
        left=0.78,
        right=0.2,
        top=0.35 if note else 0.15,
        bottom=0.52,
        gap_across=0.3,
        gap_down=0.62,
    )
    figure, panels = layout.figure()
    add_head(figure, layout, [note] if note else [])
    medians = cells["median"].to_numpy(float)
    frame = value_frame(medians, medians, np.inf, labels.objective)
    for i, (axes, axis) in enumerate(zip(panels, shown, strict=True)):
        _draw(axes, cells, axis, best, frame)
        axes.set_xlabel(labels.full(axis))
        axes.set_ylabel(labels.full("median") if layout.is_leftmost(i) else "")
        axes.tick_params(labelleft=layout.is_leftmost(i))
    return figure


def _draw(axes: Axes, cells: pd.DataFrame, axis: str, best: Mapping[str, Level], frame: Frame) -> None:
    levels, medians = axis_levels(cells[axis]), cells["median"].to_numpy(float)
    at = _set_ticks(axes, levels, cells[axis])
    frame.set_ticks(axes.yaxis, at_most=7)
    axes.grid(axis="y", color="#e5e7eb", lw=0.6)
    finite = np.isfinite(medians)
    dots: dict[str, Any] = {
        "ls": "",
        "marker": "o",
        "mew": 0,
        "color": _COLOUR,
        "rasterized": len(cells) > 2000,
    }
    axes.plot(at[finite], medians[finite], ms=4, alpha=0.6 if len(cells) < 500 else 0.25, **dots)
    lost = np.isinf(medians)
    if lost.any():
        add_crosses_above(axes, at[lost].tolist(), 0, INK)
    if best:
        place = at[(cells[axis] == best[axis]).to_numpy()][:1]
        axes.plot(
            place, [best["median"]], ls="", marker="o", ms=9, mfc="none", mec=INK, mew=1.6, clip_on=False
        )


def _set_ticks(axes: Axes, levels: Sequence[Level], column: "pd.Series[Any]") -> np.ndarray[Any, Any]:
    """Make the axis to the right, and return where the values of the column stand on it."""
    if not is_numeric(levels):
        named = spread(levels, _MOST_NAMES)
        places = {level: place for place, level in enumerate(levels)}
        axes.set_xlim(-0.5, len(levels) - 0.5)
        axes.set_xticks([places[level] for level in named], level_labels(named))
        return column.map(places).to_numpy(float)
    at = column.to_numpy(float)
    low, high = float(at.min()), float(at.max())
    if spans_decades([low, high]):
        margin = (high / low) ** 0.04
        set_log_ticks(axes.xaxis, low / margin, high * margin, at_most=6)
    else:
        margin = 0.04 * (high - low) or 0.5
        set_linear_ticks(axes.xaxis, low - margin, high + margin, at_most=6)
    return at
