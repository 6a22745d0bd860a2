"""How a command ends when it is told to: at once, with a line, and never with a traceback.

The first thing that a command learns, before anything else is imported; hence nothing but the system is imported here.
A sweep that has something to lose asks for other manners, in `sweep.dispatch.interrupts`.
"""

import os
import signal

SIGNALS = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What tells a process to end: Ctrl-C, the system or a batch queue, the terminal that is closed."""

STOPPED_BY = 128
"""The exit code of what a signal ended is so much more than its number."""

STOPPED = "Stopped."

SEMAPHORES = "/dev/shm"
"""Where the system keeps semaphores by their names (Linux)."""


class Command:
    """Whether this process is a command of its own, and may be ended; else it is somebody's Python."""

    is_one = False


def end_when_told() -> None:
    """Make this process a command, which a signal ends at once; one that is ignored, as by nohup, stays so."""
    Command.is_one = True
    for number in SIGNALS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, end_at_once)


def is_done() -> None:
    """Ignore from now on what would end this process: all is done and said, and it is about to end."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def end_at_once(number: int, _frame: object = None) -> None:
    """Say that a signal has stopped this process, and end it."""
    leave(number, STOPPED)


def leave(number: int, told: str) -> None:
    """Say a line, and end this process as one that a signal has stopped, whatever it is at."""
    try:
        remove_semaphores(os.getpid())
        os.write(2, f"{told}\n".encode(errors="replace"))
    except OSError:  # the terminal may have gone
        pass
    finally:
        os._exit(number + STOPPED_BY)


def remove_semaphores(process: int) -> None:
    """Remove the semaphores that loky has made for a process: what tracks them may have been ended as well."""
    for name in os.listdir(SEMAPHORES) if os.path.isdir(SEMAPHORES) else ():
        if name.startswith(f"sem.loky-{process}-"):
            try:
                os.unlink(os.path.join(SEMAPHORES, name))
            except OSError:
                continue
