"""The keys of a config that do not depend on what is trained, each said once: type, range, unit, default and meaning.

Checking a value, the error messages and the list of all keys in the documents come from here, so a new key is one new
entry.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from sweep.terms.keys import Names, Table, as_tuple, key

MOST_RUNS = 1_000_000_000
"""The highest limit of runs that a user can set: the plan of more would not fit into memory."""

Ends = Annotated[tuple[float, float], BeforeValidator(as_tuple)]
WholeEnds = Annotated[tuple[int, int], BeforeValidator(as_tuple)]


class TopTable(Table):
    """Keys before the first table header."""

    title: str = key("", meaning="what the experiment asks: the heading of its report")
    source: str = key("", meaning="where the experiment comes from: a paper, a page, a lecture")
    note: str = key(
        "", meaning="what else its readers should know: paragraphs at the beginning of the report"
    )
    figures: Names = key((), meaning="the figures of the report; left out, all that make sense")
    lang: Literal["en", "ja"] = key("en", meaning="the language of figures and pages: English, or Japanese")
    max_runs: int = key(
        10_000_000, unit="runs", meaning="a config of more runs is refused", ge=1, le=MOST_RUNS
    )


class GridTable(Table):
    """[grid], or [[grid]] several times: what is swept. Any parameter of the training may be an axis here."""

    replicates: int = key(
        10, unit="runs", meaning="runs of a grid point, with random numbers of their own", ge=1
    )
    seed: int = key(
        0,
        meaning="start of all random numbers: the same seed gives the same results",
        range="a whole number from 0 to 2**63 - 1",
        ge=0,
        le=2**63 - 1,
    )
    # `zip` and `exclude` name axes, and are checked together with them, in grids.py
    zip: tuple[str, ...] = key(
        (),
        meaning="axes that move together, value by value, instead of being combined",
        range='lists of axes, such as [["function", "interval"]]',
    )
    exclude: tuple[str, ...] = key(
        (),
        meaning="combinations that are left out: those with one of the listed values in every named axis",
        range="a list such as [{ epochs = 10, neurons = [1, 2] }]",
    )


class AxisTable(Table):
    """An axis of numbers by its ends, instead of a list: { log = [low, high], num = n } and the like."""

    log: Ends = key(
        meaning="`num` values in equal ratios, both ends included, rounded to 12 digits, or to as many as tell them "
        "apart (to whole numbers in fields of whole numbers, of which there may be fewer)",
        range="two numbers [low, high] with 0 < low <= high",
    )
    linear: Ends = key(
        meaning="`num` values in equal steps, both ends included, rounded likewise",
        range="two numbers [low, high] with low <= high",
    )
    num: int = key(unit="values", meaning="how many values, for `log` and `linear`, up to 100_000", ge=1)
    range: WholeEnds = key(
        meaning="the whole numbers from low to high, both ends included",
        range="two whole numbers [low, high] with low <= high",
    )
    step: int = key(
        1, meaning="distance of the values of `range`, from low on; high is met if they lead there", ge=1
    )


class ClaimsTable(Table):
    """[claims]: how sure the verdicts on all claims are to be."""

    confidence: float = key(
        0.95,
        meaning="probability that none of the config's verdicts is wrong, however often one looks, at least",
        gt=0.5,
        lt=1,
    )
    most_replicates: int = key(
        1024,
        unit="runs",
        meaning="as many replicates of a cell are trained at most to decide its claims",
        ge=1,
        le=MOST_RUNS,
    )
