"""The table of cells: one row a cell, in canonical order, with the statistics of its replicates."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sweep.errors import InputError
from sweep.tables.axes import axis_columns
from sweep.tables.collected import Collected
from sweep.tables.where import check_name, known_words
from sweep.terms.arrays import Floats, Ints
from sweep.terms.columns import COUNTS, median_of
from sweep.terms.outcome import WITHOUT_RESULT, Status
from sweep.terms.values import TableValue


def axes_of(cells: pd.DataFrame) -> list[str]:
    """Return the columns of a table of cells that are axes: those before the counts."""
    return list(cells.columns[: cells.columns.get_loc(COUNTS[0])])


def cells_table(collected: Collected) -> pd.DataFrame:
    """Return every cell that has a stored run: the axes, and the statistics over its replicates.

    `n_runs` counts all stored runs of the cell, `n_diverged` and `n_failed` those among them. The statistics are of
    the objective over the runs that have a result, one that diverged counting as the worst there is: where lower is
    better, `mean` and `maximum` are inf if any diverged, and `median` is if half of them did, or more. They are NaN if
    no run has a result.
    """
    plan = collected.plan
    n_runs = plan.cells.replicates - collected.counts(Status.MISSING)
    columns = axis_columns(plan, np.arange(len(plan.cells)))
    columns["n_runs"] = n_runs
    columns["n_diverged"] = collected.counts(Status.DIVERGED)
    columns["n_failed"] = collected.counts(*WITHOUT_RESULT)
    columns |= _statistics(collected)
    for metric in plan.training.metrics[1:]:
        (columns[median_of(metric.name)],) = collected.quantiles(metric.name, 0.5)
    return pd.DataFrame(columns)[collected.begun].reset_index(drop=True)


def _statistics(collected: Collected) -> dict[str, Floats]:
    """Return the statistics of the objective over the runs of each cell, of shape (n_cells,) each."""
    parts = [
        {
            "median": objective.quantile(0.5),
            "mean": objective.mean(),
            "lower_quartile": objective.quantile(0.25),
            "upper_quartile": objective.quantile(0.75),
            "minimum": objective.quantile(0.0),
            "maximum": objective.quantile(1.0),
        }
        for objective in collected.by_cell(collected.plan.training.objective.name)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def selected(
    cells: pd.DataFrame,
    where: Mapping[str, TableValue | list[TableValue]],
    axes: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the rows that have the given values in the given axes: of a list, any of them.

    The `axes` are those of a table of cells if they are not named.

    Raises
    ------
    InputError
        If a name is not an axis, or no cell has the value.
    """
    for axis, value in where.items():
        check_name("an axis", axis, axes_of(cells) if axes is None else axes)
        wanted = value if isinstance(value, list) else [value]
        has = {one: cells[axis] == one for one in wanted}
        for one, are in has.items():
            if not are.any():
                raise InputError(
                    f"no cell has {axis} = {one!r}; {known_words(one, cells[axis].unique().tolist())}"
                )
        cells = cells[np.logical_or.reduce(list(has.values()))]
    return cells


def pivoted(
    cells: pd.DataFrame,
    rows: str,
    columns: str,
    statistic: str,
    levels: Mapping[str, Sequence[TableValue]],
) -> pd.DataFrame:
    """Return a statistic of the cells as a table of two axes, in the order of the `levels` of each.

    Any other axis with more than one value becomes a further level of the rows, before `rows`.

    Raises
    ------
    InputError
        If a name is not an axis or statistic of the table, or both axes are the same.
    """
    axes = axes_of(cells)
    check_name("an axis", rows, axes)
    check_name("an axis", columns, axes)
    check_name("a statistic", statistic, list(cells.columns[len(axes) :]))
    if rows == columns:
        raise InputError(f"a pivot needs two different axes, got {rows!r} twice")
    others = [axis for axis in axes if axis not in (rows, columns) and cells[axis].nunique() > 1]
    along = [*others, rows]
    table = cells.pivot(index=along, columns=columns, values=statistic)
    places = [_places(levels[axis], table.index.get_level_values(axis)) for axis in along]
    return table.iloc[np.lexsort(places[::-1]), np.argsort(_places(levels[columns], table.columns))]


def _places(levels: Sequence[TableValue], values: "pd.Index[Any]") -> Ints:
    """Return the place of each value of an axis among its levels."""
    places: Ints = pd.Index(levels).get_indexer(values).astype(np.int64)
    return places
