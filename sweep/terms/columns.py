"""The names of columns that tables have beside axes and metrics: no parameter and no metric may be called so."""

COUNTS = ("n_runs", "n_diverged", "n_failed")
"""Of a cell, how many runs are stored, and how many of them have diverged or have no result."""

OF_OBJECTIVE = ("median", "mean", "lower_quartile", "upper_quartile", "minimum", "maximum")
"""Statistics of a cell's objective over its replicates."""

SHARE_DIVERGED = "share_diverged"
"""The share of a cell's runs that diverged, of those that have a result."""

OF_RUNS = ("replicate", "status", "diverged_at")
OF_CURVES = ("epoch", "diverged")
OF_LEARNED = ("x", "target", "learned")
"""Of functions that were learned, where a kind of training has such."""

RESERVED = frozenset({*COUNTS, *OF_OBJECTIVE, SHARE_DIVERGED, *OF_RUNS, *OF_CURVES, *OF_LEARNED})


def median_of(metric: str) -> str:
    """Return the name of the column with the median of a metric that is not the objective."""
    return f"median_{metric}"
