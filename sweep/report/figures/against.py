"""The final loss against the size of the network, a curve for each number of epochs: part 6's figure."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.errors import InputError
from sweep.report.figures.lines import add_crosses_above, draw_line, line_handles
from sweep.report.figures.multiples import Multiples, line_panels, multiples
from sweep.report.look.axis_choice import Levels, LineAxes, check_axis, is_numeric, levels_of
from sweep.report.look.labels import Level, words
from sweep.report.look.scales import (
    ceiling,
    loss_frame,
    positive,
    set_linear_ticks,
    set_log_ticks,
    spans_decades,
)
from sweep.report.look.style import INK, drawn_in_style, line_colours

_MOST_LINES = 6
_MOST_PANELS = 8


def shown_against(
    cells: pd.DataFrame, x: str, axes: LineAxes, best: Mapping[str, Level], levels: Levels
) -> Multiples:
    """Return what `loss_against` shows of a table: at most 6 lines in each of at most 6 panels."""
    return multiples(cells, axes, best, _MOST_LINES, _MOST_PANELS, levels, but=x)


def loss_against_neurons(
    cells: pd.DataFrame,
    hue: str | None = "epochs",
    facet: str | None = None,
    value: str = "median",
    best: Mapping[str, Level] | None = None,
    levels: Levels | None = None,
) -> Figure:
    """Draw the final loss against the number of neurons: `loss_against` with `x="neurons"`."""
    return loss_against(cells, "neurons", hue, facet, value, best, levels)


@drawn_in_style
def loss_against(
    cells: pd.DataFrame,
    x: str = "neurons",
    hue: str | None = "epochs",
    facet: str | None = None,
    value: str = "median",
    best: Mapping[str, Level] | None = None,
    levels: Levels | None = None,
) -> Figure:
    """Draw the final loss against an axis that has numbers for values, with the band between its quartiles.

    Where the loss is infinite the line has a gap, and a cross near the upper edge.

    Parameters
    ----------
    cells
        The table of cells.
    x
        The axis to the right.
    hue, facet
        The axis with a colour for each value, and the one with a panel for each; None for no such axis.
    value
        "median", or "mean" as the article draws it: a single diverged run makes that one infinite.
    best
        Where the other axes are held, and what a selection of lines or panels must hold; else the middle
        values.
    levels
        The values of axes as planned, if the table has only some of them: to say how many there are.

    Raises
    ------
    InputError
        If `x`, `hue` or `facet` is not an axis of the table, if `x` is text, or if `value` is something else.

    """
    check_axis(cells, "x", x)
    if not is_numeric(levels_of(cells[x])):
        raise InputError(
            f"`x` must name an axis of numbers, but {x!r} has text for values; try it as `facet`."
        )
    if value not in ("median", "mean"):
        raise InputError(f"`value` must be 'median' or 'mean', got {value!r}.")
    shown = shown_against(cells, x, LineAxes(hue, facet), best or {}, levels or {})
    colours = line_colours([level for level in shown.hues if level is not None]) or [INK]
    figure, panels = line_panels(shown, line_handles(shown, colours, value, "o"), words(value), words(x))
    frame = loss_frame(
        shown.table[value], shown.table[["lower_quartile", "upper_quartile"]], _highest(shown, value)
    )
    for axes, panel in zip(panels, shown.facets, strict=True):
        for i, (level, colour) in enumerate(zip(shown.hues, colours, strict=True)):
            line = shown.part(level, panel)
            draw_line(axes, line, x, value, colour, "o")
            add_crosses_above(axes, line.loc[np.isinf(line[value]), x].tolist(), i, colour)
        _set_ticks(axes, shown.table[x], frame)
    return figure


def _highest(shown: Multiples, value: str) -> float:
    return 10 * ceiling(shown.table[value]) if positive(shown.table[value]).size else np.inf


def _set_ticks(axes: Axes, at: "pd.Series[float]", frame: tuple[float, float]) -> None:
    levels = [float(level) for level in levels_of(at)]
    low, high = levels[0], levels[-1]
    # Widths of 1 to 10 are counted one by one; those of 10 to 1000 are compared by their ratio.
    if spans_decades(levels) and (high > 20 * low or len(levels) < 5):
        set_log_ticks(axes.xaxis, low / 1.1, high * 1.1, at_most=7)
    else:
        margin = 0.04 * (high - low) or 0.5
        whole = all(level.is_integer() for level in levels)
        set_linear_ticks(axes.xaxis, low - margin, high + margin, at_most=11, whole=whole)
    set_log_ticks(axes.yaxis, *frame, at_most=7)
