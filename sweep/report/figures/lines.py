"""What all figures of losses as lines share: a line with its band, its entry in the legend, and crosses."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sweep.report.figures.multiples import Multiples
from sweep.report.look.labels import level_labels
from sweep.report.look.scales import Frame
from sweep.report.look.style import INK
from sweep.terms.arrays import Floats
from sweep.words import message, say, word

_CROSS: dict[str, Any] = {"ls": "", "marker": "x", "ms": 6, "mew": 1.8}
_HEAD: dict[str, Any] = {"ls": "", "ms": 6, "mec": "white", "mew": 0.6}
_DIVERGED = {"median": message("median diverged"), "mean": message("mean diverged")}


def draw_line(
    axes: Axes, line: pd.DataFrame, x: str, value: str, colour: str, frame: Frame, marker: str = ""
) -> None:
    """Draw the finite values of a statistic against `x`, with the band between the quartiles.

    Values below the frame are drawn along its lower edge: on a logarithmic axis a 0 has no other place. An arrowhead
    stands at the edge wherever the line goes beyond it.
    """
    line = line.sort_values(x)
    at, loss = line[x].to_numpy(), line[value].to_numpy(float)
    finite = np.isfinite(loss)
    low, high = (
        np.clip(line[side].to_numpy(float), frame.low, frame.far_above)
        for side in ("lower_quartile", "upper_quartile")
    )
    axes.fill_between(at, low, high, where=finite.tolist(), color=colour, alpha=0.14, lw=0)
    seen = np.where(finite, np.clip(loss, frame.low, frame.far_above), np.nan)
    axes.plot(at, seen, color=colour, lw=1.6, marker=marker, ms=4)
    if not marker:
        is_alone = finite & ~np.pad(finite, (1, 0))[:-1] & ~np.pad(finite, (0, 1))[1:]
        if is_alone.any():  # a line through one point is none
            axes.plot(at[is_alone], seen[is_alone], color=colour, ls="", marker="o", ms=3)
    add_heads_beyond(axes, at, loss if marker else where_beyond(loss, frame), frame, colour)


def where_beyond(values: Floats, frame: Frame) -> Floats:
    """Return the values of a line, NaN where it goes on beyond an edge: one arrowhead for all of them is enough."""
    beyond = frame.is_above(values).astype(int) - frame.is_below(values)
    goes_on = np.concatenate([[False], (beyond[1:] != 0) & (beyond[1:] == beyond[:-1])])
    return np.where(goes_on, np.nan, values)


def add_heads_beyond(axes: Axes, at: Floats, values: Floats, frame: Frame, colour: str) -> None:
    """Put an arrowhead at the edge for each value that is beyond it; those of further lines stand further inside."""
    for beyond, edge, head in ((frame.is_above(values), 1.0, "^"), (frame.is_below(values), 0.0, "v")):
        if beyond.any():
            there = [line for line in axes.lines if line.get_marker() == head]
            n_before = sum(bool(np.isin(line.get_xdata(), at[beyond]).any()) for line in there)
            axes.plot(
                at[beyond],
                np.full(beyond.sum(), abs(edge - 0.045 * n_before)),
                marker=head,
                color=colour,
                transform=axes.get_xaxis_transform(),
                clip_on=False,
                zorder=5,
                **_HEAD,
            )


def add_cross(axes: Axes, x: float, y: float, colour: str) -> None:
    """Put a cross where a line ends because its loss becomes infinite."""
    axes.plot([x], [y], color=colour, clip_on=False, zorder=4, **_CROSS)


def add_crosses_above(axes: Axes, at: Sequence[float], row: int, colour: str) -> None:
    """Put crosses near the upper edge, each line's in a row of its own, counted from the edge."""
    add_crosses_at(axes, at, 0.955 - 0.05 * row, colour)


def add_crosses_at(axes: Axes, at: Sequence[float], height: float, colour: str) -> None:
    """Put crosses at a height, from 0 at the lower edge to 1 at the upper one."""
    axes.plot(
        at,
        np.full(len(at), height),
        color=colour,
        transform=axes.get_xaxis_transform(),
        clip_on=False,
        zorder=4,
        **_CROSS,
    )


def line_handles(
    shown: Multiples, colours: list[str], value: str, frames: Sequence[Frame], marker: str = ""
) -> list[Line2D]:
    """Return the entries of the legend: the values of the hue in order, and each mark that occurs."""
    levels = [level for level in shown.hues if level is not None]
    handles = [
        Line2D([], [], color=colour, lw=2, marker=marker, ms=4, label=label)
        for colour, label in zip(colours, level_labels(levels), strict=bool(levels))
    ]
    cross = Line2D([], [], color=INK, label=word(_DIVERGED[value]), **_CROSS)
    values = shown.drawn[value].to_numpy(float)
    panels = shown.of_panels(lambda table: table[value].to_numpy(float))
    return [
        *handles,
        *beyond_handles(list(zip(panels, frames, strict=True))),
        *([cross] if np.isinf(values).any() else []),
    ]


def beyond_handles(framed: Sequence[tuple[Floats, Frame]]) -> list[Line2D]:
    """Return the entries of the legend for values that are beyond their frame."""
    return [
        Line2D([], [], color=INK, marker=head, label=words, **_HEAD)
        for head, words in zip("^v", beyond_words(framed), strict=True)
        if words
    ]


def beyond_words(framed: Sequence[tuple[Floats, Frame]]) -> tuple[str, str]:
    """Return what an arrowhead at the upper edge means, and one at the lower edge; "" for one that does not occur."""
    below = np.concatenate([values[frame.is_below(values)] for values, frame in framed])
    is_above = any(frame.is_above(values).any() for values, frame in framed)
    return say("above the frame") if is_above else "", _low_words(below)


def _low_words(below: Floats) -> str:
    """Return what an arrowhead at the lower edge means, where these values are below their frame."""
    if not below.size:
        return ""
    if below.all():
        return say("below the frame")
    return say("below the frame, or exactly 0") if below.any() else say("exactly 0")
