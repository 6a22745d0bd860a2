"""The key below a heatmap: the colour bar, and what every mark means that occurs in the picture."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path

from sweep.report.figures.heatmap.squares import DIVERGED, FAILED, NOT_PLANNED, NOT_RUN, Panel, Squares
from sweep.report.look.labels import level_labels
from sweep.report.look.placement import Layout
from sweep.report.look.scales import ColourScale
from sweep.report.look.style import INK, value_colours, widest
from sweep.terms.metric import Metric
from sweep.words import message, say, word


@dataclass(frozen=True)
class Look:
    """How squares without a finite value look: fill, hatch, its ink, and messages for the square and the key."""

    colour: str
    hatch: str
    ink: str
    text: str
    label: str


STATE_LOOKS = {
    DIVERGED: Look("#b8b8b8", "////", "#8a8a8a", message("div."), message("diverged")),
    FAILED: Look("#f3e3df", "xxxx", "#b98c80", message("failed"), message("all runs failed")),
    NOT_RUN: Look("#ffffff", "..", "#aeb4bc", "", message("not run")),
    NOT_PLANNED: Look("#ffffff", "", "#ffffff", "", message("not in the grid")),
}

PARTLY_DIVERGED = message("some runs diverged")
ABOVE, BELOW = message("above the colours"), message("below the colours")
MARKED_FROM = 12.0
"""The least size of a square, in points, for borders, a frame and corner marks."""

_BAR_WIDTH, _BAR_HEIGHT = 3.0, 0.13  # inches
_BAR_ROOM = _BAR_HEIGHT + 0.58
_MOST_TICKS = 5
"""Of a bar at the side of a panel."""
_LINE = 0.21
_SIZE = 8.0
_CORNER = Path([(-1, 1), (1, 1), (1, -1), (-1, 1)], closed=True)


def key_height(squares: Squares, width: float, square: float) -> float:
    """Return the height in inches of a key that is `width` inches wide, for squares of `square` points."""
    entries = _entries(squares, square)
    lines = math.ceil(len(entries) / _in_a_line(entries, width)) if entries else 0
    return 0.06 + _bar_room(squares) + _LINE * lines


def _with_direction(metric: Metric, what: str) -> str:
    """Return what the colours are of, and which of its values are better."""
    if metric.is_lower_better:
        return say("{what} (lower is better)", what=what)
    return say("{what} (higher is better)", what=what)


def _bar_room(squares: Squares) -> float:
    """Return the height of what says the colours: the bar, or only its words where each panel has one at its side."""
    return 0.0 if not squares.values.size else _LINE if squares.is_apart else _BAR_ROOM


def bar_width(squares: Squares) -> float:
    """Return the room in inches that a bar at the side of a panel takes with its numbers; 0 where there is none."""
    if not squares.is_apart:
        return 0.0
    ticks = [level_labels(_ticks(scale, _MOST_TICKS)) for scale in squares.scales if scale is not None]
    return (
        0.06 + _BAR_HEIGHT + 0.06 + max((widest(labels, _SIZE) for labels in ticks), default=0.0) / 72 + 0.1
    )


def add_key(
    figure: Figure, layout: Layout, squares: Squares, words: str, problem: str, square: float
) -> None:
    """Draw the key at the foot of the figure, for squares of `square` points.

    `words` say what the colours are of, and `problem` what has colours of its own where the panels have.
    """
    top = key_height(squares, layout.width - layout.left, square)
    words = _with_direction(squares.metric, words)
    if squares.is_apart:
        words = say("{colours}; each {problem} has colours of its own", colours=words, problem=problem)
    bar = ColourBar.of(squares, squares.scales[0], words)
    if squares.is_apart and squares.values.size:
        figure.text(*layout.place(layout.left, top, 0, 0)[:2], words, size=_SIZE, va="top")
    elif bar is not None:
        axes = figure.add_axes(layout.place(layout.left, top - 0.2 - _BAR_HEIGHT, _BAR_WIDTH, _BAR_HEIGHT))
        _draw_bar(axes, bar, "horizontal")
        axes.set_title(bar.words, loc="left", size=_SIZE, pad=4)
    top -= _bar_room(squares)
    entries = _entries(squares, square)
    if entries:
        figure.legend(
            handles=entries,
            loc="upper left",
            bbox_to_anchor=layout.place(layout.left, top, 0, 0)[:2],
            ncols=_in_a_line(entries, layout.width - layout.left),
            borderaxespad=0,
            borderpad=0,
            columnspacing=1.6,
            handlelength=1.8,
            handleheight=1.1,
        )


@dataclass(frozen=True)
class ColourBar:
    """The colours of values: their scale, the colours themselves, and the words above them."""

    scale: ColourScale
    colours: Colormap
    words: str
    extend: Literal["neither", "min", "max", "both"]

    @staticmethod
    def of(
        squares: Squares, scale: ColourScale | None, words: str, panel: Panel | None = None
    ) -> "ColourBar | None":
        """Return the bar for all values, or those of one panel; None without a scale.

        It ends in an arrow where some lie beyond.
        """
        if scale is None:
            return None
        metric, values = squares.metric, squares.values if panel is None else panel.value[panel.measured]
        below, above = scale.is_below(values).any(), scale.is_above(values).any()
        extend: Literal["neither", "min", "max", "both"] = (
            ("both" if above else "min") if below else "max" if above else "neither"
        )
        return ColourBar(scale, value_colours(metric), words, extend)


def add_bar_beside(figure: Figure, layout: Layout, i: int, squares: Squares) -> None:
    """Draw the colour bar of the i-th panel at its right side, if the next one there has other colours."""
    if not layout.is_rightmost(i) and squares.panels[i + 1].group == squares.panels[i].group:
        return
    bar = ColourBar.of(squares, squares.scales[i], "", squares.panels[i])
    if bar is not None:
        axes = figure.add_axes(layout.strip_beside(i, 0.06, _BAR_HEIGHT))
        _draw_bar(axes, bar, "vertical", most_ticks=max(2, min(_MOST_TICKS, int(layout.panel_height / 0.2))))


def _draw_bar(
    axes: Axes, bar: ColourBar, orientation: Literal["horizontal", "vertical"], most_ticks: int = 8
) -> None:
    figure = axes.get_figure()
    assert isinstance(figure, Figure)  # no panel is drawn without one
    figure.colorbar(
        ScalarMappable(bar.scale.norm, bar.colours), cax=axes, orientation=orientation, extend=bar.extend
    )
    axes.minorticks_off()
    is_lying = orientation == "horizontal"
    ticks = bar.scale.ticks(72 * _BAR_WIDTH) if is_lying else _ticks(bar.scale, most_ticks)
    set_ticks = axes.set_xticks if is_lying else axes.set_yticks
    set_ticks(ticks, level_labels(ticks))


def _ticks(scale: ColourScale, at_most: int) -> list[float]:
    ticks = scale.ticks()
    return ticks if len(ticks) <= at_most else ticks[:: math.ceil(len(ticks) / at_most)]


def _entries(squares: Squares, square: float) -> list[Line2D | Patch]:
    """Return a handle for each mark that occurs, in the order from good to missing."""
    entries: list[Line2D | Patch] = []
    if any(panel.outlined for panel in squares.panels):
        mark = "s" if square >= MARKED_FROM else "o"
        entries.append(_mark(mark, word(squares.outlined), size=8, fill="none"))
    if square >= MARKED_FROM and any(panel.partly_diverged.any() for panel in squares.panels):
        entries.append(_mark(_CORNER, word(PARTLY_DIVERGED), size=5, fill=INK))
    if square >= MARKED_FROM:
        entries += _beyond(squares)
    return entries + [
        Patch(
            facecolor=look.colour,
            edgecolor=look.ink,
            hatch=look.hatch * (2 if len(look.hatch) > 2 else 1),
            lw=0.5,
            label=word(look.label),
        )
        for state, look in STATE_LOOKS.items()
        if squares.has(state) and state != NOT_PLANNED
    ]


def _beyond(squares: Squares) -> list[Line2D | Patch]:
    scaled = [
        (panel.value[panel.measured], scale)
        for panel, scale in zip(squares.panels, squares.scales, strict=True)
        if scale is not None
    ]
    if not scaled:
        return []
    below = np.concatenate([values[scale.is_below(values)] for values, scale in scaled])
    low_words = [] if not below.size else [word(BELOW) if below.any() else say("exactly 0")]
    if below.any() and not below.all():
        low_words = [say("below the colours, or exactly 0")]
    is_above = any(scale.is_above(values).any() for values, scale in scaled)
    above = [_mark("^", word(ABOVE), size=5, fill=INK)] if is_above else []
    return [*(_mark("v", words, size=5, fill=INK) for words in low_words), *above]


def _mark(marker: str | Path, label: str, size: float, fill: str) -> Line2D:
    return Line2D([], [], ls="", marker=marker, ms=size, mfc=fill, mec="black", mew=1.6, label=label)


def _in_a_line(entries: list[Line2D | Patch], width: float) -> int:
    room = widest([str(entry.get_label()) for entry in entries], _SIZE) + 3.5 * _SIZE + 6
    return max(1, min(len(entries), int(72 * width // room)))
