"""Trajectories → batches: what one worker trains in one call.

A batch holds trajectories that are alike in all but the parameters that may vary within one, and the replicate. Batches
come replicate by replicate over the whole grid, so that a sweep stopped half-way is an even sample of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, nan

import numpy as np

from sweep.plan.plan import Plan
from sweep.terms.arrays import Bools, Ints
from sweep.terms.values import Value
from sweep.training.batch import Batch
from sweep.training.kind import Cost

SECONDS_PER_BATCH = 0.5
CURVE_POINTS = 48
SECONDS_PER_WORKER = 0.006
"""Beyond some eighty workers batches are longer: whoever hands them on takes half of that for each."""
MOST_UNKNOWN = 10_000
"""Trajectories of a batch where nobody knows how long they take."""

MOST_EXAMPLES = 8
STEPS_OF_AN_EXAMPLE = 10

StepCounts = tuple[int, ...]


def curve_steps(asked: StepCounts) -> StepCounts:
    """Return the steps of a learning curve: spaced evenly on a log scale up to the last asked one, and the asked ones.

    >>> curve_steps((5, 10))
    (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    """
    spaced = np.rint(np.geomspace(1, asked[-1], num=CURVE_POINTS)).astype(np.int64)
    return tuple(np.union1d(spaced, np.array(asked, dtype=np.int64)).tolist())


@dataclass(frozen=True, eq=False)
class Batches:
    """What is to be trained, cut into batches; iterating makes each of them when it is its turn.

    Attributes
    ----------
    seconds
        Estimated duration of all of them on one core.
        NaN if nobody knows, neither beforehand nor from what was trained so far.
    is_measured
        Whether it follows from what was trained so far.
    """

    plan: Plan
    slices: Sequence[tuple["_Group", Ints, Ints]]
    seconds: float
    is_measured: bool

    def __len__(self) -> int:
        return len(self.slices)

    @property
    def settings(self) -> list[Mapping[str, Value]]:
        """The fixed values that occur among them."""
        return [group.fixed for group in {id(group): group for group, _, _ in self.slices}.values()]

    @property
    def examples(self) -> Iterator[Batch]:
        """Small ones, of some of the fixed values that occur: what shows whether a machine gives the same bits."""
        groups = {id(group): (group, setting, replicate) for group, setting, replicate in self.slices}
        for group, setting, replicate in list(groups.values())[:MOST_EXAMPLES]:
            steps = (min(group.steps[0], STEPS_OF_AN_EXAMPLE),)
            short = replace(group, steps=steps, curve_steps=())
            yield short.batch(self.plan, setting[:1], replicate[:1])

    def __iter__(self) -> Iterator[Batch]:
        for group, setting, replicate in self.slices:
            yield group.batch(self.plan, setting, replicate)


def make_batches(plan: Plan, missing: Bools, workers: int = 1, seconds_per_step: float = nan) -> Batches:
    """Return the batches that train the missing runs (shape (n_runs,)), each exactly once.

    A trajectory is trained to the largest step count that is missing of it, and only the missing ones are read off.
    Where nobody knows beforehand what a trajectory takes, the batches become smaller towards the end, so that all
    workers end together; what is too much for one is handed back. `seconds_per_step` is what was measured so far.
    """
    pending = _pending(plan, missing)
    group, groups = _groups(plan, pending)
    setting, replicate = pending.setting, pending.replicate
    order = np.lexsort((setting, replicate, group))
    bounds = np.searchsorted(group[order], np.arange(len(groups) + 1))
    parts = []
    for number, (first, last) in enumerate(pairwise(bounds)):
        left = len(order) - int(first)
        for start, stop in _cut(int(first), int(last), left, groups[number].cost, workers):
            part = order[start:stop]
            parts.append((int(replicate[part[0]]), number, part))
    parts.sort(key=lambda item: item[:2])
    groups = [replace(group, seconds_per_step=seconds_per_step) for group in groups]
    slices = [(groups[number], setting[part], replicate[part]) for _, number, part in parts]
    seconds = sum(group.seconds(part) for group, _, part in slices)
    return Batches(plan, slices, seconds, any(group.cost is None for group in groups))


def batch_of(plan: Plan, setting: int, replicate: int, steps: StepCounts | None = None) -> Batch:
    """Return the batch of one trajectory, by default to all step counts that the plan asks of its setting."""
    asked = steps or plan.schedules[plan.schedule[setting]].steps
    group = _group(plan, setting, asked)
    return group.batch(plan, np.array([setting]), np.array([replicate]))


def seconds_per_batch(workers: int) -> float:
    """Return what a batch takes, about, for so many workers.

    >>> seconds_per_batch(2), seconds_per_batch(1000)
    (0.5, 6.0)
    """
    return max(SECONDS_PER_BATCH, SECONDS_PER_WORKER * workers)


def _cut(first: int, last: int, left: int, cost: Cost | None, workers: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each batch of a group of trajectories; `left` are there from its first one on."""
    while first < last:
        if cost is not None:
            size = cost.trajectories_in(seconds_per_batch(workers))
        else:
            size = min(ceil(left / (2 * workers)), MOST_UNKNOWN, last - first)
        yield first, min(first + size, last)
        first, left = first + size, left - size


@dataclass(frozen=True, eq=False)
class _Pending:
    """The n trajectories that miss runs.

    `setting`, `replicate` and `pattern` have the shape (n,); `patterns[pattern[i]]` are the step counts that the i-th
    one lacks.
    """

    setting: Ints
    replicate: Ints
    pattern: Ints
    patterns: list[StepCounts]


def _pending(plan: Plan, missing: Bools) -> _Pending:
    trajectories = np.arange(plan.n_trajectories)
    setting = np.searchsorted(plan.first_trajectory, trajectories, side="right") - 1
    replicate = trajectories - plan.first_trajectory[setting]
    pattern = np.full(len(trajectories), -1, dtype=np.int64)
    patterns: list[StepCounts] = []
    for index, schedule in enumerate(plan.schedules):
        mine = np.flatnonzero(plan.schedule[setting] == index)
        runs = plan.runs_of(setting[mine], replicate[mine], schedule.steps)
        lacks = missing[runs] & (runs >= 0)
        if lacks.all():  # the usual case, and much faster than to sort out which rows there are
            pattern[mine] = len(patterns)
            patterns.append(schedule.steps)
            continue
        some = lacks.any(axis=1)
        rows, number = np.unique(lacks[some], axis=0, return_inverse=True)
        pattern[mine[some]] = len(patterns) + number.reshape(-1)
        patterns += [tuple(np.array(schedule.steps)[row].tolist()) for row in rows]
    kept = pattern >= 0
    return _Pending(setting[kept], replicate[kept], pattern[kept], patterns)


@dataclass(frozen=True)
class _Group:
    """Trajectories that may share a batch."""

    fixed: Mapping[str, Value]
    steps: StepCounts
    curve_steps: StepCounts
    cost: Cost | None
    seconds_per_step: float = nan

    def seconds(self, replicate: Ints) -> float:
        if self.cost is None:
            return self.seconds_per_step * max(self.steps[-1], 1) * len(replicate)
        # The replicates of a batch are sorted.
        return self.cost.seconds(len(replicate), int(replicate[-1] - replicate[0]) + 1)

    def batch(self, plan: Plan, setting: Ints, replicate: Ints) -> Batch:
        cells, parameters = plan.first_cell[setting], plan.training.parameters
        return Batch(
            keys=plan.keys[setting],
            replicates=replicate,
            fixed=self.fixed,
            varying={name: plan.column(name, cells) for name in parameters if name in plan.training.varying},
            steps=self.steps,
            curve_steps=self.curve_steps,
            seed=plan.experiment.seed,
            keep=plan.experiment.keep,
            seconds=self.seconds(replicate),
        )


def _groups(plan: Plan, pending: _Pending) -> tuple[Ints, list[_Group]]:
    """Return the group of each trajectory, and the groups."""
    rank = np.zeros(plan.n_settings, dtype=np.int64)
    for axis in plan.setting_axes:
        if axis not in plan.training.varying:
            # Renumbered after every axis, so that the number stays below n_settings * levels.
            rank = rank * len(plan.cells.levels[axis]) + plan.setting_column(axis)
            rank = np.unique(rank, return_inverse=True)[1]
    of_trajectory = rank[pending.setting] * len(pending.patterns) + pending.pattern
    _, example, group = np.unique(of_trajectory, return_index=True, return_inverse=True)
    groups = [_group(plan, int(pending.setting[i]), pending.patterns[pending.pattern[i]]) for i in example]
    return group.astype(np.int64), groups


def _group(plan: Plan, setting: int, steps: StepCounts) -> _Group:
    training, values = plan.training, plan.values(setting)
    has_curves = training.steps is not None and "curves" in plan.experiment.keep
    # also those that are stored already: so a trajectory is recorded alike, whether it was extended or trained at once
    planned = tuple(count for count in plan.schedules[plan.schedule[setting]].steps if count <= steps[-1])
    if training.steps is not None:
        values[training.steps] = steps[-1]
    cost = training.cost(values)
    fixed = {name: value for name, value in values.items() if name not in training.varying | {training.steps}}
    return _Group(fixed, steps, curve_steps(planned) if has_curves else (), cost)
