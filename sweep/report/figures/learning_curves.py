"""Learning curves: the objective against the epoch, its median and the middle half of the replicates."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.report.figures.lines import add_cross, add_crosses_above, draw_line, line_handles
from sweep.report.figures.multiples import NOTHING, Kept, Multiples, line_panels, multiples
from sweep.report.look.axis_choice import Levels, LineAxes
from sweep.report.look.labels import PLAIN, Labels, Level, number
from sweep.report.look.scales import (
    Frame,
    positive,
    set_linear_ticks,
    set_log_ticks,
    spans_decades,
    usual,
    value_frame,
)
from sweep.report.look.style import INK, drawn_in_style, line_colours
from sweep.terms.metric import Metric
from sweep.words import say

_MOST_LINES = 8
_MOST_PANELS = 6


def shown_curves(
    curves: pd.DataFrame,
    axes: LineAxes,
    best: Mapping[str, Level],
    levels: Levels,
    labels: Labels = PLAIN,
    keep: Kept = NOTHING,
) -> Multiples:
    """Return what `learning_curves` shows of a table: at most 8 lines in each of at most 6 panels.

    Raises `InputError` if one of the `axes` is not an axis of the table.
    """
    return multiples(curves, axes, best, _MOST_LINES, _MOST_PANELS, levels, labels, keep=keep)


@drawn_in_style
def learning_curves(shown: Multiples) -> Figure:
    """Draw the median of the objective along the training, with the band between its quartiles.

    What is shown, by `shown_curves`, is of a table of axes (without steps), then `epoch`, `median`, `lower_quartile`,
    `upper_quartile`, `n_runs`, `n_diverged`. A line whose median becomes infinite ends with a cross.
    """
    metric, table = shown.labels.objective, shown.drawn
    colours = line_colours([hue for hue in shown.hues if hue is not None]) or [INK]

    def frame_of(part: pd.DataFrame) -> Frame:
        quartiles = part[["lower_quartile", "upper_quartile"]]
        return value_frame(part["median"], quartiles, _highest(part, metric), metric)

    frames = shown.of_panels(frame_of)
    handles = line_handles(shown, colours, "median", frames)

    def set_ticks(axes: Axes, i: int) -> None:
        frames[i].set_ticks(axes.yaxis, at_most=7)
        set_epoch_ticks(axes, float(table["epoch"].min()), float(table["epoch"].max()))

    figure, panels = line_panels(shown, handles, metric.words_along, say("epoch"), set_ticks)
    for axes, panel, frame in zip(panels, shown.facets, frames, strict=True):
        for level, colour in zip(shown.hues, colours, strict=True):
            draw_line(axes, shown.part(level, panel), "epoch", "median", colour, frame)
        _draw_crosses(axes, [shown.part(level, panel) for level in shown.hues], colours, frame.high)
    return figure


def _highest(table: pd.DataFrame, metric: Metric) -> float:
    """Ten times what is usual before anything is learned: a line that goes higher leaves the frame."""
    first = table[table["epoch"] == table["epoch"].min()]
    starts = positive(first["median"])
    ordinary_starts = starts[starts <= usual(starts, metric)]
    return 20 * float(np.median(ordinary_starts / 2)) if starts.size else np.inf  # a sum of two may overflow


def set_epoch_ticks(axes: Axes, first: float, last: float) -> None:
    """Make an axis of epochs, logarithmic if they span decades."""
    if first == last:
        axes.set_xticks([first], [number(int(first))])
    elif spans_decades([first, last]):
        set_log_ticks(axes.xaxis, first, last, at_most=6)
    else:
        set_linear_ticks(axes.xaxis, first, last, at_most=6, whole=True)


def _draw_crosses(axes: Axes, lines: list[pd.DataFrame], colours: list[str], top: float) -> None:
    """Put a cross at the last finite median of each line that has an infinite one, within the frame."""
    n_above = 0
    for line, colour in zip(lines, colours, strict=True):
        epochs, medians = (line.sort_values("epoch")[name].to_numpy(float) for name in ("epoch", "median"))
        if not np.isinf(medians).any():
            continue
        end = max(int(np.isinf(medians).argmax()) - 1, 0)
        if medians[end] < top:
            add_cross(axes, epochs[end], medians[end], colour)
        else:
            add_crosses_above(axes, [epochs[end]], n_above, colour)
            n_above += 1
