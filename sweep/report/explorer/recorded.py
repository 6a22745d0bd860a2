"""Learning curves and learned functions → columns, as many as fit into a page.

What does not fit is left out evenly: of the learned functions the later replicates, down to four; of both, settings.
That of the best cell is never left out: a page shows it first.
"""

import numpy as np
import pandas as pd

from sweep.report.explorer.columns import Json, numbers, rounded_numbers, whole_numbers
from sweep.report.explorer.explored import Explored
from sweep.report.look.axis_choice import best_cell
from sweep.report.look.labels import number
from sweep.report.look.scales import is_logarithmic
from sweep.tables.run_arrays import RunArrays
from sweep.terms.arrays import Ints
from sweep.terms.metric import Metric
from sweep.words import say

MOST_NUMBERS = 250_000
"""Of all curves, and of all functions: a page has about 4.8 bytes for each."""

_FEWEST_REPLICATES = 4
_OF_CURVES = ("median", "lower_quartile", "upper_quartile")


def curves_data(explored: Explored) -> tuple[Json | None, list[str]]:
    """Return the learning curves of each metric; and what is to be said of those that are left out."""
    if explored.curves is None or not len(explored.curves.learning):
        return None, []
    objective = explored.training.objective
    tables = {objective.name: explored.curves.learning, **explored.curves.others}
    room = MOST_NUMBERS // (len(_OF_CURVES) * len(tables))
    kept = {name: _thinned(table, explored, room) for name, table in tables.items()}
    n, of = int(_settings(kept[objective.name], explored.runs)[-1]) + 1, _n_settings(explored)
    notes = [say("Learning curves of {n} of {of} settings are in this page.", n=number(n), of=number(of))]
    return {
        name: _curve(table, explored.runs, explored.training.metric(name)) for name, table in kept.items()
    }, notes if n < of else []


def _curve(table: pd.DataFrame, runs: RunArrays, metric: Metric) -> Json:
    statistics = {name: rounded_numbers(table[name].to_numpy(float)) for name in _OF_CURVES}
    return {
        **_by_setting(table, runs),
        "step": whole_numbers(table["epoch"].to_numpy()),
        **statistics,
        "isLog": is_logarithmic(table["median"], metric),
    }


def functions_data(explored: Explored) -> tuple[Json | None, list[str]]:
    """Return the learned functions and their targets; and what is to be said of those that are left out."""
    if explored.curves is None or not len(explored.curves.functions):
        return None, []
    table, runs = explored.curves.functions, explored.runs
    n_replicates = int(table["replicate"].max()) + 1
    first = MOST_NUMBERS * n_replicates // len(table)
    first = min(n_replicates, max(_FEWEST_REPLICATES, first))
    table = table[table["replicate"].to_numpy() < first]
    table = _thinned(table, explored, MOST_NUMBERS)
    n, of = int(_settings(table, runs)[-1]) + 1, _n_settings(explored)
    notes = []
    if n < of:
        notes += [
            say("Learned functions of {n} of {of} settings are in this page.", n=number(n), of=number(of))
        ]
    if first < n_replicates:
        notes += [say("Of each setting it has those of the first {n} replicates.", n=number(first))]
    return {
        **_by_setting(table, runs),
        "replicate": whole_numbers(table["replicate"].to_numpy()),
        "x": numbers(table["x"].to_numpy(float)),
        "target": numbers(table["target"].to_numpy(float)),
        "learned": rounded_numbers(table["learned"].to_numpy(float)),
        "lines": _lines(explored.curves.targets, runs),
    }, notes


def _lines(targets: pd.DataFrame, runs: RunArrays) -> Json | None:
    """Return the targets as smooth lines."""
    if not len(targets):
        return None
    columns = {name: rounded_numbers(targets[name].to_numpy(float)) for name in ("x", "target")}
    return {**_by_setting(targets, runs), **columns}


def _n_settings(explored: Explored) -> int:
    return int(np.ceil(explored.runs.n_cells / explored.n_steps))


def _places(table: pd.DataFrame, runs: RunArrays) -> dict[str, Ints]:
    """Return for each axis of a table which of its values a row has."""
    return {
        axis: pd.Index(levels).get_indexer(pd.Index(table[axis])).astype(np.int64)
        for axis, levels in runs.levels.items()
        if axis in table.columns
    }


def _settings(table: pd.DataFrame, runs: RunArrays) -> Ints:
    """Return a number for the setting of each row, from 0; the rows of a setting stand together."""
    changed = np.zeros(len(table), dtype=bool)
    for place in _places(table, runs).values():
        changed[1:] |= place[1:] != place[:-1]
    return np.cumsum(changed)


def _by_setting(table: pd.DataFrame, runs: RunArrays) -> Json:
    """Return where the rows of each setting begin and the last ones end, and which values the settings have."""
    first = np.flatnonzero(np.diff(_settings(table, runs), prepend=-1))
    codes = {axis: whole_numbers(place[first]) for axis, place in _places(table, runs).items()}
    return {"first": whole_numbers(np.append(first, len(table))), "codes": codes}


def _thinned(table: pd.DataFrame, explored: Explored, room: int) -> pd.DataFrame:
    """Return the rows that are kept: all if they fit, else those of an even selection of the settings."""
    if len(table) <= room:
        return table
    settings = _settings(table, explored.runs)
    n = int(settings[-1]) + 1
    kept = np.linspace(0, n - 1, max(1, room * n // len(settings))).round()
    if best := best_cell(explored.cells, "median", explored.training.objective):
        levels = explored.runs.levels
        is_best = np.logical_and.reduce(
            [
                place == list(levels[axis]).index(best[axis])
                for axis, place in _places(table, explored.runs).items()
            ]
        )
        for setting in settings[is_best][:1]:
            kept[np.abs(kept - setting).argmin()] = setting
    return table[np.isin(settings, kept)]
