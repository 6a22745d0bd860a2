"""Learning curves and learned functions: what was recorded along a training and at its end.

A sweep of many settings is shown by an even selection of them; `selected_settings` makes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.plan import Plan
from sweep.tables.quantiles import group
from sweep.tables.tables import axis_columns
from sweep.terms.arrays import Floats, Ints, Keys
from sweep.training.network.target import Target

MOST_SETTINGS = 2000
LINE_POINTS = 301
MOST_TRAJECTORIES = 50_000
"""Recordings that are kept in memory for a picture."""
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
    """Make the tables of the selected settings from what was recorded; the longest recording of a trajectory counts.

    At most about `MOST_TRAJECTORIES` recordings are held at a time, whatever the size of the sweep: of settings with
    many replicates fewer are selected, and of a setting with more replicates than that its first ones.
    """
    wanted, replicates = _selection(plan)
    longest = _longest(plan, _kept(plan, recordings, wanted, replicates))
    shown = min(MOST_FUNCTIONS, max(1, MOST_TRAJECTORIES // (4 * int(np.count_nonzero(wanted)))))
    settings = np.unique(np.concatenate([kind.setting for kind in longest])) if longest else np.array([], int)
    return Curves(
        _sorted(_learning(plan, longest), ["epoch"]),
        _sorted([_functions(plan, kind.first(shown)) for kind in longest], ["replicate", "x"]),
        _targets(plan, settings.tolist()),
    )


@dataclass(frozen=True, eq=False)
class _Kind:
    """Recordings of n trajectories that were checked at the same epochs and points."""

    epochs: Ints
    setting: Ints
    replicate: Ints
    losses: Floats
    outputs: Floats

    def __getitem__(self, rows: NDArray[np.bool_] | Ints) -> "_Kind":
        return _Kind(
            self.epochs, self.setting[rows], self.replicate[rows], self.losses[rows], self.outputs[rows]
        )

    def first(self, replicates: int) -> "_Kind":
        return self[self.replicate < replicates]


def _selection(plan: Plan) -> tuple[NDArray[np.bool_], int]:
    """Return which settings are shown, and how many replicates of each."""
    most_replicates = max(schedule.n_trajectories for schedule in plan.schedules)
    wanted = selected_settings(plan, max(1, min(MOST_SETTINGS, MOST_TRAJECTORIES // most_replicates)))
    return wanted, max(1, MOST_TRAJECTORIES // int(np.count_nonzero(wanted)))


def _kept(
    plan: Plan, recordings: Iterable[Recording], wanted: NDArray[np.bool_], replicates: int
) -> list[_Kind]:
    """Return the recordings of the wanted settings' first replicates, kind by kind, the longest first."""
    parts: dict[tuple[tuple[int, ...], int], list[_Kind]] = {}
    for recording in recordings:
        setting = plan.settings_of(recording.keys)
        replicate = recording.replicates
        asked = plan.first_trajectory[setting] + replicate < plan.first_trajectory[setting + 1]
        rows = np.flatnonzero((setting >= 0) & wanted[setting] & asked & (replicate < replicates))
        kind = tuple(recording.epochs.tolist()), recording.outputs.shape[1]
        every = _Kind(recording.epochs, setting, replicate, recording.losses, recording.outputs)
        parts.setdefault(kind, []).append(every[rows])  # a copy: the recording itself can be let go
    ordered = sorted(parts, key=lambda kind: kind[0][-1], reverse=True)
    return [
        _Kind(
            np.array(kind[0], dtype=np.int64),
            *(
                np.concatenate([getattr(part, name) for part in parts[kind]])
                for name in ("setting", "replicate", "losses", "outputs")
            ),
        )
        for kind in ordered
    ]


def _longest(plan: Plan, kinds: list[_Kind]) -> list[_Kind]:
    """Return each trajectory's first recording, by setting and replicate: of several the longest, as they come."""
    seen = np.zeros(plan.n_trajectories, dtype=bool)
    longest = []
    for kind in kinds:
        trajectory, row = np.unique(plan.first_trajectory[kind.setting] + kind.replicate, return_index=True)
        longest.append(kind[row[~seen[trajectory]]])
        seen[trajectory] = True
    return [kind for kind in longest if len(kind.setting)]


def _learning(plan: Plan, longest: list[_Kind]) -> list[pd.DataFrame]:
    """Return the curves; replicates of a setting that were trained less far than others, if any, are not in it."""
    seen = np.zeros(plan.n_settings, dtype=bool)
    tables = []
    for kind in longest:
        new = kind[~seen[kind.setting]]
        seen[new.setting] = True
        if len(new.setting):
            tables.append(_curves_of(plan, new))
    return tables


def _curves_of(plan: Plan, kind: _Kind) -> pd.DataFrame:
    settings, place = np.unique(kind.setting, return_inverse=True)
    n_epochs = len(kind.epochs)
    losses = np.where(np.isfinite(kind.losses), kind.losses, np.inf)
    labels = place[:, None] * n_epochs + np.arange(n_epochs)
    groups = group(losses.ravel(), labels.ravel(), len(settings) * n_epochs)
    return pd.DataFrame(
        _axes_of(plan, np.repeat(settings, n_epochs))
        | {
            "epoch": np.tile(kind.epochs, len(settings)),
            "median": groups.quantile(0.5),
            "lower_quartile": groups.quantile(0.25),
            "upper_quartile": groups.quantile(0.75),
            "n_runs": groups.size,
            "n_diverged": np.bincount(labels[np.isinf(losses)], minlength=len(groups.size)),
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


def _functions(plan: Plan, kind: _Kind) -> pd.DataFrame:
    points = kind.outputs.shape[1]
    settings, place = np.unique(kind.setting, return_inverse=True)
    targets = [_target(plan, int(setting)) for setting in settings]
    x = np.array([target.points(points) for target in targets]).reshape(-1, points)
    wanted = np.array([target(row) for target, row in zip(targets, x, strict=True)]).reshape(-1, points)
    return pd.DataFrame(
        _axes_of(plan, np.repeat(kind.setting, points))
        | {
            "replicate": np.repeat(kind.replicate, points),
            "x": x[place].ravel(),
            "target": wanted[place].ravel(),
            "learned": kind.outputs.ravel(),
            "diverged": np.repeat(~np.isfinite(kind.outputs).all(axis=1), points),
        }
    )


def _axes_of(plan: Plan, settings: Ints) -> dict[str, object]:
    axes = tuple(axis for axis in plan.cells.codes if axis != "epochs")
    return {"setting": settings} | axis_columns(plan, plan.first_cell[settings], axes)


def _sorted(tables: list[pd.DataFrame], by: list[str]) -> pd.DataFrame:
    """Return the tables as one, in the order of the settings."""
    joined = _joined(tables)
    if joined.empty:
        return joined
    return joined.sort_values(["setting", *by], ignore_index=True, kind="stable").drop(columns="setting")


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
