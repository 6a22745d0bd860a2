"""The map of a claim: under which conditions it is supported, refuted, or not decided yet."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sweep.claims.verdict import RULINGS, Verdict
from sweep.report.look.axis_choice import AxisChoice, is_numeric, spread
from sweep.report.look.labels import PLAIN, Labels, Level, level_labels, wheres
from sweep.report.look.placement import LINE, Layout
from sweep.report.look.style import NOT_RUN_COLOUR, ON_COLOUR, broken, drawn_in_style, text_width, widest
from sweep.report.look.ticks import TICK_SIZE, Ticks, column_ticks, row_ticks
from sweep.terms.values import exactly, ordered, table_values
from sweep.words import word

COLOURS = {"supported": "#3f8fc4", "refuted": "#e08a3c", "alike": "#b9c98f", "inconclusive": "#e3e5e8"}
"""Blue, orange, a pale green and grey: apart for every eye, and in their lightness."""

MOST_PANELS = 9
_MOST_WRITTEN = 150
_PANELS_A_ROW = 3
_WIDEST, _LEAST_SQUARE = 9.6, 0.42
"""In inches: a row of panels, and a square with a share in it."""

_TITLE_SIZE = 8.5
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
    if rows and not is_numeric(levels[rows]):
        levels[rows].reverse()  # text is read from the top down, numbers grow upwards
    panels = spread(
        list(dict.fromkeys(tuple(place[names.index(f)] for f in facets) for place in found)), MOST_PANELS
    )
    rulings = {verdict.ruling for verdict in verdicts}
    told = [ruling for ruling in RULINGS if ruling in rulings or ruling != "alike"]
    fixed = [dict(zip(facets, place, strict=True)) for place in panels]
    sides = levels.get(rows, [""]), levels[columns]
    sizes = _measure(fixed, sides, labels.full(rows) if rows else "", told)
    figure, axes = sizes.layout.figure()
    for i, (one, place) in enumerate(zip(axes, fixed, strict=True)):
        _draw_panel(one, found, names, levels, (rows, columns), place, sizes.font)
        _label(one, i, sizes)
        one.set_title(sizes.titles[i], loc="left", size=_TITLE_SIZE, pad=4)
        if sizes.layout.is_lowest(i):
            one.set_xlabel(labels.full(columns))
        if sizes.layout.is_leftmost(i) and rows:
            one.set_ylabel(labels.full(rows))
    layout = sizes.layout.with_room(figure, axes)
    figure.legend(
        handles=[Patch(facecolor=COLOURS[ruling], label=word(ruling)) for ruling in told],
        loc="upper left",
        bbox_to_anchor=layout.place(layout.left, layout.height - 0.08, 0, 0)[:2],
        ncols=len(told),
        borderaxespad=0,
        borderpad=0,
        columnspacing=1.6,
    )
    return figure


@dataclass(frozen=True)
class _Sizes:
    """Where the panels stand, the ticks and titles that fit, and the size of the numbers in the squares, 0 for none."""

    layout: Layout
    rows: Ticks
    columns: Ticks
    titles: list[str]
    font: float


def _measure(
    places: Sequence[dict[str, Level]],
    sides: tuple[Sequence[Level], Sequence[Level]],
    row_words: str,
    told: Sequence[str],
) -> _Sizes:
    rows, columns = sides
    left = 0.52 + widest(level_labels(rows), TICK_SIZE) / 72
    across, square_width = _across(len(places), columns, left)
    square_height = float(np.clip(4.5 / len(rows), 0.02, 0.34))
    panel_width, panel_height = square_width * len(columns), square_height * len(rows)
    upwards, along = row_ticks(rows, 72 * square_height), column_ticks(columns, 72 * square_width)
    titles = [broken(title, 72 * panel_width, _TITLE_SIZE) for title in wheres(places, "\n")]
    title = LINE * max(text.count("\n") + 1 if text else 0 for text in titles)
    overhang = max(0.0, text_width(row_words, 9.5) / 72 - panel_height)
    written = (7.0, 6.0) if len(rows) * len(columns) <= _MOST_WRITTEN else ()
    roomy = (one for one in written if text_width("100 %", one) + 3 <= 72 * square_width)
    legend = sum(text_width(word(ruling), 8) / 72 + 0.5 for ruling in told)
    layout = Layout(
        n_panels=len(places),
        across=across,
        panel_width=panel_width,
        panel_height=panel_height,
        left=left,
        right=0.2,
        top=max(0.36 + title, overhang / 2 + 0.3),
        bottom=max(0.42 + along.depth / 72, overhang / 2 + 0.06),
        gap_across=0.22,
        gap_down=max(0.16 + title, overhang + 0.1),
        least_width=left + legend,
    )
    return _Sizes(layout, upwards, along, titles, next(roomy, 0.0))


def _across(n_panels: int, columns: Sequence[Level], left: float) -> tuple[int, float]:
    """Return how many panels stand side by side, and the width of a square in inches."""
    label = 0 if is_numeric(columns) else widest(level_labels(columns), TICK_SIZE) / 72 + 0.1
    roomy = max(0.62 if len(columns) > 4 else 0.9, min(label, 1.6))
    for across in range(min(n_panels, _PANELS_A_ROW), 0, -1):
        width = min(roomy, (_WIDEST - left - 0.22 * across) / across / len(columns))
        if width >= _LEAST_SQUARE or across == 1:
            return across, width
    raise AssertionError("a map has a panel")


def _shown(verdicts: Sequence[Verdict], name: str) -> dict[Hashable, Level]:
    """Return how each value of an axis is shown, in their order."""
    values = {exactly(verdict.condition[name]): verdict.condition[name] for verdict in verdicts}
    shown = ordered(values.values())
    return dict(zip(map(exactly, shown), table_values(shown), strict=True))


def _sides(levels: dict[str, list[Level]], choice: AxisChoice) -> tuple[str, str, tuple[str, ...]]:
    """Return the axis to the right, the one upwards ("" if there is none), and those of the panels."""
    chosen = choice.heatmap(levels)
    if chosen is None:
        longest = max(levels, key=lambda name: len(levels[name]))
        return longest, "", tuple(name for name in levels if name != longest)
    return chosen.columns, chosen.rows, tuple(n for n in levels if n not in (chosen.rows, chosen.columns))


def _draw_panel(
    axes: Axes,
    found: dict[Place, Verdict],
    names: list[str],
    levels: dict[str, list[Level]],
    sides: tuple[str, str],
    fixed: dict[str, Level],
    font: float,
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
                if font and verdict.n:
                    text = f"{100 * verdict.share:.0f} %"
                    axes.text(j + 0.5, i + 0.5, text, ha="center", va="center", size=font, color=ON_COLOUR)
    palette = ListedColormap([*COLOURS.values(), NOT_RUN_COLOUR])
    axes.imshow(
        codes,
        cmap=palette,
        vmin=-0.5,
        vmax=len(RULINGS) + 0.5,
        origin="lower",
        aspect="auto",
        extent=(0, codes.shape[1], 0, codes.shape[0]),
    )
    axes.tick_params(length=0)


def _label(axes: Axes, i: int, sizes: _Sizes) -> None:
    upright = 90 if sizes.columns.upright else 0
    axes.set_xticks(sizes.columns.positions, sizes.columns.labels, rotation=upright)
    axes.set_yticks(sizes.rows.positions, sizes.rows.labels)
    axes.tick_params(labelbottom=sizes.layout.is_lowest(i), labelleft=sizes.layout.is_leftmost(i))
