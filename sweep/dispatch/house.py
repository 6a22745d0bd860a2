"""What the workers of one dispatch share: their folder, their guard, and what is trained."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sweep.dispatch.files import SlotFiles
from sweep.dispatch.guard import Guard
from sweep.dispatch.interrupts import held_back, masked
from sweep.dispatch.leftovers import held_folder, remove_leftovers
from sweep.errors import WorkersError, error_line, has_working_folder
from sweep.training.batch import BatchTrainer, Isolation

CANNOT_START = (OSError, RuntimeError, ImportError, MemoryError)
"""What is raised where there are no semaphores, or the system gives no process, thread or memory."""


@dataclass(frozen=True)
class House:
    """What the slots of one dispatch share: their files, their guard, the folder of the results.

    `loaded` says in words what workers load before their first run.
    """

    files: Path
    guard: Guard
    results: Path | None
    isolation: Isolation | None
    loaded: str = "the training"


@contextlib.contextmanager
def open_house(
    trainer: BatchTrainer, results: Path | None, isolation: Isolation | None, loaded: str
) -> Iterator[House]:
    """Give the files and the guard of a dispatch, and take both away. Raises `WorkersError` if there are none."""
    from loky.backend.reduction import dumps  # by cloudpickle, if need be

    with contextlib.ExitStack() as at_last, contextlib.ExitStack() as stack:
        try:
            start_trackers()
            remove_leftovers()
            with held_back():
                files = stack.enter_context(held_folder())
                guard = Guard(files)
                at_last.callback(guard.end)  # when the folder has gone: then it has nothing to do
        except CANNOT_START as error:
            raise cannot_start(error) from error
        SlotFiles(files, 0).training.write_bytes(dumps(trainer))
        yield House(files, guard, results, isolation, loaded)


def cannot_start(error: BaseException) -> WorkersError:
    """Return what is told of an error of `CANNOT_START`."""
    needs = "workers need semaphores (/dev/shm), processes (ulimit -u) and memory (ulimit -v)"
    remedy = f": {needs}" if has_working_folder() else ""
    return WorkersError(f"no worker process can be started ({error_line(error)}){remedy}")


def start_trackers() -> None:
    """Start the processes that track loky's resources: each ends any holding back of Ctrl-C as it starts.

    They outlive a terminal that is closed, to take away what was not, as they do a Ctrl-C.
    """
    from multiprocessing import resource_tracker

    from loky.backend import resource_tracker as loky_resource_tracker

    with _environment(PYTHONSAFEPATH="1", PYTHONWARNINGS="ignore:resource_tracker"), masked("SIGHUP"):
        if sys.platform != "win32":
            resource_tracker.ensure_running()
        loky_resource_tracker.ensure_running()


@contextlib.contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Let processes that are started meanwhile have some variables, as far as they are not set already.

    By these they find Python's own modules, and not files in the current folder, and say nothing of what they take away
    when this process has been killed.
    """
    added = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
