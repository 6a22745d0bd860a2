"""Learning curves: the checked loss against the epoch, its median and the middle half of the replicates."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.report.figures.lines import add_cross, add_crosses_above, draw_line, line_handles
from sweep.report.figures.multiples import Multiples, line_panels, multiples
from sweep.report.look.axis_choice import Levels, LineAxes
from sweep.report.look.labels import Level, number
from sweep.report.look.scales import loss_frame, positive, set_linear_ticks, set_log_ticks, spans_decades
from sweep.report.look.style import INK, drawn_in_style, line_colours

_MOST_LINES = 8
_MOST_PANELS = 6


def shown_curves(
    curves: pd.DataFrame, axes: LineAxes, best: Mapping[str, Level], levels: Levels
) -> Multiples:
    """Return what `learning_curves` shows of a table: at most 8 lines in each of at most 6 panels."""
    return multiples(curves, axes, best, _MOST_LINES, _MOST_PANELS, levels)


@drawn_in_style
def learning_curves(
    curves: pd.DataFrame,
    hue: str | None = "learning_rate",
    facet: str | None = None,
    best: Mapping[str, Level] | None = None,
    levels: Levels | None = None,
) -> Figure:
    """Draw the median of the loss while it is learned, with the band between its quartiles.

    A line whose median becomes infinite ends with a cross.

    Parameters
    ----------
    curves
        Axes (without epochs), then `epoch`, `median`, `lower_quartile`, `upper_quartile`, `n_runs`,
        `n_diverged`.
    hue, facet
        The axis with a colour for each value, and the one with a panel for each; None for no such axis.
    best
        Where the other axes are held, and what a selection of lines or panels must hold; else the middle
        values.
    levels
        The values of axes as planned, if the table has only some of them: to say how many there are.

    Raises
    ------
    InputError
        If `hue` or `facet` is not an axis of the table.

    """
    shown = shown_curves(curves, LineAxes(hue, facet), best or {}, levels or {})
    colours = line_colours([hue for hue in shown.hues if hue is not None]) or [INK]
    figure, panels = line_panels(shown, line_handles(shown, colours, "median"), "checked loss", "epoch")
    table = shown.table
    frame = loss_frame(table["median"], table[["lower_quartile", "upper_quartile"]], _highest(shown))
    for axes, panel in zip(panels, shown.facets, strict=True):
        for level, colour in zip(shown.hues, colours, strict=True):
            draw_line(axes, shown.part(level, panel), "epoch", "median", colour)
        set_log_ticks(axes.yaxis, *frame, at_most=7)
        _set_epoch_ticks(axes, float(table["epoch"].min()), float(table["epoch"].max()))
        _draw_crosses(axes, [shown.part(level, panel) for level in shown.hues], colours, frame[1])
    return figure


def _highest(shown: Multiples) -> float:
    """Ten times what is usual before anything is learned: a line that goes higher leaves the frame."""
    first = shown.table[shown.table["epoch"] == shown.table["epoch"].min()]
    starts = positive(first["median"])
    return 10 * float(np.median(starts)) if starts.size else np.inf


def _set_epoch_ticks(axes: Axes, first: float, last: float) -> None:
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
