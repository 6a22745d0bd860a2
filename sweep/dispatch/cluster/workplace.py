"""Where a worker of a cluster does its tasks: in its own threads, or, of code that is not ours, in slots.

A slot is a process of its own, with all that `sweep.dispatch` does on one machine: limits of time and memory, exact
blame, retries. A task is ended when nobody wants its answer any more: then it was cancelled, or who asked has gone.
"""

import ctypes
import pickle
import shutil
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import ExitStack, suppress
from dataclasses import replace
from multiprocessing.util import Finalize
from pathlib import Path
from queue import LifoQueue

from sweep.dispatch.cluster import code_archive
from sweep.dispatch.cluster.likeness import likeness
from sweep.dispatch.cluster.messages import Answer, Brief, Likeness, Order
from sweep.dispatch.fates import Call, finished, unfinished
from sweep.dispatch.house import House, open_house
from sweep.dispatch.mark import NOTHING
from sweep.dispatch.tasks import Queue, Task
from sweep.dispatch.workers import Workers
from sweep.errors import WorkersError, error_line
from sweep.terms.outcome import Outcome
from sweep.training.batch import Batch, BatchTrainer, Desk
from sweep.training.checked import train_checked

SECONDS_BETWEEN_LOOKS = 0.2
"""At whether the answer of a task is still wanted."""
SECONDS_TO_END = 1.0
"""So long a task may take to end that nobody wants; then it is left to itself."""
SECONDS_TO_IDLE = 120.0
"""After so long without a task a workplace is closed: who asked may have been killed. The next task finds none."""

DAEMON = (
    "it may start no processes, which the runs of a function need: start it with "
    "DASK_DISTRIBUTED__WORKER__DAEMON=False in its environment or without a nanny (`dask worker --no-nanny`), or, of a "
    'LocalCluster, say dask.config.set({"distributed.worker.daemon": False}) before it is made'
)


