"""Trajectories → batches: what one worker trains in one call.

A batch holds trajectories that are alike in all but learning rate, initial range, difference step and replicate. Where
several networks of a trajectory train side by side, each of them counts.
Batches come replicate by replicate over the whole grid, so that a sweep stopped half-way is an even sample of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sweep.config.experiment import Value
from sweep.plan.identity import hidden_sizes
from sweep.plan.plan import Plan
from sweep.terms.arrays import Floats, Ints, Keys
from sweep.training.network.cost import ROUND_SECONDS, EpochCost, epoch_cost, trainings_per_batch

Kind = tuple[tuple[int, ...], str, str, str]
"""Layer sizes, activation, gradient and precision: what the engine chooses its code by."""

LANE_FIELDS = ("learning_rate", "init_range", "difference_step")
"""The fields in which the trajectories of one batch may differ."""

CURVE_POINTS = 48


@dataclass(frozen=True, eq=False)
class Batch:
    """n trajectories for one call of a trainer; small, since it travels to the worker.

    Attributes
    ----------
    common
        The value of every field but those of the lanes and epochs.
    layer_sizes
        Neurons per layer, input and output included.
    epochs
        The epoch counts asked of each of the trajectories, ascending.
    curve_epochs
        The epochs at which the loss is recorded for learning curves; empty if they are switched off.
    seed
        Of the experiment.
    keys, replicates
        Shape (n,): the identity of each trajectory.
    learning_rate, init_range, difference_step
        Shape (n,).
    seconds
        Estimated duration on one core.
    keep_weights
        Whether the trained networks themselves are asked for.
    """

    common: Mapping[str, Value]
    layer_sizes: tuple[int, ...]
    epochs: tuple[int, ...]
    curve_epochs: tuple[int, ...]
    seed: int
    keys: Keys
    replicates: Ints
    learning_rate: Floats
    init_range: Floats
    difference_step: Floats
    seconds: float
    keep_weights: bool = False

    def __len__(self) -> int:
        return len(self.replicates)

    @property
    def n_runs(self) -> int:
        """How many runs are read off the batch."""
        return len(self) * len(self.epochs)

    @property
    def samples_per_epoch(self) -> int:
        """How many samples an update sees: M, or M + 1 by the printed program's rule."""
        return samples_per_epoch(self.common)

    @property
    def networks(self) -> int:
        """How many networks each trajectory trains side by side."""
        return networks(self.common)


def samples_per_epoch(values: Mapping[str, Value]) -> int:
    """Return the number of samples of an update for a setting's `batch_size` and `batch_rule`."""
    size = values["batch_size"]
    assert isinstance(size, int)
    return size + 1 if values["batch_rule"] == "printed" else size


def networks(values: Mapping[str, Value]) -> int:
    """Return how many networks a setting trains side by side."""
    count = values["networks"]
    assert isinstance(count, int)
    return count


def curve_epochs(asked: tuple[int, ...]) -> tuple[int, ...]:
    """Return the epochs of a learning curve: spaced evenly on a log scale up to the last asked one, and the asked ones.

    >>> curve_epochs((5, 10))
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
    """

    plan: Plan
    slices: Sequence[tuple["_Group", Ints, Ints]]
    seconds: float

    def __len__(self) -> int:
        return len(self.slices)

    @property
    def kinds(self) -> set[Kind]:
        """The kinds of training among them."""
        groups = {id(group): group for group, _, _ in self.slices}.values()
        options = ((group.layer_sizes, group.common) for group in groups)
        return {
            (sizes, str(common["activation"]), str(common["gradient"]), str(common["precision"]))
            for sizes, common in options
        }

    def __iter__(self) -> Iterator[Batch]:
        for group, setting, replicate in self.slices:
            yield group.batch(self.plan, setting, replicate)


def make_batches(plan: Plan, missing: NDArray[np.bool_]) -> Batches:
    """Return the batches that train the missing runs (shape (n_runs,)), each exactly once.

    A trajectory is trained to the largest epoch count that is missing of it, and only the missing ones are read off.
    """
    setting, replicate, pattern, patterns = _pending(plan, missing)
    group, groups = _groups(plan, setting, pattern, patterns)
    order = np.lexsort((setting, replicate, group))
    bounds = np.searchsorted(group[order], np.arange(len(groups) + 1))
    parts = []
    for number, (first, last) in enumerate(pairwise(bounds)):
        for start in range(first, last, groups[number].lanes):
            part = order[start : min(start + groups[number].lanes, last)]
            parts.append((int(replicate[part[0]]), number, part))
    parts.sort(key=lambda item: item[:2])
    slices = [(groups[number], setting[part], replicate[part]) for _, number, part in parts]
    return Batches(plan, slices, sum(group.seconds(part) for group, _, part in slices))


