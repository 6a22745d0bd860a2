"""The lock of a results folder: one sweep writes to it at a time, and a second one learns who does."""

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from filelock import FileLock, Timeout

from sweep.errors import ResultsError
from sweep.store.folder import ResultsFolder


@contextmanager
def lock(folder: ResultsFolder, command: str | None = None) -> Iterator[None]:
    """Hold the folder's lock, for a command as its user typed it (default: this process's own).

    The kernel frees the lock when the process ends, however it ends. Raises `ResultsError` that names the
    owner if another one holds it.
    """
    held = FileLock(folder.lock_file, timeout=0, thread_local=False)
    try:
        held.acquire()
    except Timeout:
        raise ResultsError(f"{folder.path} is in use by {_owner(folder)}; wait for it or stop it") from None
    except OSError as error:
        raise ResultsError(f"{folder.lock_file} cannot be locked: {error.strerror or error}") from error
    try:
        folder.write(folder.owner, json.dumps(_this_process(command)) + "\n")
        yield
    finally:
        with suppress(OSError):
            folder.owner.unlink()  # after a kill it stays, and is overwritten by the next owner
        held.release()


def _this_process(command: str | None) -> dict[str, object]:
    return {
        "process": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": command or " ".join([os.path.basename(sys.argv[0]), *sys.argv[1:]]),
    }


def _owner(folder: ResultsFolder) -> str:
    try:
        owner = json.loads(folder.owner.read_bytes())
        since = datetime.fromisoformat(owner["since"]).astimezone()
        when = f"{since:%H:%M:%S}" if since.date() == datetime.now().date() else f"{since:%Y-%m-%d %H:%M:%S}"
        return f"process {owner['process']} on {owner['host']}, since {when} ({owner['command']})"
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return "another process"  # one that has taken the lock a moment ago, and is about to say who it is
