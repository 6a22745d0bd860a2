"""Shares: what successes among independent replicates say about the probability of a success, however often one looks.

Every verdict rests on this one question. The answer is a confidence sequence (Darling & Robbins 1967): an interval
after each replicate, all of which hold the probability *at once* with the confidence that is stated. So replicates may
be added, a sweep stopped or gone on with, and a claim looked at after every replicate; nothing is spent by looking.

Against the hypothesis that the probability is `bound` or less stands the likelihood ratio of what was seen, averaged
over all probabilities above the bound, each weighing the same (the mixture of Robbins 1970; see Howard, Ramdas,
McAuliffe & Sekhon 2021, section 3.2). While the hypothesis is true, the average reaches 1/error at any time with a
probability of at most `error` (Ville 1939): exact at every number of replicates, without an approximation. The interval
holds the bounds that are not rejected, on either side with half of the error.

Why each weighs the same: the expected number of replicates until a decision against one half, of at most 1024, by exact
computation, and the share of sweeps that decide. A beta distribution around the bound that weighs as much as so many
replicates is better at small differences, and worse at large ones; looks at 32, 64, ..., 1024 with exact intervals that
share the error as 1/2, 1/4, ... are worse at all.

    share of successes          0.55         0.60        0.65       0.70      0.80      0.90
    error of 5 %
        uniform              760 (53 %)  242 (99.9 %)  101        54        23        13
        weight 4             730 (57 %)  226 (99.9 %)   96        53        24        14
        weight 40            677 (68 %)  221           109        69        38        26
        looks                854 (54 %)  329 (99.9 %)  124        66        35        32
    error of 2 in 10 000
        uniform             1000 (9 %)   538 (96 %)    232       126        53        29
        weight 4             995 (10 %)  521 (97 %)    226       124        53        30
        weight 40            988 (13 %)  508 (98 %)    239       144        75        49
        looks               1017 (9 %)   739 (97 %)    325       173        70        39
"""

from functools import cache

import numpy as np
import scipy  # not its `special`: that takes a tenth of a second, and is imported where it is first used
from numpy.typing import ArrayLike

from sweep.terms.arrays import Bools, Floats, Ints

POWER = 0.8
"""The probability of a decision that counts as "probably decided" (the custom since Cohen 1988)."""

_HALVINGS = 36
_MOST_STEPS, _SMALLEST_STEP = 60, 1e-12
_FIRST_ROUNDS = 3
MOST_COMPUTED = 4096
"""Up to so many replicates the probability of a decision is computed replicate by replicate."""


def log_evidence(successes: ArrayLike, n: ArrayLike, bound: ArrayLike) -> Floats:
    """Return the logarithm of the evidence that the probability of a success is above a bound, > 0 and < 1.

    It rises with the successes, and falls with the bound. Whoever rejects the bound when the evidence reaches 1/error
    errs with the probability `error`, however often he looks.
    """
    k, n, bound = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (successes, n, bound)))
    special = scipy.special
    with np.errstate(divide="ignore"):  # nothing is left above the bound: no evidence at all
        above = np.log(special.betaincc(k + 1, n - k + 1, bound)) - np.log1p(-bound)
    return np.asarray(
        special.betaln(k + 1, n - k + 1) + above - special.xlogy(k, bound) - special.xlog1py(n - k, -bound)
    )


def lower_limit(successes: ArrayLike, n: ArrayLike, error: ArrayLike) -> Floats:
    """Return the largest bound that k successes in n replicates reject, 0 if they reject none.

    By Newton's method in the logarithm of the odds, bound / (1 - bound): the evidence is a convex function of it,
    wherever it is above 1. So every step ends at a bound that is rejected, from the first, the asymptote's, on.
    """
    k, n, error = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (successes, n, error)))
    special, wanted, some = scipy.special, -np.log(error), np.maximum(k, 1.0)
    odds = (special.betaln(some + 1, n - k + 1) - wanted) / some
    for _ in range(_MOST_STEPS):
        bound = np.clip(special.expit(odds), 1e-300, 1 - 1e-16)
        evidence = log_evidence(k, n, bound)
        step = (wanted - evidence) / ((n + 1 - np.exp(-evidence)) * bound - some)
        goes_on = step > _SMALLEST_STEP  # each by itself, so that no limit depends on its neighbours
        if not goes_on.any():
            break
        odds = np.where(goes_on, odds + step, odds)
    return np.asarray(np.where(k > 0, special.expit(odds), 0.0))


