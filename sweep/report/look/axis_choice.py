"""Which axis goes where, which figures make sense for a sweep, and what is shown where not everything fits.

The tables of results say themselves which of their columns are axes: those on the left of the first measured one.
"""

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

_FIRST_MEASURED = ("n_runs", "epoch", "replicate")


@dataclass(frozen=True)
class HeatmapAxes:
    """The axes of a heatmap: one upwards, one to the right, a panel for each combination of the others."""

    rows: str
    columns: str
    facets: tuple[str, ...]


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
        if not moving or len(levels) < 2:
            return None
        by_merit = sorted(
            levels, key=lambda axis: (axis not in moving, -self._as_side(axis, levels), -len(levels[axis]))
        )
        upwards = _first(moving, self.display.upwards, but=[]) if len(moving) > 1 else None
        if upwards is not None:
            rows, columns = upwards, next(axis for axis in by_merit if axis != upwards)
        else:
            columns, rows = by_merit[:2]
        facets = [axis for axis in moving if axis not in (rows, columns)]
        return HeatmapAxes(rows, columns, tuple(sorted(facets, key=lambda axis: axis == self.steps)))

    def lines(self, levels: Levels) -> LineAxes:
        """Return the axes of learning curves and learned functions: colours (or columns), and panels (or rows)."""
        moving = [axis for axis in moving_axes(levels) if axis != self.steps]
        longest = self._longest_first(moving, levels)
        hue = _first(moving, [*self.display.colours, *longest], but=self.display.problems[:1])
        return LineAxes(hue, _first(moving, [*self.display.panels, *longest], but=[hue]))

    def against(self, levels: Levels) -> tuple[str, LineAxes] | None:
        """Return the axis to the right of the figure against a parameter, and the others; None if none can be there.

        It moves, and it has numbers for values.
        """
        moving = moving_axes(levels)
        x = _first([axis for axis in moving if is_numeric(levels[axis])], self.display.against, but=[])
        if x is None:
            return None
        problems, longest = self.display.problems[:1], self._longest_first(moving, levels)
        steps = [self.steps] if self.steps else []
        hue = _first(moving, [*steps, *self.display.upwards, *longest], but=[x, *problems])
        facet = _first(moving, [*problems, *self.display.upwards, *longest], but=[x, hue])
        return x, LineAxes(hue, facet)

    def _as_side(self, axis: str, levels: Levels) -> int:
        # Numbers make better sides than text; steps are wanted for the panels, and the problem splits everything.
        if axis == self.steps or axis in self.display.problems:
            return 0
        return 2 if is_numeric(levels[axis]) else 1

    def _longest_first(self, axes: Sequence[str], levels: Levels) -> list[str]:
        told_apart = self.display.problems[1:]  # of several that say the problem, one is enough
        return sorted((axis for axis in axes if axis not in told_apart), key=lambda axis: -len(levels[axis]))


def spread(levels: Sequence[L], at_most: int, keep: L | None = None) -> list[L]:
    """Return at most `at_most` of the levels, evenly from first to last, `keep` among them if it is one."""
    if len(levels) <= at_most:
        return list(levels)
    chosen = np.linspace(0, len(levels) - 1, at_most).round().astype(int)
    if keep is not None and keep in levels:
        place = levels.index(keep)
        chosen[np.abs(chosen - place).argmin()] = place
    return [levels[i] for i in chosen]


def best_cell(cells: pd.DataFrame, statistic: str, metric: Metric) -> dict[str, Any] | None:
    """Return the row of the cell with the best finite value, the first of several; None without any."""
    badness = metric.badness(cells[statistic].to_numpy(float))
    finite = np.isfinite(badness)
    return row_of(cells, int(np.where(finite, badness, np.inf).argmin())) if finite.any() else None


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
        if axis in shown or _is_settled(table, shown, axis):
            continue
        values = axis_levels(table[axis])
        held[axis] = best[axis] if best.get(axis) in values else values[len(values) // 2]
        table = table[table[axis] == held[axis]]
    return table, held


def _is_settled(table: pd.DataFrame, shown: Sequence[str], axis: str) -> bool:
    if not shown:
        return bool(table[axis].nunique() <= 1)
    combinations = table[[*shown, axis]].drop_duplicates()
    return not combinations.duplicated(list(shown)).any()


def _first(axes: Sequence[str], wanted: Sequence[str], but: Sequence[str | None]) -> str | None:
    return next((axis for axis in wanted if axis in axes and axis not in but), None)
