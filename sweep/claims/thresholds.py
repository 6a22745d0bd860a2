"""How much a claim's bound decides: the share of runs that succeed, as a function of the bound.

A claim of the forms `reaches` and `fails` states one bound. Here the share of successful runs is known for every
bound, with a band that holds the true share at all bounds at once; so whoever reads it sees what another bound would
have said. Pure: no files, no randomness.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import log, sqrt
from typing import Literal

import numpy as np

from sweep.claims.conditions import conditions_of
from sweep.claims.verdict import Verdict
from sweep.forms import Fails, Reaches
from sweep.tables.collected import Collected
from sweep.terms.arrays import Floats, Ints, Statuses
from sweep.terms.metric import Metric
from sweep.terms.outcome import WITHOUT_RESULT, Status
from sweep.terms.values import Value

Leaning = Literal["supported", "refuted", "open"]
"""What the band alone says of a claim at one bound: "open" where the claim's share lies within it."""

_HAIR = 1e-12
"""A share that a band just touches is within it, whatever is lost in the last bit."""


def half_width(n: int, confidence: float) -> float:
    """Return the half width of the band around the shares of n runs, n >= 1: sqrt(ln(2 / alpha) / (2 n)).

    With at least this confidence, 1 - alpha, the true shares at all bounds together are no further from those seen:
    the inequality of Dvoretzky, Kiefer & Wolfowitz (1956) with the constant of Massart (1990). It holds for any
    distribution, and for a number of runs that was not chosen by looking at them.

    >>> round(half_width(32, 0.95), 4)
    0.2401
    """
    return sqrt(log(2.0 / (1.0 - confidence)) / (2.0 * n))


@dataclass(frozen=True, eq=False)
class SuccessCurve:
    """The share of the runs of one condition that succeed, as a function of the bound.

    Attributes
    ----------
    condition
        The values of the axes in the claim's `over`.
    values
        Shape (n_kept,), ascending: the metric of the runs that succeed at some bound, that is all that did not diverge.
    n
        The number of runs with a result, those that diverged among them.
    is_below
        Whether a run succeeds below the bound, not above it.
    """

    condition: Mapping[str, Value]
    values: Floats
    n: int
    is_below: bool

    def share(self, bounds: float | Floats) -> Floats:
        """Return the share that succeeds at bounds, of their shape, from 0 to 1; there must be a run."""
        return self._counted(bounds, "left" if self.is_below else "right")

    def share_after(self, bounds: Floats) -> Floats:
        """Return the share at bounds that are larger by as little as can be: where a step of the curve leads to."""
        return self._counted(bounds, "right")

    def band(self, bounds: float | Floats, confidence: float) -> tuple[Floats, Floats]:
        """Return the lower and the upper end of the band at bounds, each of their shape, from 0 to 1."""
        return band_around(self.share(bounds), self.n, confidence)

    @property
    def shares(self) -> Floats:
        """Shape (n_kept + 1,): the shares at bounds below all values, between each two of them, and above all."""
        n_smaller = np.arange(len(self.values) + 1)
        return self._share_of(n_smaller)

    def _counted(self, bounds: float | Floats, side: Literal["left", "right"]) -> Floats:
        return self._share_of(np.asarray(np.searchsorted(self.values, bounds, side=side)))

    def _share_of(self, n_smaller: Ints) -> Floats:
        return np.asarray((n_smaller if self.is_below else len(self.values) - n_smaller) / self.n)


def band_around(shares: Floats, n: int, confidence: float) -> tuple[Floats, Floats]:
    """Return the lower and the upper end of the band around shares of n runs, each of their shape, from 0 to 1."""
    reach = half_width(n, confidence)
    return np.maximum(shares - reach, 0.0), np.minimum(shares + reach, 1.0)


