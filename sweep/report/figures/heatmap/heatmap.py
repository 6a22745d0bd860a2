"""The heatmap: a statistic over two axes, a panel for each combination of the others, nothing left blank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sweep.errors import InputError
from sweep.report.figures.heatmap.legend import add_bar_beside, add_key
from sweep.report.figures.heatmap.paint import Paint, paint_panel
from sweep.report.figures.heatmap.sizes import Sizes, measure, panel_titles
from sweep.report.figures.heatmap.squares import Squares, squares_of
from sweep.report.look.axis_choice import Levels, axes_of, check_axis
from sweep.report.look.fonts import drawable
from sweep.report.look.labels import PLAIN, Labels, Level, held_words
from sweep.report.look.placement import add_head
from sweep.report.look.style import drawn_in_style
from sweep.report.look.ticks import TICK_SIZE
from sweep.terms.columns import COUNTS
from sweep.words import say

MOST_PANELS = 12


@dataclass(frozen=True)
class Outlined:
    """Cells that stand out in a heatmap, of shape (cells,), and what they are in words."""

    cells: NDArray[np.bool_]
    words: str


@drawn_in_style
def heatmap(
    cells: pd.DataFrame,
    rows: str,
    columns: str,
    statistic: str = "median",
    *,
    facets: Sequence[str] = (),
    title: str = "",
    levels: Levels | None = None,
    labels: Labels = PLAIN,
    planned: pd.DataFrame | None = None,
    outlined: Outlined | None = None,
    held: Mapping[str, Level] | None = None,
) -> Figure:
    """Draw a statistic over two axes of the sweep.

    Parameters
    ----------
    cells
        The table of cells: axes, then `n_runs`, `n_diverged`, `n_failed` and the statistics.
    rows, columns
        The axis that runs upwards, and the one that runs to the right.
    statistic
        What is shown; its colours are the same in all panels, and bright where it is better.
    facets
        The axes that split the picture into panels, in this order. Any other axis with more than one value
        splits it too, after these: no two cells ever share a square. Of more than 12 panels an even selection
        is shown.
    title
        A line above the picture; left out if the font cannot write it.
    levels
        The values of axes as planned. Those of `rows` and `columns` get their row or column even before any
        run.
    labels
        The words for parameters and statistics. Panels of different problems have colours of their own.
    planned
        The axes of all cells of the plan: the square of any other one is left blank.
    outlined
        The cells that stand out; if None, the best one, or that of each problem.
    held
        The values of axes of which only these are shown: a note above the panels says so.

    Raises
    ------
    InputError
        If a name is not an axis, or `statistic` not one, of this table.

    """
    for role, axis in [("rows", rows), ("columns", columns), *(("facets", facet) for facet in facets)]:
        check_axis(cells, role, axis)
    known = [name for name in cells.columns[len(axes_of(cells)) :] if name not in COUNTS]
    if statistic not in known:
        raise InputError(f"`value` must be one of {', '.join(known)}, got {statistic!r}.")
    if rows == columns:
        raise InputError(f"`rows` and `columns` must be two different axes, got {rows!r} for both.")
    metric = labels.metric_of(statistic)
    squares = squares_of(
        cells,
        (rows, columns),
        statistic,
        facets,
        levels or {},
        metric,
        MOST_PANELS,
        planned,
        labels.problems,
        None if outlined is None else outlined.cells,
    )
    if outlined is not None:
        squares = replace(squares, outlined=outlined.words)
    problem = next((labels.one(name) for name in labels.problems if name in squares.panels[0].place), "")
    words = Words(labels.full(rows), labels.full(columns), labels.full(statistic), problem)
    return _draw(
        squares,
        words,
        title if drawable(title) else "",
        list(filter(drawable, held_words(held or {}, levels or {}))),
    )


@dataclass(frozen=True)
class Words:
    """What stands beside a heatmap: the words for its rows, its columns, what is shown, and one problem of several."""

    rows: str
    columns: str
    value: str
    problem: str


def _draw(squares: Squares, words: Words, title: str, notes: list[str]) -> Figure:
    if len(squares.panels) < squares.n_panels:
        n, of = len(squares.panels), squares.n_panels
        notes = [*notes, say("{n} of {of} panels, evenly selected", n=n, of=of)]
    sizes = measure(squares, words.rows, len(notes) + bool(title))
    layout, lines, title = sizes.layout.with_head(notes, title)
    sizes = replace(sizes, layout=layout)
    figure, panels = layout.figure()
    titles = panel_titles(squares, 72 * sizes.layout.panel_width)
    for i, (axes, panel) in enumerate(zip(panels, squares.panels, strict=True)):
        paint_panel(axes, panel, Paint.of(squares.scales[i], squares.metric), sizes)
        axes.set_title(titles[i], loc="left", size=TICK_SIZE + 0.5, pad=6)
        _label(axes, i, sizes, words)
        if squares.is_apart:
            add_bar_beside(figure, layout, i, squares)
    add_key(figure, sizes.layout, squares, words.value, words.problem, min(sizes.square))
    add_head(figure, layout, lines, title)
    return figure


def _label(axes: Axes, i: int, sizes: Sizes, words: Words) -> None:
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
        axes.set_xlabel(words.columns)
    if layout.is_leftmost(i):
        axes.set_ylabel(words.rows)
