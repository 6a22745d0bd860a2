"""What a sweep leaves in the temporary folder if it is killed together with its guard: the next one removes it.

A dispatch holds a lock in its folder for as long as it lives, which the kernel frees however it ends. Loky names its
semaphores by the process that has made them.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from psutil import pid_exists

from sweep.at_once import remove_semaphores

_PREFIX, _HELD = "sweep-", "held-by-"
_SECONDS_TO_HOLD = 60.0
"""An empty folder that is older was to be held by a process that is dead."""


@contextmanager
def held_folder() -> Iterator[Path]:
    """Give a new temporary folder, hold it, and take it away."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with FileLock(folder / f"{_HELD}{os.getpid()}", thread_local=False):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> None:
    """Remove the folders and semaphores of this user's sweeps that are dead."""
    if not hasattr(os, "getuid"):  # on Windows a folder in use cannot be taken away, nor are there semaphores
        return
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            with suppress(OSError):
                if folder.stat().st_uid == os.getuid():
                    _remove_if_dead(folder)


def _remove_if_dead(folder: Path) -> None:
    locks = list(folder.glob(f"{_HELD}*"))
    if not locks and time.time() - folder.stat().st_mtime > _SECONDS_TO_HOLD:
        folder.rmdir()  # which fails if there is anything in it
    for lock in locks:
        with suppress(Timeout, ValueError), FileLock(lock, timeout=0, thread_local=False):
            owner = int(lock.name.removeprefix(_HELD))
            is_there = pid_exists(owner)
            if is_there and time.time() - folder.stat().st_mtime <= _SECONDS_TO_HOLD:
                continue  # it is about to lock it, between two instructions
            if not is_there:
                remove_semaphores(owner)
            shutil.rmtree(folder, ignore_errors=True)
