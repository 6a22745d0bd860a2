"""A second process beside a command, which imports what draws figures while this one reads, trains and writes tables.

Of a small sweep that is the half. It is a help and no more: what it has not drawn, for whatever reason, is drawn here.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from sweep.at_once import Command

WHAT_DRAWS = "sweep.report.pages.beside"
"""The module that is run there: it reads one question, and writes answers, all of them pickled."""

_now: ContextVar["Aside | None"] = ContextVar("aside", default=None)


class Aside:
    """The second process, as this one sees it."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", WHAT_DRAWS]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self._process: Any = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing)
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self._talking: Thread | None = None
        self._has_ended = False

    def ask(self, question: object) -> None:
        """Hand over what is asked, once; what cannot be pickled is not."""
        with suppress(Exception):
            pickled = pickle.dumps(question, protocol=5)
            talking = Thread(target=self._talk, args=(pickled,), name="sweep aside", daemon=True)
            talking.start()
            self._talking = talking

    def answer(self, *, wait: bool = False) -> Any:
        """Return the next answer; None if there is none yet, or with `wait` if there will be none."""
        if self._talking is None or self._has_ended:
            return None
        with suppress(Empty):
            answer = self._answers.get(block=wait)
            self._has_ended = answer is None
            return answer
        return None

    def end(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
        if self._talking is not None:
            self._talking.join()
        with suppress(OSError):  # it has not read all that it was asked
            self._process.stdin.close()
        self._process.stdout.close()

    def _talk(self, question: bytes) -> None:
        with suppress(Exception):  # it has ended
            self._process.stdin.write(question)
            self._process.stdin.flush()
            while True:
                self._answers.put(pickle.load(self._process.stdout))
        self._answers.put(None)


@contextmanager
def drawing_aside() -> Iterator[None]:
    """Have a second process meanwhile, if a core is idle, and this is a command, which has all imports before it."""
    aside = _started() if Command.is_one and sys.executable and _has_idle_core() else None
    before = _now.set(aside)
    try:
        yield
    finally:
        _now.reset(before)
        if aside is not None:
            aside.end()


def aside() -> Aside | None:
    """Return the second process, if there is one."""
    return _now.get()


def _started() -> Aside | None:
    with suppress(OSError):  # the system gives no process
        return Aside()
    return None


def _has_idle_core() -> bool:
    """Tell whether a core has nothing to do at the moment, as far as the system says (Linux)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        with open("/proc/loadavg", encoding="ascii") as file:
            n_running = int(file.read().split()[3].partition("/")[0])
    except (OSError, ValueError, IndexError):
        n_running = 1  # this one
    return n_running < cores
