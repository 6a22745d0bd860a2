"""What becomes of stored results whose code has changed since: nothing is reused, and nothing retrained, in silence."""

from collections.abc import Iterator, Sequence
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
from sweep.store.decisions import Code, Decisions, Equal, write_decisions
from sweep.store.stored import CODE_NAME
from sweep.tables.axes import setting_values
from sweep.terms.outcome import Outcome, Status
from sweep.training.batch import Batch

ChangedCode: TypeAlias = Literal["check", "new", "same"]
"""What to do about results of changed code: train a few again, train all anew, or take the user's word."""

FEWEST_CHECKED, MOST_CHECKED = 5, 100
"""So many stored trajectories of each version are trained again to see whether a change matters."""


def settle(plan: Plan, gathered: Gathered, folder: ResultsFolder, how: ChangedCode | None) -> tuple[str, ...]:
    """Decide about stored results of the plan whose code has changed, and keep what was decided.

    From then on what counts is in effect, and all other versions are retired: they do not come back by a later change,
    unless the code is put back to what it was. To train anew, or to check, takes back that results of older code were
    declared equal; to check, as far as that was the user's word. Returns what is to be told: that there was nothing to
    decide.

    Raises
    ------
    CodeError
        If there are such and nothing is said about them; or if those that are trained again come out differently.
    """
    if not plan.training.has_code:
        return () if how is None else (f"--code {how} had no effect: it is for functions of your own",)
    made_by, before = gathered.made_by, gathered.made_by.decisions
    if how in ("new", "check"):
        gathered.collect(plan)
        made_by.forget(made_by.reopened(by_word=how == "check"))
    has_effect = made_by.decisions != before
    if gathered.needs_changed(plan):
        if how is None:
            raise CodeError(
                f"{_parts(made_by.changed_parts)} changed since results were stored in {folder}: --code check "
                "trains some of them again and goes on if they come out the same, --code new trains all anew, --code "
                'same takes them as they are (in Python code="check" and so on)'
            )
        has_effect = True
        if how != "new":
            made_by.forget(_accepted(plan, gathered, folder, how))
            gathered.collect(plan)
    in_effect = made_by.decisions.in_effect(made_by.of_standing("current"), made_by.of_standing("changed"))
    if in_effect != before:
        write_decisions(folder, in_effect)
    made_by.forget(in_effect)
    return () if how is None or has_effect else (_without_effect(how),)


def _without_effect(how: ChangedCode) -> str:
    there = {
        "check": "no result that counts is of older code, unless that was checked before",
        "new": "no result that counts is of older code",
        "same": "no result is of older code about which nobody has decided",
    }
    return f"--code {how} had no effect: {there[how]}"


def _accepted(plan: Plan, gathered: Gathered, folder: ResultsFolder, how: ChangedCode) -> Decisions:
    """Return the decisions by which results of the changed versions count as those of the code as it is now."""
    made_by = gathered.made_by
    equal = []
    for was, now in made_by.changed:
        _refuse_gone(was, now, how)
        n_checked = _check(plan, gathered, was, folder) if how == "check" else 0
        equal.append(Equal(was, now, n_checked))
    return replace(made_by.decisions, equal=(*made_by.decisions.equal, *equal))


def _refuse_gone(was: Code, now: Code, how: str) -> None:
    """Raise if a default has changed: the stored results are then not those of the settings that they stand for."""
    for name in was:
        if name.endswith(")") and was[name] != now[name]:
            raise CodeError(
                f"the default of {name} has changed, so that stored results are of other settings than before: write "
                f"the value under [parameters] that they were trained with, or take --code new (not {how})"
            )


def _check(plan: Plan, gathered: Gathered, code: Code, folder: ResultsFolder) -> int:
    """Train some results of one version again, and return how many. Raises `CodeError` unless all come out the same."""
    stored = {_name(batch): (batch, values) for batch, values in _examples(plan, gathered, code)}
    pool = choose_pool(1, len(stored), np.inf, plan.training.isolation)
    batches = (batch for batch, _ in stored.values())
    with closing(dispatch(batches, plan.training, pool, folder.path)) as outcomes:
        for batch, outcome in outcomes:
            _compare(plan, batch, outcome, stored[_name(batch)][1])
    return len(stored)


def _name(batch: Batch) -> tuple[bytes, int]:
    return batch.keys[0].tobytes(), int(batch.replicates[0])


def _examples(plan: Plan, gathered: Gathered, code: Code) -> Iterator[tuple[Batch, Outcome]]:
    """Yield some trajectories of one version, each with what came of it: every value of every axis is among them.

    Of axes with very many values it is a spread of them, so that no more than `MOST_CHECKED` are trained.
    """
    found = []
    wanted = frozenset({CODE_NAME})
    for each in gathered.stored.outcomes(lambda _: wanted):
        outcome = each.outcome
        if dict(outcome.code) == dict(code):
            settings = plan.settings_of(outcome.keys)
            good = (settings >= 0) & np.isin(outcome.status, (Status.OK, Status.DIVERGED))
            found += [(outcome, int(row), int(settings[row])) for row in np.flatnonzero(good)]
    for i in _covering(plan, [setting for _, _, setting in found]):
        outcome, row, setting = found[i]
        steps = tuple(outcome.steps.tolist())
        batch = batch_of(plan, setting, int(outcome.replicates[row]), steps)
        yield replace(batch, curve_steps=()), outcome[row : row + 1]


def _covering(plan: Plan, settings: Sequence[int]) -> list[int]:
    """Return the places of settings that have together every value of every axis that any has; a few at least."""
    order = np.random.default_rng(0).permutation(
        len(settings)
    )  # mixed, so that each covers values of many axes
    columns = np.array([plan.setting_column(axis)[settings] for axis in plan.setting_axes], dtype=np.int64)
    seen: set[tuple[int, int]] = set()
    chosen: list[int] = []
    others: list[int] = []
    for i in order.tolist():
        values = set(enumerate(columns[:, i].tolist())) if len(columns) else set()
        (others if values <= seen else chosen).append(i)
        seen |= values
    return [*chosen, *others[: max(0, FEWEST_CHECKED - len(chosen))]][:MOST_CHECKED]


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
    told = ", ".join(names[:5]) + (" and more" if len(names) > 5 else "")
    return f"{told} {'has' if len(names) == 1 else 'have'}"
