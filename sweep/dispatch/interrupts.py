"""Ctrl-C: once, for the parent alone. Workers never see it, and what it starts is not interrupted by another one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


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
