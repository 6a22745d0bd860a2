"""The pictures of a report: which ones make sense for a sweep, with captions and texts for the blind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.figure import Figure

from sweep.report.figures.against import objective_against, shown_against
from sweep.report.figures.heatmap.heatmap import MOST_PANELS, Outlined, heatmap
from sweep.report.figures.heatmap.shown import ShownMap
from sweep.report.figures.importance import importance_bars
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
from sweep.report.look.axis_choice import LineAxes, axes_of, best_cell, best_cells, is_numeric, moving_axes
from sweep.report.look.labels import Labels, count_words, list_words, number, short_words, where
from sweep.report.look.style import png, svg
from sweep.report.pages.content import ReportContent
from sweep.report.pages.focus import Focus, focus_of, focus_on, map_of
from sweep.report.pages.summary import place_axes, replicates_so_far
from sweep.tables.curves import Coverage
from sweep.tables.importance import importance
from sweep.terms.arrays import Floats
from sweep.terms.columns import SHARE_DIVERGED
from sweep.terms.metric import SHARE, Metric

FEWEST_TO_COMPARE = 3
"""So many axes have to move for their importance to be drawn."""

_LEAST_SHARE = 0.005
"""Of the variance: where no axis explains as much there is nothing to draw."""

_MOST_OUTLINED = 6
"""Squares: more of them would be a pattern."""

_WITHIN = "share within"
"""No parameter is called so."""


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
    focus = focus_of(content)
    pictures: list[Picture | None] = []
    for name in names:
        pictures.append(drawn[name](content, focus))
        if name == "heatmap":
            pictures += [_share_diverged(content, focus), _importance(content)]
        if name == "curves":
            pictures += _other_curves(content, focus)
    return [picture for picture in pictures if picture is not None]


def _heatmap(content: ReportContent, focus: Focus) -> Picture | None:
    heading, labels, moving = "Heatmap", content.labels, moving_axes(content.axes)
    sides = [axis for axis in moving_axes(content.drawn_axes) if axis not in content.problems]
    if len(sides) == 1 and is_numeric(content.axes[sides[0]]):
        return _along(content, focus, sides[0])
    shown = map_of(content, focus)
    if shown is None:
        why = (
            f"it takes two axes, and only {list_words([labels.full(axis) for axis in moving])} has more than one value"
            if len(moving) == 1
            else f"what is learned at one of the {labels.many(moving[0])} is not compared with what is at another"
            if moving
            else "no axis of the sweep has two values"
        )
        return Picture("heatmap", heading, f"There is no heatmap: {why}.")
    if is_scattered(content.cells, shown.axes):
        return _scatter(content)
    metric, what = content.training.objective, labels.full("median")
    bright = "low" if metric.is_lower_better else "high"
    caption = [
        f"The {what} of {replicates_so_far(content)}, {_sides(shown)}; bright is {bright}.",
        *_panels(shown, content, focus, is_apart=True),
    ]
    if np.isinf(shown.cells["median"]).any():
        caption.append(
            "Grey squares with stripes: half of the runs or more diverged, so that the median is infinite."
        )
    best = best_cells(shown.cells, metric, content.problems)
    if best:
        of_each = f" of each {labels.one(content.problems[0])}" if content.problems else ""
        caption.append(f"The best cell{of_each} is outlined.")
    alt = f"Heatmap of the {what} over {short_words(shown.axes.rows)} and {short_words(shown.axes.columns)}"
    if len(best) == 1:
        extreme = "lowest" if metric.is_lower_better else "highest"
        place = where({axis: best[0][axis] for axis in place_axes(content)}, among=content.axes)
        alt += f"; {extreme} at {place}"
    return _picture("heatmap", heading, drawn_map(content, shown), caption, f"{alt}.")


def _share_diverged(content: ReportContent, focus: Focus) -> Picture | None:
    """Draw the share of diverged runs where some of a cell's runs did, as the median there says nothing of it.

    Where a claim has a bound, the share of runs within it is drawn beside the claim, and says more.
    """
    cells, labels, shown = content.cells, content.labels, map_of(content, focus)
    is_partly = (cells["n_diverged"] > 0) & (cells["n_diverged"] < cells["n_runs"] - cells["n_failed"])
    if shown is None or len(moving_axes(content.axes)) < 2 or is_scattered(cells, shown.axes):
        return None
    if not is_partly[shown.is_shown].any() or any(case.beyond for case in content.cases.values()):
        return None
    n_results = (cells["n_runs"] - cells["n_failed"]).replace(0, np.nan)
    what, some = labels.full(SHARE_DIVERGED), count_words(int(is_partly[shown.is_shown].sum()), "cell")
    figure = drawn_map(content, shown, (SHARE_DIVERGED, (cells["n_diverged"] / n_results).to_numpy(float)))
    caption = [
        f"The {what}, from 0 to 1, {_sides(shown)}; some, but not all of the runs of {some} did.",
        *_panels(shown, content, focus),
    ]
    alt = f"Heatmap of the {what} over {short_words(shown.axes.rows)} and {short_words(shown.axes.columns)}."
    return _picture("diverged", "Diverged runs", figure, caption, alt)


def share_within(content: ReportContent, number: int, name: str) -> Picture | None:
    """Draw the share of runs within the bound of a claim over the axes of the heatmap, the claim's case outlined.

    None where the claim has no bound, an earlier one has the same, or there is no heatmap.
    """
    case, focus, labels = content.cases.get(number), focus_of(content), content.labels
    alike = [one for one, other in content.cases.items() if case and other.beyond == case.beyond]
    shown = map_of(content, focus_on(content, number))
    if case is None or case.beyond is None or case.share is None or shown is None or alike[0] != number:
        return None
    if is_scattered(content.cells, shown.axes) or not moving_axes(content.axes):
        return None
    about = np.logical_or.reduce([content.cases[one].about for one in alike])[shown.is_shown]
    is_few = 0 < about.sum() <= _MOST_OUTLINED
    which = "the claim" if len(alike) == 1 else f"claims {list_words([str(one) for one in alike])}"
    outlined = Outlined(about & is_few, f"what {which} {'is' if len(alike) == 1 else 'are'} about")
    what = Metric(_WITHIN, "higher", unit=SHARE, label=f"share of runs with {case.beyond.words}")
    labels = replace(labels, shares={**labels.shares, _WITHIN: what})
    figure = drawn_map(content, shown, (_WITHIN, case.share), labels, outlined)
    caption = [f"The {what.words}, from 0 to 1, {_sides(shown)}.", *_panels(shown, content, focus)]
    if is_few:
        caption.append(f"Outlined: {outlined.words}.")
    alt = f"Heatmap of the {what.words} over {short_words(shown.axes.rows)} and {short_words(shown.axes.columns)}."
    return _picture(name, "", figure, caption, alt)


def _importance(content: ReportContent) -> Picture | None:
    """Draw which axes matter, where there are so many that one cannot see it."""
    problems, labels = content.problems, content.labels
    table = importance(content.cells, content.training.objective, content.training.display.problems)
    n_known = int(table["alone"].notna().sum())
    if n_known < FEWEST_TO_COMPARE or not (table[["alone", "total"]] > _LEAST_SHARE).any(axis=None):
        return None
    what = labels.full("median")
    caption = [
        f"How much of the variance of the {what} between the cells, of its ranks, each axis explains: dark by itself"
        f"{', pale together with the others' if table['total'].notna().any() else ''} (functional ANOVA)."
    ]
    if problems:
        each = list_words([labels.one(axis) for axis in problems])
        caption.append(f"Ranks are those among the cells of the same {each}.")
    if table["total"].isna().all():
        caption.append(
            "The cells are no full grid, so that what one axis does may also be counted for another."
        )
    if table["alone"].isna().any():
        caption.append("–: nearly each cell has a value of its own, and nothing can be said.")
    most = table.iloc[0]
    alone = f"{100 * most['alone']:.0f} %" if np.isfinite(most["alone"]) else "most"
    alt = f"The most important axis is {short_words(most['axis'])}, with {alone} of the variance alone."
    return _picture("importance", "Which axes matter", importance_bars(table, labels), caption, alt)


def _sides(shown: ShownMap) -> str:
    return f"{short_words(shown.axes.rows)} upwards and {short_words(shown.axes.columns)} to the right"


def _panels(shown: ShownMap, content: ReportContent, focus: Focus, is_apart: bool = False) -> list[str]:
    """Return what the panels are, and where the rest is held, a sentence each."""
    labels, facets = content.labels, list(shown.axes.facets)
    each = list_words([labels.one(axis) for axis in facets])
    colours = "colours of its own" if is_apart and set(facets) & {*content.problems} else "the same colours"
    sentences = [f"A panel for each {each}, with {colours}."] if facets else []
    followers = [axis for axis in moving_axes(content.axes) if axis not in content.drawn_axes]
    if followers:
        which = list_words([short_words(axis) for axis in followers])
        move, are = ("moves", "is") if len(followers) == 1 else ("move", "are")
        sentences.append(f"{which} {move} together with another axis, value by value, and {are} not shown.")
    n_panels = len(shown.cells[facets].drop_duplicates()) if facets else 1
    if n_panels > MOST_PANELS:
        sentences.append(f"{MOST_PANELS} of {number(n_panels)} panels are shown, evenly selected.")
    if shown.held:
        at = where(shown.held, among=content.axes)
        why = f"as in claim {focus.claim}" if focus.claim else "as in the best cell"
        why = "a setting that does well on all" if content.problems and not focus.claim else why
        sentences.append(
            f"Shown are the axes that matter most; the others are held at {at} ({why}). "
            "All the rest is in the explorer."
        )
    return sentences


def drawn_map(
    content: ReportContent,
    shown: ShownMap,
    share: tuple[str, Floats] | None = None,
    labels: Labels | None = None,
    outlined: Outlined | None = None,
) -> Figure:
    """Draw the median of what is shown, or a share: its name, and one for each cell of the report."""
    cells, statistic = shown.cells, "median"
    if share is not None:
        statistic = share[0]
        cells = cells.assign(n_diverged=0, **{statistic: share[1][shown.is_shown]})
    return heatmap(
        cells,
        shown.axes.rows,
        shown.axes.columns,
        statistic,
        facets=shown.axes.facets,
        levels=content.axes,
        labels=labels or content.labels,
        planned=shown.planned,
        outlined=outlined,
        held=shown.held,
    )


def _scatter(content: ReportContent) -> Picture:
    """Draw what stands in the place of a heatmap whose squares would nearly all be empty."""
    labels, moving = content.labels, moving_axes(content.axes)
    what, shown = labels.full("median"), moving[:MOST_AXES]
    best = best_cell(content.cells, "median", content.training.objective) or {}
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


def _curves(content: ReportContent, focus: Focus) -> Picture | None:
    heading, steps = "Learning curves", content.training.steps
    if steps is None:
        return None
    if content.curves is None:
        return Picture(
            "curves", heading, "There are no learning curves: the sweep keeps none (`curves = false`)."
        )
    if not len(content.curves):
        return Picture("curves", heading, "There are no learning curves: the results are stored without.")
    return _drawn_curves(content, focus)


def _other_curves(content: ReportContent, focus: Focus) -> list[Picture | None]:
    """Draw the curves of the metrics that are not the objective, each as if it were."""
    pictures = []
    for name, curves in content.other_curves.items():
        metric = content.training.metric(name)
        labels = replace(content.labels, metrics=(metric,))
        picture = _drawn_curves(replace(content, curves=curves), focus, labels)
        heading = f"Learning curves: {metric.words}"
        pictures.append(picture and replace(picture, name=f"curves-{name}", heading=heading))
    return pictures


def _drawn_curves(content: ReportContent, focus: Focus, labels: Labels | None = None) -> Picture | None:
    heading, labels = "Learning curves", labels or content.labels
    metric = labels.objective
    assert content.curves is not None  # the caller has looked
    along = metric.along_caption or f"The {metric.words_along} along the training"
    squares = content.choice.heatmap(content.axes)
    if squares is not None and is_scattered(content.cells, squares):
        return _scattered_curves(content, heading, along, labels)
    axes = content.choice.lines(content.drawn_axes)
    shown = shown_curves(content.curves, axes, focus.place, content.axes, labels, focus.keep)
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


def _scattered_curves(content: ReportContent, heading: str, along: str, labels: Labels) -> Picture:
    """Draw the curves of settings that have hardly a value in common with each other."""
    curves, best = content.curves, best_cell(content.cells, "median", content.training.objective) or {}
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


def _functions(content: ReportContent, focus: Focus) -> Picture:
    heading, labels = "Learned functions", content.labels
    if content.functions is None or not len(content.functions):
        return Picture("functions", heading, "There are no learned functions: the sweep keeps none.")
    axes = content.choice.lines(content.drawn_axes)
    shown = shown_functions(content.functions, axes, focus.place, content.axes, labels, focus.keep)
    each = "column" if shown.axes.facet else "panel"
    caption = [
        f"Line: the target. Dots: what the networks give at the end of their training, faint for each "
        f"replicate, strong for the median of all that did not diverge"
        f"{_for_each(labels, shown.axes.hue, each)}{_for_each(labels, shown.axes.facet, 'row')}.",
        *_replicates(content.kept, "learned functions")[1],
        "The frame follows the target; dots outside of it and diverged runs are counted above their panel.",
    ]
    figure = learned_functions(shown, content.targets, content.planned, content.cells)
    alt = f"The learned functions drawn over the target{_for_each(labels, shown.axes.hue, 'panel')}."
    return _picture("functions", heading, figure, caption + _sentences(shown), alt)


def _along(content: ReportContent, focus: Focus, x: str) -> Picture | None:
    """Draw what stands in the place of a heatmap of one row; None where that figure is drawn anyway."""
    chosen = content.choice.against(content.drawn_axes)
    wanted = content.figures or content.training.figure_names
    if chosen is not None and chosen[0] == x and content.training.display.against_name in wanted:
        return None
    return _drawn_against(content, focus, x, content.choice.lines_against(x, content.drawn_axes))


def _against(content: ReportContent, focus: Focus) -> Picture | None:
    chosen = content.choice.against(content.drawn_axes)
    return None if chosen is None else _drawn_against(content, focus, *chosen)


def _drawn_against(content: ReportContent, focus: Focus, x: str, axes: LineAxes) -> Picture:
    labels = content.labels
    what = labels.full("median")
    each = f"{_for_each(labels, axes.hue, 'colour')}{_for_each(labels, axes.facet, 'panel')}"
    band = " and the middle half of the replicates (band)" if content.replicates > 1 else " of one replicate"
    caption = [f"The {what}{band} against {labels.full(x)}{each}."]
    if np.isinf(content.cells["median"]).any():
        caption.append("×: the median diverged.")
    shown = shown_against(content.cells, x, axes, focus.place, content.axes, labels, focus.keep)
    alt = f"{what[0].upper()}{what[1:]} against {labels.full(x)}{_for_each(labels, axes.hue, 'curve')}."
    short = content.training.objective.short_words
    heading = f"{short[0].upper()}{short[1:]} against {short_words(x)}"
    return _picture(x, heading, objective_against(shown, x), caption + _sentences(shown), alt)


def _weights(content: ReportContent, _focus: Focus) -> Picture | None:
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


_DRAWN: Mapping[str, Callable[[ReportContent, Focus], Picture | None]] = {
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
