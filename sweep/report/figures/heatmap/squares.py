"""A table of cells as the arrays that a heatmap paints, with what happened in every square."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.report.look.axis_choice import axes_of, axis_levels, best_index, is_numeric, is_settled, spread
from sweep.report.look.labels import Level
from sweep.report.look.scales import ColourScale, colour_scale
from sweep.terms.metric import SHARE, Metric
from sweep.words import message

BEST = message("best cell")

MEASURED, DIVERGED, FAILED, NOT_RUN, NOT_PLANNED = range(5)
"""What a square shows: a finite value, an infinite one, runs that all failed, no run yet, or no cell of the plan."""


@dataclass(frozen=True)
class Panel:
    """The squares of one panel; arrays have the shape (rows, columns), the first row being the lowest.

    `outlined` are the squares that stand out; panels of one `group` have their colours in common.
    """

    place: Mapping[str, Level]
    value: NDArray[np.float64]
    state: NDArray[np.int8]
    n_runs: NDArray[np.int64]
    n_diverged: NDArray[np.int64]
    outlined: tuple[tuple[int, int], ...] = ()
    group: int = 0

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
    """All panels of a heatmap; `n_panels` is their number before the selection, `metric` what is shown.

    `outlined` says what squares have that are outlined.
    """

    rows: list[Level]
    columns: list[Level]
    panels: list[Panel]
    n_panels: int
    metric: Metric
    outlined: str = BEST

    def has(self, state: int) -> bool:
        """Whether any square of any panel is in this state."""
        return any((panel.state == state).any() for panel in self.panels)

    @property
    def values(self) -> NDArray[np.float64]:
        """The finite values of all panels, shape (n,)."""
        return np.concatenate([panel.value[panel.measured] for panel in self.panels])

    @property
    def is_apart(self) -> bool:
        """Whether the panels are in several groups, each with colours of its own."""
        return len({panel.group for panel in self.panels}) > 1

    @cached_property
    def scales(self) -> list[ColourScale | None]:
        """The scale of each panel: that of its group."""
        groups: dict[int, list[NDArray[np.float64]]] = {}
        for panel in self.panels:
            groups.setdefault(panel.group, []).append(panel.value[panel.measured])
        scales = {
            group: colour_scale(np.concatenate(values), self.metric) for group, values in groups.items()
        }
        return [scales[panel.group] for panel in self.panels]


def squares_of(
    cells: pd.DataFrame,
    sides: tuple[str, str],
    statistic: str,
    facets: Sequence[str],
    levels: Mapping[str, Sequence[Level]],
    metric: Metric,
    at_most: int,
    planned: pd.DataFrame | None = None,
    problems: Sequence[str] = (),
    outlined: NDArray[np.bool_] | None = None,
) -> Squares:
    """Sort the cells into panels of squares; `sides` are the axes of the rows and of the columns.

    Every axis that is neither of the two sides and has more than one value in the table splits the panels; those in
    `facets` come first; one whose value follows from those is left out. `levels` may give values of the sides that have
    no cell yet, and its order is theirs. Of more than `at_most` panels an even selection is kept, those with outlined
    cells among them. `planned` has the axes of all cells there are to be; None if any may be. Panels with other values
    on the axes `problems` are another group. `outlined` are the cells to be, of shape (cells,); if None, it is the best
    one of each group, unless a share is shown.
    """
    rows, columns = (list(levels.get(side, ())) or axis_levels(cells[side]) for side in sides)
    if not is_numeric(rows):
        rows.reverse()  # text is read from the top down, numbers grow upwards
    splitting = _splitting_axes(cells, sides, facets)
    parts = _parts(cells, splitting, levels)
    problems = () if metric.unit == SHARE else problems  # a share is one of whatever it is
    groups = [tuple(place.get(axis) for axis in problems) for place, _ in parts]
    if outlined is None:
        moving = [axis for axis in problems if axis in splitting]
        of_groups = [part for _, part in cells.groupby(moving, sort=False)] if moving else [cells]
        best = [best_index(of_one, statistic, metric) for of_one in of_groups if metric.unit != SHARE]
        outlined = np.isin(cells.index, [one for one in best if one is not None])
    standing_out = [part.loc[outlined[cells.index.get_indexer(part.index)]] for _, part in parts]
    keep = [i for i, out in enumerate(standing_out) if len(out)]
    panels = [
        replace(
            _panel(*parts[i], sides, rows, columns, statistic, planned),
            outlined=tuple(
                zip(*map(np.ndarray.tolist, _squares(standing_out[i], sides, rows, columns)), strict=True)
            ),
            group=groups.index(groups[i]),
        )
        for i in spread(range(len(parts)), at_most, keep=keep)
    ]
    return Squares(rows, columns, panels, len(parts), metric)


def _splitting_axes(cells: pd.DataFrame, sides: Sequence[str], facets: Sequence[str]) -> list[str]:
    splitting: list[str] = []
    for axis in dict.fromkeys([*facets, *axes_of(cells)]):
        if axis not in sides and not is_settled(cells, [*sides, *splitting], axis):
            splitting.append(axis)
    return splitting


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
    return Panel(place, values, state, n_runs, n_diverged)


def _squares(
    cells: pd.DataFrame, sides: tuple[str, str], rows: list[Level], columns: list[Level]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the row and the column of each cell."""
    i = pd.Index(rows).get_indexer(pd.Index(cells[sides[0]]))
    return i, pd.Index(columns).get_indexer(pd.Index(cells[sides[1]]))
