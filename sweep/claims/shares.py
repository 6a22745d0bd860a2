"""Shares: what k successes in n independent replicates say about the probability of a success. Exact, in arrays.

Every verdict rests on this one question. The interval is that of Clopper & Pearson (1934): it holds the probability at
least as often as promised, at any n. Without a single replicate it is [0, 1].
"""

from functools import cache

import numpy as np
import scipy  # not its `special`: that takes a tenth of a second, and is imported where it is first used
from numpy.typing import ArrayLike

from sweep.terms.arrays import Floats

POWER = 0.8
"""The probability of a decision that counts as "probably decided" (the custom since Cohen 1988)."""


def share_interval(successes: ArrayLike, n: ArrayLike, error: ArrayLike) -> tuple[Floats, Floats]:
    """Return the ends of the interval of the probability that errs with at most `error`, half of it on each side."""
    k, n, error = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (successes, n, error)))
    # The beta distribution has no parameter 0: there the end is that of the range.
    low = np.where(k > 0, scipy.special.betaincinv(np.maximum(k, 1), n - k + 1, error / 2), 0.0)
    high = np.where(k < n, scipy.special.betaincinv(k + 1, np.maximum(n - k, 1), 1 - error / 2), 1.0)
    return low, high


@cache
def fewest_successes(bound: float, n: int, error: float) -> int:
    """Return the number of successes from which on the interval lies above the bound; n + 1 if not even n suffice."""
    few = np.arange(n + 1)
    by_chance = 1.0 - np.where(few > 0, scipy.special.bdtr(np.maximum(few - 1.0, 0.0), n, bound), 0.0)
    return int(np.count_nonzero(by_chance >= error / 2))


def power(share: float, bound: float, n: int, error: float) -> float:
    """Return the probability that n replicates decide, either way, if a success has the probability `share`."""
    high = fewest_successes(bound, n, error)
    low = n - fewest_successes(
        1 - bound, n, error
    )  # at most so many successes put the interval below the bound
    above = 1.0 - float(scipy.special.bdtr(float(high - 1), n, share)) if high <= n else 0.0
    below = float(scipy.special.bdtr(float(low), n, share)) if low >= 0 else 0.0
    return above + below


def detectable_share(bound: float, n: int, error: float) -> float | None:
    """Return the smallest share above the bound that n replicates find with a probability of `POWER`; None if none."""
    high = fewest_successes(bound, n, error)
    if high > n:
        return None
    # P(X >= high) = POWER, that is P(X <= high - 1) = 1 - POWER, solved for the probability
    return float(scipy.special.bdtri(float(high - 1), n, 1 - POWER))


def replicates_needed(share: ArrayLike, bound: float, error: ArrayLike) -> Floats:
    """Return about how many replicates decide with a probability of `POWER`, if the share seen is the true one.

    The formula for a proportion against a fixed one by the normal approximation, with the correction for continuity
    (Fleiss, Levin & Paik 2003, section 2.5); inf where the share is the bound itself.
    """
    share, error = np.asarray(share, dtype=np.float64), np.asarray(error, dtype=np.float64)
    quantile = scipy.special.ndtri
    spread = -quantile(error / 2) * np.sqrt(bound * (1 - bound))
    spread = spread + quantile(POWER) * np.sqrt(share * (1 - share))
    apart = np.abs(share - bound)
    with np.errstate(divide="ignore", invalid="ignore"):
        normal = (spread / apart) ** 2
        normal = np.where(apart > 0, normal / 4 * (1 + np.sqrt(1 + 2 / (normal * apart))) ** 2, np.inf)
    # Successes alone, or failures alone, decide no sooner than their chance is small enough.
    alone = np.log(error / 2) / np.log(np.where(share > bound, bound, 1 - bound))
    return np.asarray(np.ceil(np.maximum(normal, alone)))


def median_interval(values: Floats, error: float) -> tuple[float, float, float]:
    """Return the median of a sample and the ends of an interval of the true one; NaN, 0 and inf without values.

    The interval runs between two order statistics, and holds the median unless a fair coin does what it does with
    probability `error` (Thompson 1936). A bootstrap of the median draws from the same order statistics, so this is what
    it would come to with endless draws; infinite values do no harm, and for ratios it excludes 1 exactly where the sign
    test decides.
    """
    n = len(values)
    if n == 0:
        return float("nan"), 0.0, float("inf")
    ordered = np.sort(values)
    middle = float(ordered[(n - 1) // 2] / 2 + ordered[n // 2] / 2)
    cut = n - fewest_successes(0.5, n, error)  # so many values on either side are beyond the interval
    return (
        (middle, float(ordered[cut]), float(ordered[n - 1 - cut]))
        if cut >= 0
        else (middle, 0.0, float("inf"))
    )
