"""What the command line says about results, in words. Text in, text out: nothing is printed here."""

import numpy as np
import pandas as pd

from sweep.claims.sentences import tally, verdicts_text
from sweep.results import Results
from sweep.tables.cells import axes_of, pivoted
from sweep.terms.metric import Metric
from sweep.terms.text import harmless, one_line, visible
from sweep.words import ENGLISH

_MOST_PROBLEMS = 6
"""Lines about best cells."""


def series_line(found: Results) -> str:
    """Return what `sweep reproduce` prints when a config is done."""
    verdicts = found.judged
    said = f"; verdicts {tally(verdicts)}" if verdicts else ""
    return f"{found.experiment.name}: {_counts(found)}{said}"


def font_remark(found: Results, language: str) -> str:
    """Return what is to be told of fonts where figures in a language lack one, a line; else ""."""
    values = (value for levels in found.levels.values() for value in levels if isinstance(value, str))
    texts = [*found.levels, *values]
    if language == ENGLISH and all(text.isascii() for text in texts):
        return ""
    from sweep.report.look.fonts import what_lacks

    return what_lacks(language, texts)


def summary_text(found: Results) -> str:
    """Return what `sweep run` prints at its end: how many runs, the best cell, the medians, where the report is."""
    lines = [f"{title(found)}: {_counts(found)}"]
    table = overview(found)
    if table is not None:
        lines += ["", table]
    lines += _best(found)
    if found.experiment.claims:
        lines += ["", claims_text(found)]
    return "\n".join(lines)


def _best(found: Results) -> list[str]:
    """Return a line about the best cell, and an empty one before it; none if no median is finite.

    Of several problems each has a line of its own, as they are not compared.
    """
    cells, training = found.cells, found.plan.training
    problems = [axis for axis in training.display.problems if axis in cells and cells[axis].nunique() > 1]
    parts = [part for _, part in cells.groupby(problems, sort=False)] if problems else [cells]
    lines = [line for part in parts[:_MOST_PROBLEMS] if (line := _best_of(part, training.objective))]
    more = len(parts) - _MOST_PROBLEMS
    lines += (
        [f"and {count_text(more, 'more', 'more')}: see the table of best cells in the report"]
        if more > 0
        else []
    )
    return ["", *lines] if lines else []


def _best_of(cells: pd.DataFrame, objective: Metric) -> str:
    medians = cells["median"].to_numpy(float)
    finite = np.isfinite(medians)
    if not finite.any():
        return ""
    best = int(np.where(finite, objective.badness(medians), np.inf).argmin())
    axes = ", ".join(f"{axis} = {_shown(cells[axis].iloc[best])}" for axis in axes_of(cells))
    extreme = "lowest" if objective.is_lower_better else "highest"
    at = f" at {axes}" if axes else ""
    return f"{extreme} median {objective.words}: {medians[best]:.3g}{at}"


def claims_text(found: Results) -> str:
    """Return what `sweep claims` prints: every claim, its verdicts and what they rest on."""
    text = verdicts_text(found.judged, found.experiment.confidence)
    if found.is_complete:
        return text
    return f"{text}\nSo far {found.n_stored:,} of {count_text(found.n_planned, 'run', 'runs')} are stored."


def overview(found: Results, most: int = 12) -> str | None:
    """Return the medians over two axes at the last step count, if that is a table one can read at a glance."""
    from sweep.report.look.axis_choice import AxisChoice

    axes = AxisChoice.of(found.plan.training).heatmap(found.levels)
    if axes is None or found.cells.empty:
        return None
    cells = found.cells
    steps = found.plan.training.steps
    last = [axis for axis in axes.facets if axis == steps]
    for axis in last:
        cells = cells[cells[axis] == cells[axis].max()]
    if (
        any(cells[axis].nunique() > 1 for axis in axes.facets)
        or max(cells[axes.rows].nunique(), cells[axes.columns].nunique()) > most
    ):
        return None
    at = f" after {cells[steps].iloc[0]} {steps}" if last else ""
    table = pivoted(cells, axes.rows, axes.columns, "median", found.levels)
    return f"median {found.plan.training.objective.words}{at}\n{table_text(table)}"


