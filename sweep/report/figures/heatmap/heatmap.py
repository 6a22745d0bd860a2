"""The heatmap: a loss over two axes, a panel for each combination of the others, nothing left blank."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.errors import InputError
from sweep.report.figures.heatmap.legend import add_key
from sweep.report.figures.heatmap.paint import paint_panel
from sweep.report.figures.heatmap.sizes import Sizes, measure, panel_titles
from sweep.report.figures.heatmap.squares import Squares, squares_of
from sweep.report.look.axis_choice import Levels, check_axis
from sweep.report.look.labels import words
from sweep.report.look.placement import add_head
from sweep.report.look.scales import loss_scale
from sweep.report.look.style import drawable, drawn_in_style
from sweep.report.look.ticks import TICK_SIZE

_LOSSES = ("median", "mean", "lower_quartile", "upper_quartile", "minimum", "maximum", "median_rms_error")
MOST_PANELS = 12


@drawn_in_style
def heatmap(
    cells: pd.DataFrame,
    rows: str,
    columns: str,
    value: str = "median",
    facets: Sequence[str] = (),
    title: str = "",
    levels: Levels | None = None,
) -> Figure:
    """Draw a statistic of the final loss over two axes of the sweep.

    Parameters
    ----------
    cells
        The table of cells: axes, then `n_runs`, `n_diverged`, `n_failed` and the statistics of the final
        loss.
    rows, columns
        The axis that runs upwards, and the one that runs to the right.
    value
        The statistic to show; its colours are logarithmic and the same in all panels.
    facets
        The axes that split the picture into panels, in this order. Any other axis with more than one value
        splits it too, after these: no two cells ever share a square. Of more than 12 panels an even selection
        is shown.
    title
        A line above the picture; left out if the font cannot write it.
    levels
        The values of axes as planned. Those of `rows` and `columns` get their row or column even before any
        run.

    Raises
    ------
    InputError
        If a name is not an axis, or `value` not a statistic, of this table.

    """
    for role, axis in [("rows", rows), ("columns", columns), *(("facets", facet) for facet in facets)]:
        check_axis(cells, role, axis)
    if value not in _LOSSES:
        raise InputError(f"`value` must be one of {', '.join(_LOSSES)}, got {value!r}.")
    if rows == columns:
        raise InputError(f"`rows` and `columns` must be two different axes, got {rows!r} for both.")
    squares = squares_of(cells, (rows, columns), value, facets, levels or {}, MOST_PANELS)
    return _draw(squares, (words(rows), words(columns)), words(value), title if drawable(title) else "")


def _draw(squares: Squares, side_words: tuple[str, str], value_words: str, title: str) -> Figure:
    shown = f"{len(squares.panels)} of {squares.n_panels} panels, evenly selected"
    notes = [shown] if len(squares.panels) < squares.n_panels else []
    sizes = measure(squares, side_words[0], len(notes) + bool(title))
    figure, panels = sizes.layout.figure()
    scale = loss_scale(squares.values)
    titles = panel_titles(squares, 72 * sizes.layout.panel_width)
    for i, (axes, panel) in enumerate(zip(panels, squares.panels, strict=True)):
        paint_panel(axes, panel, scale, sizes)
        axes.set_title(titles[i], loc="left", size=TICK_SIZE + 0.5, pad=4)
        _label(axes, i, sizes, side_words)
    add_key(figure, sizes.layout, squares, scale, value_words, min(sizes.square))
    add_head(figure, sizes.layout, notes, title)
    return figure


def _label(axes: Axes, i: int, sizes: Sizes, side_words: tuple[str, str]) -> None:
    layout = sizes.layout
    axes.set_xticks(
        sizes.columns.positions,
        sizes.columns.labels if layout.is_lowest(i) else [""] * len(sizes.columns.labels),
        rotation=90 if sizes.columns.upright else 0,
    )
    axes.set_yticks(
        sizes.rows.positions, sizes.rows.labels if layout.is_leftmost(i) else [""] * len(sizes.rows.labels)
    )
    if layout.is_lowest(i):
        axes.set_xlabel(side_words[1])
    if layout.is_leftmost(i):
        axes.set_ylabel(side_words[0])
