"""Verdicts as a tidy table: a row for each claim and condition."""

from collections.abc import Sequence

import pandas as pd

from sweep.claims.sentences import grounds
from sweep.claims.verdict import Verdict
from sweep.terms.values import table_value

MEASURED = frozenset(
    {"claim", "sentence", "source", "verdict", "share", "low", "high", "bound", "confidence", "n", "n_failed"}
    | {"replicates", "ratio", "ratio_low", "ratio_high", "needed", "grounds"}
)
"""The columns beside axes; an axis of the same name is told apart by "(axis)" behind it."""


def verdicts_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return the verdicts: claim (from 1), sentence, source, the axes in `over`, and what each verdict rests on.

    `share`, `low` and `high` are the share of replicates that speak for the claim and its interval, `n` how many spoke;
    `ratio` is the median ratio of the metrics. `needed` is missing where no number of replicates is known to decide.
    """
    axes = dict.fromkeys(axis for verdict in verdicts for axis in verdict.condition)
    rows = [_row(verdict, tuple(axes)) for verdict in verdicts]
    table = pd.DataFrame(rows)
    return table.astype({"needed": "Int64"}) if len(table) else table


def _row(verdict: Verdict, axes: tuple[str, ...]) -> dict[str, object]:
    condition = {axis: table_value(verdict.condition[axis]) for axis in axes if axis in verdict.condition}
    ratio = verdict.ratio
    return {
        "claim": verdict.number,
        "sentence": verdict.claim.sentence,
        "source": verdict.claim.source,
        **{f"{axis} (axis)" if axis in MEASURED else axis: condition.get(axis) for axis in axes},
        "verdict": verdict.ruling,
        "share": verdict.share,
        "low": verdict.interval.low,
        "high": verdict.interval.high,
        "bound": verdict.bound,
        "confidence": verdict.interval.confidence,
        "n": verdict.n,
        "n_failed": verdict.count.n_failed,
        "replicates": verdict.count.replicates,
        "ratio": ratio.median if ratio else float("nan"),
        "ratio_low": ratio.low if ratio else float("nan"),
        "ratio_high": ratio.high if ratio else float("nan"),
        "needed": verdict.needed,
        "grounds": grounds(verdict),
    }
