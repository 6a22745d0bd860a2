"""The table of runs: one row a run, in canonical order.

Only runs that have a result appear. The objective of a run that diverged is the worst there is, inf or -inf; that of
one that failed is NaN.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sweep.tables.axes import axis_columns
from sweep.tables.collected import Collected
from sweep.terms.arrays import Ints
from sweep.terms.outcome import Status

STATUSES = tuple(status.name.lower() for status in Status if status is not Status.MISSING)


def runs_table(collected: Collected) -> pd.DataFrame:
    """Return every stored run: the axes, replicate, the metrics, status, and diverged_at if the training has steps."""
    (table,) = runs_in_parts(collected, max(1, collected.plan.n_runs))
    return table


def runs_in_parts(collected: Collected, size: int) -> Iterator[pd.DataFrame]:
    """Yield the table of runs in parts, each of `size` planned runs, for tables that are larger than memory likes."""
    for start in range(0, collected.plan.n_runs, size):
        is_stored = collected.status[start : start + size] != Status.MISSING
        yield _runs(collected, start + np.flatnonzero(is_stored))


def _runs(collected: Collected, stored: Ints) -> pd.DataFrame:
    plan = collected.plan
    cell = plan.cells_of(stored)
    columns = axis_columns(plan, cell)
    columns["replicate"] = stored - plan.first_run_of_cell[cell]
    columns |= {metric.name: collected.given(metric.name, stored) for metric in plan.training.metrics}
    codes = collected.status[stored].astype(np.int64) - 1
    columns["status"] = pd.Categorical.from_codes(codes, pd.Index(STATUSES))
    if collected.plan.training.steps is not None:
        diverged_at = collected.ended_at[stored]
        columns["diverged_at"] = pd.arrays.IntegerArray(diverged_at, diverged_at == 0)
    return pd.DataFrame(columns, copy=False)
