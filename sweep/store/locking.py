"""The lock of a folder: one sweep writes to it at a time, a second one learns who does, and who holds it may write."""

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout
from psutil import STATUS_ZOMBIE, Error, Process

from sweep.errors import ResultsError
from sweep.store.folder import Folder
from sweep.store.made import Making, Stamp, is_vouched, making, read_stamps, stamps_text, withdraw
from sweep.store.place import GONE, Identity, check_place, identity
from sweep.terms.text import printable

_SAME_PROCESS = timedelta(seconds=2)
"""A process that began so long after the lock was taken, or later, has its number from one that was killed."""

_UNLOCKED = "another sweep may have been at the same results meanwhile, run the same command again"


class Held:
    """A folder that is locked by this process, and the files that are made in it."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._opened: dict[Path, Identity | None] = {}
        self.watch(folder.path)
        self.watch(folder.lock_file)

    def watch(self, path: Path) -> None:
        """Let `check` look at this file of the folder as well, which is there."""
        self._opened[path] = identity(path)

    def check(self) -> None:
        """Raise a `ResultsError`, which says where it is now, if the folder was moved, removed or replaced."""
        for path, opened in self._opened.items():
            check_place(path, opened, _UNLOCKED if path == self.folder.lock_file else GONE)

    def is_vouched(self, part: str, origin: str) -> bool:
        """Tell whether the files of a part were made from this origin, and are all there as they were written."""
        stamp = read_stamps(self.folder.stamps).get(part, Stamp())
        return is_vouched(self.folder.path, stamp, origin)

    @contextmanager
    def making(self, part: str, origin: str) -> Iterator[Making]:
        """Give what the files of a part are written by, as `made.making` does; nothing is written elsewhere."""
        with self._noting(part) as (before, note), making(self.folder.path, before, origin, note) as made:
            yield made

    def withdraw_others(self, part: str, origin: str) -> None:
        """Remove the files of a part that were made from another origin, as `made.withdraw` does."""
        with self._noting(part) as (before, note):
            if before.hashes and before.origin != origin:
                withdraw(self.folder.path, before, note)

    @contextmanager
    def _noting(self, part: str) -> Iterator[tuple[Stamp, Callable[[Stamp], None]]]:
        """Give the stamp of a part, and what keeps another one."""
        stamps = read_stamps(self.folder.stamps)

        def note(stamp: Stamp) -> None:
            self.check()
            stamps[part] = stamp
            self.folder.write(self.folder.stamps, stamps_text(stamps))

        try:
            yield stamps.get(part, Stamp()), note
        except ResultsError:
            self.check()  # which says more, if it is that
            raise


@contextmanager
def lock(folder: Folder, command: str | None = None) -> Iterator[Held]:
    """Hold the folder's lock, for a command as its user typed it (default: this process's own).

    The kernel frees the lock when the process ends, however it ends; what was left half written by one that was killed
    is removed. Raises `ResultsError` that names the owner if another one holds it.
    """
    held = FileLock(folder.lock_file, timeout=0, thread_local=False)
    try:
        held.acquire()
    except Timeout:
        raise ResultsError(f"{folder} is in use by {_owner(folder)}; wait for it or stop it") from None
    except OSError as error:
        raise ResultsError(
            f"{folder}/{folder.lock_file.name} cannot be locked: {error.strerror or error}"
        ) from error
    try:
        with _kept_open(folder.path) as number:
            folder.clear_partials()
            folder.write(folder.owner, json.dumps(_this_process(command)) + "\n")
            try:
                yield Held(folder)
            finally:
                with suppress(OSError):  # after a kill it stays, and is overwritten by the next owner
                    _unlink(folder.owner, number)
    finally:
        held.release()


@contextmanager
def _kept_open(folder: Path) -> Iterator[int | None]:
    """Hold a folder open, where the system can: so it is known where it is, and no other one is taken for it."""
    try:
        number = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders, and moves none that are in use
        yield None
        return
    try:
        yield number
    finally:
        os.close(number)


def _unlink(path: Path, folder: int | None) -> None:
    """Remove a file of a folder that is held open, wherever that is now."""
    if folder is None:
        path.unlink()
    else:
        os.unlink(path.name, dir_fd=folder)


def _this_process(command: str | None) -> dict[str, object]:
    return {
        "process": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": command or " ".join([os.path.basename(sys.argv[0]), *sys.argv[1:]]),
    }


def holder_of(folder: Folder) -> int | None:
    """Return the process on this machine that has locked a folder, None if there is none; the lock is left alone."""
    try:
        owner = json.loads(folder.owner.read_bytes())
        process = Process(int(owner["process"]))
        began = datetime.fromtimestamp(process.create_time()).astimezone()
        is_there = (
            owner["host"] == socket.gethostname()
            and began < datetime.fromisoformat(owner["since"]) + _SAME_PROCESS
            and process.status() != STATUS_ZOMBIE
        )
        return process.pid if is_there else None
    except (Error, OSError, ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None


def _owner(folder: Folder) -> str:
    try:
        owner = json.loads(folder.owner.read_bytes())
        since = datetime.fromisoformat(owner["since"]).astimezone()
        when = f"{since:%H:%M:%S}" if since.date() == datetime.now().date() else f"{since:%Y-%m-%d %H:%M:%S}"
        return f"process {owner['process']} on {owner['host']}, since {when} ({printable(str(owner['command']))})"
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return "another process"  # one that has taken the lock a moment ago, and is about to say who it is
