"""Figures of a page, which are drawn when their bytes are wanted, or before that by two processes."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from matplotlib.figure import Figure

from sweep.aside import Aside
from sweep.report.look.style import png, svg
from sweep.words import language, speaking


class Images(NamedTuple):
    """A figure as bytes."""

    png: bytes
    svg: bytes


class Drawing:
    """A figure that is to be drawn, once, in the language that is spoken now."""

    def __init__(self, draw: Callable[[], Figure]) -> None:
        self._draw = draw
        self._language = language()

    @cached_property
    def images(self) -> Images:
        """The figure, which is drawn if it is not yet."""
        with speaking(self._language):
            figure = self._draw()
            return Images(png(figure), svg(figure))


def draw_with(aside: Aside, drawings: Sequence[Drawing]) -> None:
    """Draw figures with a second process that has been asked for the same.

    It begins with the first, and this one with the last, until they meet. If it comes to an end before that, those that
    nobody has drawn are drawn when they are wanted.
    """
    there: dict[int, Images | None] = {}  # None: it is being drawn
    for number in reversed(range(len(drawings))):
        while number not in there and (answer := aside.answer()) is not None:
            there.update([answer])
        if number in there:
            while there[number] is None and (answer := aside.answer(wait=True)) is not None:
                there.update([answer])
            break
        _ = drawings[number].images
    for number, images in there.items():
        if images is not None:
            drawings[number].images = images
