"""Trained networks: which of the kept weights are those of a setting, and the networks that they make.

Nothing is read here: the caller hands in what the store yields, a batch at a time, so that the weights of one setting
are in memory and never those of a whole sweep.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.errors import InputError
from sweep.plan import Plan
from sweep.plan.identity import hidden_sizes
from sweep.tables.collected import OK, Collected
from sweep.tables.quantiles import group
from sweep.tables.tables import check_name
from sweep.terms.arrays import Floats, Ints, Keys
from sweep.terms.values import table_value
from sweep.training.network.model import Network, parameter_count, split_parameters
from sweep.training.network.target import Target

LINE_POINTS = 201


@dataclass(frozen=True, eq=False)
class KeptWeights:
    """The weights and biases of n trained networks of a batch, shape (n, n_parameters), after so many epochs."""

    keys: Keys
    replicates: Ints
    epochs: int
    parameters: Floats


@dataclass(frozen=True)
class Portrait:
    """A trained network as a figure shows it.

    Attributes
    ----------
    role
        What it is an example of: "best", "median" or "worst"; "" if it was asked for by its replicate.
    replicate, final_loss
        Of its run; the loss is inf if it diverged, and the weights are NaN.
    weights
        `weights[layer][to, from]`, as in `sweep.Network`.
    x, target, learned
        Shape (points,): the target and the network along the interval.
    """

    role: str
    replicate: int
    final_loss: float
    weights: tuple[Floats, ...]
    x: Floats
    target: Floats
    learned: Floats


def setting_of(plan: Plan, where: Mapping[str, str | int | float]) -> int:
    """Return the one setting that has these values in these axes, as tables show them.

    Raises
    ------
    InputError
        If a name is not an axis, a value is not on it, or several settings are left.
    """
    axes = [axis for axis in plan.cells.codes if axis != "epochs"]
    left = np.ones(plan.n_settings, dtype=bool)
    for axis, value in where.items():
        check_name("an axis", axis, axes)
        levels = [table_value(level) for level in plan.cells.levels[axis]]
        now = left & np.isin(
            plan.setting_column(axis), [i for i, level in enumerate(levels) if level == value]
        )
        if not now.any():
            there = ", ".join(str(levels[code]) for code in np.unique(plan.setting_column(axis)[left]))
            raise InputError(f"no setting has {axis} = {value!r}; it has {there}")
        left = now
    settings = np.flatnonzero(left)
    if len(settings) > 1:
        open_axes = [axis for axis in axes if len(np.unique(plan.setting_column(axis)[settings])) > 1]
        codes = np.unique(plan.setting_column(open_axes[0])[settings])
        there = ", ".join(str(table_value(plan.cells.levels[open_axes[0]][code])) for code in codes)
        raise InputError(
            f"`{open_axes[0]}` must be given, since a network belongs to one setting and {len(settings)} are left. "
            f"Name one of its values: {there}."
        )
    return int(settings[0])


def layer_sizes_of(plan: Plan, setting: int) -> tuple[int, ...]:
    """Return the neurons per layer of a setting's networks, input and output included."""
    hidden = hidden_sizes(*(plan.value(field, setting) for field in ("layers", "hidden_layers", "neurons")))
    return (1, *hidden, 1)


def target_of(plan: Plan, setting: int) -> Target:
    """Return the target that a setting learns."""
    interval = plan.value("interval", setting)
    assert isinstance(interval, tuple)
    return Target(str(plan.value("function", setting)), (interval[0], interval[1]))


def last_epochs(plan: Plan, setting: int) -> Ints:
    """Return the largest epoch count that is asked of each replicate of a setting: after it, weights are kept."""
    schedule = plan.schedules[plan.schedule[setting]]
    replicates = np.arange(schedule.n_trajectories)
    asked = np.array(schedule.replicates)[:, None] > replicates
    return np.asarray(np.where(asked, np.array(schedule.epochs)[:, None], 0).max(axis=0))


