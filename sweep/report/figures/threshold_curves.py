"""Threshold curves: the share of runs that succeed against the bound; so one sees whether a claim's bound decides."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sweep.claims.thresholds import SuccessCurve, Threshold, band_around
from sweep.report.look.axis_choice import AxisChoice, Levels, moving_axes, spread
from sweep.report.look.fonts import drawable
from sweep.report.look.labels import PLAIN, Labels, Level, level_labels, list_words, number, wheres
from sweep.report.look.placement import LINE, Layout, add_head
from sweep.report.look.scales import Frame, positive, spans_decades
from sweep.report.look.style import (
    FAINT_INK,
    INK,
    broken,
    drawn_in_style,
    line_colours,
    text_width,
    widest,
)
from sweep.terms.text import percent_text
from sweep.terms.values import exactly, ordered, table_values
from sweep.words import say

_MOST_PANELS = 12
_MOST_LINES = 5
"""In one panel: of more than these the bands could not be told apart."""

_MOST_STEPS = 400
"""So many steps of a curve are drawn; of more, the curve at so many bounds."""

_WIDEST = 100.0
"""By this factor from the bound, at most, the frame goes to either side where it is by ratios."""

_PANEL_SIZES = {1: (5.0, 3.0), 2: (3.3, 2.4), 3: (2.5, 1.9), 4: (2.05, 1.6)}
"""Width and height of a panel in inches, by how many stand in a row."""

_ALONE = "#3f6fa8"
_BAND_ALPHA = 0.16
_BOUND: dict[str, Any] = {"color": INK, "lw": 1.1, "ls": (0, (4, 2))}
_NEAR: dict[str, Any] = {"color": FAINT_INK, "lw": 0.7}
_SHARE: dict[str, Any] = {"color": INK, "lw": 1.1, "ls": (0, (1, 1.5))}
_SIZE = 8.0
_TITLE_SIZE = 8.5
_ROW = 0.187
"""The height of a row of a legend, in inches."""


@dataclass(frozen=True, eq=False)
class ShownCurves:
    """The part of a threshold's curves that a figure shows.

    Attributes
    ----------
    hue
        The axis with a colour for each of its values; None if each panel has one curve.
    hues
        The values of it that are shown; [None] without one.
    facets
        For each panel the values of the axes that tell it from others.
    curves
        By the numbers of the panel and of the hue; without those that the grid leaves out or that have no result.
    """

    threshold: Threshold
    hue: str | None
    hues: list[Level | None]
    facets: Sequence[Mapping[str, Level]]
    curves: Mapping[tuple[int, int], SuccessCurve]
    labels: Labels

    @property
    def notes(self) -> list[str]:
        """What the figure leaves out, in words; empty if it shows everything."""
        n_begun, n_all = len(self.threshold.begun), len(self.threshold.curves)
        notes = []
        if len(self.curves) < n_begun:
            shown = len(self.curves)
            notes.append(say("{n} of {of} conditions, evenly selected", n=shown, of=number(n_begun)))
        if n_begun < n_all:
            n, of = number(n_all - n_begun), number(n_all)
            notes.append(say("{n} of {of} conditions have no result yet", n=n, of=of))
        return notes


def shown_thresholds(
    threshold: Threshold, choice: AxisChoice | None = None, labels: Labels = PLAIN
) -> ShownCurves:
    """Return what `threshold_curves` shows: a panel for each condition, or lines in colours where these are too many.

    That axis is coloured with which most conditions are shown, in at most 12 panels with at most 5 lines each, and
    with as few lines in a panel as can be.
    """
    words = {axis: _words(threshold, axis) for axis in threshold.curves[0].condition}
    levels = {axis: list(each.values()) for axis, each in words.items()}
    begun = [
        ({axis: words[axis][exactly(value)] for axis, value in curve.condition.items()}, curve)
        for curve in threshold.begun
    ]
    hue, moving = _sides([place for place, _ in begun], levels, (choice or AxisChoice()).display.colours)
    panels = spread(_places([place for place, _ in begun], moving), _MOST_PANELS)
    hues: list[Level | None] = [*spread(levels[hue], _MOST_LINES)] if hue else [None]
    curves = {}
    for place, curve in begun:
        panel, coloured = tuple(place[axis] for axis in moving), place[hue] if hue else None
        if panel in panels and coloured in hues:
            curves[panels.index(panel), hues.index(coloured)] = curve
    facets = [dict(zip(moving, panel, strict=True)) for panel in panels]
    return ShownCurves(threshold, hue, hues, facets, curves, labels)


@drawn_in_style
def threshold_curves(shown: ShownCurves) -> Figure:
    """Draw the share of successful runs against the bound, as steps, with the band that holds the true curve.

    A dashed line is the stated bound, beside thin ones at half and at twice of it (`Threshold.neighbours`); a dotted
    one is the share that the claim is about. There must be a curve with a result.
    """
    threshold, frame = shown.threshold, bound_frame(shown.threshold)
    colours = line_colours([hue for hue in shown.hues if hue is not None]) or [_ALONE]
    coloured, common = _coloured_handles(shown, colours), _common_handles(threshold, colours)
    title = shown.labels.full(shown.hue) if shown.hue else ""
    texts = [title, *(str(handle.get_label()) for handle in (*coloured, *common))]
    layout, titles = _layout(shown, widest(texts, _SIZE) / 72)
    layout, notes, _ = layout.with_head([note for note in shown.notes if drawable(note)])
    figure, panels = layout.figure()
    for i, axes in enumerate(panels):
        _prepare(axes, threshold, frame)
        for j, colour in enumerate(colours):
            if (i, j) in shown.curves:
                _draw(axes, shown.curves[i, j], threshold.confidence, frame, colour)
        axes.set_title(titles[i], loc="left", size=_TITLE_SIZE, pad=4)
        axes.set_ylabel(say("runs that succeed") if layout.is_leftmost(i) else "")
        axes.set_xlabel(
            say("bound of the {metric}", metric=threshold.metric.words) if layout.is_lowest(i) else ""
        )
        axes.tick_params(labelleft=layout.is_leftmost(i), labelbottom=layout.is_lowest(i))
    layout = layout.with_room(figure, panels)
    add_head(figure, layout, notes)
    if coloured:
        _add_legend(figure, layout, coloured, title, 0.0)
    _add_legend(figure, layout, common, "", (len(coloured) + 1.5) * _ROW if coloured else 0.0)
    return figure


def bound_frame(threshold: Threshold) -> Frame:
    """Return the frame of bounds: that of nearly all values, the stated bound and its neighbours within.

    It is logarithmic where no value is negative and those above 0 span decades; there it ends at a hundredth and a
    hundred times of the bound, so that losses that all but diverged leave the others room.
    """
    limit, values = threshold.limit, threshold.values
    near = [limit, *(threshold.neighbours or ())]
    above = positive(values)
    if limit > 0 and above.size and not (values < 0).any() and spans_decades([*above, limit]):
        ends = [*np.clip([above.min(), above.max()], limit / _WIDEST, limit * _WIDEST), *near]
        return Frame(float(min(ends)) / 1.15, float(max(ends)) * 1.15, is_log=True)
    if values.size:
        # Of an accuracy that is to be above 0.4, twice is nothing that a run could reach.
        is_reachable = threshold.metric.is_lower_better or threshold.counts_from_one
        ends = [*np.quantile(values, [0.01, 0.99]), *(near if is_reachable else [limit])]
    else:
        ends = near if len(near) > 1 else [limit - 1.0, limit + 1.0]
    margin = 0.06 * (max(ends) - min(ends)) or 0.5
    return Frame(float(min(ends) - margin), float(max(ends) + margin), is_log=False)


def _words(threshold: Threshold, axis: str) -> dict[Hashable, Level]:
    """Return how each value of an axis is shown, in their order."""
    values = {exactly(curve.condition[axis]): curve.condition[axis] for curve in threshold.curves}
    shown = ordered(values.values())
    return dict(zip(map(exactly, shown), table_values(shown), strict=True))


def _sides(
    places: Sequence[Mapping[str, Level]], levels: Levels, preferred: Sequence[str]
) -> tuple[str | None, list[str]]:
    """Return the axis that is coloured, None if none needs to be, and those that tell the panels apart."""
    moving = moving_axes(levels)
    best: tuple[str | None, list[str]] = (None, moving)
    most = (min(len(places), _MOST_PANELS), -1)
    for axis in sorted(moving, key=lambda axis: axis not in preferred):
        others = [other for other in moving if other != axis]
        panels = set(spread(_places(places, others), _MOST_PANELS))
        lines = set(spread(levels[axis], _MOST_LINES))
        n_shown = sum(
            place[axis] in lines and tuple(place[other] for other in others) in panels for place in places
        )
        if (n_shown, -len(lines)) > most:
            best, most = (axis, others), (n_shown, -len(lines))
    return best


def _places(places: Sequence[Mapping[str, Level]], axes: Sequence[str]) -> list[tuple[Level, ...]]:
    """Return the distinct places on some axes, in the order of the conditions."""
    return list(dict.fromkeys(tuple(place[axis] for axis in axes) for place in places))


def _layout(shown: ShownCurves, legend_width: float) -> tuple[Layout, list[str]]:
    """Return where the panels stand, and their titles, in as many lines as they need."""
    n = len(shown.facets)
    across = n if n < 4 else -(-n // 2) if n <= 6 else -(-n // 3) if n <= 9 else 4
    width, height = _PANEL_SIZES[across]
    titles = [_title(words.split("\n"), width) for words in wheres(shown.facets, "\n")]
    n_lines = max(title.count("\n") + 1 if title else 0 for title in titles)
    layout = Layout(
        n_panels=n,
        across=across,
        panel_width=width,
        panel_height=height,
        left=0.78,
        right=0.2 + legend_width + 0.42,
        top=0.12 + 1.3 * LINE * len(shown.notes) + LINE * n_lines,
        bottom=0.52,
        gap_across=0.22,
        gap_down=0.22 + LINE * n_lines,
    )
    return layout, titles


def _title(words: list[str], width: float) -> str:
    """Write the place of a panel, a new line for what does not fit."""
    parts = [f"{one}," for one in words[:-1]] + words[-1:]
    lines: list[str] = []
    for part in parts:
        if lines and _fits(f"{lines[-1]} {part}", width):
            lines[-1] = f"{lines[-1]} {part}"
        else:
            lines += [part] if _fits(part, width) else part.replace(" = ", " =\n", 1).split("\n")
    return broken("\n".join(lines), 72 * width, _TITLE_SIZE)


def _fits(line: str, width: float) -> bool:
    return text_width(line, _TITLE_SIZE) <= 72 * width


def _prepare(axes: Axes, threshold: Threshold, frame: Frame) -> None:
    """Make the axes of a panel, and draw what does not depend on the runs."""
    frame.set_ticks(axes.xaxis, at_most=6)
    axes.set_ylim(-0.03, 1.03)
    axes.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.grid(axis="y", color="#e5e7eb", lw=0.6)
    axes.set_axisbelow(True)
    for near in threshold.neighbours or ():
        if frame.low < near < frame.high:
            axes.axvline(near, zorder=2, **_NEAR)
    axes.axvline(threshold.limit, zorder=3, **_BOUND)
    axes.axhline(threshold.share, zorder=3, **_SHARE)


def _draw(axes: Axes, curve: SuccessCurve, confidence: float, frame: Frame, colour: str) -> None:
    inside = np.unique(curve.values[(curve.values > frame.low) & (curve.values < frame.high)])
    if len(inside) > _MOST_STEPS:
        inside = (np.geomspace if frame.is_log else np.linspace)(frame.low, frame.high, _MOST_STEPS)[1:-1]
    bounds = np.concatenate([[frame.low], inside, [frame.high]])
    shares = curve.share_after(bounds)
    low, high = band_around(shares, curve.n, confidence)
    axes.fill_between(bounds, low, high, step="post", color=colour, alpha=_BAND_ALPHA, lw=0, zorder=1)
    axes.plot(bounds, shares, drawstyle="steps-post", color=colour, lw=1.6, zorder=4)


def _coloured_handles(shown: ShownCurves, colours: list[str]) -> list[Line2D]:
    hues = [hue for hue in shown.hues if hue is not None]
    return [
        Line2D([], [], color=colour, lw=2, label=label)
        for colour, label in zip(colours, level_labels(hues) if hues else [], strict=False)
    ]


def _common_handles(threshold: Threshold, colours: list[str]) -> list[Line2D | Patch]:
    band_colour = colours[0] if len(colours) == 1 else FAINT_INK
    alone = (
        [Line2D([], [], color=colours[0], lw=2, label=say("share of the runs"))] if len(colours) == 1 else []
    )
    of_confidence = say("its {confidence} band", confidence=percent_text(threshold.confidence))
    band = Patch(color=band_colour, alpha=_BAND_ALPHA, lw=0, label=of_confidence)
    bound = Line2D([], [], label=say("bound: {bound}", bound=bound_words(threshold.limit)), **_BOUND)
    near = Line2D([], [], label=neighbour_words(threshold), **_NEAR)
    share = Line2D([], [], label=say("the claim's {share}", share=percent_text(threshold.share)), **_SHARE)
    return [*alone, band, bound, *([near] if threshold.neighbours else []), share]


def bound_words(bound: float) -> str:
    """Write a bound as it is stated, with six digits at most."""
    return number(bound, 6)


def neighbour_words(threshold: Threshold) -> str:
    """Return which bounds are near the stated one, in words."""
    if threshold.neighbours is None:
        return ""
    if threshold.counts_from_one:
        low, high = sorted(threshold.neighbours)
        return list_words([bound_words(low), bound_words(high)])
    return say("half and twice of it")


def _add_legend(
    figure: Figure, layout: Layout, handles: Sequence[Line2D | Patch], title: str, down: float
) -> None:
    """Put a legend to the right of the panels, so many inches below their upper edge."""
    left, top = layout.width - layout.right + 0.12, layout.height - layout.top - down
    figure.legend(
        handles=list(handles),
        title=title,
        alignment="left",
        loc="upper left",
        bbox_to_anchor=layout.place(left, top, 0, 0)[:2],
        borderaxespad=0,
        borderpad=0,
        handlelength=1.6,
    )
