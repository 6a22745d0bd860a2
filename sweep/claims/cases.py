"""The cells that claims are about, and the share of runs within a claim's bound: what pictures beside a claim show."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from sweep.claims.conditions import conditions_of
from sweep.claims.verdict import Verdict
from sweep.forms.reaches import Beyond, Fails, Reaches
from sweep.forms.succeeds import Succeeds
from sweep.tables.collected import Collected
from sweep.tables.shares import shares_within
from sweep.terms.arrays import Bools, Floats


@dataclass(frozen=True, eq=False)
class Case:
    """The case of a claim, in the rows of the table of cells.

    Attributes
    ----------
    about
        Shape (cells,): which cells the claim compares, or judges by themselves.
    beyond
        The bound of the claim; None if it has none.
    share
        Shape (cells,): the share of each cell's runs within the bound, of those that have a result; NaN where none has.
        None without a bound.
    """

    about: Bools
    beyond: Beyond | None = None
    share: Floats | None = None


def cases(verdicts: Sequence[Verdict], collected: Collected) -> dict[int, Case]:
    """Return the case of each claim, by its number; `collected` are the results that the claims were judged by."""
    first = (next(of_one) for _, of_one in groupby(verdicts, key=lambda verdict: verdict.number))
    return {verdict.number: _case(verdict, collected) for verdict in first}


def _case(verdict: Verdict, collected: Collected) -> Case:
    plan, form = collected.plan, verdict.claim.form
    about = np.zeros(len(plan.cells), dtype=bool)
    compared = conditions_of(verdict.claim, plan).cells
    about[compared[compared >= 0]] = True
    if not isinstance(form, Reaches | Fails | Succeeds):
        return Case(about[collected.begun])
    beyond = form.beyond
    side = "below" if beyond.is_below else "above"
    share = shares_within(collected, beyond.metric.name, side, beyond.limit)
    return Case(about[collected.begun], beyond, share)
