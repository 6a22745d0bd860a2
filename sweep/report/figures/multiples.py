"""Small multiples: which lines and panels are shown, which axes are held, and where the panels stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias, TypeVar

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sweep.report.look.axis_choice import Levels, LineAxes, axes_of, axis_levels, check_axis, hold, spread
from sweep.report.look.fonts import drawable
from sweep.report.look.labels import Labels, Level, held_words, list_words, wheres
from sweep.report.look.placement import LINE, Layout, add_head, panel_width
from sweep.report.look.style import broken, widest
from sweep.words import say

Kept: TypeAlias = Mapping[str, Sequence[Level]]
"""Values of axes that are shown whatever else is left out."""

T = TypeVar("T")

NOTHING: Kept = MappingProxyType({})
_SIZE = 8.0
_LEFT, _BOTTOM, _GAP = 0.78, 0.52, 0.3


@dataclass(frozen=True)
class Multiples:
    """The part of a table that a figure shows: `hues` are its colours (or columns), `facets` its panels.

    `n_hues` and `n_facets` count the values before the selection; `held` are the axes that are held, and
    where. Both lists are [None] where the sweep has no such axis.
    """

    table: pd.DataFrame
    axes: LineAxes
    hues: list[Level | None]
    facets: list[Level | None]
    n_hues: int
    n_facets: int
    held: Mapping[str, Level]
    labels: Labels
    levels: Levels

    def part(self, hue: Level | None, facet: Level | None) -> pd.DataFrame:
        """Return the rows of one line, or of one panel if `hue` is None."""
        table = self.table
        for axis, level in ((self.axes.hue, hue), (self.axes.facet, facet)):
            if axis is not None and level is not None:
                table = table[table[axis] == level]
        return table

    @property
    def drawn(self) -> pd.DataFrame:
        """The rows of all lines in all panels."""
        table = self.table
        for axis, levels in ((self.axes.hue, self.hues), (self.axes.facet, self.facets)):
            if axis is not None:
                table = table[table[axis].isin(levels)]
        return table

    @property
    def is_apart(self) -> bool:
        """Whether panels are of different problems, so that metrics are not compared between them."""
        return self.axes.facet in self.labels.problems

    def of_panels(self, compute: Callable[[pd.DataFrame], T]) -> list[T]:
        """Return what is computed from the drawn rows for each panel: from all of them, or its own if `is_apart`."""
        if not self.is_apart:
            return [compute(self.drawn)] * len(self.facets)
        table = self.drawn
        return [compute(table[table[self.axes.facet] == facet]) for facet in self.facets]

    @property
    def notes(self) -> list[str]:
        """What the figure leaves out, in words; empty if it shows everything."""
        cut = [
            say("{n} of {of} {things}", n=len(shown), of=n, things=self.labels.many(str(axis)))
            for axis, shown, n in (
                (self.axes.hue, self.hues, self.n_hues),
                (self.axes.facet, self.facets, self.n_facets),
            )
            if len(shown) < n
        ]
        selected = [say("{cut}, evenly selected", cut=list_words(cut))] if cut else []
        return selected + held_words(self.held, self.levels)


def multiples(
    table: pd.DataFrame,
    axes: LineAxes,
    best: Mapping[str, Level],
    most_hues: int,
    most_facets: int,
    levels: Levels,
    labels: Labels,
    but: str = "",
    keep: Kept = NOTHING,
) -> Multiples:
    """Select what to show: so many hues and facets at most, the other axes (`but` one) held as in `best`.

    Of more values than that, those in `best` and `keep` are among the shown ones. `levels` has the values of axes as
    planned, where the table may lack some. Raises `InputError` if `axes` names something that is not an axis of the
    table.
    """
    for role, axis in (("hue", axes.hue), ("facet", axes.facet)):
        if axis is not None:
            check_axis(table, role, axis)
    all_levels = {**{axis: axis_levels(table[axis]) for axis in axes_of(table)}, **levels}
    table, held = hold(table, [*axes.named, *([but] if but else [])], best)
    all_hues, all_facets = (
        [level for level in all_levels[axis] if level in there]
        if axis and (there := set(axis_levels(table[axis])))
        else [None]
        for axis in (axes.hue, axes.facet)
    )
    hues, facets = (
        spread(values, most, keep=[*([best[axis]] if axis in best else []), *keep.get(axis, ())])
        for axis, values, most in (
            (axes.hue or "", all_hues, most_hues),
            (axes.facet or "", all_facets, most_facets),
        )
    )
    n_hues = max(len(all_hues), len(levels.get(axes.hue or "", ())))
    n_facets = max(len(all_facets), len(levels.get(axes.facet or "", ())))
    return Multiples(table, axes, hues, facets, n_hues, n_facets, held, labels, all_levels)


def line_panels(
    shown: Multiples,
    handles: Sequence[Line2D],
    y_words: str,
    x_words: str,
    set_ticks: Callable[[Axes, int], None],
) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels for lines, in up to two rows, notes above and a legend to the right.

    `set_ticks` makes the axes of the i-th panel.
    """
    n_panels = len(shown.facets)
    legend_title = shown.labels.full(shown.axes.hue) if shown.axes.hue else ""
    labels = [*(str(handle.get_label()) for handle in handles), legend_title]
    across = n_panels if n_panels < 4 else (n_panels + 1) // 2
    right = 0.2 + (widest(labels, _SIZE) / 72 + 0.42 if handles else 0.0)
    usual_width = 5.2 if n_panels == 1 else 3.5 if n_panels == 2 else 2.5
    width = panel_width(usual_width, across, _LEFT + right + _GAP * (across - 1))
    places = [{} if facet is None else {str(shown.axes.facet): facet} for facet in shown.facets]
    titles = [broken(title, 72 * width, _SIZE + 0.5) for title in wheres(places)]
    more = LINE * max(title.count("\n") for title in titles)
    layout = Layout(
        n_panels=n_panels,
        across=across,
        panel_width=width,
        panel_height=3.2 if n_panels == 1 else 2.5 if n_panels == 2 else 2.0,
        left=_LEFT,
        right=right,
        top=0.1 + LINE * 1.3 * len(shown.notes) + (0.16 if shown.axes.facet else 0.0) + more,
        bottom=_BOTTOM,
        gap_across=_GAP,
        gap_down=0.4 + more,
    )
    layout, notes, _ = layout.with_head([note for note in shown.notes if drawable(note)])
    figure, panels = layout.figure()
    for i, (axes, title) in enumerate(zip(panels, titles, strict=True)):
        axes.set_title(title, loc="left", size=_SIZE + 0.5, pad=4)
        axes.set_ylabel(y_words if layout.is_leftmost(i) else "")
        axes.set_xlabel(x_words if layout.is_lowest(i) else "")
        axes.tick_params(labelleft=shown.is_apart or layout.is_leftmost(i), labelbottom=layout.is_lowest(i))
        axes.grid(axis="y", color="#e5e7eb", lw=0.6)
        set_ticks(axes, i)
    layout = layout.with_room(figure, panels)
    add_head(figure, layout, notes)
    if handles:
        figure.legend(
            handles=handles,
            title=legend_title,
            alignment="left",
            loc="upper left",
            bbox_to_anchor=layout.place(layout.width - layout.right + 0.12, layout.height - layout.top, 0, 0)[
                :2
            ],
            borderaxespad=0,
            borderpad=0,
            handlelength=1.4,
        )
    return figure, panels
