"""What becomes of stored results whose code has changed since: nothing is reused, and nothing retrained, in silence."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np

from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.pool import choose_pool
from sweep.errors import CodeError
from sweep.gather import Gathered
from sweep.plan import Plan
from sweep.plan.batches import batch_of
from sweep.store import ResultsFolder
from sweep.store.decisions import Code, write_decisions
from sweep.store.stored import CODE_NAME
from sweep.tables.axes import setting_values
from sweep.terms.outcome import Outcome, Status
from sweep.training.batch import Batch

ChangedCode: TypeAlias = Literal["check", "new", "same"]
"""What to do about results of changed code: train a few again, train all anew, or take the user's word."""

MOST_CHECKED = 5
"""So many stored trajectories of each version are trained again to see whether a change matters."""


def settle(plan: Plan, gathered: Gathered, folder: ResultsFolder, how: ChangedCode | None) -> None:
    """Decide about stored results of the plan whose code has changed, and keep what was decided.

    Raises
    ------
    CodeError
        If there are such and nothing is said about them; or if those that are trained again come out differently.
    """
    if not (plan.training.has_code and gathered.needs_changed(plan)):
        return
    made_by = gathered.made_by
    if how is None:
        raise CodeError(
            f"{_parts(made_by.changed_parts)} has changed since results were stored in {folder.path}: --code check "
            "trains a few of them again and goes on if they come out the same, --code new trains all anew, --code same "
            'takes them as they are (in Python code="check" and so on)'
        )
    decisions, changed = made_by.decisions, made_by.changed
    if how == "new":
        decisions = replace(decisions, retired=(*decisions.retired, *(was for was, _ in changed)))
    else:
        for was, now in changed:
            _refuse_gone(was, now, how)
            if how == "check":
                _check(plan, gathered, was, folder)
        equal = tuple((was, now, how) for was, now in changed)
        decisions = replace(decisions, equal=(*decisions.equal, *equal))
    write_decisions(folder, decisions)
    made_by.forget(decisions)


def _refuse_gone(was: Code, now: Code, how: str) -> None:
    """Raise if a default has changed: the stored results are then not those of the settings that they stand for."""
    for name in was:
        if name.endswith(")") and was[name] != now[name]:
            raise CodeError(
                f"the default of {name} has changed, so that stored results are of other settings than before: write "
                f"the value under [parameters] that they were trained with, or take --code new (not {how})"
            )


def _check(plan: Plan, gathered: Gathered, code: Code, folder: ResultsFolder) -> None:
    """Train a few of the results of one version of the code again. Raises `CodeError` unless all come out the same."""
    stored = {_name(batch): (batch, values) for batch, values in _examples(plan, gathered, code)}
    pool = choose_pool(1, len(stored), np.inf, plan.training.isolation)
    batches = (batch for batch, _ in stored.values())
    with closing(dispatch(batches, plan.training, pool, folder.path)) as outcomes:
        for batch, outcome in outcomes:
            _compare(plan, batch, outcome, stored[_name(batch)][1])


def _name(batch: Batch) -> tuple[bytes, int]:
    return batch.keys[0].tobytes(), int(batch.replicates[0])


def _examples(plan: Plan, gathered: Gathered, code: Code) -> Iterator[tuple[Batch, Outcome]]:
    """Yield a few trajectories of one version, spread over what is stored, each with what came of it."""
    found = []
    wanted = frozenset({CODE_NAME})
    for each in gathered.stored.outcomes(lambda _: wanted):
        outcome = each.outcome
        if dict(outcome.code) == dict(code):
            settings = plan.settings_of(outcome.keys)
            good = (settings >= 0) & np.isin(outcome.status, (Status.OK, Status.DIVERGED))
            found += [(outcome, int(row), int(settings[row])) for row in np.flatnonzero(good)]
    chosen = np.unique(np.linspace(0, len(found) - 1, min(MOST_CHECKED, len(found))).round().astype(int))
    for outcome, row, setting in (found[i] for i in chosen.tolist()):
        steps = tuple(outcome.steps.tolist())
        batch = batch_of(plan, setting, int(outcome.replicates[row]), steps)
        yield replace(batch, curve_steps=()), outcome[row : row + 1]


def _compare(plan: Plan, batch: Batch, outcome: Outcome, stored: Outcome) -> None:
    setting = int(plan.settings_of(batch.keys)[0])
    for name, values in stored.metrics.items():
        again = outcome.metrics.get(name, np.full_like(values, np.nan))
        if values.tobytes() != again.tobytes():
            axes = setting_values(plan, setting) | {"replicate": int(batch.replicates[0])}
            where = ", ".join(f"{axis} = {value}" for axis, value in axes.items())
            raise CodeError(
                f"the change matters: {name} of {where} was {values[0, -1]:.17g} and is {again[0, -1]:.17g} now; "
                "--code new trains all anew, --code same keeps what is stored as it is"
            )


def _parts(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" and more" if len(names) > 5 else "")
