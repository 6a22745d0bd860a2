"""The learned functions: a line for the target and dots for the networks, as the articles draw them."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sweep.errors import InputError
from sweep.report.figures.multiples import NOTHING, Kept, Multiples, multiples
from sweep.report.look.axis_choice import Levels, LineAxes, axis_levels
from sweep.report.look.fonts import drawable
from sweep.report.look.labels import PLAIN, Labels, Level, count_words, wheres
from sweep.report.look.placement import LINE, Layout, add_head, panel_width
from sweep.report.look.scales import set_linear_ticks
from sweep.report.look.style import FAINT_INK, INK, broken, drawn_in_style, widest
from sweep.words import say

_MOST_COLUMNS, _MOST_ROWS = 4, 3
_MOST_POINTS = 40
_RASTER_FROM = 300
_DOTS = "#d55e00"
_TITLE, _NOTE = 8.5, 7.0
_LEFT, _RIGHT, _GAP = 0.5, 0.15, 0.42
_LARGEST = float(np.finfo(float).max)


def shown_functions(
    functions: pd.DataFrame,
    axes: LineAxes,
    best: Mapping[str, Level],
    levels: Levels,
    labels: Labels = PLAIN,
    keep: Kept = NOTHING,
) -> Multiples:
    """Return what `learned_functions` shows of a table: at most 4 columns and 3 rows, or 8 columns in two rows.

    Raises `InputError` if one of the `axes` is not an axis of the table, or there is nothing in it.
    """
    if functions.empty:
        raise InputError("there is nothing to draw: no learned function is stored.")
    n_columns = 1 if axes.hue is None else functions[axes.hue].nunique()
    if axes.facet in labels.problems and functions[axes.facet].nunique() > _MOST_ROWS:
        axes, n_columns = (
            LineAxes(axes.facet, None),
            2 * _MOST_COLUMNS,
        )  # rather all problems than all settings
    if n_columns > _MOST_COLUMNS and axes.facet not in labels.problems:
        # They go on in a second row, so that the rows cannot stand for another axis.
        axes = LineAxes(axes.hue, None)
        return multiples(functions, axes, best, 2 * _MOST_COLUMNS, 1, levels, labels, keep=keep)
    return multiples(functions, axes, best, _MOST_COLUMNS, _MOST_ROWS, levels, labels, keep=keep)


@drawn_in_style
def learned_functions(
    shown: Multiples,
    targets: pd.DataFrame | None = None,
    planned: pd.DataFrame | None = None,
    trained: pd.DataFrame | None = None,
) -> Figure:
    """Draw what the networks learned beside what they were to learn.

    The frame follows the target, so that one wild network does not squash the others; what lies outside of it
    is counted in its panel, and so are the runs that diverged.

    Parameters
    ----------
    shown
        What is shown, by `shown_functions`, of a table of axes (without steps), then `replicate`, `x`, `target`,
        `learned`, `diverged`: a column of panels for each colour, a row for each facet.
    targets
        The targets as smooth lines: those of the axes that say the problem, `x`, `target`; if None, they are drawn
        through the points of the table.
    planned
        The axes of all cells of the plan: there is no panel for any other combination.
    trained
        The axes of cells that have a run: an empty panel of one of these is not said to be "not run".

    """
    places = [(row, column) for row in shown.facets for column in shown.hues]
    parts = [shown.part(column, row) for row, column in places]
    titles = _titles(shown, places)
    frames = [_frame(part) for part in parts]
    notes = [
        _note(part, frame) if len(part) else _why_empty(trained, shown, *place)
        for part, frame, place in zip(parts, frames, places, strict=True)
    ]
    across = _across(shown)
    width = panel_width({1: 4.2, 2: 3.4}.get(across, 2.2), across, _LEFT + _RIGHT + _GAP * (across - 1))
    titles = [broken(title, 72 * width, _TITLE) for title in titles]
    layout, lines, _ = _layout(shown, titles, any(notes)).with_head(list(filter(drawable, shown.notes)))
    figure, panels = layout.figure()
    for i, (axes, part) in enumerate(zip(panels, parts, strict=True)):
        axes.set_title(titles[i], loc="left", size=_TITLE, pad=4 + 10 * any(notes))
        axes.set(xlabel="x" if layout.is_lowest(i) else "", ylim=frames[i])
        axes.tick_params(labelleft=layout.is_leftmost(i) or len(set(frames)) > 1)
        if len(part):
            _draw(axes, part, _line(part, targets))
        axes.set_visible(len(part) > 0 or planned is None or _is_among(planned, shown, *places[i]))
        axes.text(0, 1.03, notes[i], transform=axes.transAxes, size=_NOTE, color=FAINT_INK)
    layout = layout.with_room(figure, panels)
    add_head(figure, layout, lines)
    _add_legend(figure, layout)
    return figure


def _is_among(cells: pd.DataFrame, shown: Multiples, row: Level | None, column: Level | None) -> bool:
    """Whether there is a cell for a panel."""
    for axis, level in ((shown.axes.hue, column), (shown.axes.facet, row), *shown.held.items()):
        if axis is not None and axis in cells:
            cells = cells[cells[axis] == level]
    return len(cells) > 0


def _why_empty(
    trained: pd.DataFrame | None, shown: Multiples, row: Level | None, column: Level | None
) -> str:
    if trained is not None and _is_among(trained, shown, row, column):
        return say("nothing stored")
    return say("not run")


def _titles(shown: Multiples, places: Sequence[tuple[Level | None, Level | None]]) -> list[str]:
    axes = (shown.axes.hue, shown.axes.facet)
    named = [zip(axes, (column, row), strict=True) for row, column in places]
    return wheres(
        [{axis: one for axis, one in place if axis is not None and one is not None} for place in named], "\n"
    )


def _across(shown: Multiples) -> int:
    n_columns = len(shown.hues)
    return n_columns if n_columns <= _MOST_COLUMNS else (n_columns + 1) // 2


def _layout(shown: Multiples, titles: list[str], noted: bool) -> Layout:
    across = _across(shown)
    title_height = LINE * (max(title.count("\n") + 1 for title in titles) if any(titles) else 0)
    title_height += 0.14 * noted
    width, height = {1: (4.2, 2.8), 2: (3.4, 2.3)}.get(across, (2.2, 1.7))
    return Layout(
        n_panels=len(titles),
        across=across,
        panel_width=max(width, (widest("\n".join(titles).split("\n"), _TITLE) + 4) / 72),
        panel_height=height,
        left=_LEFT,
        right=_RIGHT,
        top=0.12 + LINE * 1.3 * len(shown.notes) + title_height,
        bottom=0.8,
        gap_across=_GAP,
        gap_down=0.34 + title_height,
        least_width=5.3,
    )


def _frame(part: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the frame: the target's, and a third of its height more on both sides."""
    if not len(part):
        return 0.0, 1.0  # excluded, or not trained yet
    low, high = float(part["target"].min()), float(part["target"].max())
    margin = 0.35 * high - 0.35 * low or max(
        0.35 * abs(high), 1.0
    )  # a constant is seen by its distance from 0
    return max(low - margin, -_LARGEST), min(high + margin, _LARGEST)