@dataclass(frozen=True, eq=False)
class Threshold:
    """A claim of the form `reaches` or `fails` at bounds of all sizes.

    Attributes
    ----------
    metric
        What is looked at.
    limit, is_below
        The bound that the claim states, and whether runs succeed below it.
    share
        The share that the claim is about: more succeed, or fewer.
    is_more
        Whether the claim is that more succeed.
    confidence
        With which the band holds the true curve, for each curve by itself.
    curves
        One for each condition, in their order; those without a result have n = 0.
    """

    metric: Metric
    limit: float
    is_below: bool
    share: float
    is_more: bool
    confidence: float
    curves: tuple[SuccessCurve, ...]

    @cached_property
    def begun(self) -> tuple[SuccessCurve, ...]:
        """The curves of conditions that have a result."""
        return tuple(curve for curve in self.curves if curve.n)

    def leanings(self, bound: float) -> list[Leaning]:
        """Return what the bands say of the claim at a bound, for each of `begun`."""
        return [self._leaning(curve, bound) for curve in self.begun]

    @cached_property
    def values(self) -> Floats:
        """Shape (n_finite,): the finite values of all curves, in no order."""
        every = np.concatenate([curve.values for curve in self.curves]) if self.curves else np.empty(0)
        return np.asarray(every[np.isfinite(every)])

    @cached_property
    def counts_from_one(self) -> bool:
        """Whether the metric is measured by how far it is from 1, as an accuracy is that is to be above 0.9.

        Of such a bound twice is nothing that a run could reach, and half is nothing that one would ask for.
        """
        is_share = not self.metric.is_lower_better and 0.5 < self.limit < 1.0
        return bool(is_share and (self.values <= 1.0).all())

    @property
    def neighbours(self) -> tuple[float, float] | None:
        """Half of the bound, and twice of it, or half as far and twice as far from 1; None for a bound of 0."""
        if self.limit == 0:
            return None
        if self.counts_from_one:
            gap = 1.0 - self.limit
            return 1.0 - gap / 2.0, 1.0 - 2.0 * gap
        return self.limit / 2.0, 2.0 * self.limit

    def unchanged(self, curve: SuccessCurve) -> tuple[float, float]:
        """Return between which bounds the band says the same of the claim as at the stated one; ±inf if on and on."""
        sides = self._sides(curve, curve.shares)
        # The share only rises with the bound, or only falls: these bounds are one interval.
        same = np.flatnonzero(sides == self._sides(curve, curve.share(self.limit)))
        first, last = int(same[0]), int(same[-1])
        start = float(curve.values[first - 1]) if first else -np.inf
        return start, float(curve.values[last]) if last < len(curve.values) else np.inf

    def _leaning(self, curve: SuccessCurve, bound: float) -> Leaning:
        side = int(self._sides(curve, curve.share(bound)))
        return "open" if side == 0 else "supported" if (side > 0) == self.is_more else "refuted"

    def _sides(self, curve: SuccessCurve, shares: Floats) -> Ints:
        """Return 1 where the band around a curve's shares is above the claim's share, -1 where below, else 0."""
        reach = half_width(curve.n, self.confidence) + _HAIR
        is_above, is_below = shares - reach > self.share, shares + reach < self.share
        return np.asarray(np.where(is_above, 1, np.where(is_below, -1, 0)), dtype=np.int64)


def thresholds(verdicts: Sequence[Verdict], collected: Collected, confidence: float) -> dict[int, Threshold]:
    """Return the thresholds of the claims that have one, by the number of the claim.

    `collected` are the results of the plan that the claims were judged by.
    """
    first = (next(of_one) for _, of_one in groupby(verdicts, key=lambda verdict: verdict.number))
    return {
        verdict.number: _threshold(verdict, form, collected, confidence)
        for verdict in first
        if isinstance(form := verdict.claim.form, Reaches | Fails)
    }


def _threshold(verdict: Verdict, form: Reaches | Fails, collected: Collected, confidence: float) -> Threshold:
    curves = tuple(_curves(verdict, form, collected))
    is_more = isinstance(form, Reaches)
    return Threshold(form.metric, form.limit, form.is_below, form.share, is_more, confidence, curves)


def _curves(verdict: Verdict, form: Reaches | Fails, collected: Collected) -> Iterator[SuccessCurve]:
    """Yield the curve of each condition."""
    conditions = conditions_of(verdict.claim, collected.plan)
    first_run = collected.plan.first_run_of_cell
    for place, cell in zip(conditions.values, conditions.cells[:, 0, 0].tolist(), strict=True):
        runs = slice(int(first_run[cell]), int(first_run[cell + 1]))
        values = _looked_at(collected.values(form.metric.name, runs), collected.status[runs])
        kept = np.sort(values[values != form.metric.worst])
        yield SuccessCurve(dict(zip(conditions.axes, place, strict=True)), kept, len(values), form.is_below)


def _looked_at(values: Floats, status: Statuses) -> Floats:
    """Return the values of the first runs, up to one that has not been trained yet: those that verdicts rest on.

    Runs that failed have none.
    """
    is_seen = np.logical_and.accumulate(status != Status.MISSING)
    return np.asarray(values[is_seen & ~np.isin(status, WITHOUT_RESULT) & ~np.isnan(values)])