def _pending(plan: Plan, missing: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints, list[tuple[int, ...]]]:
    """Return setting, replicate and pattern of each trajectory that misses runs, and the patterns: what is missing."""
    trajectories = np.arange(plan.n_trajectories)
    setting = np.searchsorted(plan.first_trajectory, trajectories, side="right") - 1
    replicate = trajectories - plan.first_trajectory[setting]
    pattern = np.full(len(trajectories), -1, dtype=np.int64)
    patterns: list[tuple[int, ...]] = []
    for index, schedule in enumerate(plan.schedules):
        mine = np.flatnonzero(plan.schedule[setting] == index)
        runs = plan.runs_of(setting[mine], replicate[mine], schedule.epochs)
        lacks = missing[runs] & (runs >= 0)
        if lacks.all():  # the usual case, and much faster than to sort out which rows there are
            pattern[mine] = len(patterns)
            patterns.append(schedule.epochs)
            continue
        some = lacks.any(axis=1)
        rows, number = np.unique(lacks[some], axis=0, return_inverse=True)
        pattern[mine[some]] = len(patterns) + number.reshape(-1)
        patterns += [tuple(np.array(schedule.epochs)[row].tolist()) for row in rows]
    kept = pattern >= 0
    return setting[kept], replicate[kept], pattern[kept], patterns


@dataclass(frozen=True)
class _Group:
    """Trajectories that may share a batch."""

    common: Mapping[str, Value]
    layer_sizes: tuple[int, ...]
    epochs: tuple[int, ...]
    curve_epochs: tuple[int, ...]
    cost: EpochCost
    lanes: int

    def seconds(self, replicate: Ints) -> float:
        # The replicates of a batch are sorted.
        each, n_replicates = networks(self.common), int(replicate[-1] - replicate[0]) + 1
        training = self.cost.seconds(self.epochs[-1], len(replicate) * each, n_replicates * each)
        return training + self.n_rounds * ROUND_SECONDS

    @property
    def n_rounds(self) -> int:
        round_epochs = self.common["round_epochs"]
        assert isinstance(round_epochs, int)
        return self.epochs[-1] // round_epochs if round_epochs and networks(self.common) > 1 else 0

    def batch(self, plan: Plan, setting: Ints, replicate: Ints) -> Batch:
        learning_rate, init_range, difference_step = (
            _lane_values(plan, field, setting) for field in LANE_FIELDS
        )
        return Batch(
            common=self.common,
            layer_sizes=self.layer_sizes,
            epochs=self.epochs,
            curve_epochs=self.curve_epochs,
            seed=plan.experiment.seed,
            keys=plan.keys[setting],
            replicates=replicate,
            learning_rate=learning_rate,
            init_range=init_range,
            difference_step=difference_step,
            seconds=self.seconds(replicate),
            keep_weights=plan.experiment.keep_weights,
        )


def _groups(
    plan: Plan, setting: Ints, pattern: Ints, patterns: list[tuple[int, ...]]
) -> tuple[Ints, list[_Group]]:
    """Return the group of each trajectory, and the groups."""
    alike = [axis for axis in plan.cells.codes if axis not in (*LANE_FIELDS, "epochs")]
    rank = np.zeros(plan.n_settings, dtype=np.int64)
    for axis in alike:
        # Renumbered after every axis, so that the number stays below n_settings * levels.
        rank = rank * len(plan.cells.levels[axis]) + plan.setting_column(axis)
        rank = np.unique(rank, return_inverse=True)[1]
    of_trajectory = rank[setting] * len(patterns) + pattern
    _, example, group = np.unique(of_trajectory, return_index=True, return_inverse=True)
    return group.astype(np.int64), [_group(plan, int(setting[i]), patterns[pattern[i]]) for i in example]


def _group(plan: Plan, setting: int, epochs: tuple[int, ...]) -> _Group:
    fields = (field for field in plan.experiment.fixed if field not in (*LANE_FIELDS, "epochs"))
    common = {field: plan.value(field, setting) for field in fields}
    hidden = hidden_sizes(common["layers"], common["hidden_layers"], common["neurons"])
    layer_sizes = (1, *hidden, 1)
    cost = epoch_cost(
        layer_sizes,
        samples_per_epoch(common),
        str(common["gradient"]),
        str(common["activation"]),
        str(common["precision"]),
    )
    lanes = max(1, trainings_per_batch(cost, layer_sizes, epochs[-1]) // networks(common))
    curves = curve_epochs(epochs) if plan.experiment.keep_curves else ()
    return _Group(common, layer_sizes, epochs, curves, cost, lanes)


def _lane_values(plan: Plan, field: str, setting: Ints) -> Floats:
    if field not in plan.cells.codes:
        return np.full(len(setting), plan.experiment.fixed[field], dtype=np.float64)
    levels = np.array(plan.cells.levels[field], dtype=np.float64)
    return levels[plan.cells.codes[field][plan.first_cell[setting]]]
