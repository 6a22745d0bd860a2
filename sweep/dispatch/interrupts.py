"""Ctrl-C: once, for the parent alone. Workers never see it, and what it starts is not interrupted by another one."""

import atexit
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

SECONDS_TO_HEAR = 0.1
"""After so long a Ctrl-C is heard at the latest."""
SECONDS_TO_END = 0.3
"""So long a Ctrl-C waits for work to end."""
SECONDS_TO_END_AT_EXIT = 10.0
"""So long the end of the process waits for it, unless it ends by `end_if_work_is_left`."""

_left: "list[Future[Any]]" = []


@contextmanager
def only_once() -> Iterator[None]:
    """Let the first Ctrl-C raise KeyboardInterrupt, and ignore further ones until the end of the block.

    So that what the first one sets off, storing and ending processes, runs to its end. Outside of the main thread, or
    where somebody else handles the signal, nothing is changed.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class Ended:
    """Which signal a process was told to end by: SIGINT, which is Ctrl-C, if no other one came."""

    by: int = signal.SIGINT


@contextmanager
def ended_as_by_ctrl_c() -> Iterator[Ended]:
    """Let SIGTERM and SIGHUP do until the end of the block what Ctrl-C does, once, unless they are ignored."""
    ended = Ended()
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    soft = [number for name in names if signal.getsignal(number := signal.Signals[name]) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        yield ended
        return
    before = signal.getsignal(signal.SIGINT)

    def end(number: int, frame: FrameType | None) -> None:
        for one in soft:
            signal.signal(one, signal.SIG_IGN)
        ended.by = number
        handler = signal.getsignal(signal.SIGINT)
        if callable(handler):
            handler(signal.SIGINT, frame)

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        if ended.by != signal.SIGINT:
            raise KeyboardInterrupt

    if before is signal.SIG_IGN:  # a job in the background: a Ctrl-C is not meant for it
        signal.signal(signal.SIGINT, interrupt)
    for one in soft:
        signal.signal(one, end)
    try:
        yield ended
    finally:
        if before is signal.SIG_IGN:
            signal.signal(signal.SIGINT, before)
        for one in soft:
            signal.signal(one, signal.SIG_DFL)


def interruptible(work: Callable[[], T], *, is_told: bool = True) -> T:
    """Do work, and return or raise what comes of it, so that Ctrl-C is answered at once whatever it is doing.

    Compiled code does not look for a Ctrl-C, and a compiler swallows it. So the work is done beside the main thread,
    which waits; after a Ctrl-C the work is told, by the same exception, to end as soon as it is in Python code, unless
    it comes to its end soon and could print that exception instead. It is left to itself if that takes longer.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    future: Future[T] = Future()

    def do() -> None:
        with suppress(BaseException):  # a Ctrl-C that comes when the work has ended
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

    thread = threading.Thread(target=do, name="sweep work", daemon=True)
    thread.start()
    try:
        # again and again: where another thread takes the signal, this one goes on waiting, and does not hear of it
        while not wait([future], SECONDS_TO_HEAR).done:
            pass
        return future.result()
    except KeyboardInterrupt:
        if is_told and not future.done():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident or 0), ctypes.py_object(KeyboardInterrupt)
            )
        if not wait([future], SECONDS_TO_END).done:
            _left.append(future)
            atexit.register(wait, [future], SECONDS_TO_END_AT_EXIT)
        raise


def end_if_work_is_left(code: int) -> None:
    """End this process with an exit code if work was left to itself.

    A compiler that is still at it would crash while what it stands on is taken down.
    """
    if any(not future.done() for future in _left):
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        os._exit(code)


@contextmanager
def held_back() -> Iterator[None]:
    """Hold Ctrl-C back until the end of the block; processes started within it never get one.

    A terminal sends it to all processes, and one that is just starting would die with a traceback. Outside of the
    main thread, where Ctrl-C is never raised, only the latter holds.
    """
    if threading.current_thread() is not threading.main_thread():
        with _masked():
            yield
        return
    came = False

    def remember(_signal: int, _frame: FrameType | None) -> None:
        nonlocal came
        came = True

    # The mask is what new processes inherit. It is not enough for this one: where other threads run, one of them takes
    # the signal, and Python calls the handler in the main thread all the same.
    handler = signal.signal(signal.SIGINT, remember)
    try:
        with _masked():
            yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if came and callable(handler):
            handler(signal.SIGINT, None)


@contextmanager
def _masked() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
