"""Evidence → verdict: supported, refuted or inconclusive, with the part that decides it.

A claim of several parts holds if every part does, and each may be tested at the full level (intersection-union test,
Berger 1982). It is refuted if any part is, and then the level is divided by the number of parts (Bonferroni).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sweep.claims.evidence import Evidence
from sweep.claims.shares import median_interval, replicates_needed, share_interval
from sweep.config.claim import Claim
from sweep.terms.arrays import Floats
from sweep.terms.values import Value

Outcome = Literal["supported", "refuted", "inconclusive"]


@dataclass(frozen=True)
class Ratio:
    """The median of the losses' ratio over the replicates, and the interval that holds the true one."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Verdict:
    """What a sweep says about a claim under one condition, and on what grounds.

    Attributes
    ----------
    number, claim
        The claim, and which of the config's it is, from 1.
    condition
        The values of the axes in `over`.
    outcome
        "supported", "refuted" or "inconclusive".
    pair
        The two values on the claim's axis whose comparison decides, of all that the claim makes: where it is supported
        or inconclusive the one that speaks for it least. (None, None) if cells are judged by themselves.
    share, low, high
        The share of successes in that comparison, and the interval that holds the true one. NaN, 0 and 1 without any.
    bound
        The share that it is held against.
    confidence
        The confidence of the interval, corrected for the number of verdicts, looks and parts.
    n
        How many replicates were counted.
    n_failed
        How many had no loss, since their training failed.
    is_complete
        Whether all of these replicates had a result; if not, the verdict is that there is none yet.
    replicates
        After how many replicates the claim was looked at.
    ratio
        The loss of the first of the pair divided by that of the second; None if nothing is compared.
    needed
        About how many replicates would decide an inconclusive claim if the shares seen are the true ones; None if it
        is decided, or if no number would.
    """

    number: int
    claim: Claim
    condition: Mapping[str, Value]
    outcome: Outcome
    pair: tuple[Value | None, Value | None]
    share: float
    low: float
    high: float
    bound: float
    confidence: float
    n: int
    n_failed: int
    replicates: int
    is_complete: bool
    ratio: Ratio | None
    needed: int | None


@dataclass(frozen=True, eq=False)
class Decision:
    """What a look at c conditions of p parts comes to.

    Attributes
    ----------
    supported, refuted
        Shape (c,).
    part
        Shape (c,): the part that decides, or that speaks for the claim least.
    error
        Shape (c,): the error of the intervals: that of the look, and where a part refutes the claim, this one divided
        by the number of parts.
    low, high
        Shape (c, p): the intervals.
    """

    supported: NDArray[np.bool_]
    refuted: NDArray[np.bool_]
    part: NDArray[np.intp]
    error: Floats
    low: Floats
    high: Floats


def decide(evidence: Evidence, exists: NDArray[np.bool_], bound: float, error: float) -> Decision:
    """Return the decision for every condition, where `exists`, of shape (c, p), says which parts there are."""
    k, n = evidence.successes, evidence.n
    divided = error / _n_parts(exists)
    low, high = share_interval(k, n, error)
    strict_low, strict_high = share_interval(k, n, divided)
    supported = np.asarray(((low > bound) | ~exists).all(axis=1))
    refuted = np.asarray(((strict_high < bound) & exists).any(axis=1))
    weakest = np.where(exists, low, np.inf).argmin(axis=1)
    against = np.where(exists, strict_high, np.inf).argmin(axis=1)
    rows = refuted[:, None]
    return Decision(
        supported,
        refuted,
        np.where(refuted, against, weakest),
        np.where(refuted, divided[:, 0], error),
        np.where(rows, strict_low, low),
        np.where(rows, strict_high, high),
    )


def _n_parts(exists: NDArray[np.bool_]) -> Floats:
    return np.asarray(np.maximum(1.0, np.count_nonzero(exists, axis=1))[:, None])


def needed(
    evidence: Evidence, exists: NDArray[np.bool_], bound: float, error: float, replicates: int
) -> Floats:
    """Return for each condition about how many replicates decide it, if the shares seen are the true ones; inf if none.

    All parts have to be decided if each speaks for the claim, and else one of those that speak against it.
    """
    counted = np.maximum(evidence.n, 1)
    share = (evidence.successes / counted).clip(0.0, 1.0)
    per_counted = replicates / counted  # some replicates do not speak
    upwards = replicates_needed(share, bound, error) * per_counted
    downwards = replicates_needed(share, bound, error / _n_parts(exists)) * per_counted
    all_for = ((share > bound) | ~exists).all(axis=1)
    slowest = np.where(exists, upwards, 0.0).max(axis=1)
    quickest = np.where(exists & (share < bound), downwards, np.inf).min(axis=1)
    silent = (exists & (evidence.n == 0)).any(axis=1)
    return np.asarray(np.where(silent, np.inf, np.ceil(np.where(all_for, slowest, quickest))))


def ratio_of(evidence: Evidence, at: tuple[int, int], error: float) -> Ratio | None:
    """Return the ratio of the losses of one part of one condition."""
    if evidence.ratio is None:
        return None
    values = evidence.ratio[at]
    return Ratio(*median_interval(values[~np.isnan(values)], error))
