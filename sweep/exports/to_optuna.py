"""Runs as the trials of an Optuna study, for its dashboard, its importances, and for going on from them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sweep.errors import InputError
from sweep.exports.sweep_runs import SweepRuns, needed
from sweep.terms.values import TableValue, is_number

if TYPE_CHECKING:
    from optuna import Study

MOST_STORED = 50_000
"""Trials that are written to a storage, which takes some milliseconds each."""

_DECADES = 10.0
_NO_TIME = datetime(2000, 1, 1)
"""The same results give the same study: when they were trained is not among them."""


def to_optuna(sweep: SweepRuns, storage: Any = None) -> "Study":
    """Return a study with a trial for each run: its axes are the parameters, the objective is the value.

    A run that diverged is *pruned*, as a training that was ended early because it had no future: a sampler learns from
    it to stay away. One without a result has *failed*, which says nothing about its parameters. Why is told in the
    user attributes `reason` and `status`; `replicate` and the other metrics stand beside. What is no axis is in the
    user attributes of the study.

    Parameters
    ----------
    sweep
        The runs.
    storage
        Where Optuna keeps the study; in memory if None.

    Raises
    ------
    InputError
        If there are too many runs for a storage, or Optuna is not installed.
    """
    optuna = needed("optuna", "optuna")
    if storage is not None and len(sweep.runs) > MOST_STORED:
        raise InputError(
            f"{len(sweep.runs):,} trials would take long to store, {MOST_STORED:,} is the most: "
            "export a part of the sweep"
        )
    objective, *others = sweep.metrics
    distributions = {axis: _distribution(optuna, sweep.levels[axis]) for axis in sweep.moving}
    state = optuna.trial.TrialState
    states = {"ok": state.COMPLETE, "diverged": state.PRUNED}
    trials = []
    for run in sweep.runs.to_dict("records"):
        reason = sweep.reason(run)
        is_ok = run["status"] == "ok"
        beside = {name: run[name] for name in ("replicate", *(metric.name for metric in others))}
        beside |= {"status": run["status"]} | ({"reason": reason} if reason else {})
        trial = optuna.trial.create_trial(
            state=states.get(run["status"], state.FAIL),
            params={axis: run[axis] for axis in sweep.moving},
            distributions=distributions,
            value=float(run[objective.name]) if is_ok else None,
            user_attrs={name: value for name, value in beside.items() if value == value},
        )
        trial.datetime_start = trial.datetime_complete = _NO_TIME
        trials.append(trial)
    study = _new_study(optuna, sweep, storage)
    told = {
        "title": sweep.title,
        "objective": objective.name,
        **{name: str(one) for name, one in sweep.fixed.items()},
    }
    for name, value in told.items():
        study.set_user_attr(name, value)
    study.add_trials(trials)
    return study


def _new_study(optuna: Any, sweep: SweepRuns, storage: Any) -> "Study":
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # that there is a new study is no news
    try:
        study: Study = optuna.create_study(
            study_name=sweep.name,
            storage=storage,
            direction="minimize" if sweep.metrics[0].is_lower_better else "maximize",
        )
        return study
    except optuna.exceptions.DuplicatedStudyError:
        raise InputError(
            f"the storage has a study {sweep.name!r} already: delete it there, or choose another storage"
        ) from None
    finally:
        optuna.logging.set_verbosity(before)


def _distribution(optuna: Any, levels: Sequence[TableValue]) -> Any:
    """Return what values of an axis are drawn from: a range of numbers, else a choice."""
    numbers = [level for level in levels if is_number(level)]
    if len(numbers) < len(levels):
        return optuna.distributions.CategoricalDistribution(list(levels))
    low, high = min(numbers), max(numbers)
    log = low > 0 and high / low > _DECADES
    if all(isinstance(level, int) for level in numbers):
        return optuna.distributions.IntDistribution(low, high, log=log)
    return optuna.distributions.FloatDistribution(float(low), float(high), log=log)
