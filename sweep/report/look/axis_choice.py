"""Which axis goes where, which figures make sense for a sweep, and what is shown where not everything fits.

The tables of results say themselves which of their columns are axes: those on the left of the first measured one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from sweep.errors import InputError
from sweep.report.look.labels import Level, is_truth
from sweep.terms.metric import Metric
from sweep.training.kind import Display, Training

Levels: TypeAlias = Mapping[str, Sequence[Level]]
"""The values of each axis, in the order in which they are shown."""

L = TypeVar("L")

FEW_PANELS = 6
"""So many panels of a heatmap are looked at one beside the other."""

_FEWEST_CELLS, _SPARSE = 10, 0.1
"""Of cells and of squares with one, for whom cells are scattered."""

_FIRST_MEASURED = ("n_runs", "epoch", "replicate")


@dataclass(frozen=True)
class HeatmapAxes:
    """The axes of a heatmap: one upwards, one to the right, a panel for each combination of the `facets`.

    Those in `held` are not shown: each is held at one value.
    """

    rows: str
    columns: str
    facets: tuple[str, ...]
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class LineAxes:
    """The axes of small multiples: a colour (or column) for each value of `hue`, a panel for each of `facet`.

    None where the sweep has no such axis.
    """

    hue: str | None
    facet: str | None

    @property
    def named(self) -> list[str]:
        """The axes that are there."""
        return [axis for axis in (self.facet, self.hue) if axis is not None]


def axes_of(table: pd.DataFrame) -> list[str]:
    """Return the axes of a table: its columns before the first measured one."""
    columns = list(table.columns)
    return columns[: min((columns.index(name) for name in _FIRST_MEASURED if name in columns), default=0)]


def axis_levels(column: "pd.Series[Any]") -> list[Level]:
    """Return the values of an axis: numbers from small to large, text in the order of its appearance."""
    values = column.unique().tolist()
    return sorted(values) if is_numeric(values) else values


def is_numeric(levels: Sequence[Level]) -> bool:
    """Whether an axis has numbers for values (and so an order and distances), not text, or true and false."""
    return not any(isinstance(value, str) or is_truth(value) for value in levels)


def moving_axes(levels: Levels) -> list[str]:
    """Return the axes with two values or more."""
    return [axis for axis, values in levels.items() if len(values) > 1]


def check_axis(table: pd.DataFrame, role: str, axis: str) -> None:
    """Raise an `InputError` unless `axis` is an axis of the table; `role` is the argument that named it."""
    if table.empty:
        raise InputError("there is nothing to draw yet: no run has a result.")
    known = axes_of(table)
    if axis not in known:
        raise InputError(f"`{role}` must name an axis of the sweep ({', '.join(known)}), got {axis!r}.")


@dataclass(frozen=True)
class AxisChoice:
    """Chooses the axes of figures, by what a kind of training says of its parameters.

    `steps` is the parameter that is read off one training, if there is one.
    """

    display: Display = field(default_factory=Display)
    steps: str | None = None

    @staticmethod
    def of(training: Training) -> "AxisChoice":
        """Return the choice for a kind of training."""
        return AxisChoice(training.display, training.steps)

    def heatmap(self, levels: Levels) -> HeatmapAxes | None:
        """Return the axes of the heatmap, or None if nothing moves.

        The longest axes are its sides, and what the training says goes upwards if it moves. Steps become panels where
        there are enough other axes: one looks from panel to panel as one waits for a training.
        """
        moving = moving_axes(levels)
        sides = [axis for axis in levels if axis not in self.problems(levels)]
        if not [axis for axis in sides if axis in moving] or len(sides) < 2:
            return None
        by_merit = sorted(
            sides, key=lambda axis: (axis not in moving, -self._as_side(axis, levels), -len(levels[axis]))
        )
        upwards = _first(moving, self.display.upwards, but=[]) if len(moving) > 1 else None
        if upwards is not None:
            rows, columns = upwards, next(axis for axis in by_merit if axis != upwards)
        else:
            columns, rows = by_merit[:2]
        facets = [axis for axis in moving if axis not in (rows, columns)]
        return HeatmapAxes(rows, columns, tuple(sorted(facets, key=lambda axis: axis == self.steps)))

    def by_importance(self, levels: Levels, ranking: Sequence[str]) -> HeatmapAxes | None:
        """Return the axes of a heatmap of more axes than one can look at; `ranking` begins with the most important.

        The first two are its sides, the next one its panels if they are few; the problems are panels in any case. None
        if there are not two to be sides.
        """
        moving, problems = moving_axes(levels), self.problems(levels)
        ranked = [axis for axis in ranking if axis in moving and axis not in problems]
        ranked += [axis for axis in moving if axis not in (*ranked, *problems)]
        if len(ranked) < 2:
            return None
        sides = sorted(ranked[:2], key=lambda axis: (-self._as_side(axis, levels), -len(levels[axis])))
        rows = _first(sides, self.display.upwards, but=[]) or sides[1]
        columns = next(axis for axis in sides if axis != rows)
        n_problems = math.prod(len(levels[axis]) for axis in problems)
        third = [axis for axis in ranked[2:3] if n_problems * len(levels[axis]) <= FEW_PANELS]
        return HeatmapAxes(rows, columns, (*problems, *third), tuple(ranked[2 + len(third) :]))

    def problems(self, levels: Levels) -> list[str]:
        """Return the axes between whose values metrics are not compared in one picture, of those that move."""
        return [axis for axis in self.display.problems if len(levels.get(axis, ())) > 1]

    def lines(self, levels: Levels) -> LineAxes:
        """Return the axes of learning curves and learned functions: colours (or columns), and panels (or rows)."""
        moving = [axis for axis in moving_axes(levels) if axis != self.steps]
        longest = self._longest_first(moving, levels)
        problems = self.problems(levels)
        hue = _first(moving, [*self.display.colours, *longest], but=problems)
        return LineAxes(hue, _first(moving, [*problems, *self.display.panels, *longest], but=[hue]))

    def against(self, levels: Levels) -> tuple[str, LineAxes] | None:
        """Return the axis to the right of the figure against a parameter, and the others; None if none can be there.

        It moves, and it has numbers for values.
        """
        moving = moving_axes(levels)
        x = _first([axis for axis in moving if is_numeric(levels[axis])], self.display.against, but=[])
        return None if x is None else (x, self.lines_against(x, levels))

    def lines_against(self, x: str, levels: Levels) -> LineAxes:
        """Return the colours and panels of the figure against an axis."""
        moving = moving_axes(levels)
        problems, longest = self.problems(levels), self._longest_first(moving, levels)
        steps = [self.steps] if self.steps else []
        hue = _first(moving, [*steps, *self.display.upwards, *longest], but=[x, *problems])
        return LineAxes(hue, _first(moving, [*problems, *self.display.upwards, *longest], but=[x, hue]))

    def _as_side(self, axis: str, levels: Levels) -> int:
        # Numbers make better sides than text; steps are wanted for the panels, and the problem splits everything.
        if axis == self.steps or axis in self.display.problems:
            return 0
        return 2 if is_numeric(levels[axis]) else 1

    def _longest_first(self, axes: Sequence[str], levels: Levels) -> list[str]:
        told_apart = self.display.problems[1:]  # of several that say the problem, one is enough
        return sorted((axis for axis in axes if axis not in told_apart), key=lambda axis: -len(levels[axis]))


def is_scattered(cells: pd.DataFrame, axes: HeatmapAxes) -> bool:
    """Whether cells are so scattered that the squares of a heatmap over these axes would be empty, nearly all."""
    if len(cells) <= _FEWEST_CELLS:
        return False
    n_panels = len(cells[list(axes.facets)].drop_duplicates()) if axes.facets else 1
    n_squares = n_panels * cells[axes.rows].nunique() * cells[axes.columns].nunique()
    return bool(len(cells) < _SPARSE * n_squares)


def spread(levels: Sequence[L], at_most: int, keep: Sequence[L] = ()) -> list[L]:
    """Return at most `at_most` of the levels, evenly from first to last; those to `keep` among them, the first before.

    >>> spread(range(10), 4), spread(range(10), 4, keep=[4, 5])
    ([0, 3, 6, 9], [0, 4, 5, 9])
    """
    if len(levels) <= at_most:
        return list(levels)
    chosen = np.linspace(0, len(levels) - 1, at_most).round().astype(int).tolist()
    kept = list(dict.fromkeys(levels.index(level) for level in keep if level in levels))[:at_most]
    for place in kept:
        if place not in chosen:
            free = [i for i, other in enumerate(chosen) if other not in kept]
            chosen[min(free, key=lambda i: abs(chosen[i] - place))] = place
    return [levels[i] for i in sorted(chosen)]


def best_cells(cells: pd.DataFrame, metric: Metric, problems: Sequence[str]) -> list[dict[str, Any]]:
    """Return the best cell by its median of each problem, in the order of the table; of all cells if there is none."""
    parts = [part for _, part in cells.groupby(list(problems), sort=False)] if problems else [cells]
    return [best for part in parts if (best := best_cell(part, "median", metric)) is not None]


def best_place(cells: pd.DataFrame, metric: Metric, problems: Sequence[str]) -> dict[str, Any]:
    """Return the row of the best cell; of several problems a setting that does well on all, by the mean of its ranks.

    That one has no values of problems and no metrics. It is {} where no median is finite.
    """
    best = best_cells(cells, metric, problems)
    if len(best) < 2:
        return best[0] if best else {}
    badness = pd.Series(metric.badness(cells["median"].to_numpy(float)), cells.index)
    others = [axis for axis in axes_of(cells) if axis not in problems]
    ranks = cells[others].assign(rank=badness.groupby([cells[axis] for axis in problems]).rank(pct=True))
    means = ranks.groupby(others, sort=False)["rank"].agg(["mean", "size"]).reset_index()
    means = means[means["size"] == means["size"].max()]
    return row_of(means[others], int(means["mean"].fillna(np.inf).to_numpy().argmin()))


def best_cell(cells: pd.DataFrame, statistic: str, metric: Metric) -> dict[str, Any] | None:
    """Return the row of the cell with the best finite value, the first of several; None without any."""
    index = best_index(cells, statistic, metric)
    return None if index is None else row_of(cells.loc[[index]], 0)


def best_index(cells: pd.DataFrame, statistic: str, metric: Metric) -> Any:
    """Return the index of the cell with the best finite value, the first of several; None without any."""
    badness = metric.badness(cells[statistic].to_numpy(float))
    finite = np.isfinite(badness)
    return cells.index[int(np.where(finite, badness, np.inf).argmin())] if finite.any() else None


def row_of(table: pd.DataFrame, i: int) -> dict[str, Any]:
    """Return row `i` of a table, its whole numbers still being whole."""
    return {str(name): value for name, value in table.iloc[[i]].to_dict("records")[0].items()}


def hold(
    table: pd.DataFrame, shown: Sequence[str], best: Mapping[str, Level]
) -> tuple[pd.DataFrame, dict[str, Level]]:
    """Return the part of a table that a figure over the axes `shown` can show, and where the others are held.

    An axis that is not shown is held at its value in `best`, or at its middle one. An axis that says nothing
    new, as it moves together with the shown ones, is let alone.
    """
    held: dict[str, Level] = {}
    for axis in axes_of(table):
        if axis in shown or is_settled(table, shown, axis):
            continue
        values = axis_levels(table[axis])
        held[axis] = best[axis] if best.get(axis) in values else values[len(values) // 2]
        table = table[table[axis] == held[axis]]
    return table, held


def without_followers(
    cells: pd.DataFrame, levels: Levels, first: Sequence[str] = ()
) -> dict[str, Sequence[Level]]:
    """Return the axes without those that move together with another one, value by value.

    Of several that do, the one that stays is one of those `first`, else one of numbers, else the earliest.
    """
    kept: list[str] = []
    for axis in sorted(levels, key=lambda axis: (axis not in first, not is_numeric(levels[axis]))):
        alike = [one for one in kept if len(levels[one]) == len(levels[axis]) > 1]
        if not any(is_settled(cells, [one], axis) and is_settled(cells, [axis], one) for one in alike):
            kept.append(axis)
    return {axis: values for axis, values in levels.items() if axis in kept}


def is_settled(table: pd.DataFrame, shown: Sequence[str], axis: str) -> bool:
    """Whether an axis has one value for each combination of those on the axes `shown`."""
    if not shown:
        return bool(table[axis].nunique() <= 1)
    combinations = table[[*shown, axis]].drop_duplicates()
    return not combinations.duplicated(list(shown)).any()


def _first(axes: Sequence[str], wanted: Sequence[str], but: Sequence[str | None]) -> str | None:
    return next((axis for axis in wanted if axis in axes and axis not in but), None)
