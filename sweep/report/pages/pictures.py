"""The pictures of a report: which ones make sense for a sweep, with captions and texts for the blind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from sweep.report.figures.against import objective_against, shown_against
from sweep.report.figures.heatmap.heatmap import MOST_PANELS, heatmap
from sweep.report.figures.learned_functions import learned_functions, shown_functions
from sweep.report.figures.learning_curves import learning_curves, shown_curves
from sweep.report.figures.multiples import Multiples
from sweep.report.figures.scatter import (
    MOST_AXES,
    MOST_CURVES,
    is_scattered,
    notes_beyond,
    scatter,
    scattered_curves,
)
from sweep.report.figures.weights import network_weights, shown_layers
from sweep.report.look.axis_choice import LineAxes, axes_of, best_cell, is_numeric, moving_axes
from sweep.report.look.labels import Labels, count_words, list_words, number, short_words, where
from sweep.report.look.style import png, svg
from sweep.report.pages.content import ReportContent
from sweep.report.pages.summary import place_axes, replicates_so_far
from sweep.tables.curves import Coverage
from sweep.terms.columns import SHARE_DIVERGED


@dataclass(frozen=True)
class Picture:
    """A figure on a page, or the reason why there is none: then `caption` says it, and there are no bytes.

    `reading` says how to read it, where that takes more than a caption.
    """

    name: str
    heading: str
    caption: str
    alt: str = ""
    png: bytes = b""
    svg: bytes = b""
    reading: str = ""


def pictures_of(content: ReportContent) -> list[Picture]:
    """Draw the figures that this sweep has something to say in."""
    if content.cells.empty:
        return []
    drawn = {content.training.display.against_name: _against, **_DRAWN}
    names = content.figures or content.training.figure_names
    best = best_cell(content.cells, "median", content.training.objective) or {}
    pictures: list[Picture | None] = []
    for name in names:
        pictures.append(drawn[name](content, best))
        if name == "heatmap":
            pictures.append(_share_diverged(content))
        if name == "curves":
            pictures += _other_curves(content, best)
    return [picture for picture in pictures if picture is not None]


def _heatmap(content: ReportContent, best: Mapping[str, Any]) -> Picture | None:
    heading, labels = "Heatmap", content.labels
    axes, moving = content.choice.heatmap(content.axes), moving_axes(content.axes)
    if len(moving) == 1 and is_numeric(content.axes[moving[0]]):
        return _along(content, best, moving[0])
    if axes is None:
        why = (
            f"it takes two axes, and only {list_words([labels.full(axis) for axis in moving])} has more than one value"
            if moving
            else "no axis of the sweep has two values"
        )
        return Picture("heatmap", heading, f"There is no heatmap: {why}.")
    if is_scattered(content.cells, axes):
        return _scatter(content, best)
    figure = heatmap(
        content.cells,
        axes.rows,
        axes.columns,
        facets=axes.facets,
        levels=content.axes,
        labels=labels,
        planned=content.planned,
    )
    n_panels = len(content.cells[list(axes.facets)].drop_duplicates()) if axes.facets else 1
    what, metric = labels.full("median"), content.training.objective
    bright = "low" if metric.is_lower_better else "high"
    caption = [
        f"The {what} of {replicates_so_far(content)}, "
        f"{short_words(axes.rows)} upwards and {short_words(axes.columns)} to the right; bright is {bright}."
    ]
    if axes.facets:
        each = list_words([labels.one(axis) for axis in axes.facets])
        caption.append(f"A panel for each {each}, with the same colours.")
    if n_panels > MOST_PANELS:
        caption.append(f"{MOST_PANELS} of {number(n_panels)} panels are shown, evenly selected.")
    if np.isinf(content.cells["median"]).any():
        caption.append(
            "Grey squares with stripes: half of the runs or more diverged, so that the median is infinite."
        )
    if best:
        caption.append("The best cell is outlined.")
    alt = f"Heatmap of the {what} over {short_words(axes.rows)} and {short_words(axes.columns)}"
    if best:
        extreme = "lowest" if metric.is_lower_better else "highest"
        alt += (
            f"; {extreme} at {where({axis: best[axis] for axis in place_axes(content)}, among=content.axes)}"
        )
    return _picture("heatmap", heading, figure, caption, f"{alt}.")


def _share_diverged(content: ReportContent) -> Picture | None:
    """Draw the share of diverged runs where some of a cell's runs did, as the median there says nothing of it."""
    cells, labels = content.cells, content.labels
    axes = content.choice.heatmap(content.axes)
    is_partly = (cells["n_diverged"] > 0) & (cells["n_diverged"] < cells["n_runs"] - cells["n_failed"])
    if axes is None or len(moving_axes(content.axes)) < 2 or not is_partly.any() or is_scattered(cells, axes):
        return None
    n_results = (cells["n_runs"] - cells["n_failed"]).replace(0, np.nan)
    shares = cells.assign(n_diverged=0, **{SHARE_DIVERGED: cells["n_diverged"] / n_results})
    figure = heatmap(
        shares,
        axes.rows,
        axes.columns,
        SHARE_DIVERGED,
        facets=axes.facets,
        levels=content.axes,
        labels=labels,
        planned=content.planned,
    )
    what = labels.full(SHARE_DIVERGED)
    sides = f"{short_words(axes.rows)} upwards and {short_words(axes.columns)} to the right"
    some = count_words(int(is_partly.sum()), "cell")
    caption = [f"The {what}, from 0 to 1, {sides}; some, but not all of the runs of {some} did."]
    alt = f"Heatmap of the {what} over {short_words(axes.rows)} and {short_words(axes.columns)}."
    return _picture("diverged", "Diverged runs", figure, caption, alt)


