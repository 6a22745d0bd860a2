"""The small files by which a worker and the parent speak with each other, all in one temporary folder of a dispatch.

They are what is left when a worker dies: which runs had finished, which one was at it, and what it had printed.
"""

import pickle
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sweep.terms.outcome import Outcome

MOST_PRINTED = 4000
"""So many characters are kept of what a run prints: the last ones."""

_LENGTH = struct.Struct("=q")


class SlotFiles(NamedTuple):
    """Where the files of one slot are: `folder` is that of the dispatch, and `number` the slot's."""

    folder: Path
    number: int

    @property
    def training(self) -> Path:
        """What is trained, pickled: the same for all slots."""
        return self.folder / "training"

    @property
    def mark(self) -> Path:
        """See `mark`."""
        return self.folder / f"{self.number}.mark"

    @property
    def log(self) -> Path:
        """What the current run has printed."""
        return self.folder / f"{self.number}.log"

    def parts(self, batch: int) -> Path:
        """Return where the outcomes of a batch are that came before its last one."""
        return self.folder / f"{self.number}.{batch}.parts"


def write_part(path: Path, outcome: Outcome) -> None:
    """Add an outcome to a file of parts."""
    data = pickle.dumps(outcome, protocol=5)
    with path.open("ab") as file:
        file.write(_LENGTH.pack(len(data)) + data)


def take_parts(path: Path) -> Iterator[Outcome]:
    """Yield the outcomes that were written completely, and remove the file."""
    if not path.exists():
        return
    data = path.read_bytes()
    path.unlink()
    start = 0
    while start + _LENGTH.size <= len(data):
        (length,) = _LENGTH.unpack_from(data, start)
        start += _LENGTH.size
        if start + length <= len(data):
            yield pickle.loads(data[start : start + length])
        start += length


def end_of(log: Path) -> str:
    """Return the end of what is in a log, from the beginning of a line if that is not far."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 4 * MOST_PRINTED))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    if len(text) <= MOST_PRINTED:
        return text
    _, _, whole_lines = text[-MOST_PRINTED:].partition("\n")
    return whole_lines if len(whole_lines) > MOST_PRINTED // 2 else text[-MOST_PRINTED:]
