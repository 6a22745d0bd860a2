"""The worker's side: it trains one batch after another, and says what it is at.

Whatever goes wrong with a batch is part of the answer. Nothing that a training raises or gives travels as an object
that could not be pickled, so that no training ends its worker by what it returns.
"""

import faulthandler
import gc
import io
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from sweep.dispatch.files import SlotFiles, end_of, write_part
from sweep.dispatch.mark import MarkFile
from sweep.terms.outcome import Outcome
from sweep.training.batch import Batch, BatchTrainer, Desk
from sweep.training.checked import train_checked

DUMP_SIGNAL: int = getattr(signal, "SIGUSR2", 0)
"""Makes an isolated worker write to its log where it is, whatever it is doing; 0 if there is no such signal."""

UNSAFE_PATH = "SWEEP_UNSAFE_PATH"
"""Stands in a worker's environment if `PYTHONSAFEPATH` is to be taken out of it again."""


class Setup(NamedTuple):
    """What a worker is told at its start: `parent` is a process id, and `folder` that of the results."""

    files: SlotFiles
    parent: int
    folder: Path | None
    is_isolated: bool


class Answer(NamedTuple):
    """What came of a batch.

    `last` is the outcome of its last trajectories. Those before it are in the file of parts, and may be all there are,
    if the training ended early or raised: then `error` is the traceback.
    """

    last: Outcome | None
    error: str


class WorkerDesk(Desk):
    """The desk of a worker whose runs are kept apart: the parent can see which one is being trained."""

    def __init__(self, setup: Setup) -> None:
        self.folder = setup.folder
        self.files = setup.files
        self.is_isolated = setup.is_isolated
        self.mark = MarkFile(setup.files.mark)
        self.batch = -1
        self._log = _to_log(setup.files.log) if setup.is_isolated else -1
        self._streams = sys.stdout, sys.stderr
        self._working_folder, self._process = os.getcwd(), os.getpid()
        self._trainer: BatchTrainer | None = None

    @property
    def trainer(self) -> BatchTrainer:
        """What trains; it is loaded with the first batch, which fails if that fails."""
        if self._trainer is None:
            self._trainer = pickle.loads(self.files.training.read_bytes())
        return self._trainer

    def open(self, batch: int) -> None:
        """Begin a batch, with none of its runs begun."""
        self.batch = batch
        self.mark.write(batch, -1, 0)

    def begin(self, row: int, n: int = 1) -> None:
        """Set the mark, and begin a new log."""
        if self.is_isolated:
            self._restore()
            if os.lseek(self._log, 0, os.SEEK_CUR):  # it is where the last one ended who wrote there
                os.ftruncate(self._log, 0)
                os.lseek(self._log, 0, os.SEEK_SET)
            self.mark.write(self.batch, row, n)

    def end(self) -> None:
        """End a process that a run has forked: it must not answer for the run."""
        if os.getpid() != self._process:
            os._exit(0)

    def printed(self) -> str:
        """Return the end of what was printed since the run began."""
        if not self.is_isolated:
            return ""
        for stream in (sys.stdout, *self._streams):
            with suppress(Exception):  # a run may have closed it, or put anything in its place
                stream.flush()
        return end_of(self.files.log)

    def _restore(self) -> None:
        """Undo what the last run has done to the process as a whole: to its streams and its working folder."""
        if not self._prints_to_log():
            self._log = _to_log(self.files.log)
            self._streams = sys.stdout, sys.stderr
        with suppress(OSError):
            if os.getcwd() != self._working_folder:
                os.chdir(self._working_folder)

    def _prints_to_log(self) -> bool:
        if (sys.stdout, sys.stderr) != self._streams or any(stream.closed for stream in self._streams):
            return False
        try:
            self._streams[0].flush()
            log = os.fstat(self._log).st_ino
            return os.fstat(1).st_ino == log and os.fstat(2).st_ino == log
        except OSError:  # it has closed what it did not open
            return False


_desk: WorkerDesk


def start_worker(setup: Setup) -> None:
    """Make this process a worker: in a session of its own, that a Ctrl-C in a terminal does not reach.

    If that fails, the process ends with the reason in its log, and not with a traceback of loky's on the terminal.
    """
    try:
        _become_worker(setup)
    except Exception:
        with suppress(OSError):
            setup.files.log.write_text(traceback.format_exc(), encoding="utf-8")
        os._exit(1)


def _become_worker(setup: Setup) -> None:
    global _desk
    if hasattr(os, "setsid"):
        os.setsid()
    _keep_to_itself()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):  # it was held back while this process started
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if os.environ.pop(UNSAFE_PATH, None):
        os.environ.pop("PYTHONSAFEPATH", None)
    # what a run starts by multiprocessing does not know loky's way of starting processes
    multiprocessing.set_start_method(None, force=True)
    with suppress(RuntimeError):  # no thread is to be had; the guard watches too
        threading.Thread(target=_watch, args=(setup.parent,), daemon=True).start()
    _keep_worker()
    _desk = WorkerDesk(setup)
    gc.freeze()  # loky collects garbage after a batch, and what has been imported is none


def work(number: int, pickled: bytes) -> bytes:
    """Train a batch and return the answer, both pickled."""
    last, error = None, ""
    try:
        _desk.open(number)
        batch: Batch = pickle.loads(pickled)
        done = 0
        for outcome in train_checked(_desk.trainer, batch, _desk):
            done += len(outcome)
            if done == len(batch):
                last = outcome
            else:
                write_part(_desk.files.parts(number), outcome)
    except BaseException:  # SystemExit and KeyboardInterrupt are the training's own: it is no Ctrl-C
        last, error = None, traceback.format_exc()
    _desk.end()
    return pickle.dumps(Answer(last, error), protocol=5)


def _watch(parent: int) -> None:
    """End this process when the parent has gone; see `guard` for where this thread does not come to run."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _keep_to_itself() -> None:
    """Let no program that a run starts have the ends of this process's pipes: its end is seen by that of the last one.

    A fork has them too, and is found by its environment; a program may have another one.
    """
    with suppress(OSError):
        for name in os.listdir("/dev/fd"):
            with suppress(OSError):
                os.set_inheritable(int(name), int(name) <= 2)


def _keep_worker() -> None:
    """Keep loky from ending a worker, with a warning, whose memory has grown: trainings may take what they need."""
    from loky import process_executor

    if hasattr(process_executor, "_MAX_MEMORY_LEAK_SIZE"):
        process_executor._MAX_MEMORY_LEAK_SIZE = sys.maxsize


def _to_log(path: Path) -> int:
    """Send all that this process and its descendants print to a file; return that file's descriptor."""
    log = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    os.dup2(log, 1)
    os.dup2(log, 2)
    # By lines, so that little is lost of a run that is ended; what goes to stderr is written at once.
    out, err = io.FileIO(1, "wb", closefd=False), io.FileIO(2, "wb", closefd=False)
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(out), "utf-8", "backslashreplace", line_buffering=True)
    sys.stderr = io.TextIOWrapper(cast(BinaryIO, err), "utf-8", "backslashreplace", write_through=True)
    faulthandler.enable(log)
    if DUMP_SIGNAL:
        faulthandler.register(DUMP_SIGNAL, log, all_threads=False)
    return log
