"""Trajectories → batches: what one worker trains in one call.

A batch holds trajectories that are alike in all but the parameters that may vary within one, and the replicate. Batches
come replicate by replicate over the whole grid, so that a sweep stopped half-way is an even sample of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from math import ceil, nan
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweep.plan.plan import Plan
from sweep.terms.arrays import Bools, Ints
from sweep.terms.values import Value
from sweep.training.batch import Batch
from sweep.training.kind import Cost

SECONDS_PER_BATCH = 0.5
SECONDS_OF_LAST_BATCH = 0.05
"""About as long the workers wait for the last of them at the end."""
CURVE_POINTS = 48
MOST_TRAJECTORIES = 32_000
"""Of a batch: what comes of more takes much memory at once, in several processes and on the way between them."""
SECONDS_PER_WORKER = 0.006
"""Beyond some eighty workers batches are longer: whoever hands them on takes half of that for each."""
MOST_UNKNOWN = 10_000
"""Trajectories of a batch where nobody knows how long they take."""

MOST_EXAMPLES = 8
STEPS_OF_AN_EXAMPLE = 10

StepCounts = tuple[int, ...]
Numbers: TypeAlias = NDArray[np.int32] | NDArray[np.int64]
"""Of trajectories, in as few bytes as will do: there is one for each training that is left."""


@dataclass(frozen=True)
class Pace:
    """How fast trainings go on this machine.

    Attributes
    ----------
    slowness
        How many times as long they take as their kind says beforehand.
    seconds_per_step
        What a step takes, of a kind of which nobody knows beforehand; NaN as long as nothing was trained.
    is_measured
        Whether the slowness follows from what was trained so far.
    """

    slowness: float = 1.0
    seconds_per_step: float = nan
    is_measured: bool = False


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
    slices: Sequence[tuple["_Group", Numbers]]
    seconds: float
    is_measured: bool

    def __len__(self) -> int:
        return len(self.slices)

    @property
    def settings(self) -> list[Mapping[str, Value]]:
        """The fixed values that occur among them."""
        return [group.fixed for group in {id(group): group for group, _ in self.slices}.values()]

    @property
    def examples(self) -> Iterator[Batch]:
        """Small ones, of some of the fixed values that occur: what shows whether a machine gives the same bits."""
        groups = {id(group): (group, trajectories) for group, trajectories in self.slices}
        for group, trajectories in list(groups.values())[:MOST_EXAMPLES]:
            steps = (min(group.steps[0], STEPS_OF_AN_EXAMPLE),)
            short = replace(group, steps=steps, curve_steps=())
            yield short.batch(self.plan, *self.plan.of_trajectories(trajectories[:1]))

    def __iter__(self) -> Iterator[Batch]:
        for group, trajectories in self.slices:
            yield group.batch(self.plan, *self.plan.of_trajectories(trajectories))


def make_batches(plan: Plan, missing: Bools, workers: int = 1, pace: Pace = Pace()) -> Batches:
    """Return the batches that train the missing runs (shape (n_runs,)), each exactly once.

    A trajectory is trained to the largest step count that is missing of it, and only the missing ones are read off.
    The batches become smaller towards the end, so that all workers end together. Where nobody knows beforehand what a
    trajectory takes, what is too much for one is handed back. At any pace they are cut alike.
    """
    groups, trajectories, bounds = _grouped(plan, missing)
    starts, stops, numbers = [], [], []
    for number, (first, last) in enumerate(pairwise(bounds.tolist())):
        for start, stop in _cut(first, last, len(trajectories) - first, groups[number].cost, workers):
            starts.append(start)
            stops.append(stop)
            numbers.append(number)
    first_replicate = plan.of_trajectories(trajectories[np.array(starts, dtype=np.int64)])[1]
    last_replicate = plan.of_trajectories(trajectories[np.array(stops, dtype=np.int64) - 1])[1]
    n_replicates = (last_replicate - first_replicate + 1).tolist()
    groups = [replace(group, pace=pace) for group in groups]
    order = np.lexsort([np.array(numbers), first_replicate]).tolist()
    slices = [(groups[numbers[i]], trajectories[starts[i] : stops[i]]) for i in order]
    seconds = [groups[numbers[i]].seconds(stops[i] - starts[i], n_replicates[i]) for i in order]
    if workers > 1:
        slices = _evened(slices, [each / pace.slowness for each in seconds], workers)
    is_measured = pace.is_measured or any(group.cost is None for group in groups)
    return Batches(plan, slices, sum(seconds), is_measured)


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
            size = min(cost.trajectories_in(seconds_per_batch(workers)), MOST_TRAJECTORIES)
        else:
            size = min(ceil(left / (2 * workers)), MOST_UNKNOWN, last - first)
        yield first, min(first + size, last)
        first, left = first + size, left - size


def _evened(
    slices: Sequence[tuple["_Group", Numbers]], seconds: Sequence[float], workers: int
) -> list[tuple["_Group", Numbers]]:
    """Return batches of which the last ones are cut: each is to take a part of what each worker is left with then."""
    left, cut = 0.0, list[list[tuple[_Group, Numbers]]]()
    for (group, trajectories), each in zip(reversed(slices), reversed(seconds), strict=True):
        wanted = max(SECONDS_OF_LAST_BATCH, left / (2 * workers))
        if group.cost is None or wanted >= seconds_per_batch(workers):
            break
        at_once = ceil(len(trajectories) / max(1, round(each / wanted)) / group.cost.at_once)
        size = ceil(at_once * group.cost.at_once)
        starts = range(0, len(trajectories), size)
        cut.append([(group, trajectories[start : start + size]) for start in starts])
        left += each
    return [*slices[: len(slices) - len(cut)], *chain(*reversed(cut))]


def _grouped(plan: Plan, missing: Bools) -> tuple[list["_Group"], Numbers, Ints]:
    """Return the groups of what is missing, the numbers of their trajectories, group by group, and where each begins.

    The trajectories of a group stand replicate by replicate. The last bound is their total.
    """
    ranks, patterns = _ranks(plan), _Patterns()
    n_ranks, parts = int(ranks.max()) + 1, []
    smallest = np.int32 if plan.n_trajectories < 2**31 else np.int64
    for setting, replicate in plan.trajectories():
        pattern = patterns.of(plan, missing, setting, replicate)
        lacks = pattern >= 0
        label = pattern[lacks] * n_ranks + ranks[setting[lacks]]
        order = np.argsort(label, kind="stable")
        trajectory = plan.first_trajectory[setting[lacks]] + replicate[lacks]
        parts.append((trajectory[order].astype(smallest), *np.unique(label, return_counts=True)))
    labels = np.unique(np.concatenate([label for _, label, _ in parts]))
    counts = np.zeros(len(labels), dtype=np.int64)
    for _, label, count in parts:
        counts[np.searchsorted(labels, label)] += count
    bounds = np.concatenate([[0], np.cumsum(counts)])
    found, filled = np.empty(bounds[-1], dtype=smallest), bounds[:-1].copy()
    while parts:
        trajectory, label, count = parts.pop(0)
        group = np.searchsorted(labels, label)
        place = np.repeat(filled[group] - (np.cumsum(count) - count), count) + np.arange(len(trajectory))
        found[place] = trajectory
        filled[group] += count
    examples = plan.of_trajectories(found[bounds[:-1]])[0].tolist()
    steps = [patterns.steps[pattern] for pattern in (labels // n_ranks).tolist()]
    return [_group(plan, *each) for each in zip(examples, steps, strict=True)], found, bounds


class _Patterns:
    """Which step counts trajectories lack. `steps[p]` are those of the pattern p."""

    def __init__(self) -> None:
        self.steps: list[StepCounts] = []

    def of(self, plan: Plan, missing: Bools, setting: Ints, replicate: Ints) -> Ints:
        """Return the pattern of each of n trajectories, of shape (n,); -1 for one that lacks nothing."""
        pattern = np.full(len(setting), -1, dtype=np.int64)
        for index, schedule in enumerate(plan.schedules):
            mine = np.flatnonzero(plan.schedule[setting] == index)
            runs = plan.runs_of(setting[mine], replicate[mine], schedule.steps)
            lacks = missing[runs] & (runs >= 0)
            if lacks.all():  # the usual case, and much faster than to sort out which rows there are
                pattern[mine] = self._number(schedule.steps)
                continue
            some = lacks.any(axis=1)
            rows, which = np.unique(lacks[some], axis=0, return_inverse=True)
            numbers = [self._number(tuple(np.array(schedule.steps)[row].tolist())) for row in rows]
            pattern[mine[some]] = np.array(numbers, dtype=np.int64)[which.reshape(-1)]
        return pattern

    def _number(self, steps: StepCounts) -> int:
        if steps not in self.steps:
            self.steps.append(steps)
        return self.steps.index(steps)


def _ranks(plan: Plan) -> Ints:
    """Return a number for each setting, of shape (n_settings,): those with the same one may share a batch."""
    rank = np.zeros(plan.n_settings, dtype=np.int64)
    for axis in plan.setting_axes:
        if axis not in plan.training.varying:
            # Renumbered after every axis, so that the number stays below n_settings * levels.
            rank = rank * len(plan.cells.levels[axis]) + plan.setting_column(axis)
            rank = np.unique(rank, return_inverse=True)[1]
    return rank


@dataclass(frozen=True)
class _Group:
    """Trajectories that may share a batch."""

    fixed: Mapping[str, Value]
    steps: StepCounts
    curve_steps: StepCounts
    cost: Cost | None
    pace: Pace = Pace()

    def seconds(self, n_trajectories: int, n_replicates: int) -> float:
        if self.cost is None:
            return self.pace.seconds_per_step * max(self.steps[-1], 1) * n_trajectories
        return self.pace.slowness * self.cost.seconds(n_trajectories, n_replicates)

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
            # The replicates of a batch are sorted.
            seconds=self.seconds(len(replicate), int(replicate[-1] - replicate[0]) + 1),
        )


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
