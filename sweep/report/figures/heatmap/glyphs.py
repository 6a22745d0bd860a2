"""Many short numbers as few artists: a collection for each sign that occurs, in place of a text for each number.

A text measures, lays out and draws itself; of a few hundred in a figure that is most of the time which it takes.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from sweep.report.look.fonts import PLAIN
from sweep.report.look.style import text_width
from sweep.terms.arrays import Floats

_EM = 100.0
"""The size in points at which a sign is outlined and measured."""


def write_centred(
    axes: Axes,
    texts: Sequence[str],
    places: Floats,
    inks: Sequence[str],
    size: float,
    square: tuple[float, float],
) -> None:
    """Write each text with its middle at its place, of shape (texts, 2), where squares have a size in points."""
    signs: dict[str, list[tuple[float, float, str]]] = {}
    down = _height() * size / 2 / square[1]
    for text, (x, y), ink in zip(texts, places.tolist(), inks, strict=True):
        at = x - sum(map(_advance, text)) * size / 2 / square[0]
        for sign in text:
            signs.setdefault(sign, []).append((at, y - down, ink))
            at += _advance(sign) * size / square[0]
    figure = axes.get_figure()
    assert figure is not None  # these are its axes
    in_points = Affine2D().scale(size / _EM / 72) + figure.dpi_scale_trans
    for sign, found in signs.items():
        collection = PathCollection(
            [_outline(sign)],
            offsets=[(x, y) for x, y, _ in found],
            offset_transform=axes.transData,
            facecolors=[ink for _, _, ink in found],
            linewidths=0,
            zorder=3,
        )
        collection.set_transform(in_points)
        axes.add_collection(collection, autolim=False)


@cache
def _outline(sign: str) -> Path:
    return TextPath((0, 0), sign, size=_EM, prop=FontProperties(family=[PLAIN]))


@cache
def _advance(sign: str) -> float:
    """Return the width of a sign, at 1 point."""
    return (text_width(10 * sign, _EM) / 10) / _EM


@cache
def _height() -> float:
    """Return the height of a digit, at 1 point."""
    return float(np.ptp(np.asarray(_outline("0").vertices)[:, 1])) / _EM
