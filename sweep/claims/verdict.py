"""A verdict: what a sweep says about a claim under one condition, and on what grounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sweep.claims.claim import Claim
from sweep.forms import Found
from sweep.forms.form import Pair
from sweep.terms.values import Value

Ruling = Literal["supported", "refuted", "inconclusive"]
RULINGS: tuple[Ruling, ...] = ("supported", "refuted", "inconclusive")


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
    n_failed
        How many had no metric, since their training failed.
    replicates
        After how many replicates the claim was looked at.
    is_complete
        Whether all of these had a result; if not, the verdict is that there is none yet.
    note
        What the form noted as it counted.
    """

    pair: Pair
    successes: int
    n: int
    n_failed: int
    replicates: int
    is_complete: bool
    note: str = ""

    @property
    def share(self) -> float:
        """The share of successes; NaN without any replicate that spoke."""
        return self.successes / self.n if self.n else float("nan")

    @property
    def found(self) -> Found:
        """The same for a sentence about it."""
        return Found(self.pair, self.share, self.n, self.replicates, self.is_complete, self.note)


@dataclass(frozen=True)
class Interval:
    """An interval that holds the true share with this confidence, corrected for all verdicts, looks and parts."""

    low: float
    high: float
    confidence: float


@dataclass(frozen=True)
class Ratio:
    """The median of the metrics' ratio over the replicates, and the interval that holds the true one."""

    median: float
    low: float
    high: float


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
        "supported", "refuted" or "inconclusive".
    count, interval
        What was counted, and what it says of the true share.
    ratio
        The metric of the first of the pair divided by that of the second; None if nothing is compared.
    needed
        About how many replicates would decide an inconclusive claim if the shares seen are the true ones; None if it
        is decided, or if no number would.
    """

    number: int
    claim: Claim
    condition: Mapping[str, Value]
    ruling: Ruling
    count: Count
    interval: Interval
    ratio: Ratio | None
    needed: int | None

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
