"""What the command line says about a plan and about results, in words. Text in, text out: nothing is printed here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sweep.claims import Judgement
from sweep.claims.wording import promise, tally, verdicts_text
from sweep.terms.values import Value
from sweep.plan import Plan
from sweep.tables.tables import STATISTICS
from sweep.terms.values import table_value

if TYPE_CHECKING:
    from sweep.api import Preview
    from sweep.results import Results

MOST_VALUES_SHOWN = 8


def preview_text(preview: "Preview") -> str:
    """Return what `sweep plan` prints."""
    found = preview.results
    plan = found.plan
    lines = [_title(found), "", *_axis_lines(plan), ""]
    replicates = np.unique(plan.cells.replicates)
    per_cell = f"{replicates[0]}" if len(replicates) == 1 else f"{replicates[0]} to {replicates[-1]}"
    rows = [
        ("cells", f"{len(plan.cells):,}", f"{per_cell} replicates each"),
        ("trajectories", f"{plan.n_trajectories:,}", f"of {counted(plan.n_settings, 'setting', 'settings')}"),
        ("runs", f"{plan.n_runs:,}", _saving(plan)),
        ("stored already", f"{found.n_stored:,}", f"in {found.folder}"),
    ]
    if preview.n_batches:
        n_batches = counted(preview.n_batches, "batch", "batches")
        rows.append(("to be trained", f"{plan.n_runs - found.n_stored:,}", f"in {n_batches}"))
        rows.append(("estimated time", duration(preview.wall_seconds), _where(preview.workers)))
    else:
        rows.append(("to be trained", "0", ""))
    if plan.experiment.claims:
        rows.append(("verdicts", f"{len(found._verdicts):,}", promise(Judgement(plan))))
    lines += _aligned(rows)
    return "\n".join(lines)


def previews_text(previews: Sequence["Preview"]) -> str:
    """Return what `sweep plan` prints of a folder of configs: a line for each, and the sums."""
    rows = [
        (
            one.results.experiment.name,
            f"{one.results.n_planned - one.results.n_stored:,}",
            duration(one.wall_seconds),
        )
        for one in previews
    ]
    n_runs = sum(one.results.n_planned - one.results.n_stored for one in previews)
    rows.append(("together", f"{n_runs:,}", duration(sum(one.wall_seconds for one in previews))))
    lines = _aligned([("config", "runs to be trained", "estimated time"), *rows])
    more = "Replicates that undecided claims need come on top, up to `most_replicates` of each config."
    return "\n".join([*lines, "", more])


def series_line(found: "Results") -> str:
    """Return what `sweep reproduce` prints when a config is done."""
    verdicts = found._verdicts
    said = f"; verdicts {tally(verdicts)}" if verdicts else ""
    return f"{found.experiment.name}: {_counts(found)}{said}"


def summary_text(found: "Results") -> str:
    """Return what `sweep run` prints at its end: how many runs, the best cell, the medians, where the report is."""
    cells = found.cells
    lines = [f"{_title(found)}: {_counts(found)}"]
    table = overview(found)
    if table is not None:
        lines += ["", table]
    if np.isfinite(cells["median"]).any():
        best = int(cells["median"].argmin())
        axes = ", ".join(
            f"{axis} = {cells[axis].iloc[best]}" for axis in cells.columns if axis not in STATISTICS
        )
        lines += ["", f"lowest median final loss: {cells['median'].iloc[best]:.3g} at {axes}"]
    if found.experiment.claims:
        lines += ["", claims_text(found)]
    return "\n".join(lines)


def claims_text(found: "Results") -> str:
    """Return what `sweep claims` prints: every claim, its verdicts and what they rest on."""
    text = verdicts_text(found._verdicts, found.experiment.confidence)
    if found.n_stored == found.n_planned:
        return text
    return f"{text}\nSo far {found.n_stored:,} of {counted(found.n_planned, 'run', 'runs')} are stored."


def overview(found: "Results", most: int = 12) -> str | None:
    """Return the medians over two axes at the last epoch count, if that is a table one can read at a glance."""
    from sweep.report.choose import heatmap_axes

    axes = heatmap_axes(found.levels)
    if axes is None or found.cells.empty:
        return None
    cells = found.cells
    last = [axis for axis in axes.facets if axis == "epochs"]
    for axis in last:
        cells = cells[cells[axis] == cells[axis].max()]
    if (
        any(cells[axis].nunique() > 1 for axis in axes.facets)
        or max(cells[axes.rows].nunique(), cells[axes.columns].nunique()) > most
    ):
        return None
    at = f" after {cells['epochs'].iloc[0]} epochs" if last else ""
    table = cells.pivot(index=axes.rows, columns=axes.columns, values="median")
    return f"median final loss{at}\n{table_text(table)}"


def table_text(table: pd.DataFrame) -> str:
    """Return a table as a terminal shows it: every row, three significant digits, axis values as a config has them."""
    is_pivot = table.index.names[0] is not None
    if is_pivot:
        table = table.rename(index=str, columns=str)
    else:
        table = table.astype({name: str for name in table.columns if name not in STATISTICS})
    return table.to_string(float_format=lambda number: f"{number:.3g}", na_rep="–", index=is_pivot)


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


def counted(n: int, one: str, many: str) -> str:
    """Return a number of things.

    >>> counted(1, "cell", "cells"), counted(2000, "cell", "cells")
    ('1 cell', '2,000 cells')
    """
    return f"{n:,} {one if n == 1 else many}"


def _title(found: "Results") -> str:
    experiment = found.experiment
    return f"{experiment.name} ({experiment.title})" if experiment.title else experiment.name


def _counts(found: "Results") -> str:
    cells = found.cells
    counts = [f"{int(cells[f'n_{status}'].sum()):,} {status}" for status in ("diverged", "failed")]
    n_runs = counted(found.n_planned, "run", "runs")
    so_far = n_runs if found.n_stored == found.n_planned else f"{found.n_stored:,} of {n_runs}"
    return f"{so_far} in {counted(len(cells), 'cell', 'cells')}, {', '.join(counts)}"


def _axis_lines(plan: Plan) -> list[str]:
    rows = [(axis, f"{len(values):,}", _values(values)) for axis, values in plan.cells.levels.items()]
    return _aligned(rows)


def _values(values: Sequence[Value]) -> str:
    texts = [str(table_value(value)) for value in values]
    if len(texts) > MOST_VALUES_SHOWN:
        texts = [*texts[:3], "...", texts[-1]]
    return ", ".join(texts)


def _saving(plan: Plan) -> str:
    """Say what it saves that a training serves all its epoch counts."""
    merged = alone = 0
    n_settings = np.bincount(plan.schedule, minlength=len(plan.schedules))
    for schedule, n in zip(plan.schedules, n_settings.tolist(), strict=True):
        alone += n * sum(e * r for e, r in zip(schedule.epochs, schedule.replicates, strict=True))
        for replicate in range(schedule.n_trajectories):
            merged += n * max(
                e for e, r in zip(schedule.epochs, schedule.replicates, strict=True) if r > replicate
            )
    if merged == alone:
        return ""
    return f"read off {merged:,} epochs of training; one by one they would take {alone:,} ({alone / merged:.2g} times)"


def _where(workers: int) -> str:
    return "in this process" if workers == 1 else f"in {workers} processes"


def _aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    names, numbers = (max(len(row[i]) for row in rows) for i in (0, 1))
    return [f"  {name:<{names}}  {number:>{numbers}}  {rest}".rstrip() for name, number, rest in rows]
