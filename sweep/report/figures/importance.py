"""How much of the spread of the cells each axis explains, as bars: alone, and together with the others."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sweep.report.look.labels import PLAIN, Labels
from sweep.report.look.placement import Layout
from sweep.report.look.style import broken, drawn_in_style, text_width, widest
from sweep.report.look.wishes import wishes
from sweep.terms.arrays import Floats
from sweep.words import say

MOST_BARS = 20
_ALONE, _TOTAL = "#3f6fa8", "#c3d3e6"
_WIDTH, _BAR, _SIZE = 4.2, 0.3, 8.0  # inches of the axis and of a bar's row, points of the words
_LEAST_WIDTH = 2.4  # inches of the axis; below it the words are short
_OF_ONE, _OF_BOTH = 0.55, 1.6  # inches to the right of it, for one share or both
_LONGEST_WORDS = 190.0  # points
_GAP = 0.012
"""Between a bar and its words, of the axis."""


@drawn_in_style
def importance_bars(table: pd.DataFrame, labels: Labels = PLAIN) -> Figure:
    """Draw the importance of axes, as `sweep.tables.importance` returns it: the most important at the top.

    At most `MOST_BARS` axes are drawn. An axis of which nothing can be said has no bar.
    """
    table = table.head(MOST_BARS)
    alone, total = (table[name].to_numpy(float) for name in ("alone", "total"))
    ends = np.fmax(np.fmax(alone, total), 0.0)
    words = [broken(labels.full(axis), _LONGEST_WORDS, _SIZE) for axis in table["axis"]]
    left, room = widest(words, _SIZE) / 72 + 0.2, wishes().room
    is_narrow = room is not None and room[0] < left + _LEAST_WIDTH + _OF_BOTH
    told = [
        _percent(one, np.nan if is_narrow else all_of_it) for one, all_of_it in zip(alone, total, strict=True)
    ]
    beside = _OF_ONE if is_narrow or np.isnan(total).all() else _OF_BOTH
    row = max(_BAR, 0.16 * max((word.count("\n") + 1 for word in words), default=1) + 0.06)
    layout = Layout(
        n_panels=1,
        across=1,
        panel_width=_WIDTH,
        panel_height=row * max(len(table), 1),
        left=left,
        right=beside if is_narrow else max(beside, *_beyond(told, ends)),
        top=0.1,
        bottom=1.05 if is_narrow else 0.72,
        gap_across=0.0,
        gap_down=0.0,
    )
    figure, (axes,) = layout.figure()
    at = np.arange(len(table))[::-1]
    has_total = bool(np.isfinite(total).any())
    axes.barh(at, np.nan_to_num(total), 0.62, color=_TOTAL)
    axes.barh(at, np.nan_to_num(alone), 0.62, color=_ALONE)
    for place, end, percent in zip(at, ends, told, strict=True):
        axes.text(end + _GAP, place, percent, va="center", size=_SIZE)
    axes.set(
        xlim=(0, 1),
        ylim=(-0.5, max(len(table), 1) - 0.5),
        xlabel=say("share of the variance\nbetween cells (of ranks)")
        if is_narrow
        else say("share of the variance between cells (of ranks)"),
    )
    ticks = [0, 50, 100] if is_narrow else [0, 25, 50, 75, 100]
    axes.set_xticks([tick / 100 for tick in ticks], ["0", *(f"{tick} %" for tick in ticks[1:])])
    axes.set_yticks(at, words)
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if has_total:
        figure.legend(
            handles=[
                Patch(color=_ALONE, label=say("the axis alone")),
                Patch(color=_TOTAL, label=say("together with the others")),
            ],
            loc="lower left",
            bbox_to_anchor=layout.place(0.1 if is_narrow else layout.left, 0.06, 0, 0)[:2],
            ncols=1 if is_narrow else 2,
            borderaxespad=0,
            borderpad=0,
        )
    return figure


def _beyond(told: Sequence[str], ends: Floats) -> list[float]:
    """Return how far words at the end of bars reach beyond the axis, in inches."""
    return [
        _WIDTH * (end + _GAP - 1.0) + text_width(words, _SIZE) / 72 + 0.06
        for words, end in zip(told, ends, strict=True)
    ]


def _percent(alone: float, total: float) -> str:
    """Return what stands at the end of a bar; "–" if nothing is known."""
    if np.isnan(alone):
        return "–"
    more = not np.isnan(total) and round(100 * total) > round(100 * alone)
    percent = f"{100 * alone:.0f} %"
    return (
        say("{alone}, with the others {total}", alone=percent, total=f"{100 * total:.0f} %")
        if more
        else percent
    )
