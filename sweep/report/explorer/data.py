"""What a report is made from → what the explorer holds, as JSON.

A page must stay below some megabytes. What does not fit is left out by these rules, each told in a sentence of `notes`:
numbers of many runs are rounded to 7 digits; of still more runs only the statistics of the cells are held; of many
learning curves and learned functions, an even selection of the settings, and the first replicates.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from sweep.report.explorer.columns import Column, numbers, rounded_numbers, whole_numbers
from sweep.report.figures.scatter import is_scattered
from sweep.report.look.axis_choice import Levels, best_cell, is_numeric, moving_axes
from sweep.report.look.labels import Level, level_labels, number, short_words
from sweep.report.look.scales import ColourScale, colour_scale, is_logarithmic
from sweep.report.look.ticks import column_ticks
from sweep.report.pages.content import ReportContent
from sweep.tables.run_arrays import RunArrays
from sweep.terms.arrays import Bools, Floats, Ints
from sweep.terms.metric import Metric
from sweep.terms.outcome import WITHOUT_RESULT, Status

Json: TypeAlias = dict[str, Any]

STATISTICS = {"median": 0.5, "lower_quartile": 0.25, "upper_quartile": 0.75}
"""Those of a metric that have a scale of their own, and their quantiles."""

_EXACT_RUNS = 200_000
"""So many numbers are held with all their digits."""

_MOST_RUN_BYTES = 6_000_000
_MOST_CURVE_BYTES = 1_500_000
_BYTES_PER_NUMBER = 4.6
"""Of a rounded number, in base64."""

_LONG_AXIS = 40
"""An axis with more values than this is labelled at round ones."""

_MAP_POINTS = 420.0
"""About the width of a map, in points."""


def explorer_data(content: ReportContent) -> Json | None:
    """Return what the explorer of a report holds; None if there is nothing to explore."""
    runs = content.runs
    if runs is None or not (runs.status != Status.MISSING).any():
        return None
    kept, notes = _runs(content, runs)
    curves, of_curves = _curves(content, runs)
    functions, of_functions = _functions(content, runs)
    return {
        "title": content.title or "Results of a sweep",
        "axes": [_axis(content, name, levels) for name, levels in runs.levels.items()],
        "steps": content.training.steps,
        "metrics": [_metric(content, metric) for metric in content.training.metrics],
        "start": _start(content, runs),
        "isScattered": _is_scattered(content),
        "cells": {
            "length": runs.n_cells,
            "codes": None if runs.is_grid else {a: whole_numbers(c).record for a, c in runs.codes.items()},
            "replicates": whole_numbers(runs.replicates).record,
        },
        **kept,
        "scales": _scales(content, runs),
        "curves": curves,
        "functions": functions,
        "config": content.config_text,
        "notes": [*notes, *of_curves, *of_functions],
    }


def _axis(content: ReportContent, name: str, levels: Sequence[Level]) -> Json:
    axis: Json = {
        "name": name,
        "words": content.labels.full(name),
        "short": short_words(name),
        "levels": [level if isinstance(level, str) else str(level).lower() for level in levels],
        "labels": level_labels(levels),
        "isNumeric": is_numeric(levels),
    }
    if len(levels) > _LONG_AXIS:
        ticks = column_ticks(levels, _MAP_POINTS / len(levels))
        axis["ticks"] = [
            [position - 0.5, label] for position, label in zip(ticks.positions, ticks.labels, strict=True)
        ]
    return axis


def _metric(content: ReportContent, metric: Metric) -> Json:
    stated = [each.limit for each in content.thresholds.values() if each.metric.name == metric.name]
    return {
        "name": metric.name,
        "words": metric.words,
        "along": metric.words_along,
        "isLowerBetter": metric.is_lower_better,
        "isDerived": metric.derived is not None,
        "bound": stated[0] if stated else None,
    }


def _start(content: ReportContent, runs: RunArrays) -> Json:
    """Return the axes of the first map, and the place of the best cell, as the number of its value on each axis."""
    axes = content.choice.heatmap(content.axes)
    best = best_cell(content.cells, "median", content.training.objective) or {}
    moving = moving_axes(content.axes)
    columns = axes.columns if axes is not None and len(moving) > 1 else (moving or list(runs.levels))[0]
    place = {
        axis: levels.index(best[axis]) if axis in best else len(levels) - 1
        for axis, levels in ((axis, list(levels)) for axis, levels in runs.levels.items())
    }
    return {
        "rows": axes.rows if axes is not None and len(moving) > 1 else None,
        "columns": columns,
        "place": place,
    }


def _is_scattered(content: ReportContent) -> bool:
    axes = content.choice.heatmap(content.axes)
    return axes is not None and is_scattered(content.cells, axes)


def _runs(content: ReportContent, runs: RunArrays) -> tuple[Json, list[str]]:
    """Return the runs, or the statistics of the cells if they are too many; and what is to be said of it."""
    given = {
        metric.name: _as_power(runs, metric) or runs.metrics[metric.name]
        for metric in content.training.metrics
    }
    arrays = [values for values in given.values() if isinstance(values, np.ndarray)]
    n_numbers = sum(len(values) for values in arrays)
    is_exact = n_numbers <= _EXACT_RUNS
    if n_numbers * _BYTES_PER_NUMBER > _MOST_RUN_BYTES:
        return _cells_only(content, runs)
    column = numbers if is_exact else rounded_numbers
    kept = {
        "runs": {
            "status": whole_numbers(runs.status).record,
            "endedAt": whole_numbers(runs.ended_at).record if content.training.steps else None,
            "metrics": {
                name: column(values).record if isinstance(values, np.ndarray) else values
                for name, values in given.items()
            },
        },
        "statistics": None,
    }
    return kept, [] if is_exact else ["Numbers are held with 7 digits."]


def _as_power(runs: RunArrays, metric: Metric) -> Json | None:
    """Return a computed metric as a factor times a power of the one that it follows from, if that is what it is."""
    if metric.derived is None:
        return None
    source, values = runs.metrics[metric.derived.of], runs.metrics[metric.name]
    shown = np.isfinite(source) & np.isfinite(values) & (source > 0) & (values > 0)
    if np.count_nonzero(shown) < 2:
        return None
    for power in (0.5, 1.0, 2.0):
        factors = values[shown] / source[shown] ** power
        factor = float(factors[0])
        if np.allclose(factors, factor, rtol=1e-13, atol=0):
            return {"of": metric.derived.of, "power": power, "factor": factor}
    return None


def _cells_only(content: ReportContent, runs: RunArrays) -> tuple[Json, list[str]]:
    """Return statistics of as many metrics as fit, the objective first: medians, then quartiles."""
    room = _MOST_RUN_BYTES
    kept: dict[str, dict[str, Column]] = {}
    for name in STATISTICS:
        for metric in content.training.metrics:
            room -= round(_BYTES_PER_NUMBER * runs.n_cells)
            if room >= 0 or not kept:
                values = runs.grouped(_counted(runs, metric)).quantile(STATISTICS[name])
                kept.setdefault(metric.name, {})[name] = rounded_numbers(values)
    counts = {
        "n_runs": runs.of_status(*(status for status in Status if status != Status.MISSING)),
        "n_diverged": runs.of_status(Status.DIVERGED),
        "n_failed": runs.of_status(*WITHOUT_RESULT),
    }
    n_runs = number(len(runs.status))
    words = f"{n_runs} runs are too many for one page: it holds statistics of the cells, with 7 digits."
    return {
        "runs": None,
        "statistics": {
            "counts": {name: whole_numbers(runs.count(which)).record for name, which in counts.items()},
            "metrics": {
                metric: {name: column.record for name, column in columns.items()}
                for metric, columns in kept.items()
            },
        },
    }, [words]


def _counted(runs: RunArrays, metric: Metric) -> Floats:
    """Return the metric of every run as statistics count it: the worst there is for one that diverged."""
    values = runs.metrics[metric.name]
    if metric.derived is not None:
        return values
    return np.where(runs.of_status(Status.DIVERGED), metric.worst, values)


def _scales(content: ReportContent, runs: RunArrays) -> Json:
    """Return the colours' scale for each statistic of each metric, over all cells."""
    scales: Json = {}
    for metric in content.training.metrics:
        groups = runs.grouped(_counted(runs, metric))
        one = int(runs.replicates.max()) == 1
        medians = groups.quantile(0.5)
        scales[metric.name] = {
            name: _scale(medians if one else groups.quantile(q), metric) for name, q in STATISTICS.items()
        }
    return scales


