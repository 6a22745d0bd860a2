"""Where the figures of a report look: at the case of its first claim, else at the best cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.report.figures.heatmap.shown import ShownMap, shown_map
from sweep.report.look.axis_choice import axes_of, axis_levels, best_place
from sweep.report.look.labels import Level
from sweep.report.pages.content import ReportContent

_MOST_KEPT = 4
"""A claim over more values of an axis is about the axis, not about these values."""


@dataclass(frozen=True)
class Focus:
    """Where axes are held that a figure does not show, and values that it shows whatever else it leaves out.

    `place` may lack axes, and has all columns of the best cell if that is what it is; `claim` is the number of the
    claim whose case it is, 0 for none.
    """

    place: Mapping[str, Any]
    keep: Mapping[str, Sequence[Level]]
    claim: int = 0


def focus_of(content: ReportContent) -> Focus:
    """Return where to look; at nothing where neither is a claim nor a finite median."""
    of_claims = (focus_on(content, number) for number in content.cases)
    return next((focus for focus in of_claims if focus.claim), Focus(_best(content), {}))


def focus_on(content: ReportContent, number: int) -> Focus:
    """Return where to look for one claim; at the best cell if it is about all values of each axis."""
    best, about = (
        _best(content),
        content.cells[content.cases[number].about] if number in content.cases else None,
    )
    if about is None:
        return Focus(best, {})
    values = {axis: axis_levels(about[axis]) for axis in axes_of(about)}
    few = {axis: levels for axis, levels in values.items() if 0 < len(levels) <= _MOST_KEPT}
    moving = [axis for axis in few if len(content.axes[axis]) > len(few[axis])]
    one = {axis: levels[0] for axis, levels in few.items() if best.get(axis) not in levels}
    return Focus({**best, **one}, {axis: few[axis] for axis in moving}, number) if moving else Focus(best, {})


def map_of(content: ReportContent, focus: Focus) -> ShownMap | None:
    """Return what the heatmap shows of a report's cells."""
    objective = content.training.objective
    return shown_map(content.cells, content.axes, content.choice, objective, focus.place, content.planned)


def _best(content: ReportContent) -> dict[str, Any]:
    return best_place(content.cells, content.training.objective, content.problems)
