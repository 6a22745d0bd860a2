"""The write-ahead log beside a database, read without SQLite: which pages are in it, and whether it is damaged.

SQLite replays the log up to the first frame that is not whole, and passes over all that comes after it without a word.
The format is that of https://sqlite.org/fileformat2.html#walformat: a header of 32 bytes, then frames, each of 24
bytes and a page. What a database and its log have in common is not written anywhere.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from sweep.errors import ResultsError
from sweep.store.header import PAGE_SIZE, may_have_log

_HEADER = struct.Struct(">4I8s2I")  # magic, version, page size, how often begun anew; salts; checksum
_FRAME = struct.Struct(">2I8s2I")  # page, pages of the database if it ends a commit; salts; checksum
_MAGIC, _VERSION = 0x377F0682, 3007000  # the lowest bit says in which order of bytes sums are taken
_INDEX = struct.Struct("=16xI12x8s8x")
"""The head of the index, of which there are two: how many frames are committed, and the salts of the log."""


@dataclass(frozen=True)
class Frame:
    """A frame of the log.

    Attributes
    ----------
    page
        The number of the page that it holds, from 1 on.
    offset
        Where in the log this page begins.
    ends_commit
        Whether it is the last one of a commit.
    is_whole
        Whether it is as it was written.
    is_replayed
        Whether SQLite reads it: it is whole, as are all before it, and its commit is complete.
    """

    page: int
    offset: int
    ends_commit: bool
    is_whole: bool
    is_replayed: bool = False


def log_of(path: Path) -> Path:
    """Return where the log of a database is, if it has one."""
    return path.with_name(f"{path.name}-wal")


def frames_of(path: Path) -> list[Frame]:
    """Return the frames in the log of a database that were written since it was last begun anew, whole or not."""
    found: list[Frame] = []
    with log_of(path).open("rb") as log:
        header = log.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return []
        _, _, _, _, salts, *sums = _HEADER.unpack(header)
        unbroken, words = _begins_log(header), _words(header)
        if not unbroken:
            salts = _salts_of_frames(log) or salts
        offset, replayed = _HEADER.size + _FRAME.size, 0
        for block in _blocks(log):
            page, n_pages, its_salts, *its_sums = _FRAME.unpack_from(block)
            if _are_near(its_salts, salts):
                content = block[:8] + block[_FRAME.size :]
                is_whole = its_salts == salts and _sums(content, sums, words) == its_sums
                found.append(Frame(page, offset, n_pages > 0, is_whole))
                unbroken = unbroken and is_whole
                replayed = len(found) if unbroken and n_pages else replayed
            else:
                unbroken = False
            sums, offset = its_sums, offset + len(block)
    return [replace(frame, is_replayed=i < replayed) for i, frame in enumerate(found)]


def damaged_log(path: Path) -> str | None:
    """Return what is wrong with the log of a database, None if SQLite replays all that was committed to it.

    A log that begins anew meanwhile is not damaged: somebody writes.
    """
    try:
        begun, n_committed = _header(path), _n_committed(path)
        frames = frames_of(path)
        if not may_have_log(path) or _header(path) != begun:
            return None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ResultsError(f"{log_of(path)} cannot be read: {error.strerror}") from error
    n_replayed = sum(frame.is_replayed for frame in frames)
    if n_committed is None:
        n_committed = max((i for i, frame in enumerate(frames, start=1) if frame.ends_commit), default=0)
    if n_committed <= n_replayed:
        return None if _begins_log(begun) or not begun else "its write-ahead log does not begin as one"
    return f"of its write-ahead log {n_replayed} of {n_committed} pages can be replayed"


def _begins_log(header: bytes) -> bool:
    """Tell whether the header of a log is as it was written."""
    if len(header) < _HEADER.size:
        return False
    magic, version, page_size, _, _, *sums = _HEADER.unpack(header)
    is_known = (magic & ~1, version, page_size) == (_MAGIC, _VERSION, PAGE_SIZE)
    return is_known and _sums(header[:24], [0, 0], _words(header)) == sums


def _words(header: bytes) -> np.dtype[np.uint32]:
    """Return the words that sums are taken of; those of nearly all machines if the header does not say it."""
    return np.dtype(">u4" if header[:4] == (_MAGIC | 1).to_bytes(4) else "<u4")


def _blocks(log: BinaryIO) -> Iterator[bytes]:
    """Yield each frame with its page."""
    log.seek(_HEADER.size)
    while len(block := log.read(_FRAME.size + PAGE_SIZE)) == _FRAME.size + PAGE_SIZE:
        yield block


def _salts_of_frames(log: BinaryIO) -> bytes | None:
    """Return the first salts that two frames in a row have, which are those of the log; None if there are none."""
    salts = (block[8:16] for block in _blocks(log))
    return next((one for one, following in pairwise(salts) if one == following and any(one)), None)


def _header(path: Path) -> bytes:
    with log_of(path).open("rb") as log:
        return log.read(_HEADER.size)


def _n_committed(path: Path) -> int | None:
    """Return how many frames the index of the log tells of, None if there is no index of this log."""
    try:
        with path.with_name(f"{path.name}-shm").open("rb") as file:
            index = file.read(2 * _INDEX.size)
    except OSError:
        return None
    if len(index) < 2 * _INDEX.size or index[: _INDEX.size] != index[_INDEX.size :]:
        return None
    n_frames, salts = _INDEX.unpack_from(index)
    header = _header(path)
    return n_frames if len(header) < _HEADER.size or _are_near(header[16:24], salts) else None


def _are_near(one: bytes, other: bytes) -> bool:
    """Tell whether salts, of which one half is random, are alike but for a flipped bit."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count() <= 1


def _sums(content: bytes, before: Sequence[int], words: np.dtype[np.uint32]) -> list[int]:
    """Go on with two sums: s += x + t, then t += y + s for each pair x, y of words, modulo 2**32.

    In what comes out, each word has been added as often as a Fibonacci number says.
    """
    added = np.frombuffer(content, words).astype(np.uint32)
    n, (s, t) = len(added), before
    often = _fibonacci(n)
    first = int(often[n - 1]) * s + int(often[n]) * t + int(often[:n][::-1] @ added)
    second = int(often[n]) * s + int(often[n + 1]) * t + int(often[1 : n + 1][::-1] @ added)
    return [first % 2**32, second % 2**32]


@lru_cache(maxsize=4)
def _fibonacci(n: int) -> NDArray[np.uint32]:
    """Return the numbers 0, 1, 1, 2, 3, ... modulo 2**32, n + 2 of them."""
    numbers = [0, 1]
    while len(numbers) < n + 2:
        numbers.append((numbers[-1] + numbers[-2]) % 2**32)
    return np.array(numbers, dtype=np.uint32)
