"""Limits of one run: how long it may take, and how much memory its process may have with all that descends from it."""

import math
import os
import time
from collections.abc import Sequence
from typing import NamedTuple

from sweep.dispatch.desk import DUMP_SIGNAL
from sweep.dispatch.families import memory_of
from sweep.dispatch.fates import Ending
from sweep.dispatch.mark import Mark
from sweep.dispatch.slots import Slot
from sweep.terms.outcome import Status
from sweep.training.batch import Isolation

SECONDS_BETWEEN_LOOKS = 0.1
"""At the memory; longer where a look itself takes long."""

MOST_OF_THE_TIME = 0.02
"""The share of the time that is spent with looking, at most."""

SECONDS_TO_DUMP = 0.2
"""So long a worker has to write where it is."""


SECONDS_TO_LOAD, SECONDS_TO_LOAD_UNLIMITED = 60.0, 600.0
"""So long a worker may take until its first run begins, where runs have a time limit that is not longer, or none."""


class Judged(NamedTuple):
    """A worker that is past a limit: what it was at, and how that ended."""

    mark: Mark
    ending: Ending
    is_of_memory: bool = False
    is_of_loading: bool = False


class Limits:
    """Looks at the workers, as often as their limits ask for it."""

    def __init__(self, isolation: Isolation) -> None:
        self.timeout, self.memory_gb = isolation.timeout_seconds, isolation.memory_gb
        self.loading = seconds_to_load(isolation)
        self._next_look = 0.0

    def seconds_to_wait(self, slots: Sequence[Slot]) -> float | None:
        """Return after how long to look again; None if there is no need to."""
        now, moments = time.monotonic(), [slot.given + self.loading for slot in slots if slot.is_loading]
        if self.timeout is not None:
            # A worker between two runs may begin one at any time from now on.
            runs = [slot.run for slot in slots if slot.flying]
            moments += [(run.began if run is not None else now) + self.timeout for run in runs]
        if self.memory_gb is not None:
            moments.append(self._next_look)
        return max(0.0, min(moments) - now) + 0.001 if moments else None

    def past(self, slots: Sequence[Slot]) -> list[tuple[Slot, Judged]]:
        """Return the slots that are past a limit; those past their time have written where they are."""
        found = [
            (slot, judged) for slot in slots if (judged := self._past_loading(slot) or self._past_time(slot))
        ]
        if self.memory_gb is not None and time.monotonic() >= self._next_look:
            started = time.monotonic()
            found += [(slot, judged) for slot in slots if (judged := self._past_memory(slot))]
            looked = time.monotonic() - started
            self._next_look = time.monotonic() + max(SECONDS_BETWEEN_LOOKS, looked / MOST_OF_THE_TIME)
        return list({slot.files.number: (slot, judged) for slot, judged in found}.values())

    def _past_loading(self, slot: Slot) -> Judged | None:
        if not slot.is_loading or time.monotonic() - slot.given <= self.loading:
            return None
        _dump(slot)
        reason = f"it took longer than {self.loading:g} s"
        return Judged(slot.mark, Ending(Status.TIMEOUT, reason), is_of_loading=True)

    def _past_time(self, slot: Slot) -> Judged | None:
        mark = slot.run
        if self.timeout is None or mark is None or time.monotonic() - mark.began <= self.timeout:
            return None
        _dump(slot)
        return Judged(mark, Ending(Status.TIMEOUT, f"took longer than timeout_seconds = {self.timeout:g}"))

    def _past_memory(self, slot: Slot) -> Judged | None:
        mark, worker = slot.mark, slot.worker
        if self.memory_gb is None or worker is None or not slot.flying:
            return None
        took = memory_of(worker) / 1e9
        if took <= self.memory_gb:
            return None
        most = f"memory_gb = {self.memory_gb:g}"
        reason = f"took {_rounded_up(took)} GB, more than {most}"
        return Judged(mark, Ending(Status.KILLED, reason), is_of_memory=True)


def seconds_to_load(isolation: Isolation) -> float:
    """Return how long a worker may take until its first run begins: it imports the user's file meanwhile."""
    if isolation.timeout_seconds is None:
        return SECONDS_TO_LOAD_UNLIMITED
    return max(SECONDS_TO_LOAD, isolation.timeout_seconds)


def _rounded_up(gb: float) -> str:
    """Return a number of GB that is not the limit itself.

    >>> _rounded_up(4.217), _rounded_up(0.5003)
    ('4.22', '0.51')
    """
    return f"{math.ceil(100 * gb) / 100:g}"


def _dump(slot: Slot) -> None:
    """Let a worker write to its log where it is, and give it a moment to do so."""
    if slot.worker is None or not DUMP_SIGNAL:
        return
    if not slot.files.log.exists():  # it is not that far, and would not survive the signal
        return
    before, patience = slot.files.log.stat().st_size, time.monotonic() + SECONDS_TO_DUMP
    try:
        os.kill(slot.worker, DUMP_SIGNAL)
    except ProcessLookupError:
        return
    size = before
    while time.monotonic() < patience:
        time.sleep(0.005)
        size, last = slot.files.log.stat().st_size, size
        if before < size == last:
            return
