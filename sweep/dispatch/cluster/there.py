"""What runs on a worker of a cluster, called by its name: look at the brief, do a task, close the shop."""

import multiprocessing
import threading
import traceback
from collections.abc import Callable
from typing import Any

from sweep.dispatch.cluster.notes import Answer, Brief, Likeness, Order
from sweep.dispatch.cluster.shop import Shop

_shops: dict[str, Shop] = {}
"""By the names of the dispatches that this process works for."""


def look(brief: Brief) -> Likeness:
    """Take a brief, and return what this worker is like; what went wrong with that is an obstacle."""
    try:
        close(brief.name)  # it was here before, and has been away
        shop = Shop(brief, may_start=not multiprocessing.current_process().daemon)
        _shops[brief.name] = shop
        return shop.look()
    except Exception:
        return Likeness({}, {}, "", f"it cannot take the training: {traceback.format_exc().splitlines()[-1]}")


def do(order: Order) -> Answer:
    """Do a task, at least a part of it."""
    shop = _shops.get(order.name)
    if shop is None:
        return Answer(back=(order.task,), is_unknown=True)
    return shop.do(order, _whether_wanted())


def close(name: str) -> None:
    """Close a shop, beside what the worker does else."""
    shop = _shops.pop(name, None)
    if shop is not None:
        threading.Thread(target=shop.close, daemon=True, name="sweep close").start()


def _whether_wanted() -> Callable[[], bool]:
    """Return what tells whether the task of this thread is still wanted: the scheduler lets go of it if not."""
    from distributed import get_worker

    worker: Any = get_worker()
    key = worker.get_current_task()

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    return is_wanted
