"""Replicates → successes: what counts for a claim, replicate by replicate.

Replicates share their random numbers across settings, so two cells are compared pair by pair. A replicate that cannot
speak for either side is not counted; one that has no result cannot either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.forms import Form, Kept
from sweep.tables.collected import Collected
from sweep.terms.arrays import Bools, Floats, Ints
from sweep.terms.outcome import WITHOUT_RESULT, Status


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
        Shape (..., n): the metric of the first cell of a pair divided by that of the second; None where cells are
        judged by themselves. NaN where both diverged.
    n_failed
        Shape (...): how many replicates have no metric since their training failed.
    complete
        Shape (...): whether all n replicates have a result.
    notes
        For each row what the form noted as it counted; () if nothing.
    """

    success: Bools
    counted: Bools
    ratio: Floats | None
    n_failed: Ints
    complete: Bools
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> Ints:
        """Shape (...): the number of replicates that are counted."""
        return np.asarray(np.count_nonzero(self.counted, axis=-1))

    @property
    def successes(self) -> Ints:
        """Shape (...): the number of successes."""
        return np.asarray(np.count_nonzero(self.success & self.counted, axis=-1))


def evidence_of(form: Form, cells: Ints, n: int, collected: Collected) -> Evidence:
    """Return what the metrics of the first n replicates of the pairs of cells say.

    `cells` has the shape (..., 2), and the plan asks for n replicates of each of them at least; -1 stands for no
    cell: then nothing is counted.
    """
    first_run = np.cumsum(collected.plan.cells.replicates) - collected.plan.cells.replicates
    runs = first_run[cells][..., None] + np.arange(n)
    there = (cells >= 0)[..., None]
    status = np.where(there, collected.status[runs], Status.MISSING)
    failed = np.isin(status, WITHOUT_RESULT)
    values = np.where(there & ~failed, collected.values(form.metric.name)[runs], np.nan)
    one, other = values[..., 0, :], values[..., 1, :]
    said = form.count(one, other)
    return Evidence(
        said.success,
        said.counted & ~np.isnan(one) & ~np.isnan(other),
        _ratio(one, other) if form.compares else None,
        np.count_nonzero(failed.any(axis=-2), axis=-1),
        (status != Status.MISSING).all(axis=(-1, -2)) | (cells < 0).any(axis=-1),
    )


def evidence_of_kept(form: Form, cells: Sequence[int], kept: Mapping[int, Kept]) -> Evidence:
    """Return what is kept of the cells, each judged by itself, says; `kept` is by cell."""
    said = [form.count_kept(kept[cell]) for cell in cells]
    success, counted = np.stack([one.success for one in said]), np.stack([one.counted for one in said])
    complete = np.array([[kept[cell].is_complete] for cell in cells])
    nothing = np.zeros((len(cells), 1), dtype=np.int64)
    notes = tuple(one.note for one in said)
    return Evidence(success[:, None], counted[:, None], None, nothing, complete, notes)


def _ratio(one: Floats, other: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(one / other)
