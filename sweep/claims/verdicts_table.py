"""Verdicts as a tidy table: a row for each claim and condition."""

from collections.abc import Sequence
from types import NoneType

import pandas as pd

from sweep.claims.sentences import grounds
from sweep.claims.verdict import Verdict
from sweep.terms.values import table_value

MEASURED = frozenset(
    {
        "claim",
        "sentence",
        "source",
        "verdict",
        "share",
        "low",
        "high",
        "bound",
        "confidence",
        "n",
        "successes",
    }
    | {"replicates", "n_failed", "n_diverged", "n_equal", "not_compared", "ratio", "ratio_low", "ratio_high"}
    | {"mean_ratio", "needed", "grounds"}
)
"""The columns beside axes; an axis of the same name is told apart by "(axis)" behind it."""


def verdicts_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return the verdicts: claim (from 1), sentence, source, the axes in `over`, and what each verdict rests on.

    `share`, `low` and `high` are the share of replicates that speak for the claim and its interval, `n` how many of
    `replicates` spoke, and `successes` for it; `n_failed` failed, `n_diverged` diverged on all sides, and `n_equal` are
    equal. `ratio` is the median ratio of the metrics with its interval, and `mean_ratio` their geometric mean.
    `not_compared` counts the parts that the grid leaves out. `needed` is missing where no number of replicates is known
    to decide.
    """
    axes = dict.fromkeys(axis for verdict in verdicts for axis in verdict.condition)
    rows = [_row(verdict, tuple(axes)) for verdict in verdicts]
    table = pd.DataFrame(rows)
    for axis in map(_column, axes):  # where a claim has no such axis a whole number would be shown as 1.0
        if all(type(value) in (int, NoneType) for value in (row[axis] for row in rows)):
            table[axis] = table[axis].astype("Int64")
    return table.astype({"needed": "Int64"}) if len(table) else table


def _row(verdict: Verdict, axes: tuple[str, ...]) -> dict[str, object]:
    condition = {axis: table_value(verdict.condition[axis]) for axis in axes if axis in verdict.condition}
    effect, count = verdict.effect, verdict.count
    return {
        "claim": verdict.number,
        "sentence": verdict.claim.sentence,
        "source": verdict.claim.source,
        **{_column(axis): condition.get(axis) for axis in axes},
        "verdict": verdict.ruling,
        "share": verdict.share,
        "low": verdict.interval.low,
        "high": verdict.interval.high,
        "bound": verdict.bound,
        "confidence": verdict.interval.confidence,
        "n": verdict.n,
        "successes": count.successes,
        "replicates": count.replicates,
        "n_failed": count.n_failed,
        "n_diverged": count.n_lost,
        "n_equal": count.n_equal,
        "not_compared": len(verdict.missing),
        "ratio": effect.median if effect else float("nan"),
        "ratio_low": effect.low if effect else float("nan"),
        "ratio_high": effect.high if effect else float("nan"),
        "mean_ratio": effect.mean if effect else float("nan"),
        "needed": verdict.needed,
        "grounds": grounds(verdict),
    }


def _column(axis: str) -> str:
    return f"{axis} (axis)" if axis in MEASURED else axis