class Workplace:
    """What a worker has for one dispatch, in a folder of its own where Dask tidies up after it.

    `first` is the first of the numbers of its slots, by which they have their devices. `on_idle` is called when there
    has been nothing to do for long, and closes it.
    """

    def __init__(
        self,
        brief: Brief,
        *,
        may_start: bool,
        folder: Path | None = None,
        first: int = 0,
        on_idle: Callable[[], object] | None = None,
    ) -> None:
        self.brief = brief
        self.first = first
        self.folder = folder
        self.may_start = may_start
        self.trainer: BatchTrainer = pickle.loads(brief.trainer)
        self._code: Path | None = None
        self._benches: LifoQueue[Workers] = LifoQueue()
        self._house: House | None = None
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._n_benches = self._n_busy = 0
        self._last_busy = time.monotonic()
        self._is_closed = threading.Event()
        self._on_idle = on_idle or self.close
        # a worker that ends waits for its processes, whether they are about to end or not
        self._at_exit = Finalize(None, self.close, exitpriority=10)
        threading.Thread(target=self._watch, daemon=True, name="sweep idle").start()

    def look(self) -> Likeness:
        """Unpack the code, and return what this worker is like."""
        brief, code = self.brief, dict[str, str]()
        if brief.code:
            folder = self._code = Path(tempfile.mkdtemp(prefix="sweep-code-", dir=self.folder))
            code_archive.unpack(brief.code, folder)
            code = code_archive.arrived(brief.code, folder)
            self.trainer = self.trainer.moved(folder)
        obstacle = self._obstacle()
        return Likeness({}, {}, "", obstacle) if obstacle else likeness(brief, self.trainer, code)

    def do(self, order: Order, is_wanted: Callable[[], bool]) -> Answer:
        """Do a task, at least a part of it; whatever goes wrong is part of the answer."""
        with self._lock:
            self._n_busy += 1
        try:
            work = self._in_a_slot if self.brief.isolation is not None else self._in_a_thread
            return work(order, is_wanted)
        except Exception as error:  # its disk is full, say
            if self._is_closed.is_set():
                return Answer(back=(order.task,), is_unknown=True)
            why = str(error) if isinstance(error, WorkersError) else f"it cannot train ({error_line(error)})"
            return Answer(back=(order.task,), failure=why)
        finally:
            with self._lock:
                self._n_busy -= 1
                self._last_busy = time.monotonic()

    def close(self) -> None:
        """End all processes, and take away the code."""
        self._is_closed.set()
        self._at_exit.cancel()
        patience = time.monotonic() + SECONDS_TO_END
        while self._n_busy and time.monotonic() < patience:  # what was cancelled ends by itself
            time.sleep(0.01)
        with self._lock:
            self._stack.close()
        if self._code is not None:
            shutil.rmtree(self._code, ignore_errors=True)

    def _obstacle(self) -> str:
        if self.brief.isolation is not None and not self.may_start:
            return DAEMON
        results = self.brief.results
        if self.brief.keeps_files and (results is None or not results.is_dir()):
            return f"it does not see {results}, where runs keep files: put that on a disk that all share"
        return ""

    def _in_a_thread(self, order: Order, is_wanted: Callable[[], bool]) -> Answer:
        desk, task = Desk(), order.task
        desk.folder = self.brief.results
        found: list[Outcome] = []

        def train() -> str:
            try:
                found.extend(train_checked(self.trainer, task.batch, desk))
            except BaseException:  # a failing batch is a value, and one that would leave is no more
                return traceback.format_exc()
            return ""

        error = _wanted(train, is_wanted, _interrupt)
        call = Call(0, task, found, error or "")
        fate = finished(call)
        if call.n_done < len(task):
            fate += unfinished(call, NOTHING)
        return Answer(
            tuple((part.batch, self._at_home(outcome)) for part, outcome in fate.outcomes), tuple(fate.back)
        )

    def _in_a_slot(self, order: Order, is_wanted: Callable[[], bool]) -> Answer:
        bench = self._bench()
        queue = _Once(order.task, self.brief.seconds)
        bench.queue, bench.innocent, bench.failure = queue, order.innocent, None
        found: list[tuple[Batch, Outcome]] = []

        def train() -> str:
            try:
                found.extend(bench.outcomes())
            except WorkersError as error:
                return str(error)
            finally:
                self._benches.put(bench)
            return ""

        def end(_: threading.Thread) -> None:
            queue.is_over = True
            bench.kill()

        failure = _wanted(train, is_wanted, end)
        if failure is None:
            return Answer()
        told = tuple((part, self._at_home(outcome)) for part, outcome in found)
        return Answer(told, tuple(queue.rest()), bench.innocent - order.innocent, failure)

    def _at_home(self, outcome: Outcome) -> Outcome:
        """Return an outcome in whose reasons files are named by where the user has them."""
        if self._code is None or not outcome.reasons:
            return outcome
        here, there = str(self._code), str(self.brief.folder)
        return replace(
            outcome, reasons={row: why.replace(here, there) for row, why in outcome.reasons.items()}
        )

    def _bench(self) -> Workers:
        """Return a slot with its loop, to be put back among the benches."""
        with self._lock:
            if self._is_closed.is_set():
                raise WorkersError("it was told to leave")
            if self._house is None:
                self._house = self._stack.enter_context(
                    open_house(self.trainer, self.brief.results, self.brief.isolation, self.brief.loaded)
                )
            if self._benches.empty():
                bench = Workers(Queue(iter(())), self._house, 1, first=self.first + self._n_benches)
                self._n_benches += 1
                self._stack.callback(bench.close)
                return bench
            return self._benches.get()

    def _watch(self) -> None:
        """Have it closed when there has been nothing to do for long."""
        while not self._is_closed.wait(SECONDS_TO_IDLE / 10):
            with self._lock:
                is_idle = not self._n_busy and time.monotonic() - self._last_busy > SECONDS_TO_IDLE
            if is_idle:
                self._on_idle()
                return


class _Once(Queue):
    """One task, and what was put back of it, until so many seconds are over."""

    def __init__(self, task: Task, seconds: float) -> None:
        super().__init__(iter(()))
        self.put_back([task])
        self.is_over = False
        self.seconds = seconds
        self._started: float | None = None

    def next(self, most: int | None = None) -> Task | None:
        """Return what is to be trained next, if there is time for it."""
        now = time.monotonic()
        if self.is_over or (self._started is not None and now - self._started > self.seconds):
            return None
        self._started = self._started or now
        return super().next(most)

    def rest(self) -> Iterator[Task]:
        """Yield what is left."""
        while (task := super().next()) is not None:
            yield task


def _wanted(
    work: Callable[[], str], is_wanted: Callable[[], bool], end: Callable[[threading.Thread], object]
) -> str | None:
    """Do work beside this thread, and return what comes of it; None if it was ended, since nobody wanted it."""
    future: Future[str] = Future()

    def do() -> None:
        with suppress(BaseException):  # it is told to end, and has ended
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

    thread = threading.Thread(target=do, name="sweep work", daemon=True)
    thread.start()
    while not wait([future], SECONDS_BETWEEN_LOOKS).done:
        if not is_wanted():
            end(thread)
            wait([future], SECONDS_TO_END)
            return None
    thread.join()
    return future.result()


def _interrupt(thread: threading.Thread) -> None:
    """Raise a KeyboardInterrupt in a thread, as soon as it is in Python's code."""
    if not thread.is_alive():  # another one may have its number by now
        return
    told = ctypes.c_ulong(thread.ident or 0), ctypes.py_object(KeyboardInterrupt)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(*told)
