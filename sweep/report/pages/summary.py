"""What the pages say in words: the summary, captions, and how diverged runs are counted."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sweep.report.look.axis_choice import best_cell, best_cells, moving_axes, row_of
from sweep.report.look.labels import count_words, list_words, number, where
from sweep.report.look.scales import colour_scale
from sweep.report.pages.content import ReportContent
from sweep.terms.columns import median_of
from sweep.terms.metric import Metric
from sweep.words import message, say


def together(sentences: Iterable[str]) -> str:
    """Return sentences as one text, apart as the language has them."""
    return say(" ").join(sentences)


def counting(content: ReportContent) -> str:
    """Return how runs without a finite objective are counted."""
    metric = content.training.objective
    what = metric.short_words
    if metric.is_lower_better:
        diverged = say(
            "A run that leaves the finite numbers is a result, not a gap: it is called diverged and counts as "
            "an infinite {metric} in the median, the quartiles, the mean and the maximum of its cell.",
            metric=what,
        )
    else:
        diverged = say(
            "A run that leaves the finite numbers is a result, not a gap: it is called diverged and counts as "
            "a negative infinite {metric} in the median, the quartiles, the mean and the minimum of its cell.",
            metric=what,
        )
    median = say("So a cell has an infinite median where half of its runs or more diverged.")
    failed = say(
        "A run that failed has no {metric}: it is left out of the statistics and counted beside them.",
        metric=what,
    )
    return together((diverged, median, failed))


QUICK = message(
    "This is the quick form: the values under [quick] of the config stand in the places of its usual ones."
)


def size(content: ReportContent) -> list[str]:
    """Return how large the sweep is, and how its runs ended."""
    quick = [say(QUICK)] if content.is_quick else []
    if not content.cells["n_runs"].sum():
        planned = count_words(content.planned_runs, "run")
        return [*quick, say("No run has a result yet; {runs} are planned.", runs=planned)]
    progress = [] if content.complete else [_progress(content)]
    return [*quick, _size(content), _outcomes(content.cells), *progress, *_further(content)]


def _further(content: ReportContent) -> list[str]:
    """Return that claims have asked for more replicates than the grid has, if so."""
    most = max((verdict.count.replicates for verdict in content.verdicts), default=0)
    if most <= content.replicates:
        return []
    return [
        say(
            "For the verdicts up to {replicates} of a cell were trained; tables and figures have those of the grid.",
            replicates=count_words(most, "replicate"),
        )
    ]


def summary(content: ReportContent) -> list[str]:
    """Return in short how large the sweep is, what its best cell is, and its worst."""
    if not content.cells["n_runs"].sum():
        return size(content)
    best = best_of_each(content) if content.problems else [*_best(content), *worst(content)]
    return [*size(content), *best, *content.remarks]


def place_axes(content: ReportContent) -> list[str]:
    """Return the axes that tell one cell from another: those that move, or all if none does."""
    return moving_axes(content.axes) or list(content.axes)


def _size(content: ReportContent) -> str:
    cells, moving = count_words(len(content.cells), "cell"), moving_axes(content.axes)
    axes = [
        say("{n} {values}", n=number(len(content.axes[axis])), values=content.labels.many(axis))
        for axis in moving
    ]
    over = say("{cells} over {axes}", cells=cells, axes=list_words(axes)) if axes else cells
    without = say(", {n} excluded", n=number(content.excluded)) if content.excluded else ""
    replicates = _planned(content)
    if len(content.cells) > 1:
        return say("{cells}{without}, {replicates} each.", cells=over, without=without, replicates=replicates)
    return say("{cells}{without}, {replicates}.", cells=over, without=without, replicates=replicates)


def _planned(content: ReportContent) -> str:
    """Return how many replicates the cells are to have: "32 replicates", or "5 to 32" where they differ."""
    words = count_words(content.replicates, "replicate")
    fewest = (
        int(content.cells["n_runs"].min()) if content.complete and len(content.cells) else content.replicates
    )
    return say("{low} to {high}", low=number(fewest), high=words) if fewest < content.replicates else words


def _outcomes(cells: pd.DataFrame) -> str:
    n_runs, n_diverged, n_failed = (int(cells[name].sum()) for name in ("n_runs", "n_diverged", "n_failed"))
    return say(
        "Of {runs}, {diverged} diverged and {failed} failed.",
        runs=count_words(n_runs, "run"),
        diverged=_share(n_diverged, n_runs),
        failed=_share(n_failed, n_runs),
    )


def _share(n: int, n_all: int) -> str:
    return f"{number(n)} ({number(100 * n / n_all, 2)}\N{NO-BREAK SPACE}%)" if n else say("none")


def _progress(content: ReportContent) -> str:
    return say(
        "The sweep is not complete: {n} of {runs} have a result, {replicates} in the cells that were begun.",
        n=number(content.stored_runs),
        runs=count_words(content.planned_runs, "run"),
        replicates=replicates_so_far(content),
    )


def replicates_so_far(content: ReportContent) -> str:
    """Return how many replicates the cells have: "32 replicates", or "12 to 13 of 32 replicates so far"."""
    if content.complete:
        return _planned(content)
    low, high = int(content.cells["n_runs"].min()), int(content.cells["n_runs"].max())
    n = number(low) if low == high else say("{low} to {high}", low=number(low), high=number(high))
    return say("{n} of {replicates} so far", n=n, replicates=count_words(content.replicates, "replicate"))


def _best(content: ReportContent) -> list[str]:
    cells, axes = content.cells, place_axes(content)
    best = best_cell(cells, "median", content.training.objective)
    if best is None:
        return []
    median = say("{what} {value}", what=content.labels.full("median"), value=number(best["median"]))
    if (found := quartiles(best)) is None:
        told = [say("{what} ({told})", what=median, told=say("one run"))]
    else:
        told = [median, say("quartiles {low} and {high}", low=found[0], high=found[1])]
    told += [
        say("{what} {value}", what=content.labels.full(name), value=number(best[name]))
        for name in other_medians(content)
    ]
    value = say(", ").join(told)
    if axes and len(cells) > 1:
        return [say("The best cell is {place}: {value}.", place=_place(best, content), value=value)]
    return [say("The only cell: {value}.", value=value)]


def worst(content: ReportContent) -> list[str]:
    """Return what the worst cell is of those that are told apart, and how many diverged or are wildly worse."""
    cells, metric = content.cells, content.training.objective
    medians = cells["median"].to_numpy(float)
    n_infinite = int(np.isinf(medians).sum())
    diverged = count_words(n_infinite, "cell")
    badness, scale = metric.badness(medians), colour_scale(medians, metric)
    if scale is None:
        if n_infinite:
            return [say("The median diverged in {cells}, and is finite in none.", cells=diverged)]
        return [say("No cell has a median.")]
    if len(cells) < 2:
        return []
    is_wild = scale.is_above(medians) if metric.is_lower_better else scale.is_below(medians)
    wild = count_words(int(is_wild.sum()), "cell")
    last = row_of(cells, int(np.where(np.isfinite(badness) & ~is_wild, badness, -np.inf).argmax()))
    told = {
        "which": _worst_of_others(metric) if is_wild.any() else _worst_finite(metric),
        "value": number(last["median"]),
        "place": _place(last, content),
    }
    if n_infinite and is_wild.any():
        first = say(
            "The median diverged in {diverged} and it is wildly worse in {wild}", diverged=diverged, wild=wild
        )
    elif n_infinite:
        first = say("The median diverged in {cells}", cells=diverged)
    elif is_wild.any():
        first = say("The median is wildly worse in {cells}", cells=wild)
    else:
        return [say("The {which} is {value}, at {place}.", **told)]
    return [say("{first}; the {which} is {value}, at {place}.", first=first, **told)]


def _worst_finite(metric: Metric) -> str:
    return say("largest finite median") if metric.is_lower_better else say("smallest finite median")


def _worst_of_others(metric: Metric) -> str:
    return (
        say("largest median of the others")
        if metric.is_lower_better
        else say("smallest median of the others")
    )


def quartiles(row: Mapping[Any, Any]) -> tuple[str, str] | None:
    """Return the quartiles of a cell, the lower one first; None for those of a single run."""
    if row["n_runs"] - row["n_failed"] < 2:
        return None
    return number(row["lower_quartile"]), number(row["upper_quartile"])


def other_medians(content: ReportContent) -> list[str]:
    """Return the columns with the medians of the metrics that are not the objective."""
    return [median_of(metric.name) for metric in content.training.metrics[1:]]


def _place(row: Mapping[str, Any], content: ReportContent) -> str:
    return where({axis: row[axis] for axis in place_axes(content)}, among=content.axes)


def best_of_each(content: ReportContent) -> list[str]:
    """Return what the best cell of each problem is, as no cell is the best of all; and how many cells diverged."""
    labels, problems = content.labels, content.problems
    best = best_cells(content.cells, content.training.objective, problems)
    n_infinite = int(np.isinf(content.cells["median"]).sum())
    diverged = (
        [say("The median diverged in {cells}.", cells=count_words(n_infinite, "cell"))] if n_infinite else []
    )
    kind = labels.many(problems[0])
    if not best or len(best) > _MOST_BEST:
        apart = say(
            "Different {kind} are not compared with each other: the table of best cells has those of each.",
            kind=kind,
        )
        return [apart, *diverged]
    apart = say("Different {kind} are not compared with each other.", kind=kind)
    medians = [
        say("{value} at {place}", value=number(row["median"]), place=_place(row, content)) for row in best
    ]
    each = say(
        "The best {median} of each: {values}.", median=labels.full("median"), values=say("; ").join(medians)
    )
    return [apart, each, *diverged]


_MOST_BEST = 6
"""Problems whose best cells are told in one sentence."""


def best_rows(content: ReportContent, n: int) -> pd.DataFrame:
    """Return the cells with the best finite medians, the best first, at most `n` of them.

    Of several problems they are the best of each, in the order of the table, and one of each at least.
    """
    cells, problems = content.cells, content.problems
    if problems:
        parts = [part for _, part in cells.groupby(problems, sort=False)]
        return pd.concat([_best_first(part, content, max(1, n // len(parts))) for part in parts])
    return _best_first(cells, content, n)


def _best_first(cells: pd.DataFrame, content: ReportContent, n: int) -> pd.DataFrame:
    badness = content.training.objective.badness(cells["median"].to_numpy(float))
    order = np.argsort(np.where(np.isfinite(badness), badness, np.inf), kind="stable")
    return cells.iloc[order[: min(n, int(np.isfinite(badness).sum()))]]
