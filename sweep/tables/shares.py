"""The share of a cell's runs that diverged, or that reached a bound: of those that have a result; NaN without any."""

import numpy as np

from sweep.errors import InputError
from sweep.tables.collected import Collected
from sweep.tables.where import check_name
from sweep.terms.arrays import Bools, Floats, Ints
from sweep.terms.metric import Metric
from sweep.terms.outcome import Status


def diverged_shares(collected: Collected) -> Floats:
    """Return for each row of the table of cells the share of runs that diverged."""
    return _shares(collected, collected.counts(Status.DIVERGED))


def bound_of(metric: Metric, below: float | None, above: float | None) -> tuple[str, float] | None:
    """Return on which side of which bound a metric is to be, None if there is no bound.

    Raises
    ------
    InputError
        If both are given, or one is no number.
    """
    if below is not None and above is not None:
        raise InputError("a share is of the runs on one side of a bound: give `below` or `above`, not both")
    given = {"below": below, "above": above}
    for side, bound in given.items():
        if bound is not None:
            is_number = isinstance(bound, int | float | np.number) and not isinstance(bound, bool)
            if not is_number or np.isnan(float(bound)):
                raise InputError(
                    f"`{side}` must be a value of the {metric.words}, such as 0.5, got {bound!r}"
                )
            return side, float(bound)
    return None


def shares_within(collected: Collected, metric: str, side: str, bound: float) -> Floats:
    """Return for each row of the table of cells the share of runs `side` ("below" or "above") of a bound.

    One that diverged is never within. Raises `InputError` if there is no such metric.
    """
    check_name("a metric", metric, [one.name for one in collected.plan.training.metrics])

    def within(runs: slice) -> Bools:
        values = collected.values(metric, runs)
        is_within = values < bound if side == "below" else values > bound
        return np.asarray(is_within & (collected.status[runs] == Status.OK))

    return _shares(collected, collected.n_of(within))


def _shares(collected: Collected, counted: Ints) -> Floats:
    n = collected.counts(Status.OK, Status.DIVERGED)
    return np.asarray((counted / np.where(n, n, np.nan))[collected.begun])
