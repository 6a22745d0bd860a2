"""Where panels, legends and notes stand in a figure, in inches.

Everything is placed by arithmetic on measured text widths, not by an iterating layout engine: it is ten times
as fast and gives the same place on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.errors import InputError
from sweep.report.look.style import StyledFigure, broken, text_width, widest
from sweep.report.look.wishes import wishes

_TICK_SIZE, _LABEL_SIZE = 8.0, 9.0
_CLEAR = 5.0  # points between texts that stand side by side
LINE = 0.17
"""The height of a line of small text, in inches."""

_LEAST_PANEL = 0.35
_TITLE = "title"


@dataclass(frozen=True)
class Layout:
    """A grid of `n_panels` equal panels, filled row by row, `across` in a row; lengths in inches.

    Where a size is wished for, or a place in another figure, the panels fill it beside all else.
    """

    n_panels: int
    across: int
    panel_width: float
    panel_height: float
    left: float
    right: float
    top: float
    bottom: float
    gap_across: float
    gap_down: float
    least_width: float = 0.0

    def __post_init__(self) -> None:
        room = wishes().room
        if room is None:
            return
        if wishes().place is not None and self.n_panels > 1:
            raise InputError(
                f"`ax` takes one panel, and this figure has {self.n_panels}: name values of the other axes, "
                "or give no `ax`"
            )
        width = (room[0] - self.left - self.right - (self.across - 1) * self.gap_across) / self.across
        height = (room[1] - _strip() - self.top - self.bottom - (self.down - 1) * self.gap_down) / self.down
        if min(width, height) < _LEAST_PANEL:
            least = (
                room[0] + self.across * max(0.0, 2 * _LEAST_PANEL - width),
                room[1] + self.down * max(0.0, 2 * _LEAST_PANEL - height),
            )
            what = "`size`" if wishes().place is None else "`ax`"
            raise InputError(
                f"{what} leaves no room for the panels of this figure: {room[0]:.1f} by {room[1]:.1f} inches, "
                f"and it takes {least[0]:.1f} by {least[1]:.1f} or more"
            )
        for name, value in (("panel_width", width), ("panel_height", height), ("least_width", 0.0)):
            object.__setattr__(self, name, value)

    @property
    def down(self) -> int:
        """The number of rows of panels."""
        return -(-self.n_panels // self.across)

    @property
    def width(self) -> float:
        """The width of the figure."""
        panels = self.across * self.panel_width + (self.across - 1) * self.gap_across
        return max(self.left + panels + self.right, self.least_width)

    @property
    def height(self) -> float:
        """The height of the figure."""
        return self.top + self.down * self.panel_height + (self.down - 1) * self.gap_down + self.bottom

    def is_lowest(self, i: int) -> bool:
        """Whether panel `i` has no panel below it."""
        return i + self.across >= self.n_panels

    def is_leftmost(self, i: int) -> bool:
        """Whether panel `i` begins its row."""
        return i % self.across == 0

    def is_rightmost(self, i: int) -> bool:
        """Whether panel `i` ends its row."""
        return (i + 1) % self.across == 0 or i + 1 == self.n_panels

    def figure(self) -> tuple[Figure, list[Axes]]:
        """Return a figure with its empty panels: a new one, or that of the axes which are wished for."""
        place = wishes().place
        if place is None:
            figure: Figure = StyledFigure(figsize=(self.width, self.height + _strip()))
            panels = [figure.add_axes(self.panel(i)) for i in range(self.n_panels)]
        else:
            figure, panels = cast(Figure, place.axes.get_figure()), [place.axes]
            place.axes.set_position(self.panel(0))
            place.axes.tick_params(labelsize=_TICK_SIZE)
            for axis in (place.axes.xaxis, place.axes.yaxis):
                axis.label.set_fontsize(_LABEL_SIZE)
        if wishes().title:
            title = figure.text(*self._title_place(), wishes().title, size=10, va="top")
            title.set_label(_TITLE)
        return figure, panels

    def place(
        self, left: float, bottom: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """Return a rectangle in inches from the lower left corner, in the units of `Figure.add_axes`."""
        into = wishes().place
        if into is not None:
            left, bottom = left + into.left, bottom + into.bottom
        across, up = (self.width, self.height + _strip()) if into is None else (into.of_width, into.of_height)
        return left / across, bottom / up, width / across, height / up

    def _title_place(self) -> tuple[float, float]:
        return self.place(self.left, self.height + _strip() - 0.06, 0, 0)[:2]

    def panel(self, i: int) -> tuple[float, float, float, float]:
        """Return where panel `i` is, in the units of `Figure.add_axes`."""
        left, bottom = self._corner(i)
        return self.place(left, bottom, self.panel_width, self.panel_height)

    def strip_beside(self, i: int, gap: float, width: float) -> tuple[float, float, float, float]:
        """Return a strip of the height of panel `i` to the right of it, `gap` inches away."""
        left, bottom = self._corner(i)
        return self.place(left + self.panel_width + gap, bottom, width, self.panel_height)

    def _corner(self, i: int) -> tuple[float, float]:
        down, across = divmod(i, self.across)
        left = self.left + across * (self.panel_width + self.gap_across)
        return left, self.height - self.top - down * (self.panel_height + self.gap_down) - self.panel_height

    def with_room(self, figure: Figure, panels: Sequence[Axes]) -> "Layout":
        """Return the layout with room for the labels of these panels, and put the panels into their places in it.

        Tick labels get the room that they take to the left of a panel and beyond its ends; labels of axes that are
        longer than their side of a panel are broken into lines.
        """
        lines_below = lines_beside = 0
        for axes in panels:
            words = broken(axes.get_xlabel(), 72 * (self.panel_width + self.gap_across) - _CLEAR, _LABEL_SIZE)
            axes.set_xlabel(words)
            lines_below = max(lines_below, words.count("\n"))
            words = broken(axes.get_ylabel(), 72 * (self.panel_height + self.gap_down) - _CLEAR, _LABEL_SIZE)
            axes.set_ylabel(words)
            lines_beside = max(lines_beside, words.count("\n"))
        lines_of_ticks = max(
            (label.get_text().count("\n") for axes in panels for label in axes.get_xticklabels()), default=0
        )
        beside = [_beside(axes) for axes in panels]
        ends = [_overhang(axes, 72 * self.panel_width) for axes in panels]
        lefts = [max(one, low) for one, (low, _) in zip(beside, ends, strict=True)]
        rows = [
            range(first, min(first + self.across, len(panels)))
            for first in range(0, len(panels), self.across)
        ]
        between = [ends[i][1] + lefts[i + 1] + _CLEAR for row in rows for i in row[:-1]]
        fitted = replace(
            self,
            left=max(self.left, max(lefts[row[0]] for row in rows) / 72 + 0.06) + LINE * lines_beside,
            right=max(self.right, max(ends[row[-1]][1] for row in rows) / 72 + 0.06),
            bottom=self.bottom + LINE * (lines_below + lines_of_ticks),
            gap_across=max(self.gap_across, max(between, default=0.0) / 72),
        )
        if wishes().place is None:
            figure.set_size_inches(fitted.width, fitted.height + _strip())
        if wishes().title:
            titles = [text for text in figure.texts if text.get_label() == _TITLE]
            titles[-1].set_position(fitted._title_place())
        for i, axes in enumerate(panels):
            axes.set_position(fitted.panel(i))
        return fitted

    def with_head(self, notes: Sequence[str], title: str = "") -> tuple["Layout", list[str], str]:
        """Return the layout, notes and title so that no line of them is wider than the figure."""
        room = 72 * (self.width - self.left - 0.06)
        lines = [line for note in notes for line in broken(note, room, 8.5).split("\n")]
        broken_title = broken(title, room, 10)
        more = len(lines) - len(notes) + broken_title.count("\n")
        return replace(self, top=self.top + 1.3 * LINE * more), lines, broken_title


def _strip() -> float:
    """Return the height of the strip above all else for the title that is wished for."""
    return 1.5 * LINE if wishes().title else 0.0


def _beside(axes: Axes) -> float:
    """Return the room in points that the labels to the left of a panel take."""
    labels = [tick.get_text() for tick in axes.get_yticklabels()]
    is_labelled = axes.yaxis.get_tick_params().get("labelleft", True)
    ticks = widest(labels, _TICK_SIZE) + 7 if is_labelled and any(labels) else 0.0
    return ticks + (1.5 * _LABEL_SIZE + 6 if axes.get_ylabel() else 0.0)


def _overhang(axes: Axes, width: float) -> tuple[float, float]:
    """Return by how many points tick labels below a panel reach beyond its left and its right end."""
    if not axes.xaxis.get_tick_params().get("labelbottom", True):
        return 0.0, 0.0
    low, high = axes.get_xlim()
    grow = np.log if axes.get_xscale() == "log" else np.asarray
    reach = [(0.0, 0.0)]
    for at, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        half = (_TICK_SIZE if label.get_rotation() else text_width(label.get_text(), _TICK_SIZE)) / 2
        place = width * float((grow(at) - grow(low)) / (grow(high) - grow(low)))
        reach.append((half - place, half - (width - place)))
    return max(left for left, _ in reach), max(right for _, right in reach)


def panel_width(usual: float, across: int, beside: float) -> float:
    """Return the width of panels with so much beside them in all: the usual one, or what a size leaves, in inches."""
    room = wishes().room
    return usual if room is None else max((room[0] - beside) / across, _LEAST_PANEL)


def add_head(figure: Figure, layout: Layout, notes: Sequence[str], title: str = "") -> None:
    """Write a title and notes at the top of the figure, a line each; an empty title takes no line."""
    for i, line in enumerate([title, *notes] if title else notes):
        place = layout.place(layout.left, layout.height - 0.06 - 1.3 * LINE * i, 0, 0)[:2]
        figure.text(*place, line, size=10 if title and i == 0 else 8.5, va="top")