def parameters_of(plan: Plan, setting: int, epochs: Ints, kept: Iterable[KeptWeights]) -> dict[int, Floats]:
    """Return the parameters, of shape (n_parameters,), of each replicate r that is there after `epochs[r]` epochs."""
    found: dict[int, Floats] = {}
    n_parameters = parameter_count(layer_sizes_of(plan, setting))
    for batch in kept:
        for row in np.flatnonzero((batch.keys == plan.keys[setting]) & (batch.replicates < len(epochs))):
            replicate = int(batch.replicates[row])
            if batch.epochs == epochs[replicate] and batch.parameters.shape[1] == n_parameters:
                found[replicate] = batch.parameters[row].copy()  # the batch itself can be let go
    return dict(sorted(found.items()))


def network_of(plan: Plan, setting: int, parameters: Floats) -> Network:
    """Return the network of a setting that has these parameters."""
    weights, biases = split_parameters(parameters, layer_sizes_of(plan, setting))
    return Network(
        weights, biases, str(plan.value("activation", setting)), str(plan.value("output", setting))
    )


def best_setting(collected: Collected) -> int | None:
    """Return the setting with the smallest median loss at its own largest epoch count; None if none is finite."""
    plan = collected.plan
    cell = np.repeat(np.arange(len(plan.cells)), plan.cells.replicates)
    medians = group(collected.final_loss, cell, len(plan.cells)).quantile(0.5)
    last = medians[np.append(plan.first_cell[1:], len(plan.cells)) - 1]
    finite = np.isfinite(last)
    return int(np.where(finite, last, np.inf).argmin()) if finite.any() else None


def examples_of(collected: Collected, setting: int) -> list[tuple[str, int]]:
    """Return role and replicate of the best, the median and the worst run of a setting, at its largest epoch count.

    Those count whose weights are stored and that did not diverge; of an even number the better middle one is the
    median. Of two runs there is no median, of one only the best.
    """
    epochs = last_epochs(collected.plan, setting)
    run = _last_runs(collected.plan, setting)
    counts = (epochs == epochs.max()) & (collected.status[run] == OK) & collected.has_weights[run]
    replicates = np.flatnonzero(counts)
    order = replicates[np.argsort(collected.final_loss[run[replicates]], kind="stable")].tolist()
    if not order:
        return []
    roles = {order[-1]: "worst", order[(len(order) - 1) // 2]: "median"} | {order[0]: "best"}
    return [(roles[replicate], replicate) for replicate in order if replicate in roles]


def portraits(
    collected: Collected, setting: int, chosen: Sequence[tuple[str, int]], kept: Iterable[KeptWeights]
) -> list[Portrait]:
    """Return those networks of a setting, by role and replicate, whose weights are there, in the order given."""
    plan, target = collected.plan, target_of(collected.plan, setting)
    parameters = parameters_of(plan, setting, last_epochs(plan, setting), kept)
    losses = collected.final_loss[_last_runs(plan, setting)]
    x = target.points(LINE_POINTS)
    found = []
    for role, replicate in chosen:
        if replicate in parameters:
            network = network_of(plan, setting, parameters[replicate])
            learned = np.asarray(network(x))
            loss = float(losses[replicate])
            found.append(Portrait(role, replicate, loss, network.weights, x, target(x), learned))
    return found


def setting_words(plan: Plan, setting: int) -> dict[str, str | int | float]:
    """Return the values of a setting's axes, as tables show them."""
    axes = tuple(axis for axis in plan.cells.codes if axis != "epochs")
    return {axis: table_value(plan.value(axis, setting)) for axis in axes}


def _last_runs(plan: Plan, setting: int) -> Ints:
    """Return the run of the largest epoch count of each of a setting's trajectories."""
    schedule = plan.schedules[plan.schedule[setting]]
    replicates = np.arange(schedule.n_trajectories)
    runs = plan.runs_of(np.full(len(replicates), setting), replicates, schedule.epochs)
    return np.asarray(runs.max(axis=1))
