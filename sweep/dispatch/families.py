"""A worker and all that descends from it: what it takes of the memory, and how all of it is ended."""

import contextlib
import os
import signal
import time
from collections.abc import Collection, Iterator

import psutil

SECONDS_TO_END = 2.0
"""So long it is waited until those that were told to end have gone, and looked for others."""


def memory_of(worker: int) -> int:
    """Return the bytes that a worker and its descendants have in memory."""
    total = 0
    for process in _family(worker):
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total


def end_families(workers: Collection[int], sign: str) -> None:
    """End workers and all that descends from them, also where a worker has died before.

    `sign` is a text that stands in the environment of the workers, and of no other process.
    """
    patience = time.monotonic() + SECONDS_TO_END
    while time.monotonic() < patience:
        found = {process for worker in workers for process in _family(worker)} | set(_marked(sign))
        if not found:
            return
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        time.sleep(0.001)


def end_session(worker: int) -> None:
    """End a worker, and what it has started in its own session."""
    for end in (os.killpg, os.kill) if hasattr(os, "killpg") else ():
        with contextlib.suppress(OSError):
            end(worker, signal.SIGKILL)
    with contextlib.suppress(psutil.Error):
        psutil.Process(worker).kill()


def _family(worker: int) -> set[psutil.Process]:
    """Return the living processes of a worker's session, and its descendants wherever they are."""
    found = {process for pid in psutil.pids() if _session(pid) == worker for process in _living(pid)}
    for process in _living(worker):
        with contextlib.suppress(psutil.Error):
            found |= {process, *process.children(recursive=True)}
    return {process for process in found if _is_living(process)}


def _marked(sign: str) -> Iterator[psutil.Process]:
    for pid in psutil.pids() if os.path.isdir("/proc/self") else ():
        with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
            if os.fsencode(sign) in file.read():
                yield from _living(pid)


def _session(pid: int) -> int:
    try:
        return os.getsid(pid) if hasattr(os, "getsid") else -1
    except OSError:
        return -1


def _living(pid: int) -> Iterator[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if _is_living(process):
            yield process


def _is_living(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
