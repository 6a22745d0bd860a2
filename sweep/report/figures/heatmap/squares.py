"""A table of cells as the arrays that a heatmap paints, with what happened in every square."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.report.look.axis_choice import axes_of, axis_levels, best_cell, is_numeric, spread
from sweep.report.look.labels import Level
from sweep.terms.metric import SHARE, Metric

MEASURED, DIVERGED, FAILED, NOT_RUN, NOT_PLANNED = range(5)
"""What a square shows: a finite value, an infinite one, runs that all failed, no run yet, or no cell of the plan."""


@dataclass(frozen=True)
class Panel:
    """The squares of one panel; arrays have the shape (rows, columns), the first row being the lowest."""

    place: Mapping[str, Level]
    value: NDArray[np.float64]
    state: NDArray[np.int8]
    n_runs: NDArray[np.int64]
    n_diverged: NDArray[np.int64]
    best: tuple[int, int] | None

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Where there is a finite value."""
        return np.equal(self.state, MEASURED)

    @property
    def partly_diverged(self) -> NDArray[np.bool_]:
        """Where the value is finite although some runs diverged."""
        return self.measured & (self.n_diverged > 0)


@dataclass(frozen=True)
class Squares:
    """All panels of a heatmap; `n_panels` is their number before the selection, `metric` what is shown."""

    rows: list[Level]
    columns: list[Level]
    panels: list[Panel]
    n_panels: int
    metric: Metric

    def has(self, state: int) -> bool:
        """Whether any square of any panel is in this state."""
        return any((panel.state == state).any() for panel in self.panels)

    @property
    def values(self) -> NDArray[np.float64]:
        """The finite values of all panels, shape (n,)."""
        return np.concatenate([panel.value[panel.measured] for panel in self.panels])


def squares_of(
    cells: pd.DataFrame,
    sides: tuple[str, str],
    statistic: str,
    facets: Sequence[str],
    levels: Mapping[str, Sequence[Level]],
    metric: Metric,
    at_most: int,
    planned: pd.DataFrame | None = None,
) -> Squares:
    """Sort the cells into panels of squares; `sides` are the axes of the rows and of the columns.

    Every axis that is neither of the two sides and has more than one value in the table splits the panels;
    those in `facets` come first. `levels` may give values of the sides that have no cell yet. Of more than
    `at_most` panels an even selection is kept, the one with the best cell among them. The order of values is that of
    `levels` where an axis is there. `planned` has the axes of all cells there are to be; None if any may be.
    """
    rows, columns = (list(levels.get(side, ())) or axis_levels(cells[side]) for side in sides)
    if not is_numeric(rows):
        rows.reverse()  # text is read from the top down, numbers grow upwards
    splitting = _splitting_axes(cells, sides, facets)
    parts = _parts(cells, splitting, levels)
    best = None if metric.unit == SHARE else best_cell(cells, statistic, metric)
    places = [place for place, _ in parts]
    winner = None if best is None else places.index({axis: best[axis] for axis in splitting})
    panels = [
        _panel(*parts[i], sides, rows, columns, statistic, best if i == winner else None, planned)
        for i in spread(range(len(parts)), at_most, keep=winner)
    ]
    return Squares(rows, columns, panels, len(parts), metric)


def _splitting_axes(cells: pd.DataFrame, sides: Sequence[str], facets: Sequence[str]) -> list[str]:
    others = [axis for axis in axes_of(cells) if axis not in facets]
    return [axis for axis in [*facets, *others] if axis not in sides and cells[axis].nunique() > 1]


def _parts(
    cells: pd.DataFrame, axes: list[str], levels: Mapping[str, Sequence[Level]]
) -> list[tuple[dict[str, Any], pd.DataFrame]]:
    """Split the cells by the values of `axes`: the combinations that exist, in the order of the values."""
    if not axes:
        return [({}, cells)]
    orders = [list(levels.get(axis, ())) or axis_levels(cells[axis]) for axis in axes]
    parts: list[tuple[dict[str, Any], pd.DataFrame]] = [
        (dict(zip(axes, place, strict=True)), part) for place, part in cells.groupby(axes, sort=False)
    ]
    return sorted(
        parts, key=lambda p: [order.index(p[0][axis]) for axis, order in zip(axes, orders, strict=True)]
    )


def _panel(
    place: Mapping[str, Level],
    cells: pd.DataFrame,
    sides: tuple[str, str],
    rows: list[Level],
    columns: list[Level],
    statistic: str,
    best: Mapping[str, Any] | None,
    planned: pd.DataFrame | None,
) -> Panel:
    i, j = _squares(cells, sides, rows, columns)
    shape = (len(rows), len(columns))
    values, n_runs, n_diverged, n_failed = np.full(shape, np.nan), *np.zeros((3, *shape), dtype=np.int64)
    values[i, j] = cells[statistic]
    n_runs[i, j], n_diverged[i, j], n_failed[i, j] = cells["n_runs"], cells["n_diverged"], cells["n_failed"]
    state = np.select(
        [np.isfinite(values), np.isinf(values), n_failed > 0], [MEASURED, DIVERGED, FAILED], NOT_RUN
    ).astype(np.int8)
    if planned is not None:
        for axis, level in place.items():
            planned = planned[planned[axis] == level]
        is_planned = np.zeros(shape, dtype=bool)
        is_planned[_squares(planned, sides, rows, columns)] = True
        state[~is_planned & (state == NOT_RUN)] = NOT_PLANNED
    at = None if best is None else (rows.index(best[sides[0]]), columns.index(best[sides[1]]))
    return Panel(place, values, state, n_runs, n_diverged, at)


def _squares(
    cells: pd.DataFrame, sides: tuple[str, str], rows: list[Level], columns: list[Level]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the row and the column of each cell."""
    i = pd.Index(rows).get_indexer(pd.Index(cells[sides[0]]))
    return i, pd.Index(columns).get_indexer(pd.Index(cells[sides[1]]))
