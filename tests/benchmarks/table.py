"""The table of what was measured: a row for each measure, and whether it is what it must be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Goal:
    """What a figure must be and what it aims at: at least that, or else at most."""

    must: float
    aim: float
    at_least: bool

    def verdict(self, figure: float) -> str:
        must, aim = ((figure >= g) if self.at_least else (figure <= g) for g in (self.must, self.aim))
        return "aim" if aim else "must" if must else "NOT MET"

    def sign(self) -> str:
        return "≥" if self.at_least else "≤"


def at_least(must: float, aim: float) -> Goal:
    return Goal(must, aim, at_least=True)


def at_most(must: float, aim: float) -> Goal:
    return Goal(must, aim, at_least=False)


@dataclass(frozen=True)
class Row:
    """A measure.

    Attributes
    ----------
    measure, rival
        What was measured, and beside what; no rival if the figure stands alone.
    unit
        Of `ours` and `theirs`: "s" or "B".
    ours, theirs
        A value for each turn; `theirs` is empty if there is no rival.
    figure, figure_unit
        What is judged: a median in `unit`, or the median of the turns' ratios, "×".
    """

    measure: str
    rival: str
    unit: str
    ours: Sequence[float]
    theirs: Sequence[float]
    figure: float
    figure_unit: str
    goal: Goal | None

    def cells(self, judged: bool) -> list[str]:
        goal = self.goal
        wanted = (
            [f"{goal.sign()} {quantity(g, self.figure_unit)}" for g in (goal.must, goal.aim)] if goal else []
        )
        return [
            self.measure,
            self.rival,
            quantity(median(self.ours), self.unit) if self.theirs else "",
            quantity(median(self.theirs), self.unit) if self.theirs else "",
            quantity(self.figure, self.figure_unit),
            *(wanted or ["", ""]),
            goal.verdict(self.figure) if goal and judged else "",
        ]

    def record(self) -> dict[str, object]:
        """Return the row for JSON, every turn of it included."""
        goal = self.goal
        return {
            "measure": self.measure,
            "rival": self.rival,
            "unit": self.unit,
            "ours": list(self.ours),
            "theirs": list(self.theirs),
            "figure": self.figure,
            "figure_unit": self.figure_unit,
            "must": goal and goal.must,
            "aim": goal and goal.aim,
            "at_least": goal and goal.at_least,
            "met": goal and goal.verdict(self.figure),
        }


def times_as_fast(
    measure: str, rival: str, ours: Sequence[float], theirs: Sequence[float], goal: Goal | None = None
) -> Row:
    """Return a row whose figure is their time over ours."""
    figure = median(t / o for o, t in zip(ours, theirs, strict=True))
    return Row(measure, rival, "s", ours, theirs, figure, "×", goal)


def times_the_time(
    measure: str, rival: str, ours: Sequence[float], theirs: Sequence[float], goal: Goal | None = None
) -> Row:
    """Return a row whose figure is our time over theirs."""
    figure = median(o / t for o, t in zip(ours, theirs, strict=True))
    return Row(measure, rival, "s", ours, theirs, figure, "×", goal)


def alone(measure: str, unit: str, values: Sequence[float], goal: Goal | None = None) -> Row:
    """Return a row without a rival: its figure is the median of the values."""
    return Row(measure, "", unit, values, [], median(values), unit, goal)


def quantity(value: float, unit: str) -> str:
    """Return a value in three digits with a readable unit."""
    if unit == "s":
        factor, unit = next(
            (f, u)
            for f, u in ((1, "s"), (1e3, "ms"), (1e6, "µs"), (1e9, "ns"))
            if value * f >= 1 or u == "ns"
        )
        value *= factor
    elif unit == "B":
        value, unit = value / 1e9, "GB"
    text = f"{value:.3g}" if 0 < value < 100 else f"{value:,.0f}"
    return f"{text}×" if unit == "×" else f"{text} {unit}"


HEADINGS = ["measure", "against", "ours", "theirs", "figure", "must", "aim", "met"]
N_LEFT = 2


def table_text(rows: Iterable[Row], judged: bool) -> str:
    """Return the rows as a table in Markdown that reads well as it is."""
    cells = [HEADINGS, *(row.cells(judged) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| "
        + " | ".join(
            text.ljust(width) if i < N_LEFT else text.rjust(width)
            for i, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in cells
    ]
    rule = (
        "|"
        + "|".join("-" * (w + 2) if i < N_LEFT else "-" * (w + 1) + ":" for i, w in enumerate(widths))
        + "|"
    )
    return "\n".join([lines[0], rule, *lines[1:]])
