"""Stored outcomes → the runs of a plan. What is missing afterwards is what is left to train.

Resuming, extending and recovering are this one step: results that the plan does not ask for are passed over, runs
without a result are missing. Where something is to be kept that is demanded, a result without it is missing: trained
again it gives the same bits, and that as well.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweep.plan import Plan
from sweep.tables.quantiles import Groups, group
from sweep.terms.arrays import Bools, Floats, Ints, Keys, Statuses
from sweep.terms.outcome import WITHOUT_RESULT, Outcome, Status
from sweep.terms.reasons import is_from_outside

Runs: TypeAlias = Ints | slice
"""Of some runs the numbers, or a stretch of them."""

EVERY = slice(None)


class Collected:
    """The results of a plan's runs, as far as they are there.

    Attributes
    ----------
    plan
        The plan whose runs these are.
    status
        Shape (n_runs,), of `Status`.
    ended_at
        Shape (n_runs,): the step at which a run that diverged left the finite numbers, 0 if it did not.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.status: Statuses = np.full(plan.n_runs, Status.MISSING, dtype=np.uint8)
        self.ended_at: Ints = np.zeros(plan.n_runs, dtype=np.int64)
        stored = (metric.name for metric in plan.training.metrics if metric.derived is None)
        self._metrics = {name: np.full(plan.n_runs, np.nan) for name in stored}
        demanded = plan.training.demanded & plan.experiment.keep
        self._seconds = self._planned_seconds = self._steps = 0.0
        self._kept = {name: np.zeros(plan.n_runs, dtype=np.bool_) for name in sorted(demanded)}

    @property
    def missing(self) -> Bools:
        """Shape (n_runs,): which runs have no result."""
        return np.asarray(self.status == Status.MISSING)

    @property
    def n_stored(self) -> int:
        """How many runs have a result."""
        return int(np.count_nonzero(self.status))

    @property
    def seconds(self) -> float:
        """How long the stored trainings took, one after the other: those of a plan, and all that share its results."""
        return self._seconds

    @property
    def planned_seconds(self) -> float:
        """How long those of this plan took; of what was trained together, in proportion to the runs."""
        return self._planned_seconds

    @property
    def seconds_per_step(self) -> float:
        """What one step of a trajectory took on the average, or a whole one that has no steps; NaN if none is there."""
        return self._seconds / self._steps if self._steps else np.nan

    @property
    def objective(self) -> Floats:
        """Shape (n_runs,): the values of the first metric."""
        return self.values(self.plan.training.objective.name)

    def values(self, name: str, runs: Runs = EVERY) -> Floats:
        """Return a metric of runs, of shape (n,); of all if none are named.

        It is the worst there is for a run that diverged, and NaN for one without a result.
        """
        metric = self.plan.training.metric(name)
        found = self.given(name, runs)
        if metric.derived is not None:
            return found
        return np.where(self.status[runs] == Status.DIVERGED, metric.worst, found)

    def given(self, name: str, runs: Runs = EVERY) -> Floats:
        """Return a metric of runs as the training gave it; the objective of one that diverged is the worst."""
        metric = self.plan.training.metric(name)
        if metric.derived is None:
            return self._metrics[name][runs]
        cells = self.plan.cells_of(runs)
        parameters = (self.plan.column(parameter, cells) for parameter in metric.derived.parameters)
        return metric.derived.compute(self.values(metric.derived.of, runs), *parameters)

    def counts(self, *statuses: Status) -> Ints:
        """Return how many runs of each cell have one of these, of shape (n_cells,)."""
        return self.n_of(lambda runs: np.isin(self.status[runs], statuses))

    @property
    def begun(self) -> Bools:
        """Shape (n_cells,): which cells have a run with a result, and so a row in the table of cells."""
        return np.asarray(self.counts(Status.MISSING) < self.plan.cells.replicates)

    def n_of(self, which: Callable[[slice], Bools]) -> Ints:
        """Return of how many runs of each cell something holds, of shape (n_cells,), told of stretches of runs."""
        first = self.plan.first_run_of_cell
        parts = (
            np.add.reduceat(which(runs), first[cells] - runs.start, dtype=np.int64)
            for cells, runs in self.plan.stretches()
        )
        return np.concatenate(list(parts))

    def quantiles(self, name: str, *quantiles: float) -> tuple[Floats, ...]:
        """Return quantiles of a metric over the runs of each cell, of shape (n_cells,) each; see `Groups.quantile`."""
        parts = [[found.quantile(q) for q in quantiles] for found in self.by_cell(name)]
        return tuple(np.concatenate(list(each)) for each in zip(*parts, strict=True))

    def by_cell(self, name: str) -> Iterator[Groups]:
        """Yield a metric of the runs in groups, one for each cell, stretch by stretch of the cells."""
        for cells, runs in self.plan.stretches():
            label = self.plan.cells_of(runs) - cells.start
            yield group(self.values(name, runs), label, cells.stop - cells.start)

    def is_kept(self, name: str) -> Bools:
        """Return of which runs something demanded is stored as it was at the end of the run, of shape (n_runs,)."""
        return self._kept[name]

    def add(
        self,
        outcome: Outcome,
        kept: Collection[str] = (),
        *,
        retry_failed: bool = False,
        retry_killed: bool = False,
    ) -> None:
        """Enter an outcome.

        Parameters
        ----------
        outcome
            Of trajectories of any plan.
        kept
            The names of what is stored beside it.
        retry_failed
            Whether what has no result counts as missing.
        retry_killed
            Whether that does of which the process was ended from outside.
        """
        if len(outcome.steps) and self._metrics.keys() <= outcome.metrics.keys():
            self._seconds += outcome.seconds
            self._steps += len(outcome) * max(int(outcome.steps[-1]), 1)
            self._add_results(outcome, kept)
        if outcome.reasons and not retry_failed:
            self._add_without_result(outcome, retry_killed)

    def forget_without_kept(self) -> None:
        """Take the results that lack something demanded for missing: those of the most steps."""
        for last in self.plan.last_runs() if self._kept else ():
            has_all = np.logical_and.reduce([kept[last] for kept in self._kept.values()])
            lacking = last[~has_all & np.isin(self.status[last], (Status.OK, Status.DIVERGED))]
            self.status[lacking] = Status.MISSING
            self.ended_at[lacking] = 0
            for values in self._metrics.values():
                values[lacking] = np.nan

    def _add_results(self, outcome: Outcome, kept: Collection[str]) -> None:
        rows, numbers = self._runs(outcome.keys, outcome.replicates, outcome.steps.tolist())
        asked = (numbers >= 0) & _has_result(outcome)[rows]
        run = numbers[asked]
        self._planned_seconds += outcome.seconds * len(run) / max(len(outcome) * len(outcome.steps), 1)
        objective = self.plan.training.objective
        diverged, ended_at = _divergence(outcome, outcome.metrics[objective.name])
        diverged, ended_at = diverged[rows][asked], ended_at[rows][asked]
        self.status[run] = np.where(diverged, Status.DIVERGED, Status.OK)
        if ended_at.any() or self.ended_at[run].any():  # memory that nobody writes to takes no room
            self.ended_at[run] = ended_at
        for name, values in self._metrics.items():
            values[run] = outcome.metrics[name][rows][asked]
        self._metrics[objective.name][run[diverged]] = objective.worst
        for name in self._kept.keys() & set(kept):
            self._kept[name][numbers[:, -1][asked[:, -1]]] = True

    def _add_without_result(self, outcome: Outcome, retry_killed: bool) -> None:
        """Enter how trajectories ended; what other trainings of them gave stays."""
        ended = np.isin(outcome.status, WITHOUT_RESULT)
        if retry_killed:
            ended[[i for i, reason in outcome.reasons.items() if is_from_outside(reason)]] = False
        steps = sorted({count for schedule in self.plan.schedules for count in schedule.steps})
        rows, numbers = self._runs(outcome.keys[ended], outcome.replicates[ended], steps)
        status = np.broadcast_to(outcome.status[ended][rows, None], numbers.shape)[numbers >= 0]
        run = numbers[numbers >= 0]
        open_ones = self.status[run] == Status.MISSING
        self.status[run[open_ones]] = status[open_ones]

    def _runs(self, keys: Keys, replicates: Ints, steps: Sequence[int]) -> tuple[Ints, Ints]:
        """Return which of the trajectories are in the plan, and the numbers of their runs, of shape (these, k)."""
        setting = self.plan.settings_of(keys)
        rows = np.flatnonzero(setting >= 0)
        return rows, self.plan.runs_of(setting[rows], replicates[rows], steps)


def _has_result(outcome: Outcome) -> Bools:
    """Return of which runs, of shape (n, k), there are metrics: a trajectory that failed later has those before."""
    without = np.isin(outcome.status, WITHOUT_RESULT)[:, None]
    end = outcome.ended_at[:, None]
    return np.asarray(~without | ((end > 0) & (outcome.steps < end)))


def _divergence(outcome: Outcome, objective: Floats) -> tuple[Bools, Ints]:
    """Return which runs diverged, of shape (n, k), and at which step.

    The objective may overflow while all else is still finite: then it is at this step that the run diverged.
    """
    end = outcome.ended_at[:, None]
    is_past: NDArray[np.bool_] = (outcome.status == Status.DIVERGED)[:, None] & (end <= outcome.steps)
    ended_at = np.where(is_past, end, np.where(np.isfinite(objective), 0, outcome.steps))
    return is_past | ~np.isfinite(objective), ended_at
