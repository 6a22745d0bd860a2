"""What is best, the cells that cannot be told from it, and the next that can: the numbers of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.report.look.axis_choice import row_of
from sweep.report.look.labels import Level
from sweep.report.pages.content import ReportContent
from sweep.tables.duels import better_needed

Row = Mapping[str, Any]
"""A cell: its axes and statistics."""


@dataclass(frozen=True)
class Rival:
    """A cell beside the best one: in how many of the pairs of replicates that differ the best is the better."""

    cell: Row
    n_better: int
    n_pairs: int


@dataclass(frozen=True)
class Standing:
    """The best cell among those of one problem.

    Attributes
    ----------
    problem
        The values of the axes that say what is to be learned; none if they do not move.
    best
        The cell.
    n_others
        How many other cells have a result.
    n_tied
        How many of those cannot be told from the best; all, where replicates are no pairs.
    apart
        The best of those that can be told from it; None if there is none.
    second
        The cell with the next median; None if there is none.
    replicates_needed
        From how many pairs on anything can be told apart among so many cells.
    """

    problem: Mapping[str, Level]
    best: Row
    n_others: int
    n_tied: int
    second: Rival | None
    apart: Rival | None
    replicates_needed: int

    @property
    def can_tell(self) -> bool:
        """Whether the best has replicates enough for anything to be told apart from it."""
        return int(self.best["n_runs"] - self.best["n_failed"]) >= self.replicates_needed


def standings(content: ReportContent) -> list[Standing]:
    """Return what is best, of each problem by itself; those without a finite median are left out.

    Told apart from the best is a cell than which it is the better in so many pairs that chance, were the cell the best,
    would do so for any of all cells with a probability of 1 - `confidence` at most (Bonferroni): so each cell that is
    not told apart may be the best one.
    """
    axes = content.problems
    groups = content.cells.groupby(axes, sort=False).indices if axes else {(): np.arange(len(content.cells))}
    found = [_standing(content, np.sort(rows), axes) for rows in groups.values()]
    return [one for one in found if one is not None]


def _standing(content: ReportContent, rows: NDArray[np.int64], axes: list[str]) -> Standing | None:
    badness = content.training.objective.badness(content.cells["median"].to_numpy(float)[rows])
    with_median = rows[~np.isnan(badness)]
    order = with_median[np.argsort(badness[~np.isnan(badness)], kind="stable")]
    if not len(order) or not np.isfinite(content.cells["median"].iloc[order[0]]):
        return None
    best, others = order[0], order[1:]
    chance = (1.0 - content.confidence) / max(1, len(others))
    is_apart = _are_apart(content.duels, others, chance)
    apart = others[is_apart]
    row = row_of(content.cells, int(best))
    return Standing(
        {axis: row[axis] for axis in axes},
        row,
        len(others),
        int((~is_apart).sum()),
        _rival(content, others[0]) if len(others) else None,
        _rival(content, apart[0]) if len(apart) else None,
        next(n for n in range(1, 2000) if better_needed(n, chance) is not None),
    )


def _rival(content: ReportContent, i: int) -> Rival:
    n_better, n_pairs = (0, 0) if content.duels is None else map(int, content.duels.iloc[i])
    return Rival(row_of(content.cells, int(i)), n_better, n_pairs)


def _are_apart(duels: pd.DataFrame | None, cells: NDArray[np.int64], chance: float) -> NDArray[np.bool_]:
    """Return which of some cells can be told from the best one."""
    if duels is None:
        return np.zeros(len(cells), dtype=np.bool_)
    n_better, n_pairs = (duels[name].to_numpy()[cells] for name in ("n_better", "n_pairs"))
    counts, place = np.unique(n_pairs, return_inverse=True)
    needed = np.array([better_needed(int(n), chance) or np.inf for n in counts])
    return np.asarray(n_better >= needed[place])
