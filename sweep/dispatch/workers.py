"""The crew of slots: gives batches out, waits, and settles what came back and what never will."""

import re
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import replace

from sweep.dispatch.crew import Crew
from sweep.dispatch.dumps import without_machinery
from sweep.dispatch.fates import (
    Call,
    Death,
    Ending,
    Fate,
    after_death,
    after_death_as_a_whole,
    after_spoiling,
    finished,
    unfinished,
    with_retries,
)
from sweep.dispatch.house import House
from sweep.dispatch.limits import Judged, Limits
from sweep.dispatch.mark import Mark
from sweep.dispatch.slots import Slot
from sweep.dispatch.tasks import Queue, Task
from sweep.errors import WorkersError
from sweep.terms.outcome import Status
from sweep.terms.reasons import headline_of, is_from_outside, reason_of
from sweep.training.batch import Isolation

MOST_FALSE_STARTS = 3
"""So often in a row the process of a worker may die before it has begun anything."""

MOST_FALSE_STARTS_FROM_OUTSIDE = 30
"""The same where somebody else ends it: it would get to training if it were left alone."""


class Workers(Crew):
    """The workers of one dispatch, at most so many, started as there is something for them to do.

    `first` is the number of the first of their slots, which are numbered through in a house.
    """

    def __init__(self, queue: Queue, house: House, workers: int, first: int = 0) -> None:
        super().__init__(queue, learns=house.isolation is not None)
        self.is_isolated = house.isolation is not None
        self.isolation = house.isolation or Isolation()
        self.loaded = house.loaded
        # A second batch waits there, so that no worker waits for this process to store results; what may come back in
        # parts, or has to be taken away, waits here.
        self.window = 1 if self.is_isolated else 2
        self.slots = [Slot(number, house) for number in range(first, first + workers)]
        self.limits = Limits(self.isolation)
        self.has_begun = False
        self.n_given = 0

    def kill(self) -> None:
        """Tell all workers to end, whatever they are doing, and do not wait for them."""
        for slot in self.slots:
            slot.kill()

    def close(self) -> None:
        """End all workers, whatever they are doing, and all that runs have left."""
        self.kill()
        for slot in self.slots:
            slot.end(for_good=True)
            slot.close()

    def _give(self) -> bool:
        """Give out what may be given; return whether anything is in flight that will come back."""
        while self.failure is None:
            slot = min(self.slots, key=lambda slot: len(slot.flying))
            task = self.queue.next(self.most) if len(slot.flying) < self.window else None
            if task is None:
                return any(slot.flying for slot in self.slots)
            if self.isolation.fresh_process:
                self.queue.put_back([task[1:]])
                task = replace(task[:1], in_fresh_process=True)
            if task.in_fresh_process and slot.n_given:
                slot.end()
            self.n_given += 1
            try:
                slot.give(self.n_given, task)
            except WorkersError as error:  # others may be at work, and go on
                self.queue.put_back([task])
                self._give_up(slot, error)
        return False

    def _give_up(self, slot: Slot, error: WorkersError) -> None:
        """Do without a worker that cannot be started; without the last one all is over."""
        self.queue.put_back([task for _, task, _ in slot.flying])
        slot.flying.clear()
        if len(self.slots) == 1:
            self.failure = error
            return
        self.slots.remove(slot)
        slot.close()

    def _in_flight(self) -> list[Task]:
        return [task for slot in self.slots for _, task, _ in slot.flying]

    def _land(self) -> Fate:
        fate = Fate([], [])
        for slot, judged in self._wait():
            fate += with_retries(self._settle(slot, judged), self.isolation.retries)
        return fate

    def _wait(self) -> list[tuple[Slot, Judged | None]]:
        """Wait until something has come back or is past a limit, and return where."""
        flying = [future for slot in self.slots for _, _, future in slot.flying]
        wait(flying, self.limits.seconds_to_wait(self.slots), FIRST_COMPLETED)
        landed: list[tuple[Slot, Judged | None]] = [(slot, None) for slot in self.slots if slot.has_landed]
        return [*landed, *self.limits.past([slot for slot in self.slots if not slot.has_landed])]

    def _settle(self, slot: Slot, judged: Judged | None) -> Fate:
        """Return what becomes of what has come back to a slot, or never will."""
        is_first = slot.n_given == 1
        death = self._end(slot, judged) if judged is not None or slot.is_broken else None
        calls = list(slot.land())
        if death is None and any(call.error is None for call in calls):  # it has died in between
            death = self._end(slot, None)
            calls += slot.land()
        mark, fate = slot.mark, Fate([], [])
        for call in calls:
            fate += finished(call)
            if call.n_done == len(call.task):
                continue
            if call.error and self.is_isolated and _has_trained_others(slot, mark):
                slot.end()  # whatever an earlier run has done to it, it would do no better with the next
                fate += after_spoiling(call, mark)
            elif call.error is not None or death is None:
                fate += unfinished(call, mark)
            else:
                fate += (after_death if self.is_isolated else after_death_as_a_whole)(call, mark, death)
        if death is not None:
            self._check_progress(slot, calls, death, is_first=is_first)
        else:
            self.has_begun = True
        return fate

    def _end(self, slot: Slot, judged: Judged | None) -> Death:
        """End what is left of a worker that has died or is past a limit."""
        has_trained_others = _has_trained_others(slot, slot.mark)
        how, mark = slot.end(), slot.mark
        if judged is None:
            from_outside = is_from_outside(how)
            begun = mark.batch >= 0 and (mark.row >= 0 or not self.is_isolated)
            self.innocent += from_outside and not begun
            ending = _with_log(Ending(Status.KILLED, how), slot.log)
            return Death(ending, from_outside=from_outside, innocent=self.innocent)
        from_others = judged.is_of_memory and has_trained_others
        return Death(_with_log(judged.ending, slot.log), judged.mark, from_others, judged.is_of_loading)

    def _check_progress(self, slot: Slot, calls: Sequence[Call], death: Death, *, is_first: bool) -> None:
        """Note it as a failure if the worker of a slot has died before it began anything, again and again.

        Once is enough for one that took too long to load where none has got further. `is_first` says that it had been
        given no batch before.
        """
        mark = slot.mark
        is_known = any(mark.batch == call.number for call in calls)
        if (is_known and (mark.row >= 0 or not self.is_isolated)) or any(call.outcomes for call in calls):
            slot.false_starts = 0
            self.has_begun = True
            return
        slot.false_starts += 1
        if death.of_loading and (not self.has_begun or slot.false_starts >= MOST_FALSE_STARTS):
            self.failure = WorkersError(_too_slow(self.loaded, self.limits.loading, slot.log))
        elif slot.false_starts >= (
            MOST_FALSE_STARTS_FROM_OUTSIDE if death.from_outside else MOST_FALSE_STARTS
        ):
            why = headline_of(death.ending.reason)
            where = f" while it was loading {self.loaded}" if is_known and is_first else ""
            self.failure = WorkersError(
                f"no worker gets to training: {slot.false_starts} times in a row {why}{where}"
            )


def _too_slow(loaded: str, seconds: float, log: str) -> str:
    """Return what is said of a file whose import does not come to an end, with the line if its log tells that."""
    line = re.search(rf'File "[^"]*{re.escape(loaded)}", line (\d+)', log)
    at = f" and is at line {line[1]}" if line else ""
    return (
        f"no worker gets to training: loading {loaded} has taken {seconds:g} s{at}. Let its import do less, or raise "
        "timeout_seconds, which holds for it as well"
    )


def _has_trained_others(slot: Slot, mark: Mark) -> bool:
    """Tell whether the process of a slot has trained anything before what it is at."""
    return slot.n_given > 1 or mark.row > 0


def _with_log(ending: Ending, log: str) -> Ending:
    return ending._replace(reason=reason_of(ending.reason, without_machinery(log)))
