"""What the pages say in words: the summary, captions, and how diverged runs are counted."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sweep.report.look.axis_choice import best_cell, best_cells, moving_axes, row_of
from sweep.report.look.labels import count_words, list_words, number, where
from sweep.report.look.scales import colour_scale
from sweep.report.pages.content import ReportContent
from sweep.terms.columns import median_of


def counting(content: ReportContent) -> str:
    """Return how runs without a finite objective are counted."""
    metric = content.training.objective
    worst = "an infinite" if metric.is_lower_better else "a negative infinite"
    extreme = "maximum" if metric.is_lower_better else "minimum"
    what = metric.short_words
    return (
        "A run that leaves the finite numbers is a result, not a gap: it is called diverged and counts as "
        f"{worst} {what} in the median, the quartiles, the mean and the {extreme} of its cell. So a cell has an "
        "infinite median where half of its runs or more diverged. A run that failed has no "
        f"{what}: it is left out of the statistics and counted beside them."
    )


QUICK = (
    "This is the quick form: the values under [quick] of the config stand in the places of its usual ones."
)


def size(content: ReportContent) -> list[str]:
    """Return how large the sweep is, and how its runs ended."""
    quick = [QUICK] if content.is_quick else []
    if not content.cells["n_runs"].sum():
        return [*quick, f"No run has a result yet; {count_words(content.planned_runs, 'run')} are planned."]
    progress = [] if content.complete else [_progress(content)]
    return [*quick, _size(content), _outcomes(content.cells), *progress]


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
    moving = moving_axes(content.axes)
    axes = [f"{number(len(content.axes[axis]))} {content.labels.many(axis)}" for axis in moving]
    over = f" over {list_words(axes)}" if axes else ""
    without = f", {number(content.excluded)} excluded" if content.excluded else ""
    each = " each" if len(content.cells) > 1 else ""
    return f"{count_words(len(content.cells), 'cell')}{over}{without}, {_planned(content)}{each}."


def _planned(content: ReportContent) -> str:
    """Return how many replicates the cells are to have: "32 replicates", or "5 to 32" where they differ."""
    words = count_words(content.replicates, "replicate")
    fewest = (
        int(content.cells["n_runs"].min()) if content.complete and len(content.cells) else content.replicates
    )
    return f"{number(fewest)} to {words}" if fewest < content.replicates else words


def _outcomes(cells: pd.DataFrame) -> str:
    n_runs, n_diverged, n_failed = (int(cells[name].sum()) for name in ("n_runs", "n_diverged", "n_failed"))
    diverged, failed = _share(n_diverged, n_runs), _share(n_failed, n_runs)
    return f"Of {count_words(n_runs, 'run')}, {diverged} diverged and {failed} failed."


def _share(n: int, n_all: int) -> str:
    return f"{number(n)} ({number(100 * n / n_all, 2)}\N{NO-BREAK SPACE}%)" if n else "none"


def _progress(content: ReportContent) -> str:
    return (
        f"The sweep is not complete: {number(content.stored_runs)} of {count_words(content.planned_runs, 'run')} "
        f"have a result, {replicates_so_far(content)} in the cells that were begun."
    )


def replicates_so_far(content: ReportContent) -> str:
    """Return how many replicates the cells have: "32 replicates", or "12 to 13 of 32 replicates so far"."""
    planned = count_words(content.replicates, "replicate")
    if content.complete:
        return _planned(content)
    low, high = int(content.cells["n_runs"].min()), int(content.cells["n_runs"].max())
    return f"{number(low) if low == high else f'{number(low)} to {number(high)}'} of {planned} so far"


def _best(content: ReportContent) -> list[str]:
    cells, axes = content.cells, place_axes(content)
    best = best_cell(cells, "median", content.training.objective)
    if best is None:
        return []
    others = [f", {content.labels.full(name)} {number(best[name])}" for name in other_medians(content)]
    which = f"best cell is {_place(best, content)}" if axes and len(cells) > 1 else "only cell"
    quartiles = quartiles_text(best, " and ")
    spread = f", quartiles {quartiles}" if quartiles != NO_QUARTILES else " (one run)"
    what = content.labels.full("median")
    return [f"The {which}: {what} {number(best['median'])}{spread}{''.join(others)}."]


def worst(content: ReportContent) -> list[str]:
    """Return what the worst cell is of those that are told apart, and how many diverged or are wildly worse."""
    cells, metric = content.cells, content.training.objective
    medians = cells["median"].to_numpy(float)
    n_infinite = int(np.isinf(medians).sum())
    diverged = f"The median diverged in {count_words(n_infinite, 'cell')}" if n_infinite else ""
    badness, scale = metric.badness(medians), colour_scale(medians, metric)
    if scale is None:
        return [f"{diverged}, and is finite in none."] if diverged else ["No cell has a median."]
    if len(cells) < 2:
        return []
    is_wild = scale.is_above(medians) if metric.is_lower_better else scale.is_below(medians)
    last = row_of(cells, int(np.where(np.isfinite(badness) & ~is_wild, badness, -np.inf).argmax()))
    extreme = "largest" if metric.is_lower_better else "smallest"
    finite = "finite median" if not is_wild.any() else "median of the others"
    said = f"the {extreme} {finite} is {number(last['median'])}, at {_place(last, content)}."
    wild = (
        f"{'it' if diverged else 'The median'} is wildly worse in {count_words(int(is_wild.sum()), 'cell')}"
        if is_wild.any()
        else ""
    )
    parts = [part for part in (diverged, wild) if part]
    return [f"{' and '.join(parts)}; {said}" if parts else f"{said[0].upper()}{said[1:]}"]


NO_QUARTILES = "–"


def quartiles_text(row: Mapping[Any, Any], between: str) -> str:
    """Return the quartiles of a cell; `NO_QUARTILES` for those of a single run."""
    if row["n_runs"] - row["n_failed"] < 2:
        return NO_QUARTILES
    return f"{number(row['lower_quartile'])}{between}{number(row['upper_quartile'])}"


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
    diverged = [f"The median diverged in {count_words(n_infinite, 'cell')}."] if n_infinite else []
    kind = labels.many(problems[0])
    apart = f"Different {kind} are not compared with each other"
    if not best or len(best) > _MOST_BEST:
        return [f"{apart}: the table of best cells has those of each.", *diverged]
    medians = [f"{number(row['median'])} at {_place(row, content)}" for row in best]
    return [f"{apart}. The best {labels.full('median')} of each: {'; '.join(medians)}.", *diverged]


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