def _line(part: pd.DataFrame, targets: pd.DataFrame | None) -> pd.DataFrame:
    """Return the target of a panel as points of a line, `x` and `target`."""
    if targets is None:
        return part.drop_duplicates("x").sort_values("x")
    for axis in targets.columns.difference(["x", "target"]):
        targets = targets[targets[axis] == part[axis].iloc[0]]
    return targets


def _draw(axes: Axes, part: pd.DataFrame, target: pd.DataFrame) -> None:
    axes.plot(target["x"], target["target"], color=INK, lw=1.5)
    dots = _dots(part)
    axes.plot(
        dots["x"],
        dots["learned"],
        "o",
        color=_DOTS,
        ms=2.8,
        mew=0,
        alpha=0.22,
        rasterized=len(dots) > _RASTER_FROM,
    )
    medians = dots.groupby("x")["learned"].median()
    axes.plot(
        medians.index,
        medians,
        "o",
        color=_DOTS,
        ms=4.6 if len(medians) < 20 else 3,
        mec="white",
        mew=0.7,
        zorder=3,
    )
    low, high = float(target["x"].min()), float(target["x"].max())
    margin = 0.04 * (high - low) or 0.5
    set_linear_ticks(axes.xaxis, low - margin, high + margin, at_most=6)
    set_linear_ticks(axes.yaxis, *axes.get_ylim(), at_most=6)


def _dots(part: pd.DataFrame) -> pd.DataFrame:
    """Return the finite outputs of the networks, at no more points than can be told apart."""
    points = axis_levels(part["x"])
    points = points[:: math.ceil(len(points) / _MOST_POINTS)]
    dots: pd.DataFrame = part[
        part["x"].isin(points) & ~part["diverged"] & np.isfinite(part["learned"].to_numpy(float))
    ]
    return dots


def _note(part: pd.DataFrame, frame: tuple[float, float]) -> str:
    """Say what the panel does not show: runs that diverged, and dots outside of its frame."""
    n_diverged = part.loc[part["diverged"], "replicate"].nunique()
    n_outside = int((~_dots(part)["learned"].between(*frame)).sum())
    notes = []
    if n_diverged:
        runs = count_words(part["replicate"].nunique(), "run")
        notes.append(say("{n} of {runs} diverged", n=n_diverged, runs=runs))
    if n_outside:
        notes.append(say("{dots} outside", dots=count_words(n_outside, "dot")))
    return " · ".join(notes)


def _add_legend(figure: Figure, layout: Layout) -> None:
    handles = [
        Line2D([], [], color=INK, lw=1.5, label=say("target")),
        Line2D(
            [],
            [],
            ls="",
            marker="o",
            color=_DOTS,
            ms=3.2,
            mew=0,
            alpha=0.45,
            label=say("network of one replicate"),
        ),
        Line2D(
            [],
            [],
            ls="",
            marker="o",
            color=_DOTS,
            ms=4.6,
            mec="white",
            mew=0.7,
            label=say("median of the networks"),
        ),
    ]
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=layout.place(layout.left, 0.1, 0, 0)[:2],
        ncols=3,
        borderaxespad=0,
        borderpad=0,
        columnspacing=1.6,
    )
