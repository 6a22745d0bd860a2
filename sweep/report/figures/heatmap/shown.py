"""What a heatmap shows of a sweep: all of it, or of more axes than one can look at those that matter most."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.report.figures.heatmap.heatmap import MOST_PANELS
from sweep.report.look.axis_choice import (
    AxisChoice,
    HeatmapAxes,
    Levels,
    hold,
    is_scattered,
    is_settled,
    without_followers,
)
from sweep.report.look.labels import Level
from sweep.tables.importance import importance
from sweep.terms.metric import Metric


@dataclass(frozen=True, eq=False)
class ShownMap:
    """The part of a table of cells that a heatmap shows: `is_shown`, of shape (cells,), and where the rest is held."""

    axes: HeatmapAxes
    cells: pd.DataFrame
    planned: pd.DataFrame | None
    held: Mapping[str, Level]
    is_shown: NDArray[np.bool_]


def shown_map(
    cells: pd.DataFrame,
    levels: Levels,
    choice: AxisChoice,
    metric: Metric,
    place: Mapping[str, Level],
    planned: pd.DataFrame | None = None,
) -> ShownMap | None:
    """Return what to show; None where no two axes can be sides.

    Of axes that move together only the first is shown. Where the usual choice of axes would take more than 12 panels,
    the most important axes are shown, and the others are held at their values in `place`, such as those of the best
    cell.
    """
    axes = choice.heatmap(levels)
    if axes is None or cells.empty:
        return None
    if not is_scattered(cells, axes):
        levels = without_followers(cells, levels, choice.display.problems)
        axes = choice.heatmap(levels)
        if axes is None:
            return None
    facets: list[str] = []
    for axis in axes.facets:
        if not is_settled(cells, [axes.rows, axes.columns, *facets], axis):
            facets.append(axis)
    n_panels = len(cells[facets].drop_duplicates()) if facets else 1
    n_problems = len(cells[problems].drop_duplicates()) if (problems := choice.problems(levels)) else 1
    if n_panels <= max(MOST_PANELS, n_problems):
        everything = np.ones(len(cells), dtype=bool)
        return ShownMap(HeatmapAxes(axes.rows, axes.columns, tuple(facets)), cells, planned, {}, everything)
    ranking = importance(cells, metric, choice.display.problems)
    few = choice.by_importance(levels, ranking["axis"].tolist())
    assert few is not None  # there are more axes than the two sides
    part, held = hold(cells, [few.rows, few.columns, *few.facets], place)
    for axis, level in held.items() if planned is not None else ():
        planned = planned[planned[axis] == level] if planned is not None else None
    return ShownMap(few, part, planned, held, np.isin(cells.index, part.index))
