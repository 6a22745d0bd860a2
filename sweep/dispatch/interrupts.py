"""Ctrl-C: once, for the parent alone. Workers never see it, and what it starts is not interrupted by another one.

SIGTERM and SIGHUP do the same in a command, which `sweep.at_once` makes of a process; elsewhere they are not ours.
"""

import atexit
import ctypes
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TypeVar

from sweep.at_once import SIGNALS, STOPPED, Command, end_at_once, leave

T = TypeVar("T")

SECONDS_UNTIL_AGAIN = 0.01
"""After so long an interrupt is raised again that came where Python drops what is raised."""
SECONDS_TO_HEAR = 0.1
"""After so long a Ctrl-C is heard at the latest, while work is done beside the main thread."""
SECONDS_TO_END = 0.3
"""So long a Ctrl-C waits for such work to end."""
SECONDS_TO_END_AT_EXIT = 10.0
"""So long the end of the process waits for it, unless that is a command, which ends at once."""


class Interrupted(KeyboardInterrupt):
    """A stop; `by` is the number of the signal."""

    def __init__(self, by: int) -> None:
        super().__init__()
        self.by = by


class Stop:
    """Which signal has stopped a sweep: SIGINT, which is Ctrl-C, as long as none has."""

    by: int = signal.SIGINT


@contextmanager
def only_once() -> Iterator[Stop]:
    """Let the first Ctrl-C raise `Interrupted`, and ignore further ones until the end of the block.

    So that what the first one sets off, storing and ending processes, runs to its end; in a command they are ignored
    ever after, since it is about to end. Outside of the main thread, or where somebody else handles a signal, nothing
    is changed.
    """
    before = _handlers(lambda handler: handler in (signal.default_int_handler, end_at_once))
    stop, came = Stop(), False

    def interrupt(number: int, _frame: FrameType | None) -> None:
        nonlocal came
        stop.by, came = number, True
        _ignore(before)
        raise Interrupted(number)

    def again(dropped: "sys.UnraisableHookArgs") -> None:
        if not isinstance(dropped.exc_value, Interrupted):
            hook(dropped)
            return
        number = dropped.exc_value.by
        signal.signal(number, interrupt)
        threading.Timer(SECONDS_UNTIL_AGAIN, _interrupt_main_thread, [number]).start()

    hook = sys.unraisablehook
    for number in before:
        signal.signal(number, interrupt)
    if before:
        sys.unraisablehook = again
    try:
        yield stop
    finally:
        if before:
            sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if came and Command.is_one else handler)


@contextmanager
def ending_at_once(tidy: Callable[[], None], told: str = STOPPED) -> Iterator[None]:
    """Let a signal end a command in the block at once, after it was tidied up, with a line that is said last.

    Libraries may drop an interrupt, or not come to notice it, where nothing is at stake that could be lost. Elsewhere
    than in a command it is raised, as ever.
    """
    if not Command.is_one:
        yield
        return
    before = _handlers(callable)

    def end(number: int, _frame: FrameType | None) -> None:
        _ignore(before)
        try:
            tidy()
        finally:
            leave(number, told)

    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
    try:
        thread.start()
    except RuntimeError:  # no thread is to be had, as where `ulimit -u` is small
        return work()
    try:
        # again and again: where another thread takes the signal, this one goes on waiting, and does not hear of it
        while not wait([future], SECONDS_TO_HEAR).done:
            pass
        thread.join()  # it has nothing left to do, and no thread is to be there when the process ends
        return future.result()
    except KeyboardInterrupt:
        if is_told and not future.done():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident or 0), ctypes.py_object(KeyboardInterrupt)
            )
        if not wait([future], SECONDS_TO_END).done:
            # a compiler that is still at it would crash while what it stands on is taken down
            atexit.register(wait, [future], SECONDS_TO_END_AT_EXIT)
        raise


@contextmanager
def held_back() -> Iterator[None]:
    """Hold Ctrl-C back until the end of the block; processes started within it never get one.

    A terminal sends it to all processes, and one that is just starting would die with a traceback. Outside of the
    main thread, where Ctrl-C is never raised, only the latter holds.
    """
    before = _handlers(callable)
    came: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    # The mask is what new processes inherit. It is not enough for this one: where other threads run, one of them takes
    # the signal, and Python calls the handler in the main thread all the same.
    for number in before:
        signal.signal(number, remember)
    try:
        with masked("SIGINT"):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            before[came[0]](came[0], None)


def _handlers(are_asked: Callable[[Any], bool]) -> dict[int, Any]:
    """Return those handlers of the signals that are asked for; none outside of the main thread."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    found = {int(number): signal.getsignal(number) for number in SIGNALS}
    return {number: handler for number, handler in found.items() if are_asked(handler)}


def _ignore(numbers: dict[int, Any]) -> None:
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


def _interrupt_main_thread(number: int) -> None:
    if hasattr(signal, "pthread_kill"):  # which also ends its waiting
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)


@contextmanager
def masked(name: str) -> Iterator[None]:
    """Block a signal in this thread, and for good in the processes that are started until the end of the block."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.Signals[name]})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
