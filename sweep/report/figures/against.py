"""The objective against a parameter, such as a network's size, a line for each value of another: part 6's figure."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.errors import InputError
from sweep.report.figures.lines import add_crosses_above, draw_line, line_handles
from sweep.report.figures.multiples import NOTHING, Kept, Multiples, line_panels, multiples
from sweep.report.look.axis_choice import Levels, LineAxes, axis_levels, check_axis, is_numeric
from sweep.report.look.labels import PLAIN, Labels, Level
from sweep.report.look.scales import (
    Frame,
    set_linear_ticks,
    set_log_ticks,
    spans_decades,
    usual,
    value_frame,
)
from sweep.report.look.style import INK, drawn_in_style, line_colours

_MOST_LINES = 6
_MOST_PANELS = 8
_MOST_DOTS = 60
"""Values of an axis: of more than that, dots run together."""


def shown_against(
    cells: pd.DataFrame,
    x: str,
    axes: LineAxes,
    best: Mapping[str, Level],
    levels: Levels,
    labels: Labels = PLAIN,
    keep: Kept = NOTHING,
) -> Multiples:
    """Return what the figure shows of a table: at most 6 lines in each of at most 8 panels.

    Raises
    ------
    InputError
        If `x` or one of the `axes` is not an axis of the table, or if `x` is text.
    """
    check_axis(cells, "x", x)
    if not is_numeric(axis_levels(cells[x])):
        raise InputError(
            f"`x` must name an axis of numbers, but {x!r} has text for values; try it as `facet`."
        )
    return multiples(cells, axes, best, _MOST_LINES, _MOST_PANELS, levels, labels, x, keep)


@drawn_in_style
def objective_against(shown: Multiples, x: str, statistic: str = "median") -> Figure:
    """Draw the objective against an axis that has numbers for values, with the band between its quartiles.

    Where it is infinite the line has a gap, and a cross near the upper edge.

    Parameters
    ----------
    shown
        What is shown, by `shown_against`.
    x
        The axis to the right.
    statistic
        "median", or "mean" as the article draws it: a single diverged run makes that one infinite.

    Raises
    ------
    InputError
        If `statistic` is something else.

    """
    if statistic not in ("median", "mean"):
        raise InputError(f"`statistic` must be 'median' or 'mean', got {statistic!r}.")
    labels, metric = shown.labels, shown.labels.objective
    colours = line_colours([level for level in shown.hues if level is not None]) or [INK]

    def frame_of(table: pd.DataFrame) -> Frame:
        quartiles = table[["lower_quartile", "upper_quartile"]]
        return value_frame(table[statistic], quartiles, 10 * usual(table[statistic], metric), metric)

    frames = shown.of_panels(frame_of)

    def set_ticks(axes: Axes, i: int) -> None:
        _set_ticks(axes, shown.table[x], frames[i])

    marker = "o" if shown.table[x].nunique() <= _MOST_DOTS else ""
    handles = line_handles(shown, colours, statistic, frames, marker)
    figure, panels = line_panels(shown, handles, labels.full(statistic), labels.full(x), set_ticks)
    for axes, panel, frame in zip(panels, shown.facets, frames, strict=True):
        for i, (level, colour) in enumerate(zip(shown.hues, colours, strict=True)):
            line = shown.part(level, panel)
            draw_line(axes, line, x, statistic, colour, frame, marker)
            add_crosses_above(axes, line.loc[np.isinf(line[statistic]), x].tolist(), i, colour)
    return figure


def _set_ticks(axes: Axes, at: "pd.Series[float]", frame: Frame) -> None:
    levels = [float(level) for level in axis_levels(at)]
    low, high = levels[0], levels[-1]
    # Widths of 1 to 10 are counted one by one; those of 10 to 1000 are compared by their ratio.
    if spans_decades(levels) and (high > 20 * low or len(levels) < 5):
        set_log_ticks(axes.xaxis, low / 1.1, high * 1.1, at_most=7)
    else:
        margin = 0.04 * (high - low) or 0.5
        whole = all(level.is_integer() for level in levels)
        set_linear_ticks(axes.xaxis, low - margin, high + margin, at_most=11, whole=whole)
    frame.set_ticks(axes.yaxis, at_most=7)
