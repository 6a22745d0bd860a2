"""Which cells a claim compares: a part for each comparison, for every condition, in arrays.

A part is a pair of cells, or the same cell twice where a form judges cells by themselves. The claim holds under a
condition if it holds in all parts.
"""

from dataclasses import dataclass

import numpy as np

from sweep.claims.candidates import candidates, combinations
from sweep.claims.claim import Claim
from sweep.errors import PlanError
from sweep.forms.form import Pair
from sweep.plan import Plan
from sweep.terms.arrays import Bools, Ints
from sweep.terms.values import Value, exactly


@dataclass(frozen=True, eq=False)
class Conditions:
    """The conditions of a claim that the plan has cells for, in the order of the values.

    Attributes
    ----------
    axes
        The axes in `over`.
    values
        For each condition the values of these axes.
    pairs
        What each part compares, as values on the claim's axis. One pair of None if the form has no axis.
    cells
        Shape (n_conditions, n_parts, 2): the cells of the pairs; -1 where the grid leaves one out.
    """

    axes: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    pairs: tuple[Pair, ...]
    cells: Ints

    def __len__(self) -> int:
        return len(self.values)

    @property
    def exists(self) -> Bools:
        """Shape (n_conditions, n_parts): which parts there are."""
        return np.asarray((self.cells >= 0).all(axis=2))


def conditions_of(claim: Claim, plan: Plan) -> Conditions:
    """Return the conditions under which a claim is judged.

    Raises
    ------
    PlanError
        If the plan has no cells for any, or several where one is meant.
    """
    axis, codes, levels = claim.form.axis, plan.cells.codes, plan.cells.levels
    at_the_end = claim.form.at_the_end and plan.training.steps not in claim.over
    found = candidates(plan, claim.where, at_the_end=at_the_end)
    over, first = combinations([codes[name][found] for name in claim.over], len(found))
    table = _table(claim, plan, found, over)
    pairs = claim.form.pairs
    columns = np.zeros((len(pairs), 2), dtype=np.int64)
    if axis is not None:
        along = [exactly(value) for value in levels[axis]]
        columns += [[along.index(exactly(value)) for value in pair if value is not None] for pair in pairs]
    cells = table[:, columns]
    complete = np.asarray((cells >= 0).all(axis=2))
    kept = np.flatnonzero(complete.any(axis=1))
    if not len(kept):
        raise PlanError(f"{claim.words}: the grid leaves out every combination that it compares")
    examples = found[first[kept]]
    values = [tuple(levels[name][codes[name][cell]] for name in claim.over) for cell in examples]
    return Conditions(claim.over, tuple(values), pairs, cells[kept])


def _table(claim: Claim, plan: Plan, found: Ints, over: Ints) -> Ints:
    """Return the cell of each combination of `over` (rows) and value of the axis (columns); -1 where there is none."""
    axis = claim.form.axis
    if axis is None:
        along, n_levels = np.zeros(len(found), dtype=np.int32), 1
    else:
        along, n_levels = plan.cells.codes[axis][found], len(plan.cells.levels[axis])
    n_over = int(over.max()) + 1 if len(over) else 0
    place = over * n_levels + along
    if len(np.unique(place)) < len(place):
        raise PlanError(
            f"{claim.words}: several cells are left; fix more axes in `where`, or name them in `over`"
        )
    table = np.full(n_over * n_levels, -1, dtype=np.int64)
    table[place] = found
    return table.reshape(n_over, n_levels)