def running_lower_limit(success: Bools, counted: Bools, error: ArrayLike) -> Floats:
    """Return the largest bound that is rejected after any number of the replicates; 0 if none is.

    `success` and `counted`, of shape (..., n), say which replicates count, and which of them are successes; `error`, of
    shape (...), is that of all these looks together. What is rejected once remains so, whatever comes after.
    """
    k: Ints = np.cumsum(success & counted, axis=-1, dtype=np.int64)
    n: Ints = np.cumsum(counted, axis=-1, dtype=np.int64)
    shape, length = k.shape[:-1], k.shape[-1]
    errors = np.broadcast_to(np.asarray(error, dtype=np.float64), shape).ravel()
    if not length or not errors.size:
        return np.zeros(shape)
    k, n = k.reshape(-1, length), n.reshape(-1, length)
    wanted = -np.log(errors)
    binomials = _log_binomials(k, n)
    found, rows = np.zeros(len(k)), np.arange(len(k))
    for _ in range(_FIRST_ROUNDS):
        best = _at_most(binomials, k, n, found[:, None]).argmax(axis=1)
        found = np.maximum(found, lower_limit(k[rows, best], n[rows, best], errors))
    rows, places = np.nonzero(_at_most(binomials, k, n, found[:, None]) > wanted[:, None])
    while len(rows):
        evidence = log_evidence(k[rows, places], n[rows, places], found[rows])
        rejects = evidence > wanted[rows]
        rows, places, evidence = rows[rejects], places[rejects], evidence[rejects]
        order = np.lexsort((-evidence, rows))
        # in each row the one that rejects it most clearly
        best = order[np.unique(rows[order], return_index=True)[1]]
        more = lower_limit(k[rows[best], places[best]], n[rows[best], places[best]], errors[rows[best]])
        found[rows[best]] = np.maximum(found[rows[best]], more)
        rows, places = np.delete(rows, best), np.delete(places, best)
    return np.asarray(found.reshape(shape))


def _log_binomials(successes: Ints, n: Ints) -> Floats:
    """Return the logarithm of the likelihood's integral over all probabilities."""
    log_factorial = scipy.special.gammaln(np.arange(n.max() + 2) + 1.0)
    return np.asarray(log_factorial[successes] + log_factorial[n - successes] - log_factorial[n + 1])


def _at_most(binomials: Floats, successes: Ints, n: Ints, bound: Floats) -> Floats:
    """Return what the evidence is not above, and is quickly computed; -inf where there is none."""
    against = np.maximum(bound, 1e-300)
    whole = binomials - successes * np.log(against) - (n - successes + 1) * np.log1p(-against)
    return np.where(successes > bound * n, whole, -np.inf)


@cache
def _boundary(bound: float, most: int, error: float) -> Ints:
    """Return for n = 0 ... most the number of successes from which on the bound is rejected; n + 1 if not even n do."""
    n = np.arange(most + 1)
    low: Ints = np.ceil(bound * n).astype(np.int64) - 1  # so many do not reject it
    high: Ints = n + 1  # so many would, if there were as many
    wanted = -np.log(error)
    while (high - low > 1).any():
        middle = (low + high) // 2
        is_rejected = log_evidence(np.minimum(middle, n), n, bound) >= wanted
        is_open = high - low > 1
        low = np.where(is_open & ~is_rejected, middle, low)
        high = np.where(is_open & is_rejected, middle, high)
    return np.asarray(high)


def fewest_successes(bound: float, n: int, error: float) -> int:
    """Return the number of successes among n from which on the bound is rejected; n + 1 if not even n suffice."""
    if n <= MOST_COMPUTED:
        return int(_boundary(bound, _rounded(n), error)[n])
    low, high = int(np.ceil(bound * n)) - 1, n + 1
    while high - low > 1:
        middle = (low + high) // 2
        is_rejected = log_evidence(middle, n, bound) >= -np.log(error)
        low, high = (low, middle) if is_rejected else (middle, high)
    return high


def _rounded(n: int) -> int:
    """Return the next power of two, so that few boundaries are computed."""
    return 1 << max(n - 1, 1).bit_length()


