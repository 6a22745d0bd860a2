"""A slot: one worker, which is a loky executor of its own with one process, so that ending it touches no other.

A slot starts its process with the first batch, and anew after each end. What follows from an end is not decided here.
"""

import contextlib
import os
import pickle
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from typing import Any

from sweep.dispatch.desk import UNSAFE_PATH, Answer, Setup, start_worker, work
from sweep.dispatch.families import end_families, end_session
from sweep.dispatch.fates import Call
from sweep.dispatch.files import SlotFiles, end_of, take_parts
from sweep.dispatch.house import CANNOT_START, House, cannot_start
from sweep.dispatch.interrupts import held_back
from sweep.dispatch.mark import NOTHING, Mark, MarkFile
from sweep.dispatch.tasks import Task
from sweep.terms.outcome import joined
from sweep.terms.reasons import ENDED_BY
from sweep.training.batch import Isolation

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)

THREADS_OF_A_SLOT = 3
"""In this process: two of loky's, and one that hears of the end of the worker."""

SLOT = "SWEEP_SLOT"
"""Stands in the environment of a worker and of what descends from it: the slot's files."""


class Slot:
    """One worker. `flying` are the batches that it has been given, in their order, each with its number."""

    def __init__(self, number: int, house: House) -> None:
        self.house = house
        self.files = SlotFiles(house.files, number)
        self.flying: deque[tuple[int, Task, Future[bytes]]] = deque()
        self.false_starts = 0
        self.n_given = 0
        """To the process that it has now."""
        self.given = 0.0
        """When the last batch was given, a time of `time.monotonic`."""
        self._executor: Any = None
        self._process: Any = None
        self._mark: MarkFile | None = None
        self._ending = threading.Event()
        self._n_starts = 0

    def give(self, number: int, task: Task) -> None:
        """Give a batch to the worker, and start it if there is none."""
        pickled = pickle.dumps(task.batch, protocol=5)
        with held_back():  # so that there is no process, and no batch in flight, that nobody knows of
            try:
                if self._executor is None:
                    self._executor = self._new_executor()
                future = self._executor.submit(work, number, pickled)
            except BrokenExecutor as error:
                future = Future()
                future.set_exception(error)
            except CANNOT_START as error:
                self._meet()
                self.end(for_good=True)
                raise cannot_start(error) from error
            self.flying.append((number, task, future))
            self.n_given += 1
            self.given = time.monotonic()
            if self._process is None:
                self._meet()

    @property
    def worker(self) -> int | None:
        """The id of its process, and of that one's session; None if there is none."""
        return self._process.pid if self._process is not None else None

    @property
    def mark(self) -> Mark:
        """What the worker is at, or was when it ended."""
        return (self._mark.read() if self._mark is not None else None) or NOTHING

    @property
    def run(self) -> Mark | None:
        """The run that the worker is at; None if it is between two."""
        mark = self.mark
        return mark if self.flying and mark.batch == self.flying[0][0] and mark.row >= 0 else None

    @property
    def is_loading(self) -> bool:
        """Whether the process has been given its first batch, and has not begun a run of it."""
        return bool(self.flying) and self.n_given == 1 and self.run is None and not self.has_landed

    @property
    def log(self) -> str:
        """The end of what the current run has printed."""
        return end_of(self.files.log) if self.house.isolation is not None else ""

    def end(self, *, for_good: bool = False) -> str:
        """End the worker with all that descends from it, and return how it ended, in words.

        Afterwards all that is flying has its result, or never will have one; `for_good` if nobody asks for them.
        """
        if self._executor is None:
            return ""
        self.kill()
        if self._process is not None and self.house.isolation is not None:
            end_families([self._process.pid], self._sign)
        # loky's thread sleeps for a twentieth of a second, or two, over the process that it finds dead
        self._executor.shutdown(wait=not (for_good and self._has_died()))
        return self._forget()

    def _has_died(self) -> bool:
        """Wait for the end of the process, which has been told to; return whether that was possible."""
        if self._process is not None and hasattr(os, "waitid"):
            with contextlib.suppress(ChildProcessError):  # loky was quicker
                os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
            return True
        return False

    def _new_executor(self) -> Any:
        from loky import ProcessPoolExecutor

        _try_threads()
        if self._mark is None:
            self._mark = MarkFile(self.files.mark)
        self._mark.clear()
        self._ending = threading.Event()
        self._n_starts += 1
        isolated = self.house.isolation is not None
        setup = Setup(self.files, os.getpid(), self.house.results, isolated)
        return ProcessPoolExecutor(
            max_workers=1, timeout=None, initializer=start_worker, initargs=(setup,), env=self._environment
        )

    @property
    def _environment(self) -> dict[str, str]:
        isolation = self.house.isolation or Isolation()
        found = dict.fromkeys(THREADS, str(isolation.threads))
        found[SLOT] = self._sign.partition("=")[2]
        if self.house.isolation is not None:
            found["PYTHONDONTWRITEBYTECODE"] = "1"  # of a user's modules, which he may edit within a second
        if isolation.devices:
            found["CUDA_VISIBLE_DEVICES"] = str(isolation.devices[self.files.number % len(isolation.devices)])
        if (
            "PYTHONSAFEPATH" not in os.environ
        ):  # the module `random` is not a file of that name in this folder
            found |= {"PYTHONSAFEPATH": "1", UNSAFE_PATH: "1"}
        return found

    def _meet(self) -> None:
        """Take note of the process that has just been started, and leave its ends of the pipes to it.

        Where this process holds them too, it would wait for ever for the rest of what a worker that died was
        sending, or for it to take what it was being sent.
        """
        if self._executor is None:
            return
        self._process = next(iter(self._executor._processes.values()), None)
        if self._process is not None:
            self.house.guard.watch(self._process.pid)
            if self.house.isolation is not None and hasattr(os, "waitid"):
                hearing = (self._process.pid, self._sign, self._ending)
                with contextlib.suppress(RuntimeError):  # no thread is to be had
                    threading.Thread(target=_hear, args=hearing, daemon=True).start()
        for queue, end in (("_call_queue", "_reader"), ("_result_queue", "_writer")):
            with contextlib.suppress(AttributeError):
                getattr(getattr(self._executor, queue), end).close()

    @property
    def _sign(self) -> str:
        return f"{SLOT}={self.files.folder}{os.sep}{self.files.number}.{self._n_starts}."

    def _forget(self) -> str:
        process, self._process, self._executor, self.n_given = self._process, None, None, 0
        if process is None:
            return "its process could not be started"
        self.house.guard.forget(process.pid)
        return _how_it_ended(process.exitcode)

    @property
    def has_landed(self) -> bool:
        """Whether the first of what is flying has come back, or never will."""
        return bool(self.flying) and self.flying[0][2].done()

    @property
    def is_broken(self) -> bool:
        """Whether its process has died with something in flight."""
        return any(_is_broken(future) for _, _, future in self.flying)

    def land(self) -> Iterator[Call]:
        """Yield what has come back, in the order in which it was given; a worker that is broken has to be ended."""
        while self.has_landed:
            number, task, future = self.flying.popleft()
            parts = list(take_parts(self.files.parts(number)))
            failure = future.exception()
            if failure is not None:
                error = None if _is_broken(future) else "".join(traceback.format_exception(failure))
                yield Call(number, task, joined(parts), error)
                continue
            answer: Answer = pickle.loads(future.result())
            parts += [answer.last] if answer.last is not None else []
            yield Call(number, task, joined(parts), answer.error)

    def kill(self) -> None:
        """Tell the worker to end, and do not wait for it."""
        self._ending.set()
        if self._process is not None:
            end_session(self._process.pid)

    def close(self) -> None:
        """Let go of the mark; the worker has ended."""
        if self._mark is not None:
            self._mark.close()


def _hear(worker: int, sign: str, ending: threading.Event) -> None:
    """Wait for a worker to die, and end what it has forked then, unless its slot is ending all of it already.

    A fork holds the pipes open by whose end loky hears of the death.
    """
    with contextlib.suppress(OSError):
        os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)
        if not ending.is_set():
            end_session(worker)
            end_families([worker], sign)


def _is_broken(future: "Future[bytes]") -> bool:
    return future.done() and isinstance(future.exception(), BrokenExecutor)


def _how_it_ended(code: int | None) -> str:
    if code is None:
        return "its process died"
    if code >= 0:
        return f"its process ended itself with exit code {code}"
    with contextlib.suppress(ValueError):
        return f"{ENDED_BY}{signal.Signals(-code).name}"
    return f"{ENDED_BY}signal {-code}"


def _try_threads() -> None:
    """Raise a RuntimeError if the threads of an executor are not to be had: loky would tell it by a traceback."""
    done = threading.Event()
    threads = [threading.Thread(target=done.wait, daemon=True) for _ in range(THREADS_OF_A_SLOT)]
    try:
        for thread in threads:
            thread.start()
    finally:
        done.set()
