"""The table of runs without a result: grouped by what was wrong, with an example of each."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweep.plan import Plan
from sweep.tables.axes import setting_values
from sweep.tables.collected import Collected
from sweep.terms.outcome import WITHOUT_RESULT, Outcome, Status
from sweep.terms.reasons import headline_of, printed_in, why_of
from sweep.terms.values import TableValue

MOST_NUMBERS = 2
"""Of numbers that differ between failures that are alike so many are told."""

_NUMBER = re.compile(r"0x[0-9a-f]+|-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


@dataclass
class Failures:
    """Trajectories that ended without a result in the same way.

    Attributes
    ----------
    status, headline
        How they ended: "failed", "timeout" or "killed"; and what they raised, or a sentence; see `Headings`.
    n
        How many trajectories.
    example, replicate
        The parameters of the first of them, as tables show them, and its replicate.
    why, printed
        Its traceback, and the end of what it printed.
    """

    status: str
    headline: str
    n: int
    example: dict[str, TableValue]
    replicate: int
    why: str
    printed: str


def failures_of(collected: Collected, outcomes: Iterable[Outcome]) -> list[Failures]:
    """Return the plan's trajectories without a result, in groups, the largest first."""
    groups: dict[tuple[int, str], Failures] = {}
    headings: dict[tuple[int, str], Heading] = {}
    for setting, replicate, status, reason in reasons_of(collected, outcomes):
        headline = headline_of(reason)
        name = status, likeness(headline)
        headings.setdefault(name, Heading()).add(headline)
        if name in groups:
            groups[name].n += 1
            continue
        example = setting_values(collected.plan, setting)
        groups[name] = Failures(
            Status(status).name.lower(), headline, 1, example, replicate, why_of(reason), printed_in(reason)
        )
    for name, heading in headings.items():
        groups[name].headline = str(heading)
    return sorted(groups.values(), key=lambda one: -one.n)


def failures_table(collected: Collected, failures: Iterable[Failures]) -> pd.DataFrame:
    """Return the groups as a table: how many ended how, the axes and replicate of an example, its traceback and log."""
    rows = [
        {
            "status": one.status,
            "reason": one.headline,
            "n_trajectories": one.n,
            **one.example,
            "replicate": one.replicate,
            "traceback": one.why,
            "printed": one.printed,
        }
        for one in failures
    ]
    axes = collected.plan.setting_axes
    columns = ["status", "reason", "n_trajectories", *axes, "replicate", "traceback", "printed"]
    return pd.DataFrame(rows, columns=columns)


def likeness(headline: str) -> str:
    """Return what failures that are alike have in common: numbers and addresses in their text do not count.

    >>> likeness("ValueError: 3 is too much") == likeness("ValueError: 4.5e-3 is too much")
    True
    """
    return _NUMBER.sub("#", headline)


class Heading:
    """What headlines that are alike say together: where their numbers differ it has several of them.

    >>> heading = Heading()
    >>> for code in range(5):
    ...     heading.add(f"task 7 ended itself with exit code {code}")
    >>> str(heading)
    'task 7 ended itself with exit code 0, 1, ...'
    """

    def __init__(self) -> None:
        self._first = ""
        self._numbers: list[list[str]] = []

    def add(self, headline: str) -> None:
        """Take a headline, which is like the others."""
        numbers = _NUMBER.findall(headline)
        if not self._numbers:
            self._first, self._numbers = headline, [[] for _ in numbers]
        for known, number in zip(self._numbers, numbers, strict=False):  # "#" itself is like a number
            if number not in known and len(known) <= MOST_NUMBERS:
                known.append(number)

    def __str__(self) -> str:
        numbers = iter(self._numbers)
        return _NUMBER.sub(lambda _: _several(next(numbers)), self._first)


def _several(numbers: list[str]) -> str:
    """Return numbers as a list, of which no more than `MOST_NUMBERS` are told."""
    told = ", ".join(numbers[:MOST_NUMBERS])
    return f"{told}, ..." if len(numbers) > MOST_NUMBERS else told


def reasons_of(collected: Collected, outcomes: Iterable[Outcome]) -> Iterator[tuple[int, int, int, str]]:
    """Yield setting, replicate, status and reason of each trajectory that has a run without a result, by setting."""
    plan, found = collected.plan, {}
    for outcome in outcomes:
        settings = plan.settings_of(outcome.keys)
        for row, reason in outcome.reasons.items():
            if settings[row] >= 0:
                place = int(settings[row]), int(outcome.replicates[row])
                found[place] = (int(outcome.status[row]), reason)
    for (setting, replicate), (status, reason) in sorted(found.items()):
        if _lacks(plan, collected, setting, replicate):
            yield setting, replicate, status, reason


def _lacks(plan: Plan, collected: Collected, setting: int, replicate: int) -> bool:
    schedule = plan.schedules[plan.schedule[setting]]
    runs = plan.runs_of(np.array([setting]), np.array([replicate]), schedule.steps)
    return bool(np.isin(collected.status[runs[runs >= 0]], WITHOUT_RESULT).any())