def power(share: ArrayLike, bound: float, n: int, error: float) -> Floats:
    """Return the probability that a bound is rejected by n replicates, after any number of them, if a share succeeds.

    Above `MOST_COMPUTED` replicates it is that of a rejection after all n, which is a little less.
    """
    share = np.asarray(share, dtype=np.float64)
    if n > MOST_COMPUTED:
        last = fewest_successes(bound, n, error) - 1.0
        return np.asarray(1.0 - scipy.special.bdtr(last, n, share) if last < n else 0.0 * share)
    needed = _boundary(bound, _rounded(n), error)
    p = share.reshape(-1, 1)
    going_on = np.zeros((p.size, n + 1))  # by the number of successes, of what is not decided
    going_on[:, 0] = 1.0
    first = 0
    decided = np.zeros(p.size)
    for i in range(1, n + 1):
        last = min(i, int(needed[i - 1]))  # one more than were possible before
        before = going_on[:, first : last + 1]
        after = before * (1 - p)
        after[:, 1:] += before[:, :-1] * p
        going_on[:, first : last + 1] = after
        if needed[i] <= last:
            decided += going_on[:, needed[i] : last + 1].sum(axis=1)
            going_on[:, needed[i] : last + 1] = 0.0
        while first < last and going_on[:, first].max() < 1e-15:
            going_on[:, first] = 0.0
            first += 1
    return np.asarray(decided.reshape(share.shape))


@cache
def detectable_share(bound: float, n: int, error: float, wanted: float = POWER) -> float | None:
    """Return the smallest share above the bound that n replicates find with the probability wanted; None if none."""
    if power(1.0, bound, n, error) < wanted:
        return None
    low, high = bound, 1.0
    for _ in range(4):
        shares = np.linspace(low, high, 12)
        first = int(np.argmax(power(shares, bound, n, error) >= wanted))
        low, high = float(shares[max(first - 1, 0)]), float(shares[first])
    return high


def replicates_needed(share: ArrayLike, bound: float, error: ArrayLike, wanted: ArrayLike = POWER) -> Floats:
    """Return about how many replicates decide with the probability wanted, if the share seen is the true one.

    The share may lie on either side of the bound; inf where it is the bound itself. It is the number at which a
    quantile of the successes, by the normal approximation, reaches the boundary. Some reach it before and fall back:
    where a decision by then has a probability of 0.8, one at that number itself has about 0.7 (found by computing it).
    """
    share, error, wanted = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (share, error, wanted))
    )
    upwards = share > bound
    p, against = np.where(upwards, share, 1 - share), np.where(upwards, bound, 1 - bound)
    below = -scipy.special.ndtri(1 - 1.5 * (1 - wanted))
    low, high = np.zeros(p.shape), np.full(p.shape, 40.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        n = np.exp(middle)
        k = n * p + below * np.sqrt(n * p * (1 - p))
        k = np.clip(k, 0.0, n)
        # where it is enough next to nothing lies below the bound, which would take most of the time
        evidence = scipy.special.betaln(k + 1, n - k + 1) - np.log1p(-against)
        evidence = evidence - scipy.special.xlogy(k, against) - scipy.special.xlog1py(n - k, -against)
        is_enough = (k > against * n) & (evidence >= -np.log(error))
        low, high = np.where(is_enough, low, middle), np.where(is_enough, middle, high)
    return np.asarray(np.where(p > against, np.ceil(np.exp(high)), np.inf))


def median_interval(values: Floats, error: float) -> tuple[float, float, float]:
    """Return the median of a sample and the ends of an interval of the true one; NaN, 0 and inf without values.

    The interval runs between two order statistics: it is rejected that the median lies where as many values are on one
    side of it as a fair coin does not show, whenever one looks, with half of the error on each side (Howard & Ramdas
    2022). Infinite values do no harm.
    """
    n = len(values)
    if n == 0:
        return float("nan"), 0.0, float("inf")
    ordered = np.sort(values)
    middle = float(ordered[(n - 1) // 2] / 2 + ordered[n // 2] / 2)
    beyond = n - fewest_successes(0.5, n, error / 2)  # so many values on either side are beyond the interval
    return (
        (middle, float(ordered[beyond]), float(ordered[n - 1 - beyond]))
        if beyond >= 0
        else (middle, 0.0, float("inf"))
    )
