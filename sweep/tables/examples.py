"""Which setting and which of its replicates stand for a sweep, where one of them is to be looked at from inside."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.plan import Plan
from sweep.tables.collected import Collected
from sweep.terms.arrays import Floats, Ints
from sweep.terms.outcome import Outcome, Status
from sweep.words import message


def last_steps(plan: Plan, setting: int) -> Ints:
    """Return the largest step count that is asked of each replicate of a setting: after it, extras are kept."""
    schedule = plan.schedules[plan.schedule[setting]]
    replicates = np.arange(schedule.n_trajectories)
    asked = np.array(schedule.replicates)[:, None] > replicates
    return np.asarray(np.where(asked, np.array(schedule.steps)[:, None], 0).max(axis=0))


def kept_of(
    plan: Plan, setting: int, name: str, steps: Ints, outcomes: Iterable[Outcome]
) -> Mapping[int, NDArray[Any]]:
    """Return what is kept under a name of each replicate r of a setting that is there after `steps[r]` steps."""
    found: dict[int, NDArray[Any]] = {}
    for outcome in outcomes:
        kept = outcome.extras.get(name)
        mine = (outcome.keys == plan.keys[setting]) & (outcome.replicates < len(steps))
        for row in np.flatnonzero(mine) if kept is not None else ():
            replicate = int(outcome.replicates[row])
            if kept is not None and int(outcome.steps[-1]) == steps[replicate]:
                found[replicate] = kept[row].copy()  # the outcome itself can be let go
    return dict(sorted(found.items()))


def best_setting(collected: Collected) -> int | None:
    """Return the setting with the best median objective at its own largest step count; None if none is finite."""
    plan = collected.plan
    (medians,) = collected.quantiles(plan.training.objective.name, 0.5)
    last = plan.training.objective.badness(medians[np.append(plan.first_cell[1:], len(plan.cells)) - 1])
    finite = np.isfinite(last)
    return int(np.where(finite, last, np.inf).argmin()) if finite.any() else None


def examples_of(collected: Collected, setting: int) -> list[tuple[str, int]]:
    """Return role and replicate of the best, the median and the worst run of a setting, at its largest step count.

    Those count of which everything demanded is stored and that did not diverge; of an even number the better middle one
    is the median. Of two runs there is no median, of one only the best.
    """
    plan = collected.plan
    steps, run = last_steps(plan, setting), _last_runs(plan, setting)
    counts = (steps == steps.max()) & (collected.status[run] == Status.OK)
    for name in plan.training.demanded & plan.experiment.keep:
        counts &= collected.is_kept(name)[run]
    replicates = np.flatnonzero(counts)
    badness = plan.training.objective.badness(_objective(collected, run[replicates]))
    order = replicates[np.argsort(badness, kind="stable")].tolist()
    if not order:
        return []
    worst, median, best = message("worst"), message("median"), message("best")
    roles = {order[-1]: worst, order[(len(order) - 1) // 2]: median} | {order[0]: best}
    return [(roles[replicate], replicate) for replicate in order if replicate in roles]


def value_of(collected: Collected, setting: int, replicate: int) -> float:
    """Return the objective of a trajectory at its largest step count."""
    run = _last_runs(collected.plan, setting)[replicate]
    return float(_objective(collected, np.array([run]))[0])


def _objective(collected: Collected, runs: Ints) -> Floats:
    return collected.values(collected.plan.training.objective.name, runs)


def _last_runs(plan: Plan, setting: int) -> Ints:
    """Return the run of the largest step count of each of a setting's trajectories."""
    schedule = plan.schedules[plan.schedule[setting]]
    replicates = np.arange(schedule.n_trajectories)
    runs = plan.runs_of(np.full(len(replicates), setting), replicates, schedule.steps)
    return np.asarray(runs.max(axis=1))
