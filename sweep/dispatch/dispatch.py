"""Batches → outcomes, in this process or by workers: no run is lost with another one."""

import shutil
import tempfile
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sweep.dispatch.fates import Call, finished, unfinished
from sweep.dispatch.files import SlotFiles
from sweep.dispatch.guard import Guard
from sweep.dispatch.interrupts import held_back, interruptible
from sweep.dispatch.mark import NOTHING
from sweep.dispatch.pool import Pool
from sweep.dispatch.slots import House, start_trackers
from sweep.dispatch.tasks import Queue
from sweep.dispatch.workers import Workers
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

    Raises a `SweepError` if worker processes die again and again before they train anything, or do not get to it.
    """
    queue = Queue(batches)
    if pool.here:
        yield from _here(queue, training, folder)
        return
    with _house(training, folder) as house:
        workers = Workers(queue, house, pool.workers)
        try:
            yield from workers.outcomes()
        finally:
            workers.close()


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

    start_trackers()
    with held_back():
        files = Path(tempfile.mkdtemp(prefix="sweep-"))
        guard = Guard(files)
    try:
        SlotFiles(files, 0).training.write_bytes(dumps(training.for_workers()))
        yield House(files, guard, folder, training.isolation, training.loaded_from)
    finally:
        shutil.rmtree(files, ignore_errors=True)
        guard.end()
