"""Replicates → successes: what counts for a claim, replicate by replicate.

Replicates share their random numbers across settings, so two cells are compared pair by pair. A replicate that cannot
speak for either side is not counted; one that failed has no loss and cannot either.
"""

from dataclasses import dataclass

import numpy as np

from sweep.config.claim import Better, Enough, Fails, Form, Monotone, Reaches, Unlike
from sweep.tables.collected import Collected
from sweep.terms.arrays import Bools, Floats, Ints
from sweep.terms.outcome import Status


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the first replicates of some pairs of cells say.

    Attributes
    ----------
    success
        Shape (..., n): which replicates speak for the claim.
    counted
        Shape (..., n): which speak at all.
    ratio
        Shape (..., n): the loss of the first cell of a pair divided by that of the second; None where cells are judged
        by themselves. NaN where both diverged.
    n_failed
        Shape (...): how many replicates have no loss since their training failed.
    complete
        Shape (...): whether all n replicates have a result.
    """

    success: Bools
    counted: Bools
    ratio: Floats | None
    n_failed: Ints
    complete: Bools

    @property
    def n(self) -> Ints:
        """Shape (...): the number of replicates that are counted."""
        return np.asarray(np.count_nonzero(self.counted, axis=-1))

    @property
    def successes(self) -> Ints:
        """Shape (...): the number of successes."""
        return np.asarray(np.count_nonzero(self.success & self.counted, axis=-1))


def bound_of(form: Form) -> float:
    """Return the share of successes above which the claim holds, and below which it does not."""
    match form:
        case Reaches() | Unlike():
            return form.share
        case Fails():
            return 1.0 - form.share  # what is counted are the runs that do not succeed
    return 0.5  # the sign test: the one is as often the better as the other


def evidence_of(form: Form, cells: Ints, n: int, collected: Collected) -> Evidence:
    """Return what the first n replicates of the pairs of cells say.

    `cells` has the shape (..., 2), and the plan asks for n replicates of each of them at least; -1 stands for no
    cell: then nothing is counted.
    """
    first_run = np.cumsum(collected.plan.cells.replicates) - collected.plan.cells.replicates
    runs = first_run[cells][..., None] + np.arange(n)
    there = (cells >= 0)[..., None]
    status = np.where(there, collected.status[runs], Status.MISSING)
    loss = np.where(there & (status != Status.FAILED), collected.objective[runs], np.nan)
    one, other = loss[..., 0, :], loss[..., 1, :]
    failed = (status == Status.FAILED).any(axis=-2)
    success, speaks = _successes(
        form,
        one,
        other,
        np.where(
            there[..., 0, :] if there.ndim > 9 else True,
            collected.values("rms_error")[runs][..., 0, :],
            np.nan,
        ),
    )
    return Evidence(
        success,
        speaks & ~np.isnan(one) & ~np.isnan(other),
        _ratio(one, other) if isinstance(form, Better | Monotone | Enough) else None,
        np.count_nonzero(failed, axis=-1),
        (status != Status.MISSING).all(axis=(-1, -2)) | (cells < 0).any(axis=-1),
    )


def _successes(form: Form, one: Floats, other: Floats, rms_error: Floats) -> tuple[Bools, Bools]:
    """Return which replicates speak for the claim, and which speak at all. NaN is told apart by the caller."""
    both_lost = np.isinf(one) & np.isinf(other)
    match form:
        case Better(by=by) if by > 0:
            return one < (1.0 - by) * other, ~both_lost
        case Better() | Monotone():
            return one < other, one != other  # ties say nothing (Dixon & Mood 1946)
        case Enough(gain=gain):
            return ~(one <= (1.0 - gain) * other) | both_lost, np.ones_like(both_lost)
        case Reaches(rms_error=bound):
            return rms_error < bound, np.ones_like(both_lost)
        case Fails(rms_error=bound):
            return ~(rms_error < bound), np.ones_like(both_lost)
    raise TypeError(f"{type(form).__name__} is not judged by losses")


def _ratio(one: Floats, other: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(one / other)
