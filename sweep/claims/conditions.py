"""Which cells a claim compares: a part for each comparison, for every condition, in arrays.

A part is what a form compares at once: mostly a pair of cells, or one cell where a form judges cells by themselves.
Parts stand in groups: the claim holds under a condition if in every group one part holds at least. Mostly each part is
a group of its own, and so all have to hold.
"""

from dataclasses import dataclass
from functools import cached_property
from math import prod

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
        What each part compares, in words: values on the claim's axis; (None, None) if the form has no axis.
    groups
        Shape (n_parts,): the group of each part.
    cells
        Shape (n_conditions, n_parts, n_compared): the cells of the parts; -1 where the grid leaves one out.
    """

    axes: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    pairs: tuple[Pair, ...]
    groups: Ints
    cells: Ints

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
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
    form, codes, levels = claim.form, plan.cells.codes, plan.cells.levels
    at_the_end = form.at_the_end and plan.training.steps not in claim.over
    found = candidates(plan, claim.where, at_the_end=at_the_end)
    over, first = combinations([codes[name][found] for name in claim.over], len(found))
    table = _table(claim, plan, found, over)
    along = [{exactly(value): code for code, value in enumerate(levels[axis])} for axis in form.axes]
    places = [
        [[values[exactly(value)] for values, value in zip(along, place, strict=True)] for place in part]
        for part in form.comparisons
    ]
    columns = np.zeros((len(places), len(places[0])), dtype=np.int64)
    for number, size in enumerate(map(len, along)):
        columns = columns * size + np.array([[place[number] for place in part] for part in places])
    cells = table[:, columns]
    complete = np.asarray((cells >= 0).all(axis=2))
    kept = np.flatnonzero(complete.any(axis=1))
    if not len(kept):
        raise _error(claim, plan, "the grid leaves out every combination that it compares.")
    examples = found[first[kept]]
    values = [tuple(levels[name][codes[name][cell]] for name in claim.over) for cell in examples]
    return Conditions(claim.over, tuple(values), form.pairs, np.array(form.groups), cells[kept])


def _table(claim: Claim, plan: Plan, found: Ints, over: Ints) -> Ints:
    """Return the cell of each combination of `over` (rows) and of the form's axes (columns); -1 where there is none."""
    sizes = [len(plan.cells.levels[axis]) for axis in claim.form.axes]
    along = np.zeros(len(found), dtype=np.int64)
    for axis, size in zip(claim.form.axes, sizes, strict=True):
        along = along * size + plan.cells.codes[axis][found]
    n_columns, n_over = prod(sizes), int(over.max()) + 1 if len(over) else 0
    place = over * n_columns + along
    if len(np.unique(place)) < len(place):
        left = "several cells are left; fix more axes in `where`, or name them in `over`."
        raise _error(claim, plan, left)
    table = np.full(n_over * n_columns, -1, dtype=np.int64)
    table[place] = found
    return table.reshape(n_over, n_columns)


def _error(claim: Claim, plan: Plan, message: str) -> PlanError:
    return PlanError(plan.experiment.read.told(claim.place, f'"{claim.sentence}": {message}'))
