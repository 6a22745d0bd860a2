"""Learning curves and learned functions: what was recorded along a training and at its end.

A sweep of many settings is shown by an even selection of them; `selected_settings` makes it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.plan import Plan
from sweep.tables.axes import axis_columns
from sweep.tables.quantiles import group
from sweep.terms.arrays import Bools, Floats, Ints
from sweep.terms.outcome import WITHOUT_RESULT, Curves, Outcome
from sweep.training.kind import Training

MOST_SETTINGS = 2000
MOST_TRAJECTORIES = 50_000
"""Recordings that are kept in memory for a picture."""
MOST_FUNCTIONS = 64
"""Replicates of a setting whose learned functions are kept for a picture."""


@dataclass(frozen=True)
class Coverage:
    """How many replicates of a setting are in a figure, at least and at most, and of how many that have a result."""

    fewest: int
    most: int
    of: int

    @property
    def is_full(self) -> bool:
        """Whether none is left out."""
        return self.fewest == self.of

    def __str__(self) -> str:
        fewest = "" if self.fewest == self.most else f"{self.fewest:,} to "
        return f"{fewest}{self.most:,} of {self.of:,}"


@dataclass(frozen=True, eq=False)
class CurveTables:
    """Learning curves and learned functions of a selection of settings, as tidy tables.

    Attributes
    ----------
    learning
        The axes without steps, epoch (the step), median, lower_quartile, upper_quartile, n_runs, n_diverged: of the
        objective along the training, over the replicates; where it is not finite it counts as the worst there is.
    others
        The same of every other metric that was recorded, by its name. What is not finite of it stays as it is, NaN is
        left out, and from where the objective has diverged it counts as the worst there is.
    functions
        The axes without steps, replicate, x, target, learned, diverged: what was learned, if the training has such.
    targets
        Those axes that say what is to be learned, x, target: what was to be learned as smooth lines.
    recorded, kept
        Of how many replicates the learning curves and the learned functions are: some may have been stored without.
    """

    learning: pd.DataFrame
    functions: pd.DataFrame
    targets: pd.DataFrame
    others: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    recorded: Coverage = Coverage(0, 0, 0)
    kept: Coverage = Coverage(0, 0, 0)


def selected_settings(plan: Plan, most: int = MOST_SETTINGS) -> Bools:
    """Return which settings to show, of shape (n_settings,): all, or an even selection of each axis's values."""
    axes = plan.setting_axes
    per_axis = max((len(plan.cells.levels[axis]) for axis in axes), default=1)
    while True:
        kept = np.ones(plan.n_settings, dtype=bool)
        for axis in axes:
            n_levels = len(plan.cells.levels[axis])
            even = np.rint(np.linspace(0, n_levels - 1, min(n_levels, per_axis)))
            kept &= np.isin(plan.setting_column(axis), even)
        if (
            not kept.any()
        ):  # the axes have values of their own for each setting: no selection of them leaves any
            return np.isin(np.arange(len(kept)), np.linspace(0, len(kept) - 1, most).astype(np.int64))
        if kept.sum() <= most or per_axis == 1:
            return kept
        per_axis = max(1, per_axis * 3 // 4)


def make_curves(plan: Plan, outcomes: Iterable[Outcome]) -> CurveTables:
    """Make the tables of the selected settings from outcomes with their curves; of several of a trajectory the longest.

    At most about `MOST_TRAJECTORIES` recordings are held at a time, whatever the size of the sweep: of settings with
    many replicates fewer are selected, and of a setting with more replicates than that its first ones.
    """
    wanted, replicates = _selection(plan)
    presence = _Presence(plan, wanted, replicates)
    longest = _longest(plan, _kept(plan, presence.seen(_shown(plan, outcomes, wanted, replicates))))
    n_functions = min(MOST_FUNCTIONS, max(1, MOST_TRAJECTORIES // (4 * int(np.count_nonzero(wanted)))))
    learning = _learning if plan.training.recorded_alike else _learning_anyhow
    functions, targets = _functions(plan, [part.first(n_functions) for part in longest])
    return CurveTables(
        _sorted(learning(plan, longest, 0), ["epoch"]),
        _sorted(functions, ["replicate", "x"]),
        _joined([table for _, table in targets]),
        {
            name: _sorted(learning(plan, longest, i), ["epoch"])
            for i, name in enumerate(_recorded_metrics(plan))
            if i and longest
        },
        presence.coverage(presence.has_curves, replicates),
        presence.coverage(presence.has_learned, n_functions),
    )


def _shown(
    plan: Plan, outcomes: Iterable[Outcome], wanted: Bools, replicates: int
) -> Iterator[tuple[Ints, Outcome]]:
    """Yield of outcomes the wanted settings' first replicates, as far as they are planned, and their settings."""
    n_shown = np.where(wanted, np.minimum(np.diff(plan.first_trajectory), replicates), 0)
    for outcome in outcomes:
        setting = plan.settings_of(outcome.keys)
        rows = np.flatnonzero((setting >= 0) & (outcome.replicates < n_shown[setting]))
        if len(rows):
            yield setting[rows], _of_rows(outcome, rows)


def _of_rows(outcome: Outcome, rows: Ints) -> Outcome:
    """Return some trajectories of an outcome, without their metrics: copies, so that it can be let go."""
    curves = outcome.curves
    return replace(
        outcome,
        keys=outcome.keys[rows],
        replicates=outcome.replicates[rows],
        status=outcome.status[rows],
        ended_at=outcome.ended_at[rows],
        metrics={},
        reasons={},
        curves=curves
        and Curves(curves.steps.copy(), {name: each[rows] for name, each in curves.metrics.items()}),
        extras={name: array[rows] for name, array in outcome.extras.items()},
    )


class _Presence:
    """Which of the shown replicates of each setting have a result, curves, and what was learned."""

    def __init__(self, plan: Plan, wanted: Bools, replicates: int) -> None:
        self.plan, self.row = plan, np.cumsum(wanted) - 1
        size = int(np.count_nonzero(wanted)), min(replicates, int(np.diff(plan.first_trajectory).max()))
        self.has_result, self.has_curves, self.has_learned = np.zeros((3, *size), dtype=bool)

    def seen(self, shown: Iterable[tuple[Ints, Outcome]]) -> Iterator[tuple[Ints, Outcome]]:
        """Yield what is shown as it is, and note what it has."""
        for setting, outcome in shown:
            ended_well = ~np.isin(outcome.status, WITHOUT_RESULT)
            place = self.row[setting[ended_well]], outcome.replicates[ended_well]
            self.has_result[place] = True
            self.has_curves[place] |= outcome.curves is not None
            self.has_learned[place] |= self.plan.training.learned_from in outcome.extras
            yield setting, outcome

    def coverage(self, has: Bools, replicates: int) -> Coverage:
        """Return how many of each setting's first replicates have something; settings that lack nothing aside."""
        n_results, n_there = (
            np.count_nonzero(which[:, :replicates], axis=1) for which in (self.has_result, has)
        )
        lacking = n_there < n_results
        if not lacking.any():
            return Coverage(0, 0, 0)
        of = int(n_results[lacking].max())
        return Coverage(int(n_there[lacking].min()), int(n_there[lacking].max()), of)


def _recorded_metrics(plan: Plan) -> list[str]:
    """Return the metrics that are recorded along a training; the objective is the first."""
    return [metric.name for metric in plan.training.metrics if metric.derived is None]


@dataclass(frozen=True, eq=False)
class _Recorded:
    """The metrics of n trajectories along their training, at the same steps, and what they learned.

    `steps` (c,), `setting` and `replicate` (n,), `values` (n, c, m) of m metrics, `learned` (n, ...) or None.
    """

    steps: Ints
    setting: Ints
    replicate: Ints
    values: Floats
    learned: NDArray[Any] | None

    def __getitem__(self, rows: Bools | Ints) -> "_Recorded":
        learned = None if self.learned is None else self.learned[rows]
        return _Recorded(self.steps, self.setting[rows], self.replicate[rows], self.values[rows], learned)

    def at(self, steps: Ints) -> "_Recorded":
        """Return what was recorded at some of the steps; what was learned is left out."""
        columns = np.searchsorted(self.steps, steps)
        return replace(self, steps=steps, values=self.values[:, columns], learned=None)

    def first(self, replicates: int) -> "_Recorded":
        return self[self.replicate < replicates]

    @property
    def likeness(self) -> tuple[tuple[int, ...], tuple[int, ...] | None]:
        """What recordings have in common that can be put into one array."""
        return tuple(self.steps.tolist()), None if self.learned is None else self.learned.shape[1:]

    @staticmethod
    def joined(parts: Sequence["_Recorded"]) -> "_Recorded":
        learned = [part.learned for part in parts if part.learned is not None]
        setting, replicate, values = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("setting", "replicate", "values")
        )
        return _Recorded(
            parts[0].steps, setting, replicate, values, np.concatenate(learned) if learned else None
        )


def _selection(plan: Plan) -> tuple[Bools, int]:
    """Return which settings are shown, and how many replicates of each."""
    most_replicates = max(schedule.n_trajectories for schedule in plan.schedules)
    wanted = selected_settings(plan, max(1, min(MOST_SETTINGS, MOST_TRAJECTORIES // most_replicates)))
    return wanted, max(1, MOST_TRAJECTORIES // int(np.count_nonzero(wanted)))


def _kept(plan: Plan, shown: Iterable[tuple[Ints, Outcome]]) -> list[_Recorded]:
    """Return what was recorded of what is shown, in parts that are alike, the longest first."""
    parts: dict[object, list[_Recorded]] = {}
    for setting, outcome in shown:
        recorded = _recorded(plan, setting, outcome)
        if recorded is not None:
            parts.setdefault(recorded.likeness, []).append(recorded)
    alike = [_Recorded.joined(of_one) for of_one in parts.values()]
    return sorted(alike, key=lambda part: int(part.steps[-1]), reverse=True)


def _recorded(plan: Plan, setting: Ints, outcome: Outcome) -> _Recorded | None:
    training = plan.training
    names = _recorded_metrics(plan)
    if outcome.curves is None or not outcome.curves.metrics.keys() >= {*names}:
        return None
    learned = outcome.extras.get(training.learned_from) if training.learned_from is not None else None
    return _Recorded(
        outcome.curves.steps,
        setting,
        outcome.replicates,
        _told(outcome, names, training),
        learned,
    )


def _told(outcome: Outcome, names: Sequence[str], training: Training) -> Floats:
    """Return the recordings of all metrics, (n, c, m): the worst there is from where the objective is not finite.

    Where a run had failed before, they are NaN.
    """
    assert outcome.curves is not None  # the caller has looked
    objective = outcome.curves.metrics[names[0]]
    failed = np.isin(outcome.status, WITHOUT_RESULT)[:, None]
    diverged = ~np.isfinite(objective) & ~(failed & np.isnan(objective))
    recorded = [
        np.where(diverged, training.metric(name).worst, outcome.curves.metrics[name]) for name in names
    ]
    return np.stack(recorded, axis=2)


def _longest(plan: Plan, parts: list[_Recorded]) -> list[_Recorded]:
    """Return each trajectory's first recording, by setting and replicate: of several the longest, as they come."""
    seen = np.zeros(plan.n_trajectories, dtype=bool)
    longest = []
    for part in parts:
        trajectory, row = np.unique(plan.first_trajectory[part.setting] + part.replicate, return_index=True)
        longest.append(part[row[~seen[trajectory]]])
        seen[trajectory] = True
    return [part for part in longest if len(part.setting)]


def _learning(plan: Plan, longest: list[_Recorded], i: int) -> list[tuple[Ints, pd.DataFrame]]:
    """Return the curves; replicates of a setting that were trained less far than others, if any, are not in it."""
    seen = np.zeros(plan.n_settings, dtype=bool)
    tables = []
    for _, alike in groupby(longest, key=lambda part: int(part.steps[-1])):
        for part in _at_common_steps([part[~seen[part.setting]] for part in alike]):
            seen[part.setting] = True
            if len(part.setting):
                tables.append(_curves_of(plan, part, i))
    return tables


def _at_common_steps(parts: list[_Recorded]) -> list[_Recorded]:
    """Return recordings of trajectories that were trained equally far, with all of a setting's in one part.

    Those of a setting that were recorded at different steps, since it was extended, are read at those they share.
    """
    settings = [np.unique(part.setting) for part in parts]
    several = np.flatnonzero(np.bincount(np.concatenate(settings)) > 1)
    if not len(several):
        return parts
    mixed = [part[np.isin(part.setting, several)] for part in parts]
    mixed = [part for part in mixed if len(part.setting)]
    common = reduce(np.intersect1d, [part.steps for part in mixed])
    joined = _Recorded.joined([part.at(common) for part in mixed])
    return [*(part[~np.isin(part.setting, several)] for part in parts), joined]


def _curves_of(plan: Plan, part: _Recorded, i: int) -> tuple[Ints, pd.DataFrame]:
    settings, place = np.unique(part.setting, return_inverse=True)
    n_steps = len(part.steps)
    labels = place[:, None] * n_steps + np.arange(n_steps)
    rows = np.repeat(settings, n_steps)
    epochs = {"epoch": np.tile(part.steps, len(settings))}
    values = part.values.reshape(-1, part.values.shape[2])
    statistics = _statistics(values, labels.ravel(), len(rows), i)
    return rows, pd.DataFrame(_axes_of(plan, rows) | epochs | statistics)


def _learning_anyhow(plan: Plan, longest: list[_Recorded], i: int) -> list[tuple[Ints, pd.DataFrame]]:
    """Return the curves of trajectories that were recorded at steps of their own: at each, those that were.

    One that ended where it is not finite has ended at all further steps of its setting as well.
    """
    if not longest:
        return []
    settings = np.concatenate([np.repeat(part.setting, len(part.steps)) for part in longest])
    steps = np.concatenate([np.tile(part.steps, len(part.setting)) for part in longest])
    values = np.concatenate([part.values.reshape(-1, part.values.shape[2]) for part in longest])
    is_last = np.concatenate([np.tile(part.steps == part.steps[-1], len(part.setting)) for part in longest])
    levels, step = np.unique(steps, return_inverse=True)
    places, labels = np.unique(settings * len(levels) + step, return_inverse=True)
    setting = places // len(levels)
    ended = labels[is_last & np.isinf(values[:, 0])]
    ends = np.searchsorted(setting, setting[ended], "right")
    further = [np.arange(one + 1, end) for one, end in zip(ended.tolist(), ends.tolist(), strict=True)]
    labels = np.concatenate([labels, *further])
    worst = [plan.training.metric(name).worst for name in _recorded_metrics(plan)]
    values = np.concatenate([values, np.tile(worst, (len(labels) - len(values), 1))])
    columns = {"epoch": levels[places % len(levels)]} | _statistics(values, labels, len(places), i)
    return [(setting, pd.DataFrame(_axes_of(plan, setting) | columns))]


def _statistics(values: Floats, labels: Ints, n: int, i: int) -> dict[str, object]:
    """Return the statistics of n points of curves of the i-th metric, over those runs that came so far, or diverged.

    `values` has a column for each metric; where a run has diverged, the objective is infinite.
    """
    groups = group(values[:, i], labels, n)
    return {
        "median": groups.quantile(0.5),
        "lower_quartile": groups.quantile(0.25),
        "upper_quartile": groups.quantile(0.75),
        "n_runs": groups.size,
        "n_diverged": np.bincount(labels[np.isinf(values[:, 0])], minlength=n),
    }


def _functions(
    plan: Plan, parts: list[_Recorded]
) -> tuple[list[tuple[Ints, pd.DataFrame]], list[tuple[Ints, pd.DataFrame]]]:
    """Return what was learned, setting by setting, and what was to be learned, once for each."""
    problems = [axis for axis in plan.training.display.problems if axis in plan.cells.codes]
    functions, targets, seen = [], [], set()
    for part in parts:
        for setting in np.unique(part.setting).tolist() if part.learned is not None else ():
            mine = part[part.setting == setting]
            kept = {} if mine.learned is None else {str(plan.training.learned_from): mine.learned}
            learned = plan.training.learned(plan.values(setting), kept)
            if learned is None:
                continue
            n, points = learned.outputs.shape
            rows = np.full(n * points, setting)
            columns = {
                "replicate": np.repeat(mine.replicate, points),
                "x": np.tile(learned.x, n),
                "target": np.tile(learned.target, n),
                "learned": learned.outputs.ravel(),
                "diverged": np.repeat(np.isinf(mine.values[:, -1, 0]), points),  # as the tables count them
            }
            functions.append((rows, pd.DataFrame(_axes_of(plan, rows) | columns)))
            problem = tuple(plan.value(axis, setting) for axis in problems)
            if problem not in seen:
                seen.add(problem)
                line = np.full(len(learned.line_x), setting)
                axes = axis_columns(plan, plan.first_cell[line], problems)
                targets.append((line, pd.DataFrame(axes | {"x": learned.line_x, "target": learned.line})))
    return functions, sorted(targets, key=lambda item: int(item[0][0]))


def _axes_of(plan: Plan, settings: Ints) -> dict[str, object]:
    return axis_columns(plan, plan.first_cell[settings], plan.setting_axes)


def _sorted(tables: list[tuple[Ints, pd.DataFrame]], by: list[str]) -> pd.DataFrame:
    """Return tables, each with the setting of every row, as one in the order of the settings."""
    if not tables:
        return pd.DataFrame()
    joined = _joined([table for _, table in tables])
    keys = [joined[name].to_numpy() for name in reversed(by)]
    order = np.lexsort([*keys, np.concatenate([settings for settings, _ in tables])])
    return joined.iloc[order].reset_index(drop=True)


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
