"""One row of the table: what was measured beside what, and how it stands to what was wanted."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A measure, and what was wanted of it, if anything: `must` and `aim` at least, or at most unless `more`."""

    title: str
    value: float
    unit: str
    must: float | None
    aim: float | None
    detail: str
    more: bool = True

    def __str__(self) -> str:
        return f"{self.title:<58} {self.value:>9.4g} {self.unit:<10} {self._wanted():<32} {self.detail}"

    def _wanted(self) -> str:
        if self.must is None or self.aim is None:
            return ""
        sign, reached = ("≥", self.value >= self.must) if self.more else ("≤", self.value <= self.must)
        at_aim = self.value >= self.aim if self.more else self.value <= self.aim
        verdict = "aim reached" if at_aim else "reached" if reached else "MISSED"
        return f"{sign} {self.must:g}, aim {self.aim:g}: {verdict}"


def in_turns(ways: Mapping[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Return the median seconds of each way, called in turns so that a machine that slows down slows all of them."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - started)
    return {name: statistics.median(taken) for name, taken in times.items()}
