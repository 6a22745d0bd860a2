"""Where batches are trained: in this process, or in processes of loky. Both are `concurrent.futures` executors."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

SECONDS_TO_START_WORKERS = 1.0
"""About what it takes until worker processes are up and have imported numpy."""

SECONDS_TO_WAIT_FOR_WORKERS = 10.0

MOST_STARTS = 3
"""How often it is tried to start workers, if they die before their first batch."""

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


class InProcess(Executor):
    """Runs each call at once, in the caller's thread: easy to debug, and the fastest for small sweeps."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Call the function and return its outcome as a future that is already done."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # a failing batch is a value; KeyboardInterrupt passes through
            future.set_exception(error)
        return future


@dataclass(frozen=True)
class Pool:
    """How executors are made, made again after a worker died, and ended.

    `prepare` is called before each `start`; `window` is how many batches are in flight. `stop` ends an executor,
    whatever its workers are doing, and waits until they are gone; it is given the futures that are not done yet.
    """

    start: Callable[[], Executor]
    window: int
    workers: int
    prepare: Callable[[], None] = lambda: None
    stop: Callable[[Executor, Iterable["Future[Any]"]], None] = lambda _executor, _flying: None


def in_process() -> Pool:
    """Return the pool that trains in this process."""
    return Pool(InProcess, window=1, workers=1)


def processes(workers: int) -> Pool:
    """Return a pool of loky processes, each on one thread."""
    # Two batches a worker: one in training, one waiting, so that no worker waits for this process to store results.
    return Pool(
        lambda: _loky(workers), window=2 * workers, workers=workers, prepare=_start_trackers, stop=_stop_loky
    )


def choose_pool(workers: int, n_batches: int, seconds: float) -> Pool:
    """Return the pool that is expected to finish first, for work that takes `seconds` on one core."""
    useful = min(workers, n_batches)
    saved = seconds - seconds / max(1, useful)
    return in_process() if saved <= SECONDS_TO_START_WORKERS else processes(useful)


def _stop_loky(executor: Executor, flying: Iterable["Future[Any]"]) -> None:
    # loky's managing thread fails on a batch that it has not yet taken over when it is told to kill its workers.
    patience = time.monotonic() + 1.0
    while not all(future.running() or future.done() for future in flying) and time.monotonic() < patience:
        time.sleep(0.001)
    kill: dict[str, Any] = {"kill_workers": True}  # an extension of loky
    executor.shutdown(wait=True, **kill)


def _start_trackers() -> None:
    """Start the processes that track loky's resources: each ends any holding back of Ctrl-C as it starts."""
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as loky_resource_tracker

    resource_tracker.ensure_running()
    loky_resource_tracker.ensure_running()


def _loky(workers: int) -> Executor:
    from joblib.externals.loky import get_reusable_executor

    for tries_left in reversed(range(MOST_STARTS)):
        executor: Executor = get_reusable_executor(
            max_workers=workers, initializer=_start_worker, initargs=(os.getpid(),), env=ONE_THREAD
        )
        try:
            _wait_for_all(executor, workers)
            break
        except BrokenExecutor:  # a worker was killed before it had anything to do
            if not tries_left:
                raise
    return executor


def _wait_for_all(executor: Executor, workers: int) -> None:
    """Wait until every worker is up: one that is stopped while it starts would die with a traceback."""
    with tempfile.TemporaryDirectory() as register:
        for future in [executor.submit(_check_in, register, workers) for _ in range(workers)]:
            future.result()


def _check_in(register: str, workers: int) -> None:
    """Keep this worker busy until as many workers have checked in, so that each gets one of these calls."""
    Path(register, str(os.getpid())).touch()
    patience = time.monotonic() + SECONDS_TO_WAIT_FOR_WORKERS
    while len(os.listdir(register)) < workers and time.monotonic() < patience:
        time.sleep(0.002)


def _start_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end when the parent has gone (killed with -9, it cannot say so)."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # `held_back` has done so already where there are signal masks

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
