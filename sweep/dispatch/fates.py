"""What follows from how a call of a training ended: who has an outcome, who is to blame, who is trained again.

Pure: of workers no more is known here than what they left.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sweep.dispatch.mark import Mark
from sweep.dispatch.tasks import Task
from sweep.terms.outcome import WITHOUT_RESULT, Outcome, Status

MOST_KILLS = 3
"""A trajectory whose process has died this often, while it was trained alone, is given up."""

MOST_KILLS_BESIDE_OTHERS = 10
"""The same where processes have died meanwhile by no run's fault: somebody ends them at random."""


class Ending(NamedTuple):
    """How runs ended without a result."""

    status: Status
    reason: str

    def again(self, times: int) -> "Ending":
        """Return the same of what has ended so several times."""
        return self._replace(reason=f"{times} times {self.reason}")


class Call(NamedTuple):
    """A task that a worker was given, with its number, and the outcomes of its first trajectories.

    If these are not all, `error` is a traceback, or empty if the training ended early; None if the worker died.
    """

    number: int
    task: Task
    outcomes: list[Outcome]
    error: str | None

    @property
    def n_done(self) -> int:
        """How many trajectories have an outcome."""
        return sum(map(len, self.outcomes))

    def run_at(self, mark: Mark) -> slice:
        """Return the trajectories without an outcome that the mark is on: they had begun; empty if it is on none."""
        if mark.batch != self.number or not self.n_done <= mark.row < len(self.task):
            return slice(0, 0)
        return slice(mark.row, min(mark.row + max(1, mark.n), len(self.task)))


class Death(NamedTuple):
    """What is known of a worker's death.

    `of` is the run that it was ended for; None if nobody ended it. `from_others` says whether what had been trained
    before in the same process may be the reason; `of_loading`, whether it took too long to get to its first run;
    `from_outside`, whether somebody else has ended it, as far as can be known; `at_random`, whether that is likely at
    any moment. By then so many deaths as `innocent` were known to be no run's fault.
    """

    ending: Ending
    of: Mark | None = None
    from_others: bool = False
    of_loading: bool = False
    from_outside: bool = False
    innocent: int = 0
    at_random: bool = False


class Fate(NamedTuple):
    """What becomes of trajectories: these have an outcome, and those are to be trained again."""

    outcomes: list[tuple[Task, Outcome]]
    back: list[Task]

    def __add__(self, other: "Fate") -> "Fate":  # type: ignore[override]  # of fates, not of tuples
        return Fate(self.outcomes + other.outcomes, self.back + other.back)


def finished(call: Call) -> Fate:
    """Return the trajectories of a call that have their outcome."""
    found, start = Fate([], []), 0
    for outcome in call.outcomes:
        found.outcomes.append((call.task[start : start + len(outcome)], outcome))
        start += len(outcome)
    return found


def unfinished(call: Call, mark: Mark) -> Fate:
    """Return what becomes of the rest after a training raised, or ended early. `mark` is where its worker was."""
    rest = call.task[call.n_done :]
    if not call.error:
        nothing = Ending(Status.FAILED, "the training gave no outcome")
        return Fate([], [rest]) if call.n_done else Fate([_ended(rest, nothing)], [])
    ending = Ending(Status.FAILED, call.error)
    run = call.run_at(mark)
    return _blamed(call, run, ending) if run.stop else Fate([_ended(rest, ending)], [])


def after_spoiling(call: Call, mark: Mark) -> Fate:
    """Return what becomes of the rest when a worker fails in itself, and what it trained before may be the reason.

    What it was at is trained again in a process that has trained nothing before, and is to blame if it fails there.
    """
    run = call.run_at(mark)
    run = run if run.stop else slice(call.n_done, len(call.task))
    again = replace(call.task[run], in_fresh_process=True)
    return Fate([], [call.task[call.n_done : run.start], again, call.task[run.stop :]])


def after_death(call: Call, mark: Mark, death: Death) -> Fate:
    """Return what becomes of the rest when the worker died: only the run that it was at is to blame."""
    run = call.run_at(mark)
    ended_for_another = death.of is not None and death.of[:2] != mark[:2]
    if not run.stop or ended_for_another:
        return Fate([], [call.task[call.n_done :]])
    if death.from_others:
        return after_spoiling(call, mark)
    if death.from_outside and run.stop - run.start == 1:
        alone = replace(call.task[run], in_fresh_process=True)
        before, after = call.task[call.n_done : run.start], call.task[run.stop :]
        return Fate([], [before]) + _after_kill(alone, death) + Fate([], [after])
    return _blamed(call, run, death.ending)


def after_death_as_a_whole(call: Call, mark: Mark, death: Death) -> Fate:
    """Return what becomes of the rest when the worker died, where all trajectories of a batch share their fate."""
    rest = call.task[call.n_done :]
    half = len(rest) // 2
    if mark.batch != call.number:
        return Fate([], [rest])
    # one of many may be to blame, or none: the halves tell, and have twice the chance to come to an end
    return Fate([], [rest[:half], rest[half:]]) if half else _after_kill(rest, death)


def _after_kill(alone: Task, death: Death) -> Fate:
    """Return what becomes of a trajectory whose process was ended while it was trained alone: it is to blame at last.

    Once is no proof, since others end processes too: an operator, or the system that lacks memory.
    """
    innocent = alone.innocent if alone.kills else death.innocent
    task = replace(alone, kills=alone.kills + 1, innocent=innocent)
    beside_others = death.at_random or innocent != death.innocent
    if task.kills < (MOST_KILLS_BESIDE_OTHERS if beside_others else MOST_KILLS):
        return Fate([], [task])
    return Fate([_ended(task, death.ending.again(task.kills))], [])


def with_retries(fate: Fate, retries: int) -> Fate:
    """Return the fate in which trajectories without a result are trained again, one by one, so many times at most."""
    if not retries:
        return fate
    found = Fate([], list(fate.back))
    for task, outcome in fate.outcomes:
        found += _retried(task, outcome) if task.tries < retries else Fate([(task, outcome)], [])
    return found


def _retried(task: Task, outcome: Outcome) -> Fate:
    found, start = Fate([], []), 0
    for i in [*np.flatnonzero(np.isin(outcome.status, WITHOUT_RESULT)).tolist(), len(outcome)]:
        if start < i:
            found.outcomes.append((task[start:i], outcome[start:i]))
        if i < len(outcome):
            found.back.append(replace(task[i : i + 1], tries=task.tries + 1))
        start = i + 1
    return found


def _blamed(call: Call, run: slice, ending: Ending) -> Fate:
    """Return what becomes of the rest if this run ended so; of several in one call each is then trained alone."""
    before, marked, after = call.task[call.n_done : run.start], call.task[run], call.task[run.stop :]
    if len(marked) > 1:
        return Fate([], [before, *(marked[i : i + 1] for i in range(len(marked))), after])
    return Fate([_ended(marked, ending)], [before, after])


def _ended(task: Task, ending: Ending) -> tuple[Task, Outcome]:
    batch = task.batch
    return task, Outcome.without_result(batch.keys, batch.replicates, ending.status, ending.reason)
