"""What the pages say in words: the summary, captions, and how diverged runs are counted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sweep.report.look.axis_choice import best_cell, moving_axes, row_of
from sweep.report.look.labels import counted, listed, many_values, number, where
from sweep.report.pages.content import ReportContent

COUNTING = (
    "A run that leaves the finite numbers is a result, not a gap: it is called diverged and counts as an "
    "infinite loss in the median, the quartiles, the mean and the maximum of its cell. So a cell has an "
    "infinite median where half of its runs or more diverged. A run that failed has no loss: it is left out "
    "of the statistics and counted beside them."
)

QUICK = (
    "This is the quick form: the values under [quick] of the config stand in the places of its usual ones."
)


def summary(content: ReportContent) -> list[str]:
    """Return the sentences that come first: the size of the sweep, its state, the best and the worst cell."""
    if content.is_quick:
        return [QUICK, *summary(replace(content, is_quick=False))]
    if not content.cells["n_runs"].sum():
        return [f"No run has a result yet; {counted(content.planned_runs, 'run')} are planned."]
    sentences = [_size(content), _outcomes(content.cells)]
    if not content.complete:
        sentences.append(_progress(content))
    return sentences + _best_and_worst(content.cells, place_axes(content))


def place_axes(content: ReportContent) -> list[str]:
    """Return the axes that tell one cell from another: those that move, or all if none does."""
    return moving_axes(content.axes) or list(content.axes)


def _size(content: ReportContent) -> str:
    moving = moving_axes(content.axes)
    axes = [f"{number(len(content.axes[axis]))} {many_values(axis)}" for axis in moving]
    over = f" over {listed(axes)}" if axes else ""
    return f"{counted(len(content.cells), 'cell')}{over}, {counted(content.replicates, 'replicate')} each."


def _outcomes(cells: pd.DataFrame) -> str:
    n_runs, n_diverged, n_failed = (int(cells[name].sum()) for name in ("n_runs", "n_diverged", "n_failed"))
    diverged, failed = _share(n_diverged, n_runs), _share(n_failed, n_runs)
    return f"Of {counted(n_runs, 'run')}, {diverged} diverged and {failed} failed."


def _share(n: int, n_all: int) -> str:
    return f"{number(n)} ({number(100 * n / n_all, 2)}\N{NO-BREAK SPACE}%)" if n else "none"


def _progress(content: ReportContent) -> str:
    return (
        f"The sweep is not complete: {number(content.stored_runs)} of {counted(content.planned_runs, 'run')} "
        f"have a result, {replicates_so_far(content)} in the cells that were begun."
    )


def replicates_so_far(content: ReportContent) -> str:
    """Return how many replicates the cells have: "32 replicates", or "12 to 13 of 32 replicates so far"."""
    planned = counted(content.replicates, "replicate")
    if content.complete:
        return planned
    low, high = int(content.cells["n_runs"].min()), int(content.cells["n_runs"].max())
    return f"{number(low) if low == high else f'{number(low)} to {number(high)}'} of {planned} so far"


def _best_and_worst(cells: pd.DataFrame, axes: list[str]) -> list[str]:
    best = best_cell(cells)
    n_infinite = int(np.isinf(cells["median"]).sum())
    diverged = f"The median diverged in {counted(n_infinite, 'cell')}" if n_infinite else ""
    if best is None:
        return [f"{diverged}, and is finite in none."] if diverged else ["No cell has a median."]
    sentence = (
        f"The best cell is {_place(best, axes)}: median final loss {number(best['median'])}, quartiles "
        f"{number(best['lower_quartile'])} and {number(best['upper_quartile'])}, "
        f"median rms error {number(best['median_rms_error'])}."
    )
    worst = row_of(cells, int(np.where(np.isfinite(cells["median"]), cells["median"], -np.inf).argmax()))
    largest = f"he largest finite median is {number(worst['median'])}, at {_place(worst, axes)}."
    return [sentence, f"{diverged}; t{largest}" if diverged else f"T{largest}"]


def _place(row: Mapping[str, Any], axes: list[str]) -> str:
    return where({axis: row[axis] for axis in axes})


def best_rows(content: ReportContent, n: int) -> pd.DataFrame:
    """Return the cells with the smallest finite medians, the best first, at most `n` of them."""
    finite: pd.DataFrame = content.cells[np.isfinite(content.cells["median"].to_numpy(float))]
    return finite.sort_values("median", kind="stable").head(n)
