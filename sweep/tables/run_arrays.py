"""The runs of a plan as plain arrays: what a page needs that computes its own statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.tables.collected import Collected
from sweep.terms.arrays import Codes, Ints
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
    collected
        The results themselves.
    """

    levels: Mapping[str, Sequence[TableValue]]
    codes: Mapping[str, Codes]
    replicates: Ints
    collected: Collected

    @staticmethod
    def of(collected: Collected) -> "RunArrays":
        """Return the runs of a plan as far as they have results."""
        plan = collected.plan
        return RunArrays(
            levels={axis: table_values(values) for axis, values in plan.cells.levels.items()},
            codes=plan.cells.codes,
            replicates=plan.cells.replicates,
            collected=collected,
        )

    @property
    def n_cells(self) -> int:
        """How many cells the plan has."""
        return len(self.replicates)

    @property
    def n_runs(self) -> int:
        """How many runs the plan has."""
        return len(self.collected.status)

    @property
    def is_grid(self) -> bool:
        """Whether the cells are all combinations of the levels, the last axis changing fastest."""
        sizes = [len(levels) for levels in self.levels.values()]
        if int(np.prod(sizes, dtype=float)) != self.n_cells:
            return False
        place = np.unravel_index(np.arange(self.n_cells), sizes)
        return all(np.array_equal(at, self.codes[axis]) for at, axis in zip(place, self.levels, strict=True))