def _scale(values: Floats, metric: Metric) -> Json | None:
    shown = values[np.isfinite(values)]
    scale: ColourScale | None = colour_scale(shown, metric)
    if scale is None:
        return None
    ticks = scale.ticks()
    return {
        "low": scale.low,
        "high": scale.high,
        "isLog": scale.is_log,
        "ticks": list(map(list, zip(ticks, level_labels(ticks), strict=True))),
    }


def _curves(content: ReportContent, runs: RunArrays) -> tuple[Json | None, list[str]]:
    """Return the learning curves of as many settings as fit, by metric; and what is to be said of it."""
    if content.curves is None or not len(content.curves):
        return None, []
    objective = content.training.objective
    tables = {objective.name: content.curves, **content.other_curves}
    room = int(_MOST_CURVE_BYTES / (4 * _BYTES_PER_NUMBER) / len(tables))
    settings = _settings(content.curves, runs)
    thinned = _thinned(settings, room)
    kept = {name: _curve(table, runs, objective, room) for name, table in tables.items()}
    n, of = len(np.unique(settings[thinned])), runs.n_cells // max(1, _n_steps(content, runs))
    return kept, _note("Learning curves", n, max(of, n))


def _curve(table: pd.DataFrame, runs: RunArrays, metric: Metric, room: int) -> Json:
    thinned = _thinned(_settings(table, runs), room)
    part = table[thinned]
    return {
        **_by_setting(part, runs),
        "step": whole_numbers(part["epoch"].to_numpy()).record,
        **{
            name: rounded_numbers(part[name].to_numpy(float)).record
            for name in ("median", "lower_quartile", "upper_quartile")
        },
        "isLog": is_logarithmic(part["median"], metric),
    }


