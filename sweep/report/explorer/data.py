"""Results → what the explorer holds, as JSON.

A page must stay below some megabytes. What does not fit is left out by these rules, each told in a sentence of `notes`:
numbers of many runs are rounded to 7 digits; of still more runs only statistics of the cells are held; for learning
curves and learned functions see `recorded`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sweep.report.explorer.columns import Json, numbers, rounded_numbers, whole_numbers
from sweep.report.explorer.explored import Explored
from sweep.report.explorer.recorded import curves_data, functions_data
from sweep.report.explorer.texts import spoken
from sweep.report.look import axis_choice
from sweep.report.look.axis_choice import best_cell, is_numeric, moving_axes
from sweep.report.look.labels import Level, level_labels, number, short_words
from sweep.report.look.scales import colour_scale, finite, linear_values, log_values, spans_decades
from sweep.report.look.ticks import column_ticks
from sweep.tables.importance import importance
from sweep.tables.run_arrays import RunArrays
from sweep.terms.arrays import Bools, Floats
from sweep.terms.columns import median_of
from sweep.terms.metric import Metric
from sweep.terms.outcome import WITHOUT_RESULT, Status
from sweep.words import language, say

STATISTICS = {"median": 0.5, "lower_quartile": 0.25, "upper_quartile": 0.75}
"""Those of a metric that have a scale of their own, and their quantiles."""

EXACT_NUMBERS = 200_000
"""So many numbers of runs are held with all their digits."""

MOST_RUN_BYTES = 6_000_000
_BYTES_PER_NUMBER = 4.8
"""Of a rounded number in a page."""

_LONG_AXIS = 40
"""An axis with more numbers than this is labelled at round ones."""

_MAP_POINTS = 420.0
"""About the width of a map, in points."""

FEWEST_AXES = 3
"""So many have to move for pictures of all axes."""

_TICKS = 9
"""At most so many on an axis of scattered values."""

_MOST_PROBLEMS = 64
"""So many targets have colours of their own."""


def explorer_data(explored: Explored) -> Json | None:
    """Return what the explorer of results holds; None if no run has a result, or there is no axis to choose."""
    runs = explored.runs
    if not runs.levels or not runs.collected.n_stored:
        return None
    is_scattered = _is_scattered(explored)
    held, of_runs = _held(explored)
    curves, of_curves = curves_data(explored)
    functions, of_functions = functions_data(explored)
    return {
        "title": explored.title,
        "language": language(),
        "texts": dict(spoken()),
        "axes": [_axis(explored, name, levels, is_scattered) for name, levels in runs.levels.items()],
        "steps": explored.training.steps,
        "metrics": [_metric(explored, metric) for metric in explored.training.metrics],
        "start": _start(explored),
        "isScattered": is_scattered,
        "cells": {
            "length": runs.n_cells,
            "codes": None if runs.is_grid else {a: whole_numbers(c) for a, c in runs.codes.items()},
            "replicates": whole_numbers(runs.replicates),
        },
        **held,
        "scales": _scales(explored),
        "importance": _importance(explored),
        "curves": curves,
        "functions": functions,
        "config": explored.config_text,
        "notes": [*of_runs, *of_curves, *of_functions],
    }


def _axis(explored: Explored, name: str, levels: Sequence[Level], is_scattered: bool) -> Json:
    axis: Json = {
        "name": name,
        "words": explored.labels.full(name),
        "short": short_words(name),
        "levels": [level if isinstance(level, str) else str(level).lower() for level in levels],
        "labels": level_labels(levels),
        "isNumeric": is_numeric(levels),
    }
    if is_scattered and is_numeric(levels) and len(levels) > 2:
        return axis | _by_value(np.array(levels, dtype=float))
    if len(levels) > _LONG_AXIS and is_numeric(levels):
        ticks = column_ticks(levels, _MAP_POINTS / len(levels))
        positions = [position - 0.5 for position in ticks.positions]
        axis["ticks"] = [list(tick) for tick in zip(positions, ticks.labels, strict=True)]
    return axis


def _by_value(levels: Floats) -> Json:
    """Return where the values of an axis stand, as far apart as they are, the last one at n - 1; and its ticks."""
    low, high = float(levels[0]), float(levels[-1])
    is_log = spans_decades(levels)
    grow = np.log if is_log else np.asarray
    candidates = (log_values if is_log else linear_values)(low, high)
    ticks = np.array(next((each for each in candidates if 2 <= len(each) <= _TICKS), [low, high]))
    places, at = (
        (grow(values) - grow(low)) / (grow(high) - grow(low)) * (len(levels) - 1)
        for values in (levels, ticks)
    )
    labels = level_labels(ticks.tolist())
    return {
        "positions": numbers(places),
        "ticks": [list(tick) for tick in zip(at.tolist(), labels, strict=True)],
    }


def _metric(explored: Explored, metric: Metric) -> Json:
    return {
        "name": metric.name,
        "words": metric.words,
        "along": metric.words_along,
        "isLowerBetter": metric.is_lower_better,
        "isDerived": metric.derived is not None,
        "bound": explored.bounds.get(metric.name),
    }


def _start(explored: Explored) -> Json:
    """Return the axes of the first map, and the best cell's place: for each axis which of its values it has."""
    levels = explored.runs.levels
    moving = moving_axes(levels)
    axes = explored.choice.heatmap(levels) if len(moving) > 1 else None
    best = best_cell(explored.cells, "median", explored.training.objective) or {}
    return {
        "rows": axes.rows if axes else None,
        "columns": axes.columns if axes else (moving or list(levels))[0],
        "place": {
            axis: list(values).index(best[axis]) if axis in best else len(values) - 1
            for axis, values in levels.items()
        },
    }