def _scatter(content: ReportContent, best: Mapping[str, Any]) -> Picture:
    """Draw what stands in the place of a heatmap whose squares would nearly all be empty."""
    labels, moving = content.labels, moving_axes(content.axes)
    what, shown = labels.full("median"), moving[:MOST_AXES]
    note = f"{len(shown)} of {len(moving)} axes" if len(shown) < len(moving) else ""
    caption = [
        f"The {what} of {replicates_so_far(content)} against each axis by itself, a dot for each cell."
    ]
    if np.isinf(content.cells["median"]).any():
        caption.append("×: the median diverged.")
    caption += notes_beyond(content.cells["median"], labels)
    if best:
        caption.append("The best cell has a ring.")
    if note:
        caption.append(f"{note} are shown, the first ones.")
    caption.append(
        "There is no heatmap: the cells are scattered, and nearly all of its squares would be empty."
    )
    alt = f"The {what} of each cell against {list_words([short_words(axis) for axis in shown])}."
    figure = scatter(content.cells, shown, best, labels, note)
    return _picture("scatter", "Each axis by itself", figure, caption, alt)


def _curves(content: ReportContent, best: Mapping[str, Any]) -> Picture | None:
    heading, steps = "Learning curves", content.training.steps
    if steps is None:
        return None
    if content.curves is None:
        return Picture(
            "curves", heading, "There are no learning curves: the sweep keeps none (`curves = false`)."
        )
    if not len(content.curves):
        return Picture("curves", heading, "There are no learning curves: the results are stored without.")
    return _drawn_curves(content, best)


def _other_curves(content: ReportContent, best: Mapping[str, Any]) -> list[Picture | None]:
    """Draw the curves of the metrics that are not the objective, each as if it were."""
    pictures = []
    for name, curves in content.other_curves.items():
        metric = content.training.metric(name)
        labels = replace(content.labels, metrics=(metric,))
        picture = _drawn_curves(replace(content, curves=curves), best, labels)
        heading = f"Learning curves: {metric.words}"
        pictures.append(picture and replace(picture, name=f"curves-{name}", heading=heading))
    return pictures


def _drawn_curves(
    content: ReportContent, best: Mapping[str, Any], labels: Labels | None = None
) -> Picture | None:
    heading, labels = "Learning curves", labels or content.labels
    metric = labels.objective
    assert content.curves is not None  # the caller has looked
    along = metric.along_caption or f"The {metric.words_along} along the training"
    squares = content.choice.heatmap(content.axes)
    if squares is not None and is_scattered(content.cells, squares):
        return _scattered_curves(content, best, heading, along, labels)
    axes = content.choice.lines(content.axes)
    shown = shown_curves(content.curves, axes, best, content.axes, labels)
    each = f"{_for_each(labels, axes.hue, 'colour')}{_for_each(labels, axes.facet, 'panel')}"
    replicates, without = _replicates(content.recorded, "curves")
    drawn = f"the median of {replicates} (line) and the middle half of them (band)"
    caption = [
        f"{along}{f': {drawn}' if content.replicates > 1 else ', of one replicate'}{each}.",
        *without,
    ]
    if np.isinf(content.curves["median"]).any():
        caption.append("×: here half of the runs or more have diverged, and the median with them.")
    alt = f"Learning curves: {metric.short_words} against epoch{_for_each(labels, axes.hue, 'line')}."
    return _picture("curves", heading, learning_curves(shown), caption + _sentences(shown), alt)


def _scattered_curves(
    content: ReportContent, best: Mapping[str, Any], heading: str, along: str, labels: Labels
) -> Picture:
    """Draw the curves of settings that have hardly a value in common with each other."""
    curves = content.curves
    assert curves is not None  # the caller has looked
    n = len(curves[axes_of(curves)].drop_duplicates())
    each = "each setting" if n <= MOST_CURVES else f"{MOST_CURVES} of {number(n)} settings, evenly selected"
    replicates, without = _replicates(content.recorded, "curves")
    caption = [
        f"{along}: the median of {replicates}, a thin line for {each}{'; strong: the best' if best else ''}.",
        *without,
    ]
    if np.isinf(curves["median"]).any():
        caption.append("×: here half of the runs or more have diverged, and the median with them.")
    caption += notes_beyond(curves["median"], labels)
    alt = f"Learning curves: {labels.objective.short_words} against epoch, one line for each setting."
    return _picture("curves", heading, scattered_curves(curves, best, labels), caption, alt)


