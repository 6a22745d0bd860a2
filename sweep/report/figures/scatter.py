"""The objective against each axis by itself, a dot for each cell: for scattered settings, as of a random search."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.report.figures.learning_curves import set_epoch_ticks
from sweep.report.figures.lines import add_cross, add_crosses_at, add_heads_beyond, beyond_words, where_beyond
from sweep.report.look.axis_choice import axes_of, axis_levels, is_numeric, spread
from sweep.report.look.labels import Labels, Level, level_labels
from sweep.report.look.placement import Layout, add_head
from sweep.report.look.scales import Frame, set_linear_ticks, set_log_ticks, spans_decades, value_frame
from sweep.report.look.style import INK, broken, drawn_in_style
from sweep.words import say

MOST_AXES = 9
"""Axes that have a panel."""

MOST_CURVES = 300
"""Settings whose learning curve is drawn."""

_MOST_NAMES = 6
_PANEL_WIDTH = 2.6
_COLOUR = "#3f6fa8"


@drawn_in_style
def scatter(
    cells: pd.DataFrame, shown: Sequence[str], best: Mapping[str, Level], labels: Labels, note: str = ""
) -> Figure:
    """Draw the median of every cell against each of the axes, a panel each; a ring is around the best.

    A cell whose median is infinite is a cross near the edge where the worst are.
    """
    layout = Layout(
        n_panels=len(shown),
        across=min(3, len(shown)),
        panel_width=_PANEL_WIDTH,
        panel_height=2.1,
        left=0.78,
        right=0.2,
        top=0.35 if note else 0.15,
        bottom=0.52,
        gap_across=0.3,
        gap_down=0.62,
    )
    figure, panels = layout.figure()
    medians = cells["median"].to_numpy(float)
    frame = value_frame(medians, medians, np.inf, labels.objective)
    for i, (axes, axis) in enumerate(zip(panels, shown, strict=True)):
        _draw(axes, cells, axis, best, frame, edge=0.955 if labels.objective.is_lower_better else 0.045)
        axes.set_xlabel(labels.full(axis))
        axes.set_ylabel(labels.full("median") if layout.is_leftmost(i) else "")
        axes.tick_params(labelleft=layout.is_leftmost(i))
    layout = layout.with_room(figure, panels)
    add_head(figure, layout, [note] if note else [])
    return figure


def _draw(
    axes: Axes, cells: pd.DataFrame, axis: str, best: Mapping[str, Level], frame: Frame, edge: float
) -> None:
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
    inside = finite & ~frame.is_above(medians) & ~frame.is_below(medians)
    axes.plot(at[inside], medians[inside], ms=4, alpha=0.6 if len(cells) < 500 else 0.25, **dots)
    add_heads_beyond(axes, at, medians, frame, _COLOUR)
    lost = np.isinf(medians)
    if lost.any():
        add_crosses_at(axes, at[lost].tolist(), edge, INK)
    if best:
        place = at[(cells[axis] == best[axis]).to_numpy()][:1]
        axes.plot(
            place,
            [np.clip(best["median"], frame.low, frame.high)],
            ls="",
            marker="o",
            ms=9,
            mfc="none",
            mec=INK,
            mew=1.6,
            clip_on=False,
        )


def notes_beyond(medians: "pd.Series[float]", labels: Labels) -> list[str]:
    """Return what the arrowheads mean that stand at the edges for some of the medians, a sentence each."""
    values = np.asarray(medians, dtype=np.float64)
    frame = value_frame(values, values, np.inf, labels.objective)
    return [
        say("{mark}: {meaning}.", mark=head, meaning=words)
        for head, words in zip("▲▼", beyond_words([(values, frame)]), strict=True)
        if words
    ]


@drawn_in_style
def scattered_curves(curves: pd.DataFrame, best: Mapping[str, Level], labels: Labels) -> Figure:
    """Draw the learning curve of every setting as a thin line, at most `MOST_CURVES` of them, and the best one strong.

    `curves` is a table as `learning_curves` takes it. A line whose median becomes infinite ends with a cross.
    """
    names = axes_of(curves)
    setting = curves.groupby(names, sort=False).ngroup().to_numpy()
    is_best = np.logical_and.reduce([curves[name].to_numpy() == best.get(name) for name in names])
    layout = Layout(1, 1, 5.2, 3.2, left=0.78, right=0.2, top=0.15, bottom=0.52, gap_across=0, gap_down=0)
    figure, (axes,) = layout.figure()
    frame = value_frame(curves["median"], curves["median"], np.inf, labels.objective)
    frame.set_ticks(axes.yaxis, at_most=7)
    set_epoch_ticks(axes, float(curves["epoch"].min()), float(curves["epoch"].max()))
    axes.set(xlabel=say("epoch"), ylabel=labels.objective.words_along)
    axes.grid(axis="y", color="#e5e7eb", lw=0.6)
    layout.with_room(figure, [axes])
    for number in spread(range(int(setting.max()) + 1), MOST_CURVES):
        _draw_curve(axes, curves[setting == number], _COLOUR, width=0.7, frame=frame)
    if is_best.any():
        _draw_curve(axes, curves[is_best], INK, width=2.2, frame=frame)
    return figure


def _draw_curve(axes: Axes, line: pd.DataFrame, colour: str, width: float, frame: Frame) -> None:
    epochs, medians = line["epoch"].to_numpy(float), line["median"].to_numpy(float)
    finite = np.flatnonzero(np.isfinite(medians))
    axes.plot(
        epochs[finite],
        np.maximum(medians[finite], frame.low),
        color=colour,
        lw=width,
        alpha=0.6 if width < 1 else 1.0,
    )
    add_heads_beyond(axes, epochs, where_beyond(medians, frame), frame, colour)
    if len(finite) and len(finite) < len(medians):
        add_cross(axes, epochs[finite[-1]], medians[finite[-1]], colour)


def _set_ticks(axes: Axes, levels: Sequence[Level], column: "pd.Series[Any]") -> np.ndarray[Any, Any]:
    """Make the axis to the right, and return where the values of the column stand on it."""
    if not is_numeric(levels):
        named = spread(levels, _MOST_NAMES)
        places = {level: place for place, level in enumerate(levels)}
        axes.set_xlim(-0.5, len(levels) - 0.5)
        labels = level_labels(named)
        room = (
            72 * _PANEL_WIDTH / len(levels) * (places[named[1]] - places[named[0]] if len(named) > 1 else 1)
        )
        axes.set_xticks([places[level] for level in named], [broken(label, room, 8.0) for label in labels])
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
