"""The table of faults: a row for each kind of fault, a column for each way not to keep one's word."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.bench import Bench

COLUMNS = {
    "lost": "results that were stored are gone, or a sweep does not go on",
    "doubled": "a trajectory is stored twice",
    "silent": "other numbers or other files than without the fault, and no word",
    "hung": "no end within its time: a second after a signal, a minute otherwise",
    "blamed": "a healthy run has failed",
    "left": "processes, semaphores, or files that nobody removes",
    "crashed": "a traceback, or another exit code than the one that is promised",
}
"""What a fault may lead to, each with what is counted there: the trials in which it happened."""


@dataclass
class Tally:
    """What came of the trials of a row: how many there were, and what went wrong in which, in words."""

    trials: int = 0
    found: list[tuple[str, str]] = field(default_factory=list)
    """Column and words."""
    notes: list[str] = field(default_factory=list)
    """What is to be said of the row as a whole."""

    def add(self, column: str, what: str) -> None:
        assert column in COLUMNS, column
        self.found.append((column, what))

    def count(self, column: str) -> int:
        return sum(one == column for one, _ in self.found)

    def join(self, other: "Tally") -> None:
        self.trials += other.trials
        self.found += other.found
        self.notes += [note for note in other.notes if note not in self.notes]


@dataclass(frozen=True)
class Row:
    """A kind of fault.

    Attributes
    ----------
    name
        How it is called on the command line.
    what
        What is done, as the table says it.
    trials, few
        How many trials the table has, and the suite.
    run
        Makes so many trials.
    """

    name: str
    what: str
    trials: int
    few: int
    run: "Callable[[Bench, int], Tally]"


ROWS: dict[str, Row] = {}


def row(name: str, what: str, *, trials: int, few: int) -> "Callable[[Callable[[Bench, int], Tally]], None]":
    """Add a row to the table, by decorating what makes its trials."""

    def add(run: "Callable[[Bench, int], Tally]") -> None:
        ROWS[name] = Row(name, what, trials, few, run)

    return add


def table_text(results: Iterable[tuple[Row, Tally]]) -> str:
    """Return the table in Markdown."""
    headings = ["what is done", "trials", *("left behind" if name == "left" else name for name in COLUMNS)]
    lines = ["| " + " | ".join(headings) + " |", "| --- |" + " ---: |" * (len(headings) - 1)]
    for row, tally in results:
        counts = (tally.trials, *(tally.count(column) for column in COLUMNS))
        notes = "".join(f"; {note}" for note in tally.notes)
        lines.append(f"| {row.what}{notes} | " + " | ".join(f"{n:,}" for n in counts) + " |")
    return "\n".join(lines)
