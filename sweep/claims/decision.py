"""Evidence → rulings: supported, refuted or inconclusive, with the part that decides it.

A claim of several parts holds if every part does, and each may be tested at the full level (intersection-union test,
Berger 1982). It is refuted if any part is, and then the level is divided by the number of parts (Bonferroni).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweep.claims.evidence import Evidence
from sweep.claims.shares import median_interval, replicates_needed, share_interval
from sweep.claims.verdict import Ratio, Ruling
from sweep.terms.arrays import Bools, Floats


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

    supported: Bools
    refuted: Bools
    part: NDArray[np.intp]
    error: Floats
    low: Floats
    high: Floats

    def ruling(self, row: int) -> Ruling:
        """Return the ruling on one condition."""
        if self.supported[row]:
            return "supported"
        return "refuted" if self.refuted[row] else "inconclusive"


def decide(evidence: Evidence, exists: Bools, bound: float, error: float) -> Decision:
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


def _n_parts(exists: Bools) -> Floats:
    return np.asarray(np.maximum(1.0, np.count_nonzero(exists, axis=1))[:, None])


def needed(evidence: Evidence, exists: Bools, bound: float, error: float, replicates: int) -> Floats:
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
    """Return the ratio of the metrics of one part of one condition."""
    if evidence.ratio is None:
        return None
    values = evidence.ratio[at]
    return Ratio(*median_interval(values[~np.isnan(values)], error))
