"""The tables of a sweep: one row a run, and one row a cell, in canonical order.

Only runs that have a result appear. A diverged run has a `final_loss` and `rms_error` of inf, a failed one NaN.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.config.experiment import Value
from sweep.errors import InputError
from sweep.plan import Plan
from sweep.tables.collected import DIVERGED, FAILED, MISSING, STATUS, Collected
from sweep.tables.quantiles import group
from sweep.terms.arrays import Ints
from sweep.terms.values import table_value

STATISTICS = (
    "n_runs",
    "n_diverged",
    "n_failed",
    "median",
    "mean",
    "lower_quartile",
    "upper_quartile",
    "minimum",
    "maximum",
    "median_rms_error",
)


def runs_table(collected: Collected) -> pd.DataFrame:
    """Return every stored run: the axes, epochs, replicate, final_loss, rms_error, status, diverged_at."""
    (table,) = runs_in_parts(collected, max(1, collected.plan.n_runs))
    return table


def runs_in_parts(collected: Collected, size: int) -> Iterator[pd.DataFrame]:
    """Yield the table of runs in parts of `size` rows, for tables that are larger than memory likes; at least one."""
    stored = np.flatnonzero(collected.status != MISSING)
    cell, replicate = _cells_of_runs(collected.plan)
    rms_error = _rms_error(collected.plan, collected)
    for start in range(0, max(1, len(stored)), size):
        part = stored[start : start + size]
        yield _runs(collected, part, cell[part], replicate[part], rms_error[part])


def _runs(
    collected: Collected, stored: Ints, cell: Ints, replicate: Ints, rms_error: NDArray[np.float64]
) -> pd.DataFrame:
    columns = axis_columns(collected.plan, cell)
    columns["replicate"] = replicate
    columns["final_loss"] = collected.final_loss[stored]
    columns["rms_error"] = rms_error
    columns["status"] = pd.Categorical.from_codes(
        collected.status[stored].astype(np.int64) - 1, pd.Index(STATUS[1:])
    )
    diverged_at = collected.diverged_at[stored]
    columns["diverged_at"] = pd.arrays.IntegerArray(diverged_at, diverged_at == 0)
    return pd.DataFrame(columns, copy=False)


def cells_table(collected: Collected) -> pd.DataFrame:
    """Return every cell that has a stored run: the axes, epochs, and the statistics over its replicates.

    `n_runs` counts all stored runs of the cell, `n_diverged` and `n_failed` those among them. The statistics are of
    `final_loss` over the runs that did not fail, a diverged run counting as +inf: if any diverged, `mean` and
    `maximum` are inf; if half of them did, or more, `median` is. They are NaN if all runs failed.
    """
    plan = collected.plan
    n_cells = len(plan.cells)
    cell, _ = _cells_of_runs(plan)
    n_runs = np.bincount(cell[collected.status != MISSING], minlength=n_cells)
    losses = group(collected.final_loss, cell, n_cells)
    columns = axis_columns(plan, np.arange(n_cells))
    columns["n_runs"] = n_runs
    columns["n_diverged"] = np.bincount(cell[collected.status == DIVERGED], minlength=n_cells)
    columns["n_failed"] = np.bincount(cell[collected.status == FAILED], minlength=n_cells)
    columns["median"] = losses.quantile(0.5)
    columns["mean"] = losses.mean()
    columns["lower_quartile"] = losses.quantile(0.25)
    columns["upper_quartile"] = losses.quantile(0.75)
    columns["minimum"] = losses.quantile(0.0)
    columns["maximum"] = losses.quantile(1.0)
    # sorted by loss, a cell's runs are sorted by the rms error as well
    points = np.repeat(_check_points(plan), losses.size)
    columns["median_rms_error"] = losses.mapped(lambda loss: np.sqrt(loss / points * 2.0)).quantile(0.5)
    return pd.DataFrame(columns)[n_runs > 0].reset_index(drop=True)


def selected(cells: pd.DataFrame, where: Mapping[str, str | int | float]) -> pd.DataFrame:
    """Return the cells that have the given values in the given axes.

    Raises
    ------
    InputError
        If a name is not an axis, or no cell has the value.
    """
    for axis, value in where.items():
        check_name("an axis", axis, _axes(cells))
        kept = cells[cells[axis] == value]
        if kept.empty:
            raise InputError(
                f"no cell has {axis} = {value!r}; it has {', '.join(map(str, cells[axis].unique()))}"
            )
        cells = kept
    return cells


def pivoted(cells: pd.DataFrame, rows: str, columns: str, value: str) -> pd.DataFrame:
    """Return a statistic of the cells as a table of two axes.

    Any other axis with more than one value becomes a further level of the rows, before `rows`.

    Raises
    ------
    InputError
        If a name is not an axis or statistic of the table, or both axes are the same.
    """
    axes = _axes(cells)
    check_name("an axis", rows, axes)
    check_name("an axis", columns, axes)
    check_name("a statistic", value, STATISTICS)
    if rows == columns:
        raise InputError(f"a pivot needs two different axes, got {rows!r} twice")
    others = [axis for axis in axes if axis not in (rows, columns) and cells[axis].nunique() > 1]
    return cells.pivot(index=[*others, rows], columns=columns, values=value)


def _axes(cells: pd.DataFrame) -> list[str]:
    return [name for name in cells.columns if name not in STATISTICS]


def check_name(role: str, name: str, known: Sequence[str]) -> None:
    """Raise an `InputError` unless the name is one of those that are known."""
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known)}"
        raise InputError(f"{name!r} is not {role} of this sweep: {hint}")


def axis_columns(plan: Plan, cells: Ints, axes: tuple[str, ...] | None = None) -> dict[str, object]:
    """Return the values of the axes for the given cells, a column each, as a table shows them."""
    names = plan.cells.codes if axes is None else axes
    return {name: _shown(plan.cells.levels[name])[plan.cells.codes[name][cells]] for name in names}


def _shown(levels: tuple[Value, ...]) -> NDArray[np.generic]:
    values = [table_value(value) for value in levels]
    return np.array(values, dtype=object if isinstance(values[0], str) else None)


def _cells_of_runs(plan: Plan) -> tuple[Ints, Ints]:
    """Return the cell and the replicate of every run of the plan, in the order of the runs."""
    cell = np.repeat(np.arange(len(plan.cells)), plan.cells.replicates)
    first = np.cumsum(plan.cells.replicates) - plan.cells.replicates
    return cell, np.arange(plan.n_runs) - first[cell]


def _rms_error(plan: Plan, collected: Collected) -> NDArray[np.float64]:
    """Return sqrt(2 · final_loss / check_points) of every run: the error in the unit of the target."""
    points = np.repeat(_check_points(plan), plan.cells.replicates)
    return np.asarray(np.sqrt(collected.final_loss / points * 2.0))


def _check_points(plan: Plan) -> NDArray[np.float64]:
    """Return the number of check points of every cell."""
    if "check_points" not in plan.cells.codes:
        return np.full(len(plan.cells), float(str(plan.experiment.fixed["check_points"])))
    levels = np.array(plan.cells.levels["check_points"], dtype=np.float64)
    return levels[plan.cells.codes["check_points"]]
