"""Cells → settings → trajectories: what is trained, and which runs are read off each training.

Everything is numbered, and the numbers are computed, not stored: settings in canonical order; the trajectories of a
setting by replicate; the runs of a setting by steps, then replicate. A plan of a million runs is a few arrays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.config.experiment import Experiment
from sweep.plan.cells import Cells, changes, expand
from sweep.plan.identity import setting_keys
from sweep.plan.index import KeyIndex
from sweep.terms.arrays import Codes, Ints, Keys
from sweep.terms.values import Setting, Value, array_of
from sweep.training.kind import Training

RUNS_AT_ONCE = 500_000
"""So many runs are looked at together where all of them would take much memory."""


@dataclass(frozen=True)
class Schedule:
    """What is asked of a setting: step counts, ascending, and the number of replicates for each of them."""

    steps: tuple[int, ...]
    replicates: tuple[int, ...]

    @property
    def n_trajectories(self) -> int:
        """How often the setting is trained: once for each replicate, to the largest step count it is asked for."""
        return max(self.replicates)

    @property
    def n_runs(self) -> int:
        """How many rows of results the setting gives."""
        return sum(self.replicates)


@dataclass(frozen=True, eq=False)
class Plan:
    """An experiment, expanded.

    Attributes
    ----------
    experiment
        What was planned.
    cells
        All cells in canonical order; those of one setting stand together, by steps.
    first_cell
        Shape (n_settings,): where the cells of each setting begin.
    schedules, schedule
        The distinct schedules, and for each setting, shape (n_settings,), which of them it has.
    keys
        Shape (n_settings,): the identity of each setting.
    """

    experiment: Experiment
    cells: Cells
    first_cell: Ints
    schedules: tuple[Schedule, ...]
    schedule: Ints
    keys: Keys

    @property
    def n_settings(self) -> int:
        """Number of settings."""
        return len(self.first_cell)

    @cached_property
    def first_trajectory(self) -> Ints:
        """Shape (n_settings + 1,): the number of each setting's first trajectory, and at last their total."""
        return self._offsets([schedule.n_trajectories for schedule in self.schedules])

    @cached_property
    def first_run(self) -> Ints:
        """Shape (n_settings + 1,): the number of each setting's first run, and at last their total."""
        return self._offsets([schedule.n_runs for schedule in self.schedules])

    @cached_property
    def first_run_of_cell(self) -> Ints:
        """Shape (n_cells + 1,): the number of each cell's first run, and at last their total."""
        return np.concatenate([[0], np.cumsum(self.cells.replicates)])

    @property
    def n_trajectories(self) -> int:
        """Number of trainings."""
        return int(self.first_trajectory[-1])

    @property
    def n_runs(self) -> int:
        """Number of rows of results."""
        return int(self.first_run[-1])

    def with_replicates(self, replicates: Ints) -> "Plan":
        """Return the same plan with other numbers of replicates of the cells, shape (n_cells,), each 1 at least.

        Cells, settings and keys stay as they are: only trajectories are added, or left out.
        """
        cells = replace(self.cells, replicates=replicates)
        schedules, schedule = _schedules(cells, self.first_cell)
        return replace(self, cells=cells, schedules=schedules, schedule=schedule)

    @property
    def training(self) -> Training:
        """What is trained."""
        return self.experiment.training

    @property
    def setting_axes(self) -> tuple[str, ...]:
        """The axes that tell settings apart: all but the steps."""
        return tuple(axis for axis in self.cells.codes if axis != self.training.steps)

    def setting_column(self, axis: str) -> Codes:
        """Return the codes of an axis for the settings, of shape (n_settings,)."""
        return np.asarray(self.cells.codes[axis][self.first_cell])

    def value(self, name: str, setting: int) -> Value:
        """Return the value of any parameter for one setting."""
        if name in self.cells.codes:
            return self.cells.levels[name][int(self.cells.codes[name][self.first_cell[setting]])]
        return self.experiment.fixed[name]

    def values(self, setting: int) -> Setting:
        """Return the value of every parameter but the steps for one setting."""
        return {
            name: self.value(name, setting) for name in self.experiment.fixed if name != self.training.steps
        }

    def column(self, name: str, cells: Ints | None = None) -> NDArray[Any]:
        """Return the values of any parameter for some cells, or for all: numbers as such, all else as objects."""
        if name not in self.cells.codes:
            n = len(self.cells) if cells is None else len(cells)
            return np.repeat(array_of((self.experiment.fixed[name],)), n)
        codes = self.cells.codes[name]
        return np.asarray(array_of(self.cells.levels[name])[codes if cells is None else codes[cells]])

    def runs_of(self, setting: Ints, replicate: Ints, steps: Sequence[int]) -> Ints:
        """Return the numbers of runs, of shape (n, len(steps)), for n trajectories; -1 where none is asked for."""
        numbers = np.full((len(setting), len(steps)), -1, dtype=np.int64)
        column = {count: place for place, count in enumerate(steps)}
        first, schedule = self.first_run[setting] + replicate, self.schedule[setting]
        for index, rows in enumerate(self.schedules):
            mine = np.flatnonzero(schedule == index)
            offset = 0
            for count, limit in zip(rows.steps, rows.replicates, strict=True):
                if count in column:
                    asked = mine[replicate[mine] < limit]
                    numbers[asked, column[count]] = first[asked] + offset
                offset += limit
        return numbers

    def cells_of(self, runs: Ints | slice) -> Ints:
        """Return the cells of runs: of some, by their numbers, or of a stretch of them."""
        if not isinstance(runs, slice):
            return np.searchsorted(self.first_run_of_cell, runs, side="right") - 1
        start, stop, _ = runs.indices(self.n_runs)
        within = np.clip(self.first_run_of_cell, start, max(start, stop))
        return np.repeat(np.arange(len(self.cells)), np.diff(within))

    def stretches(self) -> Iterator[tuple[slice, slice]]:
        """Yield all cells in stretches, each with its runs: `RUNS_AT_ONCE` at most, unless one cell alone has more."""
        first, start = self.first_run_of_cell, 0
        while start < len(self.cells):
            stop = max(start + 1, int(np.searchsorted(first, first[start] + RUNS_AT_ONCE, side="right")) - 1)
            yield slice(start, stop), slice(int(first[start]), int(first[stop]))
            start = stop

    def trajectories(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield settings and replicates of all trajectories, part by part, replicate by replicate over the settings."""
        sizes = np.diff(self.first_trajectory)
        most, first = RUNS_AT_ONCE // max(len(schedule.steps) for schedule in self.schedules) + 1, 0
        while len(left := np.flatnonzero(sizes > first)):
            stop = min(first + max(1, most // len(left)), int(sizes.max()))
            for some in np.array_split(left, len(left) // most + 1):
                setting = np.tile(some, stop - first)
                replicate = np.repeat(np.arange(first, stop), len(some))
                there = replicate < sizes[setting]
                yield setting[there], replicate[there]
            first = stop

    def of_trajectories(self, numbers: NDArray[np.integer[Any]]) -> tuple[Ints, Ints]:
        """Return the settings and replicates of trajectories by their numbers, each of shape (n,)."""
        each = {schedule.n_trajectories for schedule in self.schedules}
        if len(each) == 1:
            setting, replicate = np.divmod(numbers.astype(np.int64), each.pop())
            return setting, replicate
        setting = np.searchsorted(self.first_trajectory, numbers, side="right") - 1
        return setting, numbers - self.first_trajectory[setting]

    def last_runs(self) -> Iterator[Ints]:
        """Yield the numbers of the trajectories' runs of the most steps, stretch by stretch."""
        for setting, replicate in self.trajectories():
            for index, schedule in enumerate(self.schedules):
                mine = self.schedule[setting] == index
                yield self.runs_of(setting[mine], replicate[mine], schedule.steps).max(axis=1)

    def settings_of(self, keys: Keys) -> Ints:
        """Return the settings with these keys, of the shape of `keys`; -1 for a key that is not in the plan."""
        return self._index.settings_of(keys)

    @cached_property
    def _index(self) -> KeyIndex:
        return KeyIndex.of(self.keys)

    def _offsets(self, per_schedule: list[int]) -> Ints:
        return np.concatenate([[0], np.cumsum(np.array(per_schedule, dtype=np.int64)[self.schedule])])


def make_plan(experiment: Experiment) -> Plan:
    """Expand an experiment; nothing is read, and nothing trained.

    Raises
    ------
    PlanError
        If nothing is left to train.
    """
    cells = expand(experiment)
    training = experiment.training
    setting_axes = [axis for axis in cells.codes if axis != training.steps]
    first_cell = changes([cells.codes[axis] for axis in setting_axes], len(cells))
    schedules, schedule = _schedules(cells, first_cell)
    codes = {axis: cells.codes[axis][first_cell] for axis in setting_axes}
    keys = setting_keys(training, codes, cells.levels, experiment.fixed, experiment.seed)
    return Plan(experiment, cells, first_cell, schedules, schedule, keys)


def _schedules(cells: Cells, first_cell: Ints) -> tuple[tuple[Schedule, ...], Ints]:
    """Return the distinct schedules, and which of them each setting has."""
    bounds = np.append(first_cell, len(cells))
    # Settings with the same schedule are found by a hash of their cells, summed; no loop over the settings.
    hashes = np.add.reduceat(_mix(cells.steps, cells.replicates), first_cell)
    _, examples, schedule = np.unique(hashes, return_index=True, return_inverse=True)
    parts = [slice(bounds[example], bounds[example + 1]) for example in examples]
    schedules = tuple(
        Schedule(tuple(cells.steps[part].tolist()), tuple(cells.replicates[part].tolist())) for part in parts
    )
    return schedules, schedule.astype(np.int64)


def _mix(steps: Ints, replicates: Ints) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each pair (the finaliser of SplitMix64, Steele, Lea & Flood 2014)."""
    z = steps.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + replicates.astype(np.uint64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))
