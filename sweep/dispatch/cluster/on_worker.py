"""What runs on a worker of a cluster, called by its name: look at the brief, do a task, close the workplace."""

import multiprocessing
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from sweep.dispatch.cluster.messages import TOPIC, Answer, Glance, Likeness, Order
from sweep.dispatch.cluster.workplace import Workplace

SECONDS_TO_TELL = 10.0

_workplaces: dict[tuple[str, str], Workplace] = {}
"""By the addresses of the workers in this process, and the names of the dispatches that they work for."""


def look(glance: Glance) -> Likeness:
    """Take a brief, and return what this worker is like; what went wrong with that is an obstacle."""
    from distributed import get_worker

    brief, worker = glance.brief, get_worker()
    place = worker.address, brief.name
    try:
        _close(place)  # it was here before, and has been away
        may_start = not multiprocessing.current_process().daemon
        folder = Path(worker.local_directory)  # which Dask removes with it, or after it if it was killed
        on_idle = partial(_close, place)
        workplace = Workplace(brief, may_start=may_start, folder=folder, first=glance.first, on_idle=on_idle)
        _workplaces[place] = workplace
        return workplace.look()
    except Exception:
        return Likeness({}, {}, "", f"it cannot take the training: {traceback.format_exc().splitlines()[-1]}")


def do(order: Order) -> Answer:
    """Do a task, at least a part of it."""
    from distributed import get_worker

    workplace = _workplaces.get((get_worker().address, order.name))
    if workplace is None:
        return Answer(back=(order.task,), is_unknown=True)
    if not order.task.alone:
        return workplace.do(order, _whether_wanted())
    _announce("begun", order)
    answer = workplace.do(order, _whether_wanted())
    _announce("ended", order)
    return answer


def close(name: str, dask_worker: Any) -> None:
    """Close the workplace of a dispatch, beside what the worker does else."""
    _close((dask_worker.address, name))


def _close(place: tuple[str, str]) -> None:
    workplace = _workplaces.pop(place, None)
    if workplace is not None:
        threading.Thread(target=workplace.close, daemon=True, name="sweep close").start()


def _whether_wanted() -> Callable[[], bool]:
    """Return what tells whether the task of this thread is still wanted: the scheduler lets go of it if not."""
    from distributed import get_worker

    worker: Any = get_worker()
    key = worker.get_current_task()

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        is_open = worker.status.name in ("running", "paused")  # one that closes waits for its tasks
        return is_open and task is not None and task.state == "executing"

    return is_wanted


def _announce(action: str, order: Order) -> None:
    """Let the scheduler know that a task begins, before it may end this process, or has ended without doing so."""
    from distributed import get_worker
    from distributed.utils import sync

    worker: Any = get_worker()
    told = {"action": action, "sweep": order.name, "number": order.number}
    with suppress(Exception):  # it is not blamed then
        sync(worker.loop, worker.scheduler.log_event, topic=TOPIC, msg=told, callback_timeout=SECONDS_TO_TELL)