def _is_scattered(explored: Explored) -> bool:
    axes = explored.choice.heatmap(explored.runs.levels)
    return axes is not None and axis_choice.is_scattered(explored.cells, axes)


def _held(explored: Explored) -> tuple[Json, list[str]]:
    """Return the runs, or statistics of the cells if they are too many; and what is to be said of it."""
    runs = explored.runs
    if runs.n_runs * _BYTES_PER_NUMBER > MOST_RUN_BYTES:  # the objective alone
        return _statistics(explored)
    given = {
        metric.name: _as_power(runs, metric) or runs.collected.given(metric.name)
        for metric in explored.training.metrics
    }
    n_numbers = sum(len(values) for values in given.values() if isinstance(values, np.ndarray))
    if n_numbers * _BYTES_PER_NUMBER > MOST_RUN_BYTES:
        return _statistics(explored)
    is_exact = n_numbers <= EXACT_NUMBERS
    column = numbers if is_exact else rounded_numbers
    held = {
        "status": whole_numbers(runs.collected.status),
        "endedAt": whole_numbers(runs.collected.ended_at) if explored.training.steps else None,
        "metrics": {
            name: column(values) if isinstance(values, np.ndarray) else values
            for name, values in given.items()
        },
    }
    notes = [] if is_exact else [say("Numbers are held with seven digits.")]
    return {"runs": held, "statistics": None}, notes


def _as_power(runs: RunArrays, metric: Metric) -> Json | None:
    """Return a computed metric as a factor times a power of the one that it follows from, if that is what it is."""
    if metric.derived is None:
        return None
    source, values = runs.collected.given(metric.derived.of), runs.collected.given(metric.name)
    shown = np.isfinite(source) & np.isfinite(values) & (source > 0) & (values > 0)
    if np.count_nonzero(shown) < 2 or (np.isfinite(source) != np.isfinite(values)).any():
        return None
    for power in (0.5, 1.0, 2.0):
        factors = values[shown] / source[shown] ** power
        factor = float(factors[0])
        if np.allclose(factors, factor, rtol=1e-13, atol=0):
            return {"of": metric.derived.of, "power": power, "factor": factor}
    return None


