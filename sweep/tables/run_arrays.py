"""The runs of a plan as plain arrays: what a page needs that computes its own statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.tables.collected import Collected
from sweep.tables.quantiles import Groups, group
from sweep.terms.arrays import Bools, Codes, Floats, Ints, Statuses
from sweep.terms.values import TableValue, table_values


@dataclass(frozen=True, eq=False)
class RunArrays:
    """All runs of a plan, cell by cell, and by replicate within each.

    Attributes
    ----------
    levels
        The values of each axis, in the order in which they are shown.
    codes
        For each axis, shape (n_cells,): which of its values a cell has.
    replicates
        Shape (n_cells,): how many runs the plan has of each cell.
    status, ended_at
        Shape (n_runs,): of `Status`, and the step at which a run diverged, else 0.
    metrics
        Each of shape (n_runs,), as in the table of runs.
    """

    levels: Mapping[str, Sequence[TableValue]]
    codes: Mapping[str, Codes]
    replicates: Ints
    status: Statuses
    ended_at: Ints
    metrics: Mapping[str, Floats]

    @staticmethod
    def of(collected: Collected) -> "RunArrays":
        """Return the runs of a plan as far as they have results."""
        plan = collected.plan
        return RunArrays(
            levels={axis: table_values(values) for axis, values in plan.cells.levels.items()},
            codes=plan.cells.codes,
            replicates=plan.cells.replicates,
            status=collected.status,
            ended_at=collected.ended_at,
            metrics={metric.name: collected.given(metric.name) for metric in plan.training.metrics},
        )

    @property
    def n_cells(self) -> int:
        """How many cells the plan has."""
        return len(self.replicates)

    @property
    def cell(self) -> Ints:
        """The cell of each run, of shape (n_runs,)."""
        return np.repeat(np.arange(self.n_cells), self.replicates)

    @property
    def is_grid(self) -> bool:
        """Whether the cells are all combinations of the levels, the last axis changing fastest."""
        sizes = [len(levels) for levels in self.levels.values()]
        if int(np.prod(sizes, dtype=float)) != self.n_cells:
            return False
        place = np.unravel_index(np.arange(self.n_cells), sizes)
        return all(np.array_equal(at, self.codes[axis]) for at, axis in zip(place, self.levels, strict=True))

    def count(self, which: Bools) -> Ints:
        """Return how many of these runs each cell has, of shape (n_cells,)."""
        return np.bincount(self.cell[which], minlength=self.n_cells)

    def grouped(self, values: Floats) -> Groups:
        """Return values of the runs in groups, one for each cell; NaN is left out."""
        return group(values, self.cell, self.n_cells)
