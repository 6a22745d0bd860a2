"""Learning curves and learned functions: what was recorded along a training and at its end.

A sweep of many settings is shown by an even selection of them; `selected_settings` makes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.analyse.quantiles import group
from sweep.analyse.tables import axis_columns
from sweep.plan import Plan
from sweep.plan.identity import Keys
from sweep.train.target import Target

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_SETTINGS = 2000
LINE_POINTS = 301
MOST_FUNCTIONS = 64
"""Replicates of a setting whose learned functions are kept for a picture."""


@dataclass(frozen=True, eq=False)
class Recording:
    """What a batch of n trajectories recorded.

    Attributes
    ----------
    keys, replicates
        Shape (n,): the identities of the trajectories.
    epochs
        Shape (c,): after which epochs the loss was checked.
    losses
        Shape (n, c).
    outputs
        Shape (n, check_points): the networks at the check points after the last epoch.
    """

    keys: Keys
    replicates: Ints
    epochs: Ints
    losses: Floats
    outputs: Floats


@dataclass(frozen=True, eq=False)
class Curves:
    """Learning curves and learned functions of a selection of settings, as tidy tables.

    Attributes
    ----------
    learning
        The axes without epochs, epoch, median, lower_quartile, upper_quartile, n_runs, n_diverged: of the checked
        loss over the replicates; a diverged run counts as inf.
    functions
        The axes without epochs, replicate, x, target, learned, diverged: at the check points.
    targets
        Those of the axes `function` and `interval` that there are, x, target: the targets as smooth lines.
    """

    learning: pd.DataFrame
    functions: pd.DataFrame
    targets: pd.DataFrame


def selected_settings(plan: Plan, most: int = MOST_SETTINGS) -> NDArray[np.bool_]:
    """Return which settings to show, of shape (n_settings,): all, or an even selection of each axis's values."""
    axes = [axis for axis in plan.cells.codes if axis != "epochs"]
    per_axis = max((len(plan.cells.levels[axis]) for axis in axes), default=1)
    while True:
        kept = np.ones(plan.n_settings, dtype=bool)
        for axis in axes:
            n_levels = len(plan.cells.levels[axis])
            even = np.rint(np.linspace(0, n_levels - 1, min(n_levels, per_axis)))
            kept &= np.isin(plan.setting_column(axis), even)
        if kept.sum() <= most or per_axis == 1:
            return kept
        per_axis = max(1, per_axis * 3 // 4)


def make_curves(plan: Plan, recordings: Iterable[Recording]) -> Curves:
    """Make the tables of the selected settings from what was recorded; the longest recording of a trajectory counts."""
    wanted = selected_settings(plan)
    longest: dict[tuple[int, int], tuple[Ints, Floats, Floats]] = {}
    for recording in recordings:
        setting = plan.settings_of(recording.keys)
        asked = plan.first_trajectory[setting] + recording.replicates < plan.first_trajectory[setting + 1]
        for row in np.flatnonzero((setting >= 0) & wanted[setting] & asked):
            place = int(setting[row]), int(recording.replicates[row])
            if place not in longest or longest[place][0][-1] < recording.epochs[-1]:
                longest[place] = recording.epochs, recording.losses[row], recording.outputs[row]
    by_setting: dict[int, list[int]] = {}
    for setting_number, replicate in sorted(longest):
        by_setting.setdefault(setting_number, []).append(replicate)
    learning = [
        _learning(plan, s, [longest[s, r][:2] for r in replicates]) for s, replicates in by_setting.items()
    ]
    functions = [
        _functions(plan, s, {r: longest[s, r][2] for r in replicates[:MOST_FUNCTIONS]})
        for s, replicates in by_setting.items()
    ]
    return Curves(_joined(learning), _joined(functions), _targets(plan, list(by_setting)))


def _learning(plan: Plan, setting: int, curves: list[tuple[Ints, Floats]]) -> pd.DataFrame:
    """Return the curve of one setting; replicates that were trained less far, if any, are not in it."""
    epochs = max((epochs for epochs, _ in curves), key=lambda e: int(e[-1]))
    losses = np.array([losses for e, losses in curves if len(e) == len(epochs) and (e == epochs).all()])
    losses = np.where(np.isfinite(losses), losses, np.inf)
    labels = np.broadcast_to(np.arange(len(epochs)), losses.shape)
    groups = group(losses.ravel(), labels.ravel(), len(epochs))
    return pd.DataFrame(
        _axes_of(plan, setting, len(epochs))
        | {
            "epoch": epochs,
            "median": groups.quantile(0.5),
            "lower_quartile": groups.quantile(0.25),
            "upper_quartile": groups.quantile(0.75),
            "n_runs": len(losses),
            "n_diverged": np.isinf(losses).sum(axis=0),
        }
    )


def _targets(plan: Plan, settings: list[int]) -> pd.DataFrame:
    axes = tuple(axis for axis in ("function", "interval") if axis in plan.cells.codes)
    one_of_each = {tuple(plan.value(axis, setting) for axis in axes): setting for setting in settings}
    tables = []
    for setting in one_of_each.values():
        target = _target(plan, setting)
        x = target.points(LINE_POINTS)
        columns = axis_columns(plan, np.full(len(x), plan.first_cell[setting]), axes)
        tables.append(pd.DataFrame(columns | {"x": x, "target": target(x)}))
    return _joined(tables)


def _target(plan: Plan, setting: int) -> Target:
    interval = plan.value("interval", setting)
    assert isinstance(interval, tuple)
    return Target(str(plan.value("function", setting)), (interval[0], interval[1]))


def _functions(plan: Plan, setting: int, outputs: dict[int, Floats]) -> pd.DataFrame:
    target = _target(plan, setting)
    x = target.points(len(next(iter(outputs.values()))))
    values = np.array(list(outputs.values()))
    n, points = values.shape
    return pd.DataFrame(
        _axes_of(plan, setting, n * points)
        | {
            "replicate": np.repeat(list(outputs), points),
            "x": np.tile(x, n),
            "target": np.tile(target(x), n),
            "learned": values.ravel(),
            "diverged": np.repeat(~np.isfinite(values).all(axis=1), points),
        }
    )


def _axes_of(plan: Plan, setting: int, n_rows: int) -> dict[str, object]:
    axes = tuple(axis for axis in plan.cells.codes if axis != "epochs")
    return axis_columns(plan, np.full(n_rows, plan.first_cell[setting]), axes)


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