def _statistics(explored: Explored) -> tuple[Json, list[str]]:
    """Return statistics of as many metrics as fit, medians first, and the counts of runs."""
    runs = explored.runs
    room = MOST_RUN_BYTES / (_BYTES_PER_NUMBER * runs.n_cells)
    held: dict[str, Json] = {}
    for names in (("median",), ("lower_quartile", "upper_quartile")):
        for metric in explored.training.metrics:
            room -= len(names)
            if room >= 0 or not held:
                found = runs.collected.quantiles(metric.name, *(STATISTICS[name] for name in names))
                values = dict(zip(names, map(rounded_numbers, found), strict=True))
                held[metric.name] = held.get(metric.name, {}) | values
    counts = {
        "n_runs": runs.replicates - runs.collected.counts(Status.MISSING),
        "n_diverged": runs.collected.counts(Status.DIVERGED),
        "n_failed": runs.collected.counts(*WITHOUT_RESULT),
    }
    counted = {name: whole_numbers(n) for name, n in counts.items()}
    note = say(
        "{n} runs are too many for one page: it holds statistics of the cells, with seven digits.",
        n=number(runs.n_runs),
    )
    return {"runs": None, "statistics": {"counts": counted, "metrics": held}}, [note]


def _importance(explored: Explored) -> Json | None:
    """Return how much each axis explains of the medians of each metric; None where few axes move."""
    if len(moving_axes(explored.runs.levels)) < FEWEST_AXES:
        return None
    shares: Json = {}
    for metric in explored.training.metrics:
        is_objective = metric.name == explored.training.objective.name
        medians = explored.cells["median" if is_objective else median_of(metric.name)]
        cells = explored.cells.assign(median=medians)
        table = importance(cells, metric, explored.training.display.problems)
        shares[metric.name] = [
            {"axis": short_words(axis)} | {"alone": _known(alone), "total": _known(total)}
            for axis, alone, total in table.itertuples(index=False)
        ]
    return shares


def _known(share: float) -> float | None:
    return None if np.isnan(share) else round(share, 4)


def _scales(explored: Explored) -> Json:
    """Return the colours' scales of the statistics of each metric: over all cells, and for each target by itself."""
    runs = explored.runs
    problems = _problems(explored)
    scales: Json = {}
    for metric in explored.training.metrics:
        is_one = int(runs.replicates.max()) == 1
        quantiles = [0.5] * len(STATISTICS) if is_one else STATISTICS.values()
        values = dict(zip(STATISTICS, runs.collected.quantiles(metric.name, *quantiles), strict=True))
        scales[metric.name] = {
            "all": {name: _scale(each, metric) for name, each in values.items()},
            "each": [
                {"place": place} | {name: _scale(each[cells], metric) for name, each in values.items()}
                for place, cells in problems
            ],
        }
    return scales


def _problems(explored: Explored) -> list[tuple[Json, Bools]]:
    """Return the places on the axes that say what is to be learned, each with its cells; none if there are too many."""
    moving = moving_axes(explored.runs.levels)
    axes = [axis for axis in explored.training.display.problems if axis in moving]
    if not axes:
        return []
    codes = np.stack([explored.runs.codes[axis] for axis in axes])
    places = np.unique(codes, axis=1).T
    if len(places) > _MOST_PROBLEMS:
        return []
    return [
        (dict(zip(axes, place.tolist(), strict=True)), np.equal(codes, place[:, None]).all(axis=0))
        for place in places
    ]


def _scale(values: Floats, metric: Metric) -> Json | None:
    scale = colour_scale(finite(values), metric)
    if scale is None:
        return None
    ticks = scale.ticks()
    labelled: list[Any] = [list(tick) for tick in zip(ticks, level_labels(ticks), strict=True)]
    return {"low": scale.low, "high": scale.high, "isLog": scale.is_log, "ticks": labelled}
