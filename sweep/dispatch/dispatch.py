"""Batches → outcomes, in this process, by workers, or by a cluster: no run is lost with another one."""

import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from sweep.dispatch.cluster.connection import Cluster, beside
from sweep.dispatch.fates import Call, finished, unfinished
from sweep.dispatch.house import open_house
from sweep.dispatch.interrupts import interruptible
from sweep.dispatch.mark import NOTHING
from sweep.dispatch.pool import Pool
from sweep.dispatch.tasks import Queue
from sweep.dispatch.workers import Workers
from sweep.errors import WorkersError
from sweep.terms.outcome import Outcome
from sweep.training.batch import Batch, Desk
from sweep.training.checked import train_checked
from sweep.training.kind import Training


def dispatch(
    batches: Iterator[Batch],
    training: Training,
    pool: Pool,
    folder: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Generator[tuple[Batch, Outcome], None, None]:
    """Yield every trajectory with its outcome as soon as that is there: parts of batches, in no particular order.

    What raised, ended its process or went past its limits has an outcome too, which says so, and costs no other
    trajectory its own. Without isolation a batch is trained as a whole, and its trajectories share such a fate.
    `folder` is that of the results; `tell` is called with lines for the user. No process is left behind, also if the
    caller stops early.

    Where no worker process can be started, or none gets to training, this process trains, and says so in a note.

    Raises a `WorkersError` there if the runs have to be isolated, and always if it is a cluster that is lost.
    """
    queue = Queue(batches)
    if pool.here:
        yield from _here(queue, training, folder)
        return
    if pool.cluster is not None:
        yield from _by_cluster(queue, training, pool, pool.cluster, folder, tell)
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
    trainer, isolation, loaded = training.for_workers(), training.isolation, training.loaded_from
    with (
        open_house(trainer, folder, isolation, loaded) as house,
        closing(Workers(queue, house, workers)) as crew,
    ):
        yield from crew.outcomes()


def _by_cluster(
    queue: Queue,
    training: Training,
    pool: Pool,
    cluster: Cluster,
    folder: Path | None,
    tell: Callable[[str], None],
) -> Generator[tuple[Batch, Outcome], None, None]:
    if queue.is_empty:
        return
    # Imported here, since nobody else is to wait for what is asynchronous.
    from sweep.dispatch.cluster.brief import brief_of
    from sweep.dispatch.cluster.crew import ClusterCrew

    brief = brief_of(training, pool.examples, folder, cluster.threads, tell)
    with beside(cluster) as own, closing(ClusterCrew(queue, own, brief, tell)) as crew:
        yield from crew.outcomes()


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
