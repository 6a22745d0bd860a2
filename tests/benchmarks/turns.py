"""Measuring in turns: whatever slows the machine down for a while slows down all that are compared."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Turn:
    """What one call took, and what came of it: losses, peak memory, ..."""

    seconds: float
    outcome: Any = None


Way = Callable[[], Turn]
"""One way to do the work that is compared."""


@dataclass(frozen=True)
class Size:
    """How much of the full work is done, and how often."""

    share: float
    turns: int

    def of(self, full: int, least: int = 1) -> int:
        return max(least, round(full * self.share))


def timed(call: Callable[[], object]) -> Turn:
    started = time.perf_counter()
    outcome = call()
    return Turn(time.perf_counter() - started, outcome)


def in_turns(ways: Mapping[str, Way], turns: int) -> dict[str, list[Turn]]:
    """Call each way once, then each again, and so on."""
    taken: dict[str, list[Turn]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, way in ways.items():
            taken[name].append(way())
    return taken


def seconds(turns: list[Turn]) -> list[float]:
    return [turn.seconds for turn in turns]


def fastest(ways: list[Way], tries: int = 2) -> Way:
    """Return the way whose best try is the shortest; each must have been called before, so that it is warm.

    Those that take twice as long as another at the first try are not tried again.
    """
    if len(ways) == 1:
        return ways[0]
    best = {way: way().seconds for way in ways}
    near = [way for way in ways if best[way] <= 2 * min(best.values())]
    for _ in range(tries - 1):
        for way in near:
            best[way] = min(best[way], way().seconds)
    return min(near, key=best.__getitem__)
