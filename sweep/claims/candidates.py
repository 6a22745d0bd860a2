"""Which cells of a plan a claim is about: those that have the values of `where`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.plan import Plan
from sweep.terms.arrays import Ints
from sweep.terms.values import Value, place_of


def candidates(plan: Plan, where: Mapping[str, Value], *, at_the_end: bool) -> Ints:
    """Return the cells that have these values, of shape (n,); with `at_the_end` those of the most steps alone."""
    codes, levels, steps = plan.cells.codes, plan.cells.levels, plan.training.steps
    kept = np.ones(len(plan.cells), dtype=bool)
    for name, value in where.items():
        if name in codes:
            kept &= codes[name] == place_of(value, levels[name])
    if at_the_end and steps is not None:
        kept &= codes[steps] == codes[steps].max()
    return np.flatnonzero(kept)


def combinations(columns: Sequence[NDArray[Any]], n: int) -> tuple[Ints, Ints]:
    """Return the number of each row's combination, in their order, and a row of each combination."""
    if not columns:
        return np.zeros(n, dtype=np.int64), np.zeros(min(n, 1), dtype=np.int64)
    rows = np.stack(columns, axis=1)
    _, first, number = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return number.reshape(n).astype(np.int64), first.astype(np.int64)
