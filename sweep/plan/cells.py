"""Axes → cells: the product of the axes of each grid, the union of the grids, in the canonical order.

The canonical order is that of the values themselves: parameters in the order of the training, its steps last, every one
ascending. So a table does not depend on the order in which a config lists its axes, values or grids.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sweep.config.experiment import Experiment, Grid
from sweep.errors import PlanError
from sweep.terms.arrays import Codes, Ints
from sweep.terms.values import Value, exactly, ordered


@dataclass(frozen=True, eq=False)
class Cells:
    """The points of the grids, each once, in canonical order.

    Attributes
    ----------
    levels
        For each axis its values, ascending. The steps of a training that has them are always an axis, and the last.
    codes
        For each axis an array of shape (n_cells,): the index of the cell's value in `levels`.
    replicates
        Shape (n_cells,): how many replicates are asked of the cell.
    steps
        Shape (n_cells,): to how many steps it is trained; 0 where the training has none.
    """

    levels: Mapping[str, tuple[Value, ...]]
    codes: Mapping[str, Codes]
    replicates: Ints
    steps: Ints

    def __len__(self) -> int:
        return len(self.replicates)


def expand(experiment: Experiment) -> Cells:
    """Return the cells of an experiment.

    Raises
    ------
    PlanError
        If `exclude` leaves none.
    """
    steps = experiment.training.steps
    names = [*(axis for axis in experiment.axes if axis != steps), *([steps] if steps else [])]
    levels = {name: _levels(name, experiment) for name in names}
    parts = [_expand_grid(grid, levels, experiment.fixed) for grid in experiment.grids]
    codes = {name: np.concatenate([part.codes[name] for part in parts]) for name in names}
    replicates = np.repeat([grid.replicates for grid in experiment.grids], [part.size for part in parts])
    if not len(replicates):
        told = "drops every combination of the grid: nothing is left to train."
        raise PlanError(experiment.read.told(("grid", "exclude"), told))
    order, first = _sorted_unique(
        [codes[name] for name in names], [len(levels[name]) for name in names], len(replicates)
    )
    # A cell that several grids name is asked for the most replicates that any of them names.
    most = np.maximum.reduceat(replicates[order], first)
    found = {name: codes[name][order[first]] for name in names}
    counts = np.array(levels[steps], dtype=np.int64)[found[steps]] if steps else np.zeros_like(first)
    return Cells(levels, found, most, counts)


def n_excluded(experiment: Experiment, n_kept: int) -> int:
    """Return how many combinations `exclude` drops from an experiment of which it keeps so many."""
    if not any(grid.exclude for grid in experiment.grids):
        return 0
    grids = tuple(replace(grid, exclude=()) for grid in experiment.grids)
    return len(expand(replace(experiment, grids=grids))) - n_kept


def changes(columns: Sequence[NDArray[np.int32]], length: int) -> Ints:
    """Return the rows where any of the sorted columns differs from the row before; row 0 is one of them."""
    differs = np.zeros(length, dtype=bool)
    differs[0] = True
    for column in columns:
        differs[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(differs)


def _levels(name: str, experiment: Experiment) -> tuple[Value, ...]:
    """Return all values that a parameter takes in any grid: numbers ascending, all else as the config has them."""
    values: list[Value] = []
    for grid in experiment.grids:
        if name not in grid.names:
            values.append(experiment.fixed[name])
        for axis in grid.axes:
            if name in axis.names:
                values += [point[axis.names.index(name)] for point in axis.points]
    return tuple(ordered({exactly(value): value for value in values}.values()))


@dataclass(frozen=True, eq=False)
class _Part:
    """The combinations that one grid keeps: how many, and their codes by axis."""

    size: int
    codes: Mapping[str, Codes]


def _expand_grid(grid: Grid, levels: Mapping[str, tuple[Value, ...]], fixed: Mapping[str, Value]) -> _Part:
    """Return all combinations that the grid keeps."""
    size = int(np.prod([len(axis) for axis in grid.axes], dtype=np.int64))
    index = {name: {exactly(value): code for code, value in enumerate(of)} for name, of in levels.items()}
    codes = {name: np.full(size, index[name].get(exactly(fixed[name]), 0), dtype=np.int32) for name in levels}
    stride = size
    for axis in grid.axes:
        stride //= len(axis)
        position = np.arange(size) // stride % len(axis)
        for column, name in enumerate(axis.names):
            of_point = np.array(
                [index[name][exactly(point[column])] for point in axis.points], dtype=np.int32
            )
            codes[name] = of_point[position]
    kept = ~_excluded(grid, codes, index, size)
    return _Part(int(np.count_nonzero(kept)), {name: column[kept] for name, column in codes.items()})


def _excluded(
    grid: Grid, codes: Mapping[str, Codes], index: Mapping[str, Mapping[Hashable, int]], size: int
) -> NDArray[np.bool_]:
    dropped = np.zeros(size, dtype=bool)
    for rule in grid.exclude:
        matches = np.ones(size, dtype=bool)
        for name, values in rule.items():
            is_listed = np.zeros(len(index[name]), dtype=bool)
            is_listed[[index[name][exactly(value)] for value in values]] = True
            matches &= is_listed[codes[name]]
        dropped |= matches
    return dropped


def _sorted_unique(columns: Sequence[Codes], sizes: Sequence[int], length: int) -> tuple[Ints, Ints]:
    """Return the order that sorts the rows (first column first), and where in it each distinct row begins."""
    if float(np.prod(sizes, dtype=np.float64)) < 2**62:
        rank = np.zeros(length, dtype=np.int64)
        for column, size in zip(columns, sizes, strict=True):
            rank = rank * size + column
        order = np.argsort(rank, kind="stable")
    else:
        order = np.lexsort(list(reversed(columns)))
    return order, changes([column[order] for column in columns], len(order))
