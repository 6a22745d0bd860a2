"""What a person wishes of a figure beyond what it shows: its place or size, its colours, a title.

It holds while one figure is drawn, as the settings of the look do. The pages wish for nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure

from sweep.errors import InputError

LABELS_BESIDE = (0.6, 0.45)
"""Inches to the left of given axes and below them, which they leave to their labels as others do."""

_LEAST_INCHES, _MOST_INCHES = 1.0, 200.0


@dataclass(frozen=True)
class Place:
    """A part of a figure, in inches from its lower left corner; `axes` stand in it."""

    axes: Axes
    left: float
    bottom: float
    width: float
    height: float
    of_width: float
    of_height: float


@dataclass(frozen=True)
class Wishes:
    """A place in a figure that is there, or a size in inches; colours, from the first value to the last; a title."""

    place: Place | None = None
    size: tuple[float, float] | None = None
    cmap: Colormap | None = None
    title: str = ""

    @staticmethod
    def of(ax: Any = None, size: Any = None, cmap: Any = None, title: Any = "") -> "Wishes":
        """Return wishes as a person says them. Raises `InputError` for what cannot be one."""
        if ax is not None and not isinstance(ax, Axes):
            raise InputError(f"`ax` must be axes of matplotlib, such as those of plt.subplots(), got {ax!r}")
        if ax is not None and size is not None:
            raise InputError("`ax` has its size from its figure: give `ax` or `size`, not both")
        if not isinstance(title, str):
            raise InputError(f"`title` must be a text, got {title!r}")
        return Wishes(None if ax is None else _place_of(ax), _size(size), _colours(cmap), title)

    @property
    def room(self) -> tuple[float, float] | None:
        """Width and height in inches of all that is drawn; None if it may take what it needs."""
        return self.size if self.place is None else (self.place.width, self.place.height)


_NOW: ContextVar[Wishes] = ContextVar("wishes", default=Wishes())  # noqa: B039  # it is frozen


def wishes() -> Wishes:
    """Return what is wished of the figure that is being drawn."""
    return _NOW.get()


@contextmanager
def granting(wished: Wishes) -> Iterator[None]:
    """Draw figures as they are wished."""
    before = _NOW.set(wished)
    try:
        yield
    finally:
        _NOW.reset(before)


def _place_of(axes: Axes) -> Place:
    """Return the room of axes in their figure, with that of the labels beside them."""
    figure = axes.get_figure()
    if figure is None:
        raise InputError("`ax` must be axes that stand in a figure, such as those of plt.subplots()")
    whole = figure if isinstance(figure, Figure) else figure.get_figure(root=True)
    if (engine := whole.get_layout_engine()) is not None:
        engine.execute(whole)
        whole.set_layout_engine("none")  # it would put other axes where legends are
    dpi = whole.dpi
    of_width, of_height = figure.bbox.width / dpi, figure.bbox.height / dpi
    box = axes.get_position(original=True)
    left, bottom = (
        max(0.0, box.x0 * of_width - LABELS_BESIDE[0]),
        max(0.0, box.y0 * of_height - LABELS_BESIDE[1]),
    )
    width, height = box.x1 * of_width - left, box.y1 * of_height - bottom
    return Place(axes, left, bottom, width, height, of_width, of_height)


def _size(size: Any) -> tuple[float, float] | None:
    if size is None:
        return None
    try:
        width, height = map(float, size)
    except (TypeError, ValueError):
        raise InputError(f"`size` must be width and height in inches, such as (6, 4), got {size!r}") from None
    if not all(_LEAST_INCHES <= side <= _MOST_INCHES for side in (width, height)):
        raise InputError(
            f"`size` must be inches from {_LEAST_INCHES:g} to {_MOST_INCHES:g}, such as (6, 4), got {size!r}"
        )
    return width, height


def _colours(cmap: Any) -> Colormap | None:
    if cmap is None or isinstance(cmap, Colormap):
        return cmap
    try:
        return mpl.colormaps[cmap]
    except (KeyError, TypeError):
        raise InputError(
            f'`cmap` must be the name of a colour map of matplotlib, such as "viridis" or "magma_r", got {cmap!r}'
        ) from None
