"""Where panels, legends and notes stand in a figure, in inches.

Everything is placed by arithmetic on measured text widths, not by an iterating layout engine: it is ten times
as fast and gives the same place on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.report.look.style import ShownFigure

LINE = 0.17
"""The height of a line of small text, in inches."""


@dataclass(frozen=True)
class Layout:
    """A grid of `n_panels` equal panels, filled row by row, `across` in a row; lengths in inches."""

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

    def figure(self) -> tuple[Figure, list[Axes]]:
        """Return a figure with its empty panels."""
        figure = ShownFigure(figsize=(self.width, self.height))
        return figure, [self._panel(figure, i) for i in range(self.n_panels)]

    def place(
        self, left: float, bottom: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """Return a rectangle in inches from the lower left corner, in the units of `Figure.add_axes`."""
        return left / self.width, bottom / self.height, width / self.width, height / self.height

    def _panel(self, figure: Figure, i: int) -> Axes:
        down, across = divmod(i, self.across)
        left = self.left + across * (self.panel_width + self.gap_across)
        top = self.top + down * (self.panel_height + self.gap_down)
        return figure.add_axes(
            self.place(left, self.height - top - self.panel_height, self.panel_width, self.panel_height)
        )


def add_head(figure: Figure, layout: Layout, notes: Sequence[str], title: str = "") -> None:
    """Write a title and notes at the top of the figure, a line each; an empty title takes no line."""
    for i, line in enumerate([title, *notes] if title else notes):
        place = layout.place(layout.left, layout.height - 0.06 - 1.3 * LINE * i, 0, 0)[:2]
        figure.text(*place, line, size=10 if title and i == 0 else 8.5, va="top")
