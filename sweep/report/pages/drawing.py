"""Figures of a page, which are drawn when their bytes are wanted, or before that by two processes."""

import ctypes
import mmap
import os
import pickle
import select
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple, NoReturn

from matplotlib.figure import Figure

from sweep.at_once import SIGNALS, Command
from sweep.report.look.style import png, svg
from sweep.words import language, speaking

FEWEST_FOR_TWO = 4
"""Of fewer figures one process is as fast as two."""
PATIENCE = 60.0
"""Seconds that a copy is waited for when this process has no figure left: a copy may hang where no program would."""
PR_SET_PDEATHSIG = 1
"""Linux's number of what a process asks for that is to be sent a signal when its parent ends."""


class Images(NamedTuple):
    """A figure as bytes."""

    png: bytes
    svg: bytes


class Drawing:
    """A figure that is to be drawn, once, in the language that is spoken now."""

    def __init__(self, draw: Callable[[], Figure]) -> None:
        self._draw = draw
        self._language = language()

    @cached_property
    def images(self) -> Images:
        """The figure, which is drawn if it is not yet."""
        with speaking(self._language):
            figure = self._draw()
            return Images(png(figure), svg(figure))


def draw_together(drawings: Sequence[Drawing]) -> None:
    """Draw figures by two processes: this one from the last on, and a copy of it from the first on, until they meet.

    It is a help and no more: where there can be no copy, and where it fails, figures are drawn when they are wanted.
    """
    if len(drawings) < FEWEST_FOR_TWO or not _may_be_copied():
        return
    is_taken = mmap.mmap(-1, len(drawings))  # both processes see it; a figure that both take is drawn twice
    received, sent = os.pipe()
    original = os.getpid()
    copy = _copied()
    if copy == 0:
        os.close(received)
        _draw_as_copy(drawings, is_taken, sent, original)
    os.close(sent)
    with open(received, "rb") as images_there:
        if copy is None:
            return
        _draw(reversed(range(len(drawings))), drawings, is_taken)
        if not select.select([images_there], [], [], PATIENCE)[0]:
            os.kill(copy, signal.SIGKILL)
        with suppress(EOFError, pickle.UnpicklingError):  # it has failed
            for number, images in pickle.load(images_there).items():
                drawings[number].images = images
    os.waitpid(copy, 0)


def _may_be_copied() -> bool:
    """Tell whether this process may fork: nobody else's, with a single thread, on a system where that is sound.

    What another thread has locked would stay locked in a copy.
    """
    return Command.is_one and threading.active_count() == 1 and sys.platform == "linux" and cores() > 1


def cores() -> int:
    """Return on how many cores this process may run."""
    return len(os.sched_getaffinity(0))


def _copied() -> int | None:
    """Return the number of a copy of this process, 0 in the copy, None if the system gives no process.

    The copy ends by signals as any process does: whatever is to be tidied up is this process's.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        with suppress(OSError), warnings.catch_warnings():
            # Python warns of threads of libraries (BLAS) as well, which stop them before, and begin them again.
            warnings.simplefilter("ignore", DeprecationWarning)
            copy = os.fork()
            if copy == 0:
                for number in SIGNALS:
                    signal.signal(number, signal.SIG_DFL)
            return copy
        return None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _draw_as_copy(drawings: Sequence[Drawing], is_taken: mmap.mmap, sent: int, original: int) -> NoReturn:
    """Draw in the copy, and end it without what a process does at its end."""
    try:
        _end_with(original)
        with open(sent, "wb") as images:
            pickle.dump(_draw(range(len(drawings)), drawings, is_taken), images)
    finally:
        os._exit(0)


def _end_with(original: int) -> None:
    """Let the kernel end this copy when its original ends, whose lock of the folder it would hold on to."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != original:  # it ended before that
        os._exit(0)


def _draw(numbers: Iterable[int], drawings: Sequence[Drawing], is_taken: mmap.mmap) -> dict[int, Images]:
    """Draw, and return, those figures that nobody has taken, in the order of the numbers."""
    drawn = {}
    for number in numbers:
        if not is_taken[number]:
            is_taken[number] = True
            drawn[number] = drawings[number].images
    return drawn
