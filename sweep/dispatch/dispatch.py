"""Batches → outcomes, in this process or by workers: no run is lost with another one."""

import traceback
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from sweep.dispatch.fates import Call, finished, unfinished
from sweep.dispatch.files import SlotFiles
from sweep.dispatch.guard import Guard
from sweep.dispatch.interrupts import held_back, interruptible
from sweep.dispatch.leftovers import held_folder, remove_leftovers
from sweep.dispatch.mark import NOTHING
from sweep.dispatch.pool import Pool
from sweep.dispatch.slots import CANNOT_START, House, cannot_start, start_trackers
from sweep.dispatch.tasks import Queue
from sweep.dispatch.workers import Workers
from sweep.errors import WorkersError
from sweep.terms.outcome import Outcome
from sweep.training.batch import Batch, Desk
from sweep.training.checked import train_checked
from sweep.training.kind import Training


def dispatch(
    batches: Iterator[Batch], training: Training, pool: Pool, folder: Path | None = None
) -> Generator[tuple[Batch, Outcome], None, None]:
    """Yield every trajectory with its outcome as soon as that is there: parts of batches, in no particular order.

    What raised, ended its process or went past its limits has an outcome too, which says so, and costs no other
    trajectory its own. Without isolation a batch is trained as a whole, and its trajectories share such a fate.
    `folder` is that of the results. No process is left behind, also if the caller stops early.

    Where no worker process can be started, or none gets to training, this process trains, and says so in a note.

    Raises a `WorkersError` there if the runs have to be isolated.
    """
    queue = Queue(batches)
    if pool.here:
        yield from _here(queue, training, folder)
        return
    try:
        yield from _by_workers(queue, training, pool.workers, folder)
    except WorkersError as error:
        if training.isolation is not None:
            raise
        note = f"{error}. What was left was trained in this process"
        for batch, outcome in _here(queue, training, folder):
            yield batch, replace(outcome, note=outcome.note or note)


def _by_workers(
    queue: Queue, training: Training, workers: int, folder: Path | None
) -> Generator[tuple[Batch, Outcome], None, None]:
    with _house(training, folder) as house:
        slots = Workers(queue, house, workers)
        try:
            yield from slots.outcomes()
        finally:
            slots.close()


def _here(
    queue: Queue, training: Training, folder: Path | None
) -> Generator[tuple[Batch, Outcome], None, None]:
    desk = Desk()
    desk.folder = folder
    while (task := queue.next()) is not None:
        outcomes: list[Outcome] = []
        error = ""
        try:
            interruptible(partial(outcomes.extend, train_checked(training, task.batch, desk)))
        except Exception:  # a failing batch is a value; KeyboardInterrupt passes through
            error = traceback.format_exc()
        call = Call(0, task, outcomes, error)
        fate = finished(call)
        if call.n_done < len(task):
            fate += unfinished(call, NOTHING)
        queue.put_back(fate.back)
        for part, outcome in fate.outcomes:
            yield part.batch, outcome


@contextmanager
def _house(training: Training, folder: Path | None) -> Iterator[House]:
    """Give the files and the guard of a dispatch, and take both away."""
    from loky.backend.reduction import dumps  # by cloudpickle, if need be

    with ExitStack() as at_last, ExitStack() as stack:
        try:
            start_trackers()
            remove_leftovers()
            with held_back():
                files = stack.enter_context(held_folder())
                guard = Guard(files)
                at_last.callback(guard.end)  # when the folder has gone: then it has nothing to do
        except CANNOT_START as error:
            raise cannot_start(error) from error
        SlotFiles(files, 0).training.write_bytes(dumps(training.for_workers()))
        yield House(files, guard, folder, training.isolation, training.loaded_from)