def _functions(content: ReportContent, best: Mapping[str, Any]) -> Picture:
    heading, labels = "Learned functions", content.labels
    if content.functions is None or not len(content.functions):
        return Picture("functions", heading, "There are no learned functions: the sweep keeps none.")
    axes = content.choice.lines(content.axes)
    shown = shown_functions(content.functions, axes, best, content.axes, labels)
    each = "column" if shown.axes.facet else "panel"
    caption = [
        f"Line: the target. Dots: what the networks give at the end of their training, faint for each "
        f"replicate, strong for the median of all that did not diverge"
        f"{_for_each(labels, axes.hue, each)}{_for_each(labels, shown.axes.facet, 'row')}.",
        *_replicates(content.kept, "learned functions")[1],
        "The frame follows the target; dots outside of it and diverged runs are counted above their panel.",
    ]
    figure = learned_functions(shown, content.targets, content.planned)
    alt = f"The learned functions drawn over the target{_for_each(labels, axes.hue, 'panel')}."
    return _picture("functions", heading, figure, caption + _sentences(shown), alt)


def _along(content: ReportContent, best: Mapping[str, Any], x: str) -> Picture | None:
    """Draw what stands in the place of a heatmap of one row; None where that figure is drawn anyway."""
    chosen = content.choice.against(content.axes)
    wanted = content.figures or content.training.figure_names
    if chosen is not None and chosen[0] == x and content.training.display.against_name in wanted:
        return None
    return _drawn_against(content, best, x, LineAxes(None, None))


def _against(content: ReportContent, best: Mapping[str, Any]) -> Picture | None:
    chosen = content.choice.against(content.axes)
    return None if chosen is None else _drawn_against(content, best, *chosen)


def _drawn_against(content: ReportContent, best: Mapping[str, Any], x: str, axes: LineAxes) -> Picture:
    labels = content.labels
    what = labels.full("median")
    each = f"{_for_each(labels, axes.hue, 'colour')}{_for_each(labels, axes.facet, 'panel')}"
    band = " and the middle half of the replicates (band)" if content.replicates > 1 else " of one replicate"
    caption = [f"The {what}{band} against {labels.full(x)}{each}."]
    if np.isinf(content.cells["median"]).any():
        caption.append("×: the median diverged.")
    shown = shown_against(content.cells, x, axes, best, content.axes, labels)
    alt = f"{what[0].upper()}{what[1:]} against {labels.full(x)}{_for_each(labels, axes.hue, 'curve')}."
    short = content.training.objective.short_words
    heading = f"{short[0].upper()}{short[1:]} against {short_words(x)}"
    return _picture(x, heading, objective_against(shown, x), caption + _sentences(shown), alt)


def _weights(content: ReportContent, _best: Mapping[str, Any]) -> Picture | None:
    if not content.portraits:
        return None
    networks = f"{list_words([f'the {portrait.role}' for portrait in content.portraits])} network"
    networks += f" at {where(content.portrayed, among=content.axes)}" if content.portrayed else ""
    caption = [
        f"{networks[0].upper()}{networks[1:]}: what was learned (dots; line: the target), and a panel for each layer "
        "of weights.",
        "Each line is one neuron: its weights to every neuron of the next layer; a dot where that is the output alone.",
    ]
    n_layers = len(content.portraits[0].inside.weights)
    if len(shown_layers(content.portraits)) < n_layers:
        caption.append(
            f"{len(shown_layers(content.portraits))} of {n_layers} layers are shown, evenly selected."
        )
    if len(content.portraits) > 1:
        caption.append("Panels below one another have the same frame.")
    alt = f"The learned function and the weights, layer by layer, of {networks}."
    return _picture("weights", "Weights", network_weights(content.portraits), caption, alt)


_DRAWN: Mapping[str, Callable[[ReportContent, Mapping[str, Any]], Picture | None]] = {
    "heatmap": _heatmap,
    "curves": _curves,
    "functions": _functions,
    "weights": _weights,
}
"""By the names that a config has for them; that of the figure against a parameter is the training's."""


def _picture(name: str, heading: str, figure: Figure, caption: list[str], alt: str) -> Picture:
    return Picture(name, heading, " ".join(caption), alt, png(figure), svg(figure))


def _replicates(coverage: Coverage | None, what: str) -> tuple[str, list[str]]:
    """Return the words for the replicates that are in a picture, and the sentence on those that are not, if any."""
    if coverage is None or coverage.is_full:
        return "the replicates", []
    return f"{coverage} replicates", [
        f"Some replicates are stored without {what}: the picture shows {coverage}, the tables have all."
    ]


def _for_each(labels: Labels, axis: str | None, thing: str) -> str:
    return f", one {thing} for each {labels.one(axis)}" if axis else ""


def _sentences(shown: Multiples) -> list[str]:
    return [f"{note[0].upper()}{note[1:]}." for note in shown.notes]
