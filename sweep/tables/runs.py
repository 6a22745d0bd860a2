"""The table of runs: one row a run, in canonical order.

Only runs that have a result appear. The objective of a run that diverged is the worst there is, inf or -inf; that of
one that failed is NaN.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sweep.tables.axes import axis_columns
from sweep.tables.collected import Collected
from sweep.terms.arrays import Floats, Ints
from sweep.terms.outcome import Status

STATUSES = tuple(status.name.lower() for status in Status if status is not Status.MISSING)


def runs_table(collected: Collected) -> pd.DataFrame:
    """Return every stored run: the axes, replicate, the metrics, status, and diverged_at if the training has steps."""
    (table,) = runs_in_parts(collected, max(1, collected.plan.n_runs))
    return table


def runs_in_parts(collected: Collected, size: int) -> Iterator[pd.DataFrame]:
    """Yield the table of runs in parts of `size` rows, for tables that are larger than memory likes; at least one."""
    stored = np.flatnonzero(collected.status != Status.MISSING)
    cell, replicate = _cells_of_runs(collected)
    metrics = {metric.name: collected.given(metric.name) for metric in collected.plan.training.metrics}
    for start in range(0, max(1, len(stored)), size):
        part = stored[start : start + size]
        yield _runs(
            collected,
            part,
            cell[part],
            replicate[part],
            {name: values[part] for name, values in metrics.items()},
        )


def _runs(
    collected: Collected, stored: Ints, cell: Ints, replicate: Ints, metrics: dict[str, Floats]
) -> pd.DataFrame:
    columns = axis_columns(collected.plan, cell)
    columns["replicate"] = replicate
    columns |= metrics
    codes = collected.status[stored].astype(np.int64) - 1
    columns["status"] = pd.Categorical.from_codes(codes, pd.Index(STATUSES))
    if collected.plan.training.steps is not None:
        diverged_at = collected.ended_at[stored]
        columns["diverged_at"] = pd.arrays.IntegerArray(diverged_at, diverged_at == 0)
    return pd.DataFrame(columns, copy=False)


def _cells_of_runs(collected: Collected) -> tuple[Ints, Ints]:
    """Return the cell and the replicate of every run of the plan, in the order of the runs."""
    replicates = collected.plan.cells.replicates
    cell = np.repeat(np.arange(len(replicates)), replicates)
    first = np.cumsum(replicates) - replicates
    return cell, np.arange(collected.plan.n_runs) - first[cell]
