"""Every operation by which this process changes files below a folder, counted: at the n-th of them something happens.

Python's own files are seen through audit events and a layer under `open`; SQLite's through `vfs`. Files that other
libraries open by themselves are seen only when they are renamed.
"""

import builtins
import errno
import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.faults import vfs

KILL, NO_SPACE, IO_ERROR, SHORT = "kill", "no space", "i/o error", "short"
"""What may happen: a kill -9; "No space left"; "Input/output error"; half of a write, and then no space left."""

_ERRNO = {NO_SPACE: errno.ENOSPC, IO_ERROR: errno.EIO, SHORT: errno.ENOSPC}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_EVENTS = {"os.rename": 2, "os.remove": 1, "os.mkdir": 1, "os.rmdir": 1, "os.link": 2}
"""Audit events, with how many of their arguments are paths."""

Seen = Callable[..., None]
"""Told of every operation: what it is, the path, and details."""


class Points:
    """Counts the operations below a folder; at number `at`, from 1 on, `fault` happens.

    A disk that is full stays full: after "no space" and "short", every later write fails as well, if `lasting`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        at: int = 0,
        fault: str = KILL,
        lasting: bool = False,
        seen: Seen | None = None,
    ) -> None:
        self.folder = os.path.join(os.path.realpath(folder), "")
        self.at = at
        self.fault = fault
        self.lasting = lasting
        self.seen = seen
        self.n = 0

    def is_due(self) -> bool:
        """Count an operation; return whether it is to fail. It does not return where the process is killed."""
        self.n += 1
        is_due = self.n == self.at or (self.lasting and self.n > self.at > 0)
        if is_due and self.fault == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        return is_due

    def is_below(self, path: object) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        return os.path.abspath(os.fsdecode(path)).startswith(self.folder)

    def error(self, path: object) -> OSError:
        number = _ERRNO[self.fault]
        return OSError(number, os.strerror(number), path)

    def tell(self, what: str, path: object, *details: object) -> None:
        if self.seen is not None:
            self.seen(what, os.path.abspath(os.fsdecode(path)), *details)


def install(points: Points) -> None:
    """Watch this process from now on; there is no way back, but its end."""
    _watch_names(points)
    _watch_contents(points)
    _watch_syncs(points)
    vfs.install(_in_databases(points))


def _watch_names(points: Points) -> None:
    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if not (isinstance(flags, int) and flags & _WRITES and points.is_below(path)):
                return
            if points.is_due():
                raise points.error(path)
            if not os.path.lexists(path):
                points.tell("create", path)
            elif flags & os.O_TRUNC:
                points.tell("truncate", path, 0)
        elif event in _EVENTS and points.is_below(arguments[0]):
            paths = arguments[: _EVENTS[event]]
            if event != "os.mkdir" and not os.path.lexists(paths[0]):  # it will be refused
                return
            if points.is_due():
                raise points.error(paths[0])
            points.tell(event.removeprefix("os."), paths[0], *(os.path.abspath(path) for path in paths[1:]))

    sys.addaudithook(hook)


class _Raw(io.FileIO):
    """A file whose writes are points."""

    points: Points
    path: str

    def write(self, content):
        content = memoryview(content).cast("B")
        if self.points.is_due():
            if self.points.fault == SHORT:
                super().write(content[: len(content) // 2])
            raise self.points.error(self.path)
        self.points.tell("write", self.path, self.tell(), bytes(content))
        return super().write(content)


def _watch_contents(points: Points) -> None:
    usual = io.open

    def opened(
        file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None
    ):
        if not set("wax+") & set(mode) or isinstance(file, int) or not points.is_below(file):
            return usual(file, mode, buffering, encoding, errors, newline, closefd, opener)
        raw = _Raw(file, mode.replace("b", "").replace("t", ""), closefd, opener)
        raw.points, raw.path = points, os.fsdecode(file)
        if "b" in mode and buffering == 0:
            return raw
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)

    io.open = builtins.open = opened


def _watch_syncs(points: Points) -> None:
    usual, write = os.fsync, os.write

    def path_of(file) -> str:
        number = file if isinstance(file, int) else file.fileno()
        return os.readlink(f"/proc/self/fd/{number}")

    def synced(file):
        path = path_of(file)
        if points.is_below(path + "/"):
            if points.is_due():
                raise points.error(path)
            points.tell("sync", path)
        return usual(file)

    def written(file, content):
        path = path_of(file)
        if not points.is_below(path):
            return write(file, content)
        if points.is_due():
            if points.fault == SHORT:
                write(file, content[: len(content) // 2])
            raise points.error(path)
        points.tell("write", path, os.lseek(file, 0, os.SEEK_CUR), bytes(content))
        return write(file, content)

    os.fsync, os.write = synced, written


def _in_databases(points: Points) -> vfs.Operation:
    def operation(what: str, path: str, *details: object) -> int | None:
        if not points.is_below(path):
            return None
        if what == "delete" and not os.path.lexists(path):
            return None
        if points.is_due():
            if what == "write" and points.fault == SHORT:
                return -max(1, len(details[1]) // 2)
            return vfs.IO_ERROR if points.fault == IO_ERROR else vfs.FULL
        points.tell({"delete": "remove"}.get(what, what), path, *details)
        return None

    return operation
