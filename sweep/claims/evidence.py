"""Replicates → successes: what counts for a claim, replicate by replicate.

Replicates share their random numbers across settings, so cells are compared replicate by replicate. A replicate that
cannot speak for either side is not counted; one that has no result cannot either. What is looked at are the first
replicates, up to the first one that has not been trained yet: so what was seen before is never seen otherwise later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sweep.forms import Form, Kept, Successes
from sweep.forms.form import both_lost
from sweep.tables.collected import Collected
from sweep.terms.arrays import Bools, Floats, Ints
from sweep.terms.outcome import WITHOUT_RESULT, Status


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the first replicates of some parts, each of m cells, say.

    Attributes
    ----------
    success
        Shape (..., n): which replicates speak for the claim.
    counted
        Shape (..., n): which speak at all.
    opposite
        The same for the opposite of the claim, where the form has one that is not just its failure.
    effect
        Shape (..., n): how large the difference is, such as the ratio of two metrics; NaN where there is none. None
        where cells are judged by themselves.
    values
        Shape (..., m, n): the metrics; None where something else is looked at.
    n_seen
        Shape (...): after how many replicates.
    n_failed, n_lost, n_equal
        Shape (...): how many of them have no metric since their training failed, how many diverged in all cells that
        are compared, and how many have the same metric there.
    notes
        For each row what the form noted as it counted; () if nothing.
    """

    success: Bools
    counted: Bools
    opposite: Successes | None
    effect: Floats | None
    values: Floats | None
    n_seen: Ints
    n_failed: Ints
    n_lost: Ints
    n_equal: Ints
    notes: tuple[str, ...] = ()

    @cached_property
    def n(self) -> Ints:
        """Shape (...): the number of replicates that are counted."""
        return np.asarray(np.count_nonzero(self.counted, axis=-1))

    @cached_property
    def successes(self) -> Ints:
        """Shape (...): the number of successes."""
        return np.asarray(np.count_nonzero(self.success & self.counted, axis=-1))


def evidence_of(form: Form, cells: Ints, n: Ints, collected: Collected) -> Evidence:
    """Return what the metrics of the first n replicates of cells say.

    `cells` has the shape (c, p, m), and -1 stands for no cell: then nothing is counted. `n` has the shape (c,).
    """
    replicates, along = collected.plan.cells.replicates, np.arange(n.max())
    is_run = (
        (cells >= 0)[..., None] & (along < replicates[cells][..., None]) & (along < n[:, None, None, None])
    )
    runs = np.where(is_run, collected.plan.first_run_of_cell[cells][..., None] + along, 0)
    status = np.where(is_run, collected.status[runs], Status.MISSING)
    seen = np.logical_and.accumulate((status != Status.MISSING).all(axis=-2), axis=-1)
    failed = np.isin(status, WITHOUT_RESULT)
    has_values = seen & ~failed.any(axis=-2)
    values = np.where(has_values[..., None, :], _values(form, collected, runs), np.nan)
    each = tuple(np.moveaxis(values, -2, 0))
    said, opposite = form.count(*each), form.opposite(*each)
    lost, equal = _lost_and_equal(each)
    return Evidence(
        said.success,
        said.counted & has_values,
        None if opposite is None else Successes(opposite.success, opposite.counted & has_values),
        form.effect(*each),
        values,
        np.count_nonzero(seen, axis=-1),
        np.count_nonzero(failed.any(axis=-2) & seen, axis=-1),
        np.count_nonzero(lost, axis=-1),
        np.count_nonzero(equal & ~lost, axis=-1),
    )


def _values(form: Form, collected: Collected, runs: Ints) -> Floats:
    return collected.values(form.metric.name, runs.ravel()).reshape(runs.shape)


def evidence_of_kept(form: Form, cells: Sequence[int], kept: Mapping[int, Kept]) -> Evidence:
    """Return what is kept of the cells, each judged by itself, says; `kept` is by cell."""
    seen = [kept[cell].beginning for cell in cells]
    said = [form.count_kept(one) for one in seen]
    length = max(len(one.counted) for one in said)
    success, counted = (
        np.stack([np.pad(flags, (0, length - len(flags))) for flags in each])[:, None]
        for each in ([one.success for one in said], [one.counted for one in said])
    )
    nothing = np.zeros((len(cells), 1), dtype=np.int64)
    n_seen, notes = np.array([[one.n] for one in seen]), tuple(one.note for one in said)
    return Evidence(success, counted, None, None, None, n_seen, nothing, nothing, nothing, notes)


def _lost_and_equal(each: Sequence[Floats]) -> tuple[Bools, Bools]:
    """Return where all that are compared diverged, and where all are the same; of one alone nothing."""
    if len(each) == 1:
        nothing = np.zeros(each[0].shape, dtype=bool)
        return nothing, nothing
    others = each[1:]
    return (
        np.logical_and.reduce([both_lost(each[0], other) for other in others]),
        np.logical_and.reduce([each[0] == other for other in others]),
    )
