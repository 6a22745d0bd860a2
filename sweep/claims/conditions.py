"""Which cells a claim compares: a part for each comparison, for every condition, in arrays.

A part is a pair of cells, or the same cell twice where a form judges cells by themselves. The claim holds under a
condition if it holds in all parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.config.claim import Better, Claim, Enough, Form, Monotone, Unlike
from sweep.errors import PlanError
from sweep.plan import Plan
from sweep.terms.arrays import Ints
from sweep.terms.values import Value


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
        What each part compares, as values on the claim's axis: the first is to be the better one. One pair of None
        if the form has no axis.
    cells
        Shape (n_conditions, n_parts, 2): the cells of the pairs; -1 where the grid leaves one out.
    """

    axes: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    pairs: tuple[tuple[Value | None, Value | None], ...]
    cells: Ints

    def __len__(self) -> int:
        return len(self.values)

    @property
    def exists(self) -> NDArray[np.bool_]:
        """Shape (n_conditions, n_parts): which parts there are."""
        return np.asarray((self.cells >= 0).all(axis=2))


def conditions(claim: Claim, plan: Plan) -> Conditions:
    """Return the conditions under which a claim is judged.

    Raises
    ------
    PlanError
        If the plan has no cells for any, or several where one is meant.
    """
    axis = getattr(claim.form, "axis", None)
    candidates = _candidates(claim, plan)
    over, first = _distinct([plan.cells.codes[name][candidates] for name in claim.over], len(candidates))
    table = _table(claim, plan, candidates, over, axis)
    pairs = pairs_of(claim.form)
    levels = plan.cells.levels[axis] if axis is not None else (None,)
    columns = np.array([[levels.index(value) for value in pair] for pair in pairs], dtype=np.int64)
    cells = table[:, columns]
    complete = np.asarray((cells >= 0).all(axis=2))
    kept = np.flatnonzero(complete.any(axis=1))
    if not len(kept):
        raise PlanError(f"{named(claim)}: the grid leaves out every combination that it compares")
    examples = candidates[first[kept]]
    values = [tuple(plan.cells.levels[n][plan.cells.codes[n][cell]] for n in claim.over) for cell in examples]
    return Conditions(claim.over, tuple(values), pairs, cells[kept])


def pairs_of(form: Form) -> tuple[tuple[Value | None, Value | None], ...]:
    """Return what each part of a claim compares: first what is to have the smaller loss (of `enough`, the further)."""
    match form:
        case Better():
            return tuple((form.value, other) for other in form.than)
        case Monotone():
            steps = zip(form.values[1:], form.values[:-1], strict=True)
            return tuple(steps) if form.direction == "falls" else tuple((b, a) for a, b in steps)
        case Enough():
            return tuple((further, form.value) for further in form.further)
    return ((None, None),)


def named(claim: Claim) -> str:
    """Return how messages call a claim."""
    return f'the claim "{claim.sentence}"'


def _candidates(claim: Claim, plan: Plan) -> Ints:
    """Return the cells that have the values of `where`; of `unlike`, those at the end of a training."""
    codes, levels = plan.cells.codes, plan.cells.levels
    kept = np.ones(len(plan.cells), dtype=bool)
    for name, value in claim.where.items():
        if name in codes:
            kept &= codes[name] == levels[name].index(value)
    if isinstance(claim.form, Unlike) and "epochs" not in claim.over:
        kept &= codes["epochs"] == codes["epochs"].max()
    return np.flatnonzero(kept)


def _distinct(columns: Sequence[NDArray[Any]], n: int) -> tuple[Ints, Ints]:
    """Return the number of each row's combination, in their order, and a row of each combination."""
    if not columns:
        return np.zeros(n, dtype=np.int64), np.zeros(min(n, 1), dtype=np.int64)
    rows = np.stack(columns, axis=1)
    _, first, number = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return number.reshape(n).astype(np.int64), first.astype(np.int64)


def _table(claim: Claim, plan: Plan, candidates: Ints, over: Ints, axis: str | None) -> Ints:
    """Return the cell of each combination of `over` (rows) and value of the axis (columns); -1 where there is none."""
    if axis is None:
        along, n_levels = np.zeros(len(candidates), dtype=np.int32), 1
    else:
        along, n_levels = plan.cells.codes[axis][candidates], len(plan.cells.levels[axis])
    n_over = int(over.max()) + 1 if len(over) else 0
    place = over * n_levels + along
    if len(np.unique(place)) < len(place):
        raise PlanError(
            f"{named(claim)}: several cells are left; fix more axes in `where`, or name them in `over`"
        )
    table = np.full(n_over * n_levels, -1, dtype=np.int64)
    table[place] = candidates
    return table.reshape(n_over, n_levels)
