"""Which axes matter: how much of the spread of the cells each of them explains, by a functional analysis of variance.

The analysis is that of Hutter, Hoos & Leyton-Brown (2014), "An efficient approach for assessing hyperparameter
importance", on the cells themselves in place of a forest that is fitted to them: on a full grid it is exact. What is
analysed are the ranks of the medians, not the medians: a rank asks neither for a unit nor for a logarithm, one wild
cell weighs as much as any other, and those that diverged are the worst, all alike.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sweep.tables.cells import axes_of
from sweep.terms.arrays import Floats, Ints
from sweep.terms.metric import Metric

COLUMNS = ("axis", "alone", "total")
"""Of the table: what an axis explains by itself, and together with what it does in the company of others."""


def importance(cells: pd.DataFrame, metric: Metric, problems: Sequence[str] = ()) -> pd.DataFrame:
    """Return one row for each axis that moves, the most important first: `axis`, `alone`, `total`.

    Parameters
    ----------
    cells
        A table of cells. Cells without a median, of which all runs failed, are left out.
    metric
        What the medians are of.
    problems
        Axes between whose values medians are not compared: ranks are those among the cells that have the same values
        there, and these axes have no row.

    Returns
    -------
    pandas.DataFrame
        `alone` is the share of the variance of the ranks that is between the means over the values of an axis, its main
        effect; `total` is the share that would be left if all other axes were known, so its interactions as well. Both
        are 0 to 1; the shares alone sum up to 1 or less. Where the cells are no full grid (some are excluded or not
        trained yet, axes move together, settings were drawn at random), means over the values of an axis also hold
        what others do: `alone` is then corrected for what chance explains (the epsilon squared of Kelley 1935), NaN
        where nearly each cell has a value of its own, and `total` is NaN.
    """
    known = cells[cells["median"].notna()]
    axes = [axis for axis in axes_of(cells) if axis not in problems and known[axis].nunique() > 1]
    apart = [axis for axis in problems if axis in known]
    problem = _codes(known, apart)
    badness = pd.Series(metric.badness(known["median"].to_numpy(float)))
    ranks = badness.groupby(problem).rank(pct=True).to_numpy()
    ranks = ranks - pd.Series(ranks).groupby(problem).transform("mean").to_numpy()
    n_full = np.prod([known[axis].nunique() for axis in axes], dtype=float) * len(np.unique(problem))
    shares = []
    for axis in axes:
        mine = _codes(known, [axis])
        if len(known) == n_full:
            others = _codes(known, [*apart, *(other for other in axes if other != axis)])
            shares.append(_exact(ranks, mine, others))
        else:
            shares.append((_corrected(ranks, mine), np.nan))
    table = pd.DataFrame([(axis, *both) for axis, both in zip(axes, shares, strict=True)], columns=COLUMNS)
    most = table["total"].fillna(table["alone"]).astype(float)
    return table.loc[most.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _codes(cells: pd.DataFrame, axes: Sequence[str]) -> Ints:
    """Return the number of each cell's combination of values on some axes."""
    if not axes:
        return np.zeros(len(cells), dtype=np.int64)
    return np.asarray(cells.groupby(list(axes), sort=False).ngroup(), dtype=np.int64)


def _exact(ranks: Floats, mine: Ints, others: Ints) -> tuple[float, float]:
    """Return what an axis explains alone and in total, on a full grid."""
    everything = float(ranks.var())
    if not everything:
        return 0.0, 0.0
    alone = _between(ranks, mine) / everything
    return alone, max(alone, 1.0 - _between(ranks, others) / everything)


def _corrected(ranks: Floats, codes: Ints) -> float:
    """Return what an axis explains alone beyond what any names for the cells would."""
    n, n_values, everything = len(ranks), int(codes.max()) + 1, float(ranks.var())
    if n < 2 * n_values:
        return np.nan
    if not everything:
        return 0.0
    explained = _between(ranks, codes) / everything
    return max(0.0, 1.0 - (1.0 - explained) * (n - 1) / (n - n_values))


def _between(values: Floats, codes: Ints) -> float:
    """Return the variance between the means of groups, each with the weight of its size."""
    sizes = np.bincount(codes)
    means = np.bincount(codes, values) / sizes
    return float(np.average((means - values.mean()) ** 2, weights=sizes))
