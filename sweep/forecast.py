"""What a run would do, before it does it: how many runs, how much is stored, how long it takes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sweep.dispatch.pool import SECONDS_TO_START_WORKERS
from sweep.plan import Plan
from sweep.results import Results
from sweep.terminal import aligned, count_text, duration, title
from sweep.terms.text import visible
from sweep.terms.values import Value, table_values
from sweep.training.kind import Training

MOST_VALUES_SHOWN = 8
SECONDS_BESIDE = 1.8
"""What `run` takes beside training: it starts, plans, and writes tables, figures and a report."""
SECONDS_OF_RUN = 2e-6
"""What each run adds to that."""


@dataclass(frozen=True, repr=False)
class Preview:
    """What a run would do; `str` tells it in words, and so does the last line of a notebook's cell.

    Attributes
    ----------
    results
        The results so far.
    n_batches, seconds
        What is left to train: in how many batches, and estimated seconds of training on one core.
    workers
        The number of worker processes it would use; 1 is this process, unless runs are kept apart.
        NaN where nobody knows yet.
    is_measured
        Whether the seconds follow from what was trained so far: for some kinds of training nobody knows beforehand.
    can_find
        What the verdicts on the claims can find, in words, by lines.
    cluster
        Where it is trained, in words, if that is a cluster: `workers` are its threads then.
    """

    results: Results
    n_batches: int
    seconds: float
    workers: int
    is_measured: bool = False
    can_find: Sequence[str] = ()
    cluster: str = ""

    @property
    def wall_seconds(self) -> float:
        """Estimated seconds until the report is there: more workers than cores make a computation no faster."""
        from loky import cpu_count

        if not self.n_batches:
            return 0.0
        if self.cluster:
            return self.seconds / self.workers + SECONDS_BESIDE + SECONDS_OF_RUN * self.n_missing
        computes = self.results.plan.training.isolation is None
        training = self.seconds / (min(self.workers, cpu_count()) if computes else self.workers)
        starting = 0.0 if computes and self.workers == 1 else SECONDS_TO_START_WORKERS
        return training + starting + SECONDS_BESIDE + SECONDS_OF_RUN * self.n_missing

    @property
    def n_missing(self) -> int:
        """How many runs are to be trained."""
        return self.results.n_planned - self.results.n_stored

    @property
    def time_text(self) -> str:
        """The estimated time in words."""
        if math.isnan(self.seconds):
            return "not known before the first runs"
        return duration(self.wall_seconds) + (", by what was trained so far" if self.is_measured else "")

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        plan = self.results.plan
        lines = [title(self.results), "", *_axis_lines(plan)]
        found = ["", *self.can_find] if self.can_find else []
        remarks = ["", *plan.experiment.remarks] if plan.experiment.remarks else []
        return "\n".join([*lines, "", *aligned(self._rows()), *found, *remarks])

    def _rows(self) -> list[tuple[str, str, str]]:
        found, plan = self.results, self.results.plan
        replicates = np.unique(plan.cells.replicates)
        per_cell = f"{replicates[0]}" if len(replicates) == 1 else f"{replicates[0]} to {replicates[-1]}"
        settings = count_text(plan.n_settings, "setting", "settings")
        rows = [
            ("cells", f"{len(plan.cells):,}", f"{per_cell} replicates each"),
            ("trajectories", f"{plan.n_trajectories:,}", f"of {settings}"),
            ("runs", f"{plan.n_runs:,}", _saving(plan)),
            ("stored already", f"{found.n_stored:,}", f"in {found.place}"),
        ]
        if self.n_batches:
            n_batches = count_text(self.n_batches, "batch", "batches")
            rows.append(("to be trained", f"{self.n_missing:,}", f"in {n_batches}"))
            where = self.cluster or _where(self.workers, self.results.plan.training)
            rows.append(("estimated time", self.time_text, where))
        else:
            rows.append(("to be trained", "0", ""))
        if found.judged:
            rows.append(("verdicts", f"{len(found.judged):,}", ""))
        return rows


def previews_text(previews: Sequence[Preview]) -> str:
    """Return what `sweep plan` prints of a folder of configs: a line for each, and the sums."""
    rows = [(one.results.experiment.name, f"{one.n_missing:,}", one.time_text) for one in previews]
    n_runs = sum(one.n_missing for one in previews)
    rows.append(("all", f"{n_runs:,}", _whole_time([one.wall_seconds for one in previews])))
    lines = aligned([("config", "runs to be trained", "estimated time"), *rows])
    more = "Replicates that undecided claims need come on top, up to `most_replicates` of each config."
    if previews and previews[0].cluster:
        more += f" Times are those {previews[0].cluster}."
    return "\n".join([*lines, "", more])


def _whole_time(seconds: Sequence[float]) -> str:
    """Return the time of several sweeps in words; of some of them nobody may know it yet."""
    known = [each for each in seconds if not math.isnan(each)]
    if not known:
        return "not known" if seconds else duration(0)
    return duration(sum(known)) + (", and what is not known" if len(known) < len(seconds) else "")


def _axis_lines(plan: Plan) -> list[str]:
    rows = [(axis, f"{len(values):,}", _values(values)) for axis, values in plan.cells.levels.items()]
    return aligned(rows) if rows else []


def _values(values: Sequence[Value]) -> str:
    texts = [visible(str(value)) for value in table_values(values)]
    if len(texts) > MOST_VALUES_SHOWN:
        texts = [*texts[:3], "...", texts[-1]]
    return ", ".join(texts)


def _saving(plan: Plan) -> str:
    """Say what it saves that a training serves all its step counts."""
    merged = alone = 0
    n_settings = np.bincount(plan.schedule, minlength=len(plan.schedules))
    for schedule, n in zip(plan.schedules, n_settings.tolist(), strict=True):
        asked = list(zip(schedule.steps, schedule.replicates, strict=True))
        alone += n * sum(steps * replicates for steps, replicates in asked)
        for replicate in range(schedule.n_trajectories):
            merged += n * max(steps for steps, replicates in asked if replicates > replicate)
    if merged == alone:
        return ""
    steps = plan.training.steps
    return f"read off {merged:,} {steps} of training; one by one they would take {alone:,} ({alone / merged:.2g} times)"


def _where(workers: int, training: Training) -> str:
    if workers == 1 and training.isolation is not None:
        return "in a process of its own"
    return "in this process" if workers == 1 else f"in {workers} processes"
