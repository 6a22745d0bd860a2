"""Runs → how often the best cell is better than each other one, replicate by replicate.

Replicates share their random numbers across cells, so that two runs of one replicate are a pair.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import comb

import numpy as np
import pandas as pd

from sweep.tables.collected import Collected
from sweep.terms.arrays import Bools, Floats, Ints


def duels_table(collected: Collected, problems: Sequence[str] = ()) -> pd.DataFrame:
    """Return for every row of `cells_table` the pairs of its cell with the best one: `n_better`, `n_pairs`.

    The best has the best finite median; with axes in `problems`, it is the best among the cells of the same problem,
    since others are not compared with it. `n_pairs` counts the pairs that differ, `n_better` those among them in which
    the best cell is the better one; both are 0 for the best itself, and where no cell has a finite median.
    """
    plan, metric = collected.plan, collected.plan.training.objective
    n_cells, replicates, first = len(plan.cells), plan.cells.replicates, plan.first_run_of_cell
    problem = _groups(
        [plan.cells.codes[axis].astype(np.int64) for axis in problems if axis in plan.cells.codes], n_cells
    )
    (medians,) = collected.quantiles(metric.name, 0.5)
    badness = metric.badness(medians)
    rivals = np.full((problem.max() + 1, replicates.max()), np.nan)
    for number in range(problem.max() + 1):
        mine = np.flatnonzero(problem == number)
        order = np.where(np.isfinite(badness[mine]), badness[mine], np.inf)
        if np.isfinite(order).any():
            best = mine[order.argmin()]
            rivals[number, : replicates[best]] = collected.values(
                metric.name, slice(first[best], first[best + 1])
            )

    def pairs(runs: slice) -> tuple[Floats, Floats]:
        cell = plan.cells_of(runs)
        replicate = np.arange(runs.start, runs.stop) - first[cell]
        return rivals[problem[cell], replicate], collected.values(metric.name, runs)

    def differ(runs: slice) -> Bools:
        of_best, theirs = pairs(runs)
        return np.asarray(~np.isnan(theirs) & ~np.isnan(of_best) & (theirs != of_best))

    def better(runs: slice) -> Bools:
        return differ(runs) & metric.beats(*pairs(runs))

    table = pd.DataFrame({"n_better": collected.n_of(better), "n_pairs": collected.n_of(differ)})
    return table[collected.begun].reset_index(drop=True)


@lru_cache(maxsize=256)
def better_needed(n_pairs: int, chance: float) -> int | None:
    """Return in how many of so many pairs one side must be the better for the other to be told apart from it.

    If neither were, it would be the better in so many with a probability of `chance` at most (the sign test of Dixon &
    Mood 1946, to one side). None if all of the pairs are too few.

    >>> better_needed(10, 0.05), better_needed(4, 0.05), better_needed(5, 0.05)
    (9, None, 5)
    """
    allowed = int(chance * 2**60) * 2**n_pairs >> 60
    total, needed = 0, None
    for n_better in range(n_pairs, -1, -1):
        total += comb(n_pairs, n_better)
        if total > allowed:
            break
        needed = n_better
    return needed


def _groups(columns: Sequence[Ints], n: int) -> Ints:
    """Return the number of each row's combination, from 0."""
    if not columns:
        return np.zeros(n, dtype=np.int64)
    rows = np.stack(columns, axis=1)
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(n)
