"""A verdict: what a sweep says about a claim under one condition, and on what grounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sweep.claims.claim import Claim
from sweep.forms import Found
from sweep.forms.form import Pair
from sweep.terms.values import Value

Ruling = Literal["supported", "refuted", "alike", "inconclusive"]
RULINGS: tuple[Ruling, ...] = ("supported", "refuted", "alike", "inconclusive")
"""A claim that one is better by a share is refuted, and more than that, where neither is: then both are alike."""


@dataclass(frozen=True)
class Count:
    """What was counted in the one comparison that decides, of all that a claim makes.

    Attributes
    ----------
    pair
        The two values on the claim's axis; where the claim is supported or inconclusive those that speak for it least.
        (None, None) if cells are judged by themselves.
    successes, n
        How many replicates spoke for the claim, and how many spoke.
    replicates, planned
        How many replicates were looked at, and how many there are to be.
    n_failed, n_lost, n_equal
        How many of them had no metric, since their training failed; how many diverged wherever they are compared; and
        how many had the same metric there.
    measured
        What the form measured beside, for its sentence.
    note
        What the form noted as it counted.
    """

    pair: Pair
    successes: int
    n: int
    replicates: int
    planned: int
    n_failed: int = 0
    n_lost: int = 0
    n_equal: int = 0
    measured: tuple[float, ...] = ()
    note: str = ""

    @property
    def share(self) -> float:
        """The share of successes; NaN without any replicate that spoke."""
        return self.successes / self.n if self.n else float("nan")

    @property
    def found(self) -> Found:
        """The same for a sentence about it."""
        return Found(self.pair, self.share, self.n, self.replicates, self.measured, self.note)


@dataclass(frozen=True)
class Interval:
    """An interval that holds the true share with this confidence at all numbers of replicates together.

    The confidence is that of one verdict: all of them together have that of the config.
    """

    low: float
    high: float
    confidence: float


@dataclass(frozen=True)
class Effect:
    """How large a difference is: mostly the ratio of two metrics, replicate by replicate.

    `median`, and the interval that holds the true one at all numbers of replicates together, `low` to `high`; `mean` is
    the geometric mean, inf or 0 where runs diverged.
    """

    median: float
    low: float
    high: float
    mean: float


@dataclass(frozen=True)
class Verdict:
    """What a sweep says about a claim under one condition.

    Attributes
    ----------
    number, claim
        The claim, and which of the config's it is, from 1.
    condition
        The values of the axes in `over`.
    ruling
        "supported", "refuted", "alike" or "inconclusive".
    count, interval
        What was counted, and what it says of the true share.
    effect
        How large the difference is; None if nothing is compared.
    needed
        About how many replicates would decide an inconclusive claim if the shares seen are the true ones; None if it
        is decided, or if no number would.
    missing
        The pairs that the claim compares and that the grid leaves out.
    sweeps
        With how many sweeps it is shown, which share the error.
    among
        Those values that cannot be told from the best one, for a claim about the best; otherwise ().
    """

    number: int
    claim: Claim
    condition: Mapping[str, Value]
    ruling: Ruling
    count: Count
    interval: Interval
    effect: Effect | None
    needed: int | None = None
    missing: tuple[Pair, ...] = ()
    sweeps: int = 1
    among: tuple[Value, ...] = ()

    @property
    def n(self) -> int:
        """How many replicates spoke."""
        return self.count.n

    @property
    def share(self) -> float:
        """The share of those that spoke for the claim."""
        return self.count.share

    @property
    def bound(self) -> float:
        """The share that it is held against."""
        return self.claim.form.bound
