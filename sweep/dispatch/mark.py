"""The mark: what a worker is at, in a few bytes of memory that it shares with the parent by a file.

The worker writes it at the beginning of each run, in less than a microsecond; the parent reads it while the worker
lives, for time limits, and after its death, for the blame.
"""

import mmap
import struct
import time
from pathlib import Path
from typing import NamedTuple

_LAYOUT = struct.Struct("=qqqqdq")


class Mark(NamedTuple):
    """The batch that a worker has begun, by its number, and the run.

    `row` is its place in the batch, -1 between runs; `n` that many are trained by one call; `began` is a time of
    `time.monotonic`. Before the first batch `batch` is -1.
    """

    batch: int
    row: int
    n: int
    began: float


NOTHING = Mark(batch=-1, row=-1, n=0, began=0.0)


class MarkFile:
    """A mark in a file: of the two processes that have it open one writes, and the other reads."""

    def __init__(self, path: Path) -> None:
        with path.open("a+b") as file:
            file.truncate(_LAYOUT.size)
            self._memory = mmap.mmap(file.fileno(), _LAYOUT.size)
        self._n_written = 0

    def write(self, batch: int, row: int, n: int) -> None:
        """Set the mark; its time is now."""
        # The count stands first and last: a reader that finds two counts came in the middle.
        self._n_written = count = self._n_written + 1
        _LAYOUT.pack_into(self._memory, 0, count, batch, row, n, time.monotonic(), count)

    def read(self) -> Mark | None:
        """Return the mark; None in the moment in which it is being written."""
        first, batch, row, n, began, last = _LAYOUT.unpack_from(self._memory)
        return Mark(batch, row, n, began) if first == last else None

    def clear(self) -> None:
        """Set the mark back to that of a worker that has begun nothing."""
        _LAYOUT.pack_into(self._memory, 0, 0, *NOTHING, 0)

    def close(self) -> None:
        """Let go of the file."""
        self._memory.close()
