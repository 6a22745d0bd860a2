"""The map of a claim: under which conditions it is supported, refuted, or not decided yet."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sweep.claims.verdict import RULINGS, Verdict
from sweep.report.look.axis_choice import AxisChoice, spread
from sweep.report.look.labels import PLAIN, Labels, Level, level_labels, wheres
from sweep.report.look.style import INK, NOT_RUN_COLOUR, drawn_in_style
from sweep.terms.values import exactly, in_order, table_values

COLOURS = {"supported": "#3f8fc4", "refuted": "#e08a3c", "alike": "#b9c98f", "inconclusive": "#e3e5e8"}
"""Blue, orange, a pale green and grey: apart for every eye, and in their lightness."""

MOST_PANELS = 9
_MOST_WRITTEN = 150
_MOST_LABELS = 12
_PANELS_A_ROW = 3
_LEGEND_WIDTH = 1.15
"""In inches: what a ruling takes in the legend above."""
Place = tuple[Level, ...]


@drawn_in_style
def verdict_map(
    verdicts: Sequence[Verdict], choice: AxisChoice | None = None, labels: Labels = PLAIN
) -> Figure:
    """Draw the verdicts on one claim over the axes of its conditions: a square each, with the share in it.

    The axes are chosen as those of a heatmap; further ones become panels, of which nine are drawn at most.
    """
    names = list(verdicts[0].condition)
    shown = {name: _shown(verdicts, name) for name in names}
    levels = {name: list(values.values()) for name, values in shown.items()}
    found = {
        tuple(shown[name][exactly(value)] for name, value in verdict.condition.items()): verdict
        for verdict in verdicts
    }
    columns, rows, facets = _sides(levels, choice or AxisChoice())
    panels = spread(
        list(dict.fromkeys(tuple(place[names.index(f)] for f in facets) for place in found)), MOST_PANELS
    )
    rulings = {verdict.ruling for verdict in verdicts}
    told = [ruling for ruling in RULINGS if ruling in rulings or ruling != "alike"]
    size = len(levels.get(rows, [""])), len(levels[columns])
    figure, axes = _frame(len(panels), *size, _LEGEND_WIDTH * len(told))
    fixed = [dict(zip(facets, place, strict=True)) for place in panels]
    for one, place, title in zip(axes, fixed, wheres(fixed), strict=True):
        _draw_panel(one, found, names, levels, (rows, columns), place)
        one.set_title(title, loc="left")
        one.set(xlabel=labels.full(columns), ylabel=labels.full(rows) if rows else "")
    figure.legend(
        handles=[Patch(facecolor=COLOURS[ruling], label=ruling) for ruling in told],
        loc="outside upper left",
        ncols=len(told),
    )
    return figure


def _shown(verdicts: Sequence[Verdict], name: str) -> dict[Hashable, Level]:
    """Return how each value of an axis is shown, in their order."""
    values = {exactly(verdict.condition[name]): verdict.condition[name] for verdict in verdicts}
    ascending = sorted(values.values(), key=in_order)
    return dict(zip(map(exactly, ascending), table_values(ascending), strict=True))


def _sides(levels: dict[str, list[Level]], choice: AxisChoice) -> tuple[str, str, tuple[str, ...]]:
    """Return the axis to the right, the one upwards ("" if there is none), and those of the panels."""
    chosen = choice.heatmap(levels)
    if chosen is None:
        longest = max(levels, key=lambda name: len(levels[name]))
        return longest, "", tuple(name for name in levels if name != longest)
    return chosen.columns, chosen.rows, tuple(n for n in levels if n not in (chosen.rows, chosen.columns))


def _frame(n_panels: int, n_rows: int, n_columns: int, legend_width: float) -> tuple[Figure, list[Axes]]:
    across = min(n_panels, _PANELS_A_ROW)
    down = -(-n_panels // across)
    width = float(np.clip(0.62 * n_columns + 1.1, 2.4, 9.0 / across + 0.4))
    height = float(np.clip(0.34 * n_rows + 0.75, 1.1, 4.5))
    across_all = max(width * across + 0.4, legend_width)
    figure = Figure(figsize=(across_all, height * down + 0.45), layout="constrained")
    grid: Any = figure.subplots(down, across, squeeze=False)
    for axes in grid.ravel()[n_panels:]:
        axes.set_visible(False)
    return figure, list(grid.ravel()[:n_panels])


def _draw_panel(
    axes: Axes,
    found: dict[Place, Verdict],
    names: list[str],
    levels: dict[str, list[Level]],
    sides: tuple[str, str],
    fixed: dict[str, Level],
) -> None:
    rows, columns = sides
    upwards = levels.get(rows, [""])
    codes = np.full((len(upwards), len(levels[columns])), len(RULINGS))
    for i, row in enumerate(upwards):
        for j, column in enumerate(levels[columns]):
            at = fixed | {rows: row, columns: column}
            verdict = found.get(tuple(at[name] for name in names))
            if verdict is not None:
                codes[i, j] = RULINGS.index(verdict.ruling)
                if codes.size <= _MOST_WRITTEN and verdict.n:
                    axes.text(
                        j, i, f"{100 * verdict.share:.0f} %", ha="center", va="center", size=7, color=INK
                    )
    palette = ListedColormap([*COLOURS.values(), NOT_RUN_COLOUR])
    axes.imshow(codes, cmap=palette, vmin=-0.5, vmax=len(RULINGS) + 0.5, origin="lower", aspect="auto")
    _label(axes.xaxis, levels[columns])
    _label(axes.yaxis, upwards)
    axes.tick_params(length=0)


def _label(axis: Any, levels: Sequence[Level]) -> None:
    labels = level_labels(levels)
    shown_ones = spread(range(len(levels)), _MOST_LABELS)
    axis.set_ticks(shown_ones, [labels[i] for i in shown_ones])
