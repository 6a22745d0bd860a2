"""The key below a heatmap: the colour bar, and what every mark means that occurs in the picture."""

import math
from dataclasses import dataclass
from typing import Literal

from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path

from sweep.report.figures.heatmap.squares import DIVERGED, FAILED, NOT_PLANNED, NOT_RUN, Squares
from sweep.report.look.labels import level_labels
from sweep.report.look.placement import Layout
from sweep.report.look.scales import ColourScale, colour_scale
from sweep.report.look.style import INK, value_colours, widest


@dataclass(frozen=True)
class Look:
    """How squares without a finite value look: fill, hatch, its ink, and words for the square and the key."""

    colour: str
    hatch: str
    ink: str
    text: str
    label: str


STATE_LOOKS = {
    DIVERGED: Look("#b8b8b8", "////", "#8a8a8a", "div.", "diverged"),
    FAILED: Look("#f3e3df", "xxxx", "#b98c80", "failed", "all runs failed"),
    NOT_RUN: Look("#ffffff", "..", "#aeb4bc", "", "not run"),
    NOT_PLANNED: Look("#ffffff", "", "#ffffff", "", "not in the grid"),
}

BEST, PARTLY_DIVERGED = "best cell", "some runs diverged"
ABOVE, BELOW, ZERO = "above the colours", "below the colours", "exactly 0"
MARKED_FROM = 12.0
"""The least size of a square, in points, for borders, a frame and corner marks."""

_BAR_WIDTH, _BAR_HEIGHT = 3.0, 0.13  # inches
_BAR_ROOM = _BAR_HEIGHT + 0.58
_LINE = 0.21
_SIZE = 8.0
_CORNER = Path([(-1, 1), (1, 1), (1, -1), (-1, 1)], closed=True)


def key_height(squares: Squares, width: float, square: float) -> float:
    """Return the height in inches of a key that is `width` inches wide, for squares of `square` points."""
    entries = _entries(squares, square)
    lines = math.ceil(len(entries) / _in_a_line(entries, width)) if entries else 0
    return 0.06 + (_BAR_ROOM if squares.values.size else 0.0) + _LINE * lines


def add_key(figure: Figure, layout: Layout, squares: Squares, bar: "ColourBar | None", square: float) -> None:
    """Draw the key at the foot of the figure, for squares of `square` points."""
    top = key_height(squares, layout.width - layout.left, square)
    if bar is not None:
        _add_colour_bar(figure, layout, top, bar)
        top -= _BAR_ROOM
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
    def of(squares: Squares, scale: ColourScale | None, words: str) -> "ColourBar | None":
        """Return the bar for the values of squares; None without a scale. It ends in an arrow where some lie beyond."""
        if scale is None:
            return None
        metric, values = squares.metric, squares.values
        below, above = scale.is_below(values).any(), scale.is_above(values).any()
        extend: Literal["neither", "min", "max", "both"] = (
            ("both" if above else "min") if below else "max" if above else "neither"
        )
        return ColourBar(scale, value_colours(metric), f"{words} ({metric.better} is better)", extend)


def _add_colour_bar(figure: Figure, layout: Layout, top: float, bar: ColourBar) -> None:
    axes = figure.add_axes(layout.place(layout.left, top - 0.2 - _BAR_HEIGHT, _BAR_WIDTH, _BAR_HEIGHT))
    figure.colorbar(
        ScalarMappable(bar.scale.norm, bar.colours),
        cax=axes,
        orientation="horizontal",
        extend=bar.extend,
    )
    axes.set_title(bar.words, loc="left", size=_SIZE, pad=4)
    axes.minorticks_off()
    ticks = bar.scale.ticks()
    axes.set_xticks(ticks, level_labels(ticks))


def _entries(squares: Squares, square: float) -> list[Line2D | Patch]:
    """Return a handle for each mark that occurs, in the order from good to missing."""
    entries: list[Line2D | Patch] = []
    if any(panel.best for panel in squares.panels):
        entries.append(_mark("s" if square >= MARKED_FROM else "o", BEST, size=8, fill="none"))
    if square >= MARKED_FROM and any(panel.partly_diverged.any() for panel in squares.panels):
        entries.append(_mark(_CORNER, PARTLY_DIVERGED, size=5, fill=INK))
    if square >= MARKED_FROM:
        entries += _beyond(squares)
    return entries + [
        Patch(
            facecolor=look.colour,
            edgecolor=look.ink,
            hatch=look.hatch * (2 if len(look.hatch) > 2 else 1),
            lw=0.5,
            label=look.label,
        )
        for state, look in STATE_LOOKS.items()
        if squares.has(state) and state != NOT_PLANNED
    ]


def _beyond(squares: Squares) -> list[Line2D | Patch]:
    scale, values = colour_scale(squares.values, squares.metric), squares.values
    if scale is None:
        return []
    below = values[scale.is_below(values)]
    low_words = [] if not below.size else [BELOW if below.any() else ZERO]
    if below.any() and not below.all():
        low_words = [f"{BELOW}, or {ZERO}"]
    above = [_mark("^", ABOVE, size=5, fill=INK)] if scale.is_above(values).any() else []
    return [*(_mark("v", words, size=5, fill=INK) for words in low_words), *above]


def _mark(marker: str | Path, label: str, size: float, fill: str) -> Line2D:
    return Line2D([], [], ls="", marker=marker, ms=size, mfc=fill, mec="black", mew=1.6, label=label)


def _in_a_line(entries: list[Line2D | Patch], width: float) -> int:
    room = widest([str(entry.get_label()) for entry in entries], _SIZE) + 3.5 * _SIZE + 6
    return max(1, min(len(entries), int(72 * width // room)))
