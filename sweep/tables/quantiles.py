"""Quantiles and means of values that may be infinite, for many groups at once.

A diverged run counts as the worst there is, +inf or -inf. So it stands beyond every finite value in the order, a
quantile that falls among diverged runs is infinite, and so is a mean with a diverged run in it: nothing is dropped in
silence.
"""

from dataclasses import dataclass

import numpy as np

from sweep.terms.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class Groups:
    """Numbers in groups, ascending within each; group i is `values[first[i] : first[i] + size[i]]`."""

    values: Floats
    first: Ints
    size: Ints

    def quantile(self, q: float) -> Floats:
        """Return each group's q-quantile, linear between the order statistics (type 7 of Hyndman & Fan 1996).

        NaN for an empty group; infinite where a neighbour is and has any weight.
        """
        result = np.full(len(self.size), np.nan)
        some = self.size > 0
        position = q * (self.size[some] - 1)
        below = np.floor(position).astype(np.int64)
        weight = position - below
        low = self.values[self.first[some] + below]
        high = self.values[self.first[some] + np.minimum(below + 1, self.size[some] - 1)]
        with np.errstate(invalid="ignore"):
            between = low + weight * (high - low)
        result[some] = np.where((weight == 0) | (low == high) | np.isneginf(low), low, between)
        return result

    def mean(self) -> Floats:
        """Return each group's mean; NaN for an empty group, infinite with a diverged run in it."""
        result = np.full(len(self.size), np.nan)
        some = self.size > 0
        if some.any():
            # Empty groups have no width, so the beginnings of the others are the bounds that `reduceat` wants.
            with np.errstate(over="ignore"):
                result[some] = np.add.reduceat(self.values, self.first[some]) / self.size[some]
        return result


def group(values: Floats, labels: Ints, n_groups: int) -> Groups:
    """Sort values into groups 0 ... n_groups - 1 by their labels; NaN is left out."""
    known = ~np.isnan(values)
    values, labels = values[known], labels[known]
    size = np.bincount(labels, minlength=n_groups)
    return Groups(_sorted_within(values, labels, size), np.cumsum(size) - size, size)


def _sorted_within(values: Floats, labels: Ints, size: Ints) -> Floats:
    """Return the values group by group, ascending within each."""
    is_table = len(size) > 0 and (size == size[0]).all() and (np.diff(labels) >= 0).all()
    if is_table:  # the usual case: cell by cell, as many replicates in each; five times as fast
        return np.sort(values.reshape(len(size), -1), axis=1).ravel()
    return values[np.lexsort((values, labels))]