def failures_text(found: Results) -> str:
    """Return what `sweep failures` prints: how runs ended without a result, with an example of each."""
    n = sum(one.n for one in found.failed)
    if not n:
        return f"{title(found)}: no run failed."
    what = count_text(n, "training has", "trainings have")
    lines = [f"{title(found)}: {what} no result, for {count_text(len(found.failed), 'reason', 'reasons')}"]
    for one in found.failed:
        where = {**one.example, "replicate": one.replicate}
        lines += ["", f"{one.n:,} {one.status}: {one.headline}"]
        lines.append(
            "  for example " + ", ".join(f"{name} = {_shown(value)}" for name, value in where.items())
        )
        lines += _indented(one.why) if one.why != one.headline else []
        lines += ["  it printed at the end:", *_indented(one.printed)] if one.printed else []
    return "\n".join(lines)


def _indented(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in harmless(text).splitlines()]


MOST_SHOWN = 1000, 100
"""Rows and columns of a table that a terminal shows; of one with more, it shows `FIRST_SHOWN`."""

FIRST_SHOWN = 20


def table_text(table: pd.DataFrame, remedy: str = "") -> str:
    """Return a table as a terminal shows it: three significant digits, axis values as a config has them.

    Counts are whole numbers, also beside a cell that is not there. Of very many rows or columns the first are shown,
    and a last line says how many there are more, and by the `remedy` where.
    """
    is_pivot = table.index.names[0] is not None
    most_columns = MOST_SHOWN[1] if is_pivot else table.shape[1]
    limits = zip(table.shape, (MOST_SHOWN[0], most_columns), strict=True)
    rows, columns = (FIRST_SHOWN if n > most else n for n, most in limits)
    cut = {"rows": table.shape[0] - rows, "columns": table.shape[1] - columns}
    more = [f"{n:,} more {name}" for name, n in cut.items() if n]
    text = _whole_text(table.iloc[:rows, :columns], is_pivot)
    return f"{text}\n... {' and '.join(more)}{'; ' if remedy else ''}{remedy}" if more else text


def _whole_text(table: pd.DataFrame, is_pivot: bool) -> str:
    if is_pivot:
        table = table.rename(index=_shown, columns=_shown)
    else:
        table = table.assign(**{axis: table[axis].map(_shown) for axis in axes_of(table)})
    return table.to_string(float_format=_number, na_rep="–", index=is_pivot)


def _number(value: float) -> str:
    is_whole = abs(value) < 1e6 and value.is_integer()
    return f"{value:.0f}" if is_whole else f"{value:.3g}"


def _shown(value: object) -> str:
    return visible(str(value))


def duration(seconds: float) -> str:
    """Return a duration as a person says it.

    >>> duration(0.2), duration(42), duration(200), duration(7300)
    ('under a second', '42 s', '3.3 min', '2.0 h')
    """
    if seconds < 1:
        return "under a second"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def count_text(n: int, one: str, many: str) -> str:
    """Return a number of things.

    >>> count_text(1, "cell", "cells"), count_text(2000, "cell", "cells")
    ('1 cell', '2,000 cells')
    """
    return f"{n:,} {one if n == 1 else many}"


def title(found: Results) -> str:
    """Return name and title of a sweep."""
    experiment = found.experiment
    return f"{experiment.name} ({one_line(experiment.title)})" if experiment.title else experiment.name


def _counts(found: Results) -> str:
    cells = found.cells
    counts = [f"{int(cells[f'n_{status}'].sum()):,} {status}" for status in ("diverged", "failed")]
    n_runs = count_text(found.n_planned, "run", "runs")
    so_far = n_runs if found.is_complete else f"{found.n_stored:,} of {n_runs}"
    return f"{so_far} in {count_text(len(cells), 'cell', 'cells')}, {', '.join(counts)}"


def aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    """Return rows of a name, a number and the rest as lines, the numbers below one another."""
    names, numbers = (max(len(row[i]) for row in rows) for i in (0, 1))
    return [f"  {name:<{names}}  {number:>{numbers}}  {rest}".rstrip() for name, number, rest in rows]