def _functions(content: ReportContent, runs: RunArrays) -> tuple[Json | None, list[str]]:
    """Return the learned functions of as many settings as fit; and what is to be said of it."""
    table = content.functions
    if table is None or not len(table):
        return None, []
    room = int(_MOST_CURVE_BYTES / (1.5 * _BYTES_PER_NUMBER))
    replicates = table["replicate"].to_numpy()
    n_replicates = int(replicates.max()) + 1
    per_replicate = -(-len(table) // n_replicates)
    first = min(n_replicates, max(4, room // per_replicate))
    table = table[replicates < first]
    settings = _settings(table, runs)
    part = table[_thinned(settings, room)]
    of = runs.n_cells // max(1, _n_steps(content, runs))
    n = len(np.unique(_settings(part, runs)))
    notes = _note("Learned functions", n, max(of, n))
    if first < n_replicates:
        notes.append(f"Learned functions are those of the first {number(first)} replicates.")
    return {
        **_by_setting(part, runs),
        "replicate": whole_numbers(part["replicate"].to_numpy()).record,
        "x": numbers(part["x"].to_numpy(float)).record,
        "target": numbers(part["target"].to_numpy(float)).record,
        "learned": rounded_numbers(part["learned"].to_numpy(float)).record,
        "lines": _lines(content, runs),
    }, notes


def _lines(content: ReportContent, runs: RunArrays) -> Json | None:
    """Return the targets as smooth lines."""
    if content.targets is None or not len(content.targets):
        return None
    table = content.targets
    return {
        **_by_setting(table, runs),
        "x": rounded_numbers(table["x"].to_numpy(float)).record,
        "target": rounded_numbers(table["target"].to_numpy(float)).record,
    }


def _n_steps(content: ReportContent, runs: RunArrays) -> int:
    return len(runs.levels.get(content.training.steps or "", (None,)))


def _note(what: str, n: int, of: int) -> list[str]:
    return [] if n >= of else [f"{what} of {number(n)} of {number(of)} settings are in this page."]


def _axes_in(table: pd.DataFrame, levels: Levels) -> list[str]:
    return [axis for axis in levels if axis in table.columns]


def _places(table: pd.DataFrame, runs: RunArrays) -> dict[str, Ints]:
    """Return for each axis of a table which of its values a row has."""
    return {
        axis: pd.Index(runs.levels[axis]).get_indexer(pd.Index(table[axis])).astype(np.int64)
        for axis in _axes_in(table, runs.levels)
    }


def _settings(table: pd.DataFrame, runs: RunArrays) -> Ints:
    """Return a number for the setting of each row, rising as settings do; rows of one stand together."""
    places = list(_places(table, runs).values())
    changed = np.zeros(len(table), dtype=bool)
    for place in places:
        changed[1:] |= place[1:] != place[:-1]
    return np.cumsum(changed)


def _by_setting(table: pd.DataFrame, runs: RunArrays) -> Json:
    """Return where the rows of each setting begin, the end of all, and its value on each axis."""
    settings = _settings(table, runs)
    first = np.flatnonzero(np.diff(settings, prepend=-1))
    return {
        "first": whole_numbers(np.append(first, len(table))).record,
        "codes": {axis: whole_numbers(place[first]).record for axis, place in _places(table, runs).items()},
    }


def _thinned(settings: Ints, room: int) -> Bools:
    """Return which rows are kept: all if they fit, else those of an even selection of the settings."""
    if len(settings) <= room:
        return np.ones(len(settings), dtype=bool)
    n = int(settings[-1]) + 1
    kept = np.linspace(0, n - 1, max(1, room * n // len(settings))).round()
    return np.isin(settings, kept)
