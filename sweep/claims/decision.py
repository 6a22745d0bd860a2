"""Evidence → rulings: supported, refuted or inconclusive, with the part that decides it.

The error of a verdict is divided into two halves, one for a support that is wrong and one for a refutation. Parts stand
in groups, and the claim holds if in each group one part does at least:

- It is supported if in every group a part is found to hold. All groups have to be wrong at once for a claim that fails
  in one, so each may take the full half (an intersection-union test, Berger 1982), which its parts divide among them
  (Bonferroni).
- It is refuted if in one group all parts are found to fail. The groups divide the half among them.

The lower end of the interval that is shown is the smallest, over the groups, of the largest in each: the bound that the
claim as a whole is found to be above. The upper end is that of the part that is shown, at its divided error. So the
interval holds the share of the part that is shown, whichever that is, and excludes the bound where the verdict is
decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweep.claims.evidence import Evidence
from sweep.claims.sequences import POWER, median_interval, replicates_needed, running_lower_limit
from sweep.claims.verdict import Effect, Ruling
from sweep.forms.form import Pair
from sweep.terms.arrays import Bools, Floats, Ints
from sweep.terms.values import Value, exactly


@dataclass(frozen=True, eq=False)
class Errors:
    """How c conditions of p parts share the error of a verdict; all of shape (c, p).

    Attributes
    ----------
    support, refute
        The error with which a part is found to hold, and with which it is found to fail.
    n_groups
        The number of groups.
    """

    support: Floats
    refute: Floats
    n_groups: Ints


@dataclass(frozen=True, eq=False)
class Decision:
    """What a look at c conditions of p parts comes to.

    Attributes
    ----------
    rulings
        For each condition.
    part
        Shape (c,): the part that decides, or that speaks for the claim least.
    low, high
        Shape (c,): the interval that is shown.
    """

    rulings: list[Ruling]
    part: NDArray[np.intp]
    low: Floats
    high: Floats

    @property
    def is_open(self) -> Bools:
        """Shape (c,): which are not decided."""
        return np.array([ruling == "inconclusive" for ruling in self.rulings], dtype=bool)


def shared_error(exists: Bools, groups: Ints, error: float) -> Errors:
    """Return how the parts that there are, of shape (c, p), share the error of a verdict."""
    in_group = groups[:, None] == groups
    n_members = np.maximum(1, exists.astype(np.int64) @ in_group)
    n_groups = np.maximum(1, _any(exists, groups).sum(axis=1))[:, None]
    n_groups = np.broadcast_to(n_groups, exists.shape)
    return Errors(error / 2 / n_members, error / 2 / n_groups, n_groups)


def decide(
    evidence: Evidence, exists: Bools, groups: Ints, bound: float, error: float, may_hold: Bools
) -> Decision:
    """Return the decision for every condition.

    `exists`, of shape (c, p), says which parts there are, and `may_hold`, of shape (c,), where that is enough for the
    claim to hold.
    """
    errors = shared_error(exists, groups, error)
    low = np.where(exists, running_lower_limit(evidence.success, evidence.counted, errors.support), -np.inf)
    high = 1.0 - running_lower_limit(~evidence.success, evidence.counted, errors.refute)
    high = np.where(exists, high, -np.inf)
    there = _any(exists, groups)
    group_low = np.where(there, _largest(low, groups), np.inf)
    group_high = np.where(there, _largest(high, groups), np.inf)
    refuted = np.asarray((group_high <= bound).any(axis=1))
    supported = np.asarray(may_hold & (group_low >= bound).all(axis=1))
    group = np.where(refuted, group_high.argmin(axis=1), group_low.argmin(axis=1))
    is_shown = groups == np.unique(groups)[group][:, None]
    part = np.where(is_shown, np.where(refuted[:, None], high, low), -np.inf).argmax(axis=1)
    rows = np.arange(len(part))
    low, high = group_low.min(axis=1), high[rows, part]
    # Replicates that say first one thing and then the other, beyond chance, are not independent: nothing is decided.
    supported, refuted = supported & ~refuted, refuted & ~supported
    alike = np.asarray(refuted & (_opposite_high(evidence, errors)[rows, part] <= bound))
    rulings: list[Ruling] = [
        "supported" if s else "alike" if a else "refuted" if r else "inconclusive"
        for s, a, r in zip(supported, alike, refuted, strict=True)
    ]
    return Decision(rulings, part, np.minimum(low, high), np.maximum(low, high))


def unbeaten(
    evidence: Evidence, exists: Bools, pairs: Sequence[Pair], bound: float, error: float
) -> list[tuple[Value, ...]]:
    """Return for each condition the values of which no other is found to be better, where each pair is compared.

    The best value is among them unless one of the others is found to be better than it: with all of these the error is
    divided (Bonferroni; Gupta 1965 for the question).
    """
    values = {exactly(other): other for _, other in pairs if other is not None}
    others = [exactly(other) if other is not None else None for _, other in pairs]
    low = running_lower_limit(evidence.success, evidence.counted, error / max(1, len(values) - 1))
    beats = (low >= bound) & exists
    lost = [{others[part] for part in np.flatnonzero(row).tolist()} for row in beats]
    there = [{others[part] for part in np.flatnonzero(row).tolist()} for row in exists]
    return [
        tuple(value for name, value in values.items() if name in one - beaten)
        for one, beaten in zip(there, lost, strict=True)
    ]


def _opposite_high(evidence: Evidence, errors: Errors) -> Floats:
    """Return the upper ends for the opposite of the claim; inf where it has none."""
    if evidence.opposite is None:
        return np.full(errors.refute.shape, np.inf)
    said = evidence.opposite
    return np.asarray(1.0 - running_lower_limit(~said.success, said.counted, errors.refute))


def needed(evidence: Evidence, exists: Bools, groups: Ints, bound: float, error: float) -> Floats:
    """Return for each condition about how many replicates decide it, if the shares seen are the true ones; inf if none.

    In all groups a part has to be found to hold if each speaks for the claim, and else in one all have to be found to
    fail. All of them together are to be found with the probability that counts as probable: so those that take about as
    long as the slowest each with one that is larger (as if they were independent); the others are found by then.
    """
    errors = shared_error(exists, groups, error)
    counted = np.maximum(evidence.n, 1)
    share = (evidence.successes / counted).clip(0.0, 1.0)
    per_counted = np.maximum(evidence.n_seen, 1) / counted  # some replicates do not speak
    is_for, is_against = exists & (share > bound), exists & (share < bound)
    each = replicates_needed(share, bound, errors.support, POWER ** (1.0 / errors.n_groups)) * per_counted
    alone = np.where(is_for, replicates_needed(share, bound, errors.support) * per_counted, 0.0)
    n_slow = np.count_nonzero(is_for & (each >= alone.max(axis=1, keepdims=True)), axis=1, keepdims=True)
    wanted = POWER ** (1.0 / np.maximum(1, np.minimum(n_slow, errors.n_groups)))
    upwards = replicates_needed(share, bound, errors.support, wanted) * per_counted
    downwards = replicates_needed(share, bound, errors.refute) * per_counted
    there = _any(exists, groups)
    first = _smallest(np.where(is_for, upwards, np.inf), groups)
    last = _largest(np.where(is_against, downwards, np.where(exists, np.inf, 0.0)), groups)
    all_for = (_any(is_for, groups) | ~there).all(axis=1)
    slowest = np.where(there, first, 0.0).max(axis=1)
    quickest = np.where(there, last, np.inf).min(axis=1)
    silent = (exists & (evidence.n == 0)).any(axis=1)
    return np.asarray(np.where(silent, np.inf, np.ceil(np.where(all_for, slowest, quickest))))


def effect_of(evidence: Evidence, at: tuple[int, int], n_parts: int, error: float) -> Effect | None:
    """Return how large the difference is in one part of one condition.

    Any of the parts may be the one that is shown: they divide the error of the interval among them.
    """
    if evidence.effect is None:
        return None
    values = evidence.effect[at]
    values = values[~np.isnan(values)]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = float(np.exp(np.mean(np.log(values)))) if len(values) else float("nan")
    return Effect(*median_interval(values, error / n_parts), mean)


def _largest(values: Floats, groups: Ints) -> Floats:
    """Return the largest value of each group, of shape (c, n_groups), for values of shape (c, p)."""
    return np.stack([values[:, groups == group].max(axis=1) for group in np.unique(groups)], axis=1)


def _smallest(values: Floats, groups: Ints) -> Floats:
    return -_largest(-values, groups)


def _any(flags: Bools, groups: Ints) -> Bools:
    """Return in which groups, of shape (c, n_groups), any of the flags of shape (c, p) is set."""
    return np.stack([flags[:, groups == group].any(axis=1) for group in np.unique(groups)], axis=1)
