"""`from_table`: results that were made elsewhere get the tables, figures, verdicts and report of a sweep."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from sweep.claims import Judgement
from sweep.elsewhere.columns import Axis, Told, check_columns, read_axis, read_epochs, read_numbers
from sweep.elsewhere.experiment import (
    MOST_RUNS,
    Texts,
    n_planned,
    resolved_claims,
    stated_claims,
    table_experiment,
)
from sweep.elsewhere.layout import Layout, lay_out, values_in_order
from sweep.elsewhere.outcomes import Trajectories, common_epoch, outcomes_of, trajectories_of
from sweep.errors import InputError
from sweep.plan import Plan, make_plan
from sweep.results import Results
from sweep.tables.collected import Collected
from sweep.terms.arrays import Floats, Ints
from sweep.terms.metric import Metric
from sweep.terms.outcome import Outcome, Status
from sweep.terms.text import count_of
from sweep.training.kind import check_kind
from sweep.training.table import TableTraining

Better = Literal["lower", "higher"]
Missing = Literal["diverged", "failed"]


def from_table(
    frame: pd.DataFrame,
    *,
    axes: Sequence[str],
    metrics: Mapping[str, Better],
    replicate: str | None = None,
    epochs: str | None = None,
    at: Sequence[int] | None = None,
    missing: Missing | None = None,
    claims: Sequence[Mapping[str, Any]] = (),
    confidence: float = 0.95,
    title: str = "",
    name: str = "table",
) -> Results:
    """Return results that were made elsewhere as those of a sweep: tables, figures, verdicts, and a report.

    >>> frame = pd.DataFrame({"width": [8, 8, 32, 32], "seed": [1, 2, 1, 2], "accuracy": [0.7, 0.8, 0.9, 0.8]})
    >>> results = from_table(frame, axes=["width"], replicate="seed", metrics={"accuracy": "higher"})
    >>> results.cells[["width", "n_runs", "median"]]
       width  n_runs  median
    0      8       2    0.75
    1     32       2    0.85

    Parameters
    ----------
    frame
        A row a run; with `epochs`, a row for each epoch of a run that was recorded.
    axes
        The columns of what was varied: text, numbers, or true and false. What occurs together is a cell, and no other
        combination is missed.
    metrics
        The columns of what came out, and whether lower or higher is better; the first is the objective.
    replicate
        The column, such as a seed, whose values say which runs share their random numbers: those with the same value
        are compared with each other. It becomes `replicate`, 0, 1 and so on by its order; a combination that lacks one
        of its values lacks a run. Without it runs are not paired, and claims that compare runs are refused; the same
        holds if none of its values is in two combinations, as those of a run's name.
    epochs
        The column of epochs, or of steps; it becomes the axis `epochs`. All that is recorded is in the learning curves.
    at
        The epochs at which runs are read off for cells and claims; the last that is recorded of all, if None.
    missing
        What has become of a run whose objective is NaN: "diverged", which counts as the worst there is, or "failed",
        which is left out and counted. An infinite objective has diverged in any case, and a run is over with it.
    claims
        Each with the keys of a [[claim]] in a config: `{"sentence": "0.03 is better", "form": "better", ...}`.
    confidence
        Of all verdicts together.
    title, name
        For the report.

    Raises
    ------
    InputError
        With a line for each mistake.
    """
    told = Told()
    _check_arguments(frame, axes, metrics, missing, confidence, told)
    _raise(told)
    columns = _read(frame, axes, metrics, (replicate, epochs), told)
    _raise(told)
    training = TableTraining(
        {name: axis.kind for name, axis in columns.axes.items()},
        tuple(Metric(name, better) for name, better in metrics.items()),
        has_epochs=epochs is not None,
    )
    check_kind(training)
    trajectories = _trajectories(columns, training, missing, told)
    _raise(told)
    steps = _steps(trajectories, epochs, at, told)
    _check_size(trajectories.layout, steps, told)
    stated = stated_claims(claims, training, trajectories.layout.unpaired, told)
    _raise(told)
    texts = Texts(name, title, _note(trajectories, steps, at))
    experiment = table_experiment(training, trajectories.layout, steps, confidence, texts)
    return _results(make_plan(replace(experiment, claims=stated)), trajectories, steps, told)


@dataclass(frozen=True, eq=False)
class _Columns:
    """The columns of a table that matter; labels and epochs with their names."""

    axes: Mapping[str, Axis]
    metrics: Mapping[str, Floats]
    labels: tuple[str, Axis] | None
    epochs: tuple[str, Ints] | None


def _check_arguments(
    frame: object, axes: object, metrics: object, missing: object, confidence: float, told: Told
) -> None:
    """Note what is wrong with the arguments by themselves."""
    if not isinstance(frame, pd.DataFrame):
        told.add(f"`frame` must be a pandas DataFrame, got {type(frame).__name__}.")
    elif not len(frame):
        told.add("`frame` must have rows, and has none.")
    if isinstance(axes, str):
        told.add(f"`axes` must be a list of columns, got {axes!r}: write `axes=[{axes!r}]`.")
    elif not isinstance(axes, Iterable) or not list(axes):
        told.add(f"`axes` must name one column at least, got {axes!r}.")
    if not isinstance(metrics, Mapping) or not metrics:
        told.add(
            f'`metrics` must say of one column at least which way is better: {{"loss": "lower"}}, got {metrics!r}.'
        )
    for name, better in metrics.items() if isinstance(metrics, Mapping) else ():
        if better not in ("lower", "higher"):
            told.add(f'`metrics[{name!r}]` must be "lower" or "higher", whichever is better, got {better!r}.')
    if missing not in (None, "diverged", "failed"):
        told.add(f'`missing` must be "diverged" or "failed", got {missing!r}.')
    if not 0.5 < confidence < 1:
        told.add(f"`confidence` must be a number > 0.5 and < 1, got {confidence!r}.")


def _read(
    frame: pd.DataFrame,
    axes: Sequence[str],
    metrics: Mapping[str, Better],
    others: tuple[str | None, str | None],
    told: Told,
) -> _Columns:
    """Return the columns; those with a mistake, which is noted, are left out."""
    replicate, epochs = ([] if name is None else [name] for name in others)
    roles = {"axes": list(axes), "metrics": list(metrics), "replicate": replicate, "epochs": epochs}
    names = {role: check_columns(frame, role, of_role, told) for role, of_role in roles.items()}
    every = [name for of_role in names.values() for name in of_role]
    for name in dict.fromkeys(name for name in every if every.count(name) > 1):
        told.add(
            f"{name!r} is named {every.count(name)} times in `axes`, `metrics`, `replicate` and `epochs`."
        )
    read = {name: read_axis(frame, name, told) for name in (*names["axes"], *names["replicate"])}
    numbers = {name: read_numbers(frame, name, told) for name in names["metrics"]}
    counts = {name: read_epochs(frame, name, told) for name in names["epochs"]}
    return _Columns(
        {name: axis for name in names["axes"] if (axis := read[name]) is not None},
        {name: values for name, values in numbers.items() if values is not None},
        next(((name, axis) for name in names["replicate"] if (axis := read[name]) is not None), None),
        next(((name, values) for name, values in counts.items() if values is not None), None),
    )


def _trajectories(
    columns: _Columns, training: TableTraining, missing: Missing | None, told: Told
) -> Trajectories:
    """Return the trajectories. Raises `InputError` if rows are the same run."""
    objective = training.objective.name
    if missing is None:
        told.add_rows(np.isnan(columns.metrics[objective]), _MISSING.format(name=objective))
    layout = lay_out(columns.axes, columns.labels, columns.epochs, told)
    if layout is None:
        raise _error(told)
    status = Status.FAILED if missing == "failed" else Status.DIVERGED
    return trajectories_of(layout, values_in_order(layout, columns.metrics), objective, status)


_MISSING = (
    '{name!r}, the objective, has no value; say what has become of such runs: `missing="diverged"` counts them as the '
    'worst there is, `missing="failed"` leaves them out of the statistics and counts them beside; or drop rows in '
    "which it was not measured, by `frame.dropna(subset=[{name!r}])`"
)


def _steps(
    trajectories: Trajectories, epochs: str | None, at: Sequence[int] | None, told: Told
) -> tuple[int, ...]:
    """Return the epochs at which runs are read off; none without epochs, or after a mistake."""
    there = np.unique(trajectories.layout.epoch)
    if epochs is None:
        if at is not None:
            told.add("`at` names epochs: it needs `epochs`, the column that they stand in.")
        return ()
    if at is None:
        common = common_epoch(trajectories)
        if common is None:
            told.add(
                f"no value of {epochs!r} is recorded of all runs: say in `at` where they are to be read off."
            )
        return () if common is None else (common,)
    wrong = [epoch for epoch in at if epoch not in there]
    for epoch in wrong:
        near = (
            f"; the nearest is {there[np.abs(there - epoch).argmin()]}"
            if isinstance(epoch, int | float)
            else ""
        )
        told.add(f"`at` must name epochs that are recorded, got {epoch!r}{near}.")
    return () if wrong else tuple(sorted({int(epoch) for epoch in at}))


def _check_size(layout: Layout, steps: Sequence[int], told: Told) -> None:
    n = n_planned(layout, steps)
    if n > MOST_RUNS:
        settings = count_of(len(layout.settings), "combination")
        what = f"{settings} with every value of `replicate` are {count_of(n, 'run')}"
        told.add(
            f"{what}, more than {MOST_RUNS:_}: leave `replicate` out if they do not share random numbers."
        )


def _note(trajectories: Trajectories, steps: Sequence[int], at: Sequence[int] | None) -> str:
    """Return where runs are read off, if that was not said and is not the end of all of them."""
    epochs = trajectories.layout.epoch
    if not steps or at is not None or not len(epochs) or epochs.max() == steps[-1]:
        return ""
    return (
        f"Runs are read off at epoch {steps[-1]}, the last that is recorded of all of them; some go on, up to epoch "
        f"{epochs.max()}."
    )


def _results(plan: Plan, trajectories: Trajectories, steps: Sequence[int], told: Told) -> Results:
    """Return the results, with the verdicts on the claims of the plan."""
    has_epochs = plan.training.steps is not None
    outcomes = outcomes_of(trajectories, plan.keys, steps if has_epochs else (0,), curves=has_epochs)
    judgement = Judgement(plan, resolved_claims(plan, told))
    _raise(told)
    collected = _collected(plan, outcomes)
    while (replicates := judgement.wanted()) is not None:
        more = (replicates > plan.cells.replicates).any()
        judgement.look(_collected(plan.with_replicates(replicates), outcomes) if more else collected)
    return Results(None, (), tuple(judgement.verdicts), collected, held=tuple(outcomes))


def _collected(plan: Plan, outcomes: Iterable[Outcome]) -> Collected:
    collected = Collected(plan)
    for outcome in outcomes:
        collected.add(outcome)
    return collected


def _error(told: Told) -> InputError:
    return InputError("\n".join(told.lines))


def _raise(told: Told) -> None:
    if told.lines:
        raise _error(told)
