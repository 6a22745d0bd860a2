"""The pictures of a report: which ones make sense for a sweep, with captions and texts for the blind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
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
    notes_beyond,
    scatter,
    scattered_curves,
)
from sweep.report.figures.weights import network_weights, shown_layers
from sweep.report.look.axis_choice import (
    LineAxes,
    axes_of,
    best_cell,
    best_cells,
    is_numeric,
    is_scattered,
    moving_axes,
)
from sweep.report.look.fonts import speaking_drawably
from sweep.report.look.labels import Labels, count_words, list_words, number, short_words, where
from sweep.report.pages.content import ReportContent
from sweep.report.pages.drawing import Drawing
from sweep.report.pages.focus import Focus, focus_of, focus_on, map_of
from sweep.report.pages.summary import place_axes, replicates_so_far, together
from sweep.tables.curves import Coverage
from sweep.tables.importance import importance
from sweep.terms.arrays import Floats
from sweep.terms.columns import SHARE_DIVERGED
from sweep.terms.metric import SHARE, Metric
from sweep.words import message, say, say_many, word

FEWEST_TO_COMPARE = 3
"""So many axes have to move for their importance to be drawn."""

_LEAST_SHARE = 0.005
"""Of the variance: where no axis explains as much there is nothing to draw."""

_MOST_OUTLINED = 6
"""Squares: more of them would be a pattern."""

COLOUR = message(", one colour for each {axis}")
PANEL = message(", one panel for each {axis}")
LINE = message(", one line for each {axis}")
COLUMN = message(", one column for each {axis}")
ROW = message(", one row for each {axis}")
CURVE = message(", one curve for each {axis}")

WITHOUT_CURVES = message(
    "Some replicates are stored without learning curves: the picture shows {shown}, the tables have all."
)
WITHOUT_FUNCTIONS = message(
    "Some replicates are stored without learned functions: the picture shows {shown}, the tables have all."
)

_WITHIN = "share within"
"""No parameter is called so."""


@dataclass(frozen=True)
class Picture:
    """A figure on a page, or the reason why there is none: then `caption` says it, and there is no drawing.

    `reading` says how to read it, where that takes more than a caption.
    """

    name: str
    heading: str
    caption: str
    alt: str = ""
    drawing: Drawing | None = None
    reading: str = ""

    @property
    def png(self) -> bytes:
        """The figure, drawn by now; b"" if there is none."""
        return self.drawing.images.png if self.drawing else b""

    @property
    def svg(self) -> bytes:
        """The figure, drawn by now; b"" if there is none."""
        return self.drawing.images.svg if self.drawing else b""


def pictures_of(content: ReportContent) -> list[Picture]:
    """Return the figures that this sweep has something to say in."""
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
    heading, labels, moving = say("Heatmap"), content.labels, moving_axes(content.axes)
    sides = [axis for axis in moving_axes(content.drawn_axes) if axis not in content.problems]
    if len(sides) == 1 and is_numeric(content.axes[sides[0]]):
        return _along(content, focus, sides[0])
    shown = map_of(content, focus)
    if shown is None:
        return Picture("heatmap", heading, _why_no_heatmap(moving, labels))
    if is_scattered(content.cells, shown.axes):
        return _scatter(content)
    metric, what = content.training.objective, labels.full("median")
    places = {"what": what, "replicates": replicates_so_far(content), "sides": _sides(shown)}
    caption = [
        say("The {what} of {replicates}, {sides}; bright is low.", **places)
        if metric.is_lower_better
        else say("The {what} of {replicates}, {sides}; bright is high.", **places),
        *_panels(shown, content, focus, is_apart=True),
    ]
    if np.isinf(shown.cells["median"]).any():
        caption.append(
            say(
                "Grey squares with stripes: half of the runs or more diverged, so that the median is infinite."
            )
        )
    best = best_cells(shown.cells, metric, content.problems)
    if best and content.problems:
        caption.append(say("The best cell of each {axis} is outlined.", axis=labels.one(content.problems[0])))
    elif best:
        caption.append(say("The best cell is outlined."))
    alt = _alt(what, shown)
    if len(best) == 1:
        place = where({axis: best[0][axis] for axis in place_axes(content)}, among=content.axes)
        alt = _alt_with_best(what, shown, metric, place)
    return _picture("heatmap", heading, partial(drawn_map, content, shown), caption, alt)


def _why_no_heatmap(moving: list[str], labels: Labels) -> str:
    if not moving:
        return say("There is no heatmap: no axis of the sweep has two values.")
    if len(moving) == 1:
        axis = labels.full(moving[0])
        return say(
            "There is no heatmap: it takes two axes, and only {axis} has more than one value.", axis=axis
        )
    return say(
        "There is no heatmap: what is learned at one of the {values} is not compared with what is at another.",
        values=labels.many(moving[0]),
    )


def _alt(what: str, shown: ShownMap) -> str:
    return say("Heatmap of the {what} over {rows} and {columns}.", what=what, **_words_of_sides(shown))


def _alt_with_best(what: str, shown: ShownMap, metric: Metric, place: str) -> str:
    places = {"what": what, "place": place, **_words_of_sides(shown)}
    if metric.is_lower_better:
        return say("Heatmap of the {what} over {rows} and {columns}; lowest at {place}.", **places)
    return say("Heatmap of the {what} over {rows} and {columns}; highest at {place}.", **places)


def _words_of_sides(shown: ShownMap) -> dict[str, str]:
    return {"rows": short_words(shown.axes.rows), "columns": short_words(shown.axes.columns)}


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
    share = (cells["n_diverged"] / n_results).to_numpy(float)
    draw = partial(drawn_map, content, shown, (SHARE_DIVERGED, share))
    caption = [
        say(
            "The {what}, from 0 to 1, {sides}; some, but not all of the runs of {cells} did.",
            what=what,
            sides=_sides(shown),
            cells=some,
        ),
        *_panels(shown, content, focus),
    ]
    return _picture("diverged", say("Diverged runs"), draw, caption, _alt(what, shown))


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
    with speaking_drawably():
        outlined = Outlined(about & is_few, _about(alike))
        draw = partial(
            drawn_map,
            content,
            shown,
            (_WITHIN, case.share),
            replace(labels, shares={**labels.shares, _WITHIN: _within(case.beyond.words)}),
            outlined,
        )
    what = _within(case.beyond.words).words
    caption = [
        say("The {what}, from 0 to 1, {sides}.", what=what, sides=_sides(shown)),
        *_panels(shown, content, focus),
    ]
    if is_few:
        caption.append(say("Outlined: {what}.", what=_about(alike)))
    return _picture(name, "", draw, caption, _alt(what, shown))


def _about(claims: Sequence[int]) -> str:
    if len(claims) == 1:
        return say("what the claim is about")
    return say("what claims {claims} are about", claims=list_words([str(claim) for claim in claims]))


def _within(bound: str) -> Metric:
    label = say("share of runs with {bound}", bound=bound)
    return Metric(_WITHIN, "higher", unit=SHARE, label=label)


def _importance(content: ReportContent) -> Picture | None:
    """Draw which axes matter, where there are so many that one cannot see it."""
    problems, labels = content.problems, content.labels
    table = importance(content.cells, content.training.objective, content.training.display.problems)
    n_known = int(table["alone"].notna().sum())
    if n_known < FEWEST_TO_COMPARE or not (table[["alone", "total"]] > _LEAST_SHARE).any(axis=None):
        return None
    what = labels.full("median")
    if table["total"].notna().any():
        explained = say(
            "How much of the variance of the {what} between the cells, of its ranks, each axis explains: dark by "
            "itself, pale together with the others (functional ANOVA).",
            what=what,
        )
    else:
        explained = say(
            "How much of the variance of the {what} between the cells, of its ranks, each axis explains: dark by "
            "itself (functional ANOVA).",
            what=what,
        )
    caption = [explained]
    if problems:
        each = list_words([labels.one(axis) for axis in problems])
        caption.append(say("Ranks are those among the cells of the same {axes}.", axes=each))
    if table["total"].isna().all():
        caption.append(
            say("The cells are no full grid, so that what one axis does may also be counted for another.")
        )
    if table["alone"].isna().any():
        caption.append(say("–: nearly each cell has a value of its own, and nothing can be said."))
    most = table.iloc[0]
    axis = short_words(most["axis"])
    if np.isfinite(most["alone"]):
        share = f"{100 * most['alone']:.0f} %"
        alt = say(
            "The most important axis is {axis}, with {share} of the variance alone.", axis=axis, share=share
        )
    else:
        alt = say("The most important axis is {axis}, with most of the variance alone.", axis=axis)
    return _picture(
        "importance", say("Which axes matter"), partial(importance_bars, table, labels), caption, alt
    )


def _sides(shown: ShownMap) -> str:
    return say("{rows} upwards and {columns} to the right", **_words_of_sides(shown))


def _panels(shown: ShownMap, content: ReportContent, focus: Focus, is_apart: bool = False) -> list[str]:
    """Return what the panels are, and where the rest is held, a sentence each."""
    labels, facets = content.labels, list(shown.axes.facets)
    each = list_words([labels.one(axis) for axis in facets])
    sentences = []
    if facets and is_apart and set(facets) & {*content.problems}:
        sentences.append(say("A panel for each {axes}, with colours of its own.", axes=each))
    elif facets:
        sentences.append(say("A panel for each {axes}, with the same colours.", axes=each))
    followers = [axis for axis in moving_axes(content.axes) if axis not in content.drawn_axes]
    if followers:
        sentences.append(
            say_many(
                len(followers),
                "{axes} moves together with another axis, value by value, and is not shown.",
                "{axes} move together with another axis, value by value, and are not shown.",
                axes=list_words([short_words(axis) for axis in followers]),
            )
        )
    n_panels = len(shown.cells[facets].drop_duplicates()) if facets else 1
    if n_panels > MOST_PANELS:
        n, of = number(MOST_PANELS), number(n_panels)
        sentences.append(say("{n} of {of} panels are shown, evenly selected.", n=n, of=of))
    if shown.held:
        sentences += [
            say(
                "Shown are the axes that matter most; the others are held at {place} ({why}).",
                place=where(shown.held, among=content.axes),
                why=_why_held(content, focus),
            ),
            say("All the rest is in the explorer."),
        ]
    return sentences


def _why_held(content: ReportContent, focus: Focus) -> str:
    if focus.claim:
        return say("as in claim {n}", n=focus.claim)
    return say("a setting that does well on all") if content.problems else say("as in the best cell")


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
    caption = [
        say(
            "The {what} of {replicates} against each axis by itself, a dot for each cell.",
            what=what,
            replicates=replicates_so_far(content),
        )
    ]
    if np.isinf(content.cells["median"]).any():
        caption.append(say("×: the median diverged."))
    caption += notes_beyond(content.cells["median"], labels)
    if best:
        caption.append(say("The best cell has a ring."))
    if len(shown) < len(moving):
        caption.append(say("{n} of {of} axes are shown, the first ones.", n=len(shown), of=len(moving)))
    caption.append(
        say("There is no heatmap: the cells are scattered, and nearly all of its squares would be empty.")
    )
    alt = say(
        "The {what} of each cell against {axes}.",
        what=what,
        axes=list_words([short_words(axis) for axis in shown]),
    )
    with speaking_drawably():
        note = say("{n} of {of} axes", n=len(shown), of=len(moving)) if len(shown) < len(moving) else ""
        draw = partial(scatter, content.cells, shown, best, labels, note)
    return _picture("scatter", say("Each axis by itself"), draw, caption, alt)


def _curves(content: ReportContent, focus: Focus) -> Picture | None:
    heading, steps = say("Learning curves"), content.training.steps
    if steps is None:
        return None
    if content.curves is None:
        why = say("There are no learning curves: the sweep keeps none (`curves = false`).")
        return Picture("curves", heading, why)
    if not len(content.curves):
        return Picture(
            "curves", heading, say("There are no learning curves: the results are stored without.")
        )
    return _drawn_curves(content, focus)


def _other_curves(content: ReportContent, focus: Focus) -> list[Picture | None]:
    """Draw the curves of the metrics that are not the objective, each as if it were."""
    pictures = []
    for name, curves in content.other_curves.items():
        metric = content.training.metric(name)
        labels = replace(content.labels, metrics=(metric,))
        picture = _drawn_curves(replace(content, curves=curves), focus, labels)
        heading = say("Learning curves: {metric}", metric=metric.words)
        pictures.append(picture and replace(picture, name=f"curves-{name}", heading=heading))
    return pictures


def _drawn_curves(content: ReportContent, focus: Focus, labels: Labels | None = None) -> Picture | None:
    heading, labels = say("Learning curves"), labels or content.labels
    metric = labels.objective
    assert content.curves is not None  # the caller has looked
    along = (
        word(metric.along_caption)
        if metric.along_caption
        else say("The {metric} along the training", metric=metric.words_along)
    )
    squares = content.choice.heatmap(content.axes)
    if squares is not None and is_scattered(content.cells, squares):
        return _scattered_curves(content, heading, along, labels)
    axes = content.choice.lines(content.drawn_axes)
    shown = shown_curves(content.curves, axes, focus.place, content.axes, labels, focus.keep)
    each = f"{_for_each(labels, axes.hue, COLOUR)}{_for_each(labels, axes.facet, PANEL)}"
    replicates, without = _replicates(content.recorded, WITHOUT_CURVES)
    if content.replicates > 1:
        drawn = say(
            "{along}: the median of {replicates} (line) and the middle half of them (band){each}.",
            along=along,
            replicates=replicates,
            each=each,
        )
    else:
        drawn = say("{along}, of one replicate{each}.", along=along, each=each)
    caption = [drawn, *without, *_diverged_ends(content.curves)]
    alt = say(
        "Learning curves: {metric} against epoch{each}.",
        metric=metric.short_words,
        each=_for_each(labels, axes.hue, LINE),
    )
    return _picture("curves", heading, partial(learning_curves, shown), caption + _sentences(shown), alt)


def _diverged_ends(curves: pd.DataFrame) -> list[str]:
    if not np.isinf(curves["median"]).any():
        return []
    return [say("×: here half of the runs or more have diverged, and the median with them.")]


def _scattered_curves(content: ReportContent, heading: str, along: str, labels: Labels) -> Picture:
    """Draw the curves of settings that have hardly a value in common with each other."""
    curves, best = content.curves, best_cell(content.cells, "median", content.training.objective) or {}
    assert curves is not None  # the caller has looked
    n = len(curves[axes_of(curves)].drop_duplicates())
    replicates, without = _replicates(content.recorded, WITHOUT_CURVES)
    lines = say(
        "{along}: the median of {replicates}, a thin line for each setting",
        along=along,
        replicates=replicates,
    )
    if n > MOST_CURVES:
        lines = say(
            "{along}: the median of {replicates}, a thin line for {n} of {of} settings, evenly selected",
            along=along,
            replicates=replicates,
            n=number(MOST_CURVES),
            of=number(n),
        )
    caption = [
        say("{lines}; strong: the best.", lines=lines) if best else f"{lines}{say('.')}",
        *without,
        *_diverged_ends(curves),
        *notes_beyond(curves["median"], labels),
    ]
    alt = say(
        "Learning curves: {metric} against epoch, one line for each setting.",
        metric=labels.objective.short_words,
    )
    return _picture("curves", heading, partial(scattered_curves, curves, best, labels), caption, alt)


def _functions(content: ReportContent, focus: Focus) -> Picture:
    heading, labels = say("Learned functions"), content.labels
    if content.functions is None or not len(content.functions):
        return Picture("functions", heading, say("There are no learned functions: the sweep keeps none."))
    axes = content.choice.lines(content.drawn_axes)
    shown = shown_functions(content.functions, axes, focus.place, content.axes, labels, focus.keep)
    hues = _for_each(labels, shown.axes.hue, COLUMN if shown.axes.facet else PANEL)
    caption = [
        say("Line: the target."),
        say(
            "Dots: what the networks give at the end of their training, faint for each replicate, strong for the "
            "median of all that did not diverge{each}.",
            each=f"{hues}{_for_each(labels, shown.axes.facet, ROW)}",
        ),
        *_replicates(content.kept, WITHOUT_FUNCTIONS)[1],
        say(
            "The frame follows the target; dots outside of it and diverged runs are counted above their panel."
        ),
    ]
    draw = partial(learned_functions, shown, content.targets, content.planned, content.cells)
    alt = say(
        "The learned functions drawn over the target{each}.", each=_for_each(labels, shown.axes.hue, PANEL)
    )
    return _picture("functions", heading, draw, caption + _sentences(shown), alt)


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
    each = f"{_for_each(labels, axes.hue, COLOUR)}{_for_each(labels, axes.facet, PANEL)}"
    places = {"what": what, "axis": labels.full(x), "each": each}
    if content.replicates > 1:
        drawn = say("The {what} and the middle half of the replicates (band) against {axis}{each}.", **places)
    else:
        drawn = say("The {what} of one replicate against {axis}{each}.", **places)
    caption = [drawn]
    if np.isinf(content.cells["median"]).any():
        caption.append(say("×: the median diverged."))
    shown = shown_against(content.cells, x, axes, focus.place, content.axes, labels, focus.keep)
    curves = _for_each(labels, axes.hue, CURVE)
    alt = say("{what} against {axis}{each}.", what=capital(what), axis=labels.full(x), each=curves)
    short = capital(content.training.objective.short_words)
    heading = say("{what} against {axis}", what=short, axis=short_words(x))
    return _picture(x, heading, partial(objective_against, shown, x), caption + _sentences(shown), alt)


def _weights(content: ReportContent, _focus: Focus) -> Picture | None:
    if not content.portraits:
        return None
    roles = list_words([say("the {role}", role=word(portrait.role)) for portrait in content.portraits])
    networks = say("{roles} network", roles=roles)
    if content.portrayed:
        place = where(content.portrayed, among=content.axes)
        networks = say("{roles} network at {place}", roles=roles, place=place)
    caption = [
        say(
            "{networks}: what was learned (dots; line: the target), and a panel for each layer of weights.",
            networks=capital(networks),
        ),
        say(
            "Each line is one neuron: its weights to every neuron of the next layer; a dot where that is the output "
            "alone."
        ),
    ]
    n_layers, n_shown = len(content.portraits[0].inside.weights), len(shown_layers(content.portraits))
    if n_shown < n_layers:
        caption.append(say("{n} of {of} layers are shown, evenly selected.", n=n_shown, of=n_layers))
    if len(content.portraits) > 1:
        caption.append(say("Panels below one another have the same frame."))
    alt = say("The learned function and the weights, layer by layer, of {networks}.", networks=networks)
    return _picture("weights", say("Weights"), partial(network_weights, content.portraits), caption, alt)


_DRAWN: Mapping[str, Callable[[ReportContent, Focus], Picture | None]] = {
    "heatmap": _heatmap,
    "curves": _curves,
    "functions": _functions,
    "weights": _weights,
}
"""By the names that a config has for them; that of the figure against a parameter is the training's."""


def _picture(name: str, heading: str, draw: Callable[[], Figure], caption: list[str], alt: str) -> Picture:
    return Picture(name, heading, together(caption), alt, Drawing(draw))


def _replicates(coverage: Coverage | None, without: str) -> tuple[str, list[str]]:
    """Return the words for the replicates that are in a picture, and the sentence on those that are not, if any."""
    if coverage is None or coverage.is_full:
        return say("the replicates"), []
    most = f"{coverage.most:,}"
    is_even = coverage.fewest == coverage.most
    n = most if is_even else say("{low} to {high}", low=f"{coverage.fewest:,}", high=most)
    shown = say("{n} of {of}", n=n, of=f"{coverage.of:,}")
    return say("{shown} replicates", shown=shown), [say(without, shown=shown)]


def _for_each(labels: Labels, axis: str | None, thing: str) -> str:
    """Return of what there is one for each value of an axis; "" without an axis."""
    return say(thing, axis=labels.one(axis)) if axis else ""


def _sentences(shown: Multiples) -> list[str]:
    return [f"{capital(note)}{say('.')}" for note in shown.notes]


def capital(text: str) -> str:
    """Return a text that begins as a sentence does."""
    return f"{text[:1].upper()}{text[1:]}"
