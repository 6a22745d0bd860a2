"""What is seen in a picture, in numbers, for those who do not see it: added to the words for what it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sweep.report.look.axis_choice import axes_of, is_numeric, moving_axes, row_of
from sweep.report.look.labels import count_words, level, number, short_words, where
from sweep.report.pages.content import ReportContent
from sweep.report.pages.pictures import Picture
from sweep.report.pages.summary import together
from sweep.words import say


def described(picture: Picture, content: ReportContent) -> str:
    """Return the text for a picture with what is seen in it, where that is said."""
    against = content.choice.against(content.axes)
    if picture.name in ("heatmap", "scatter"):
        seen = [*_range(content), *(_along(axis, content) for axis in moving_axes(content.axes))]
    elif against is not None and picture.name in (against[0], content.training.display.against_name):
        seen = [*_range(content), _along(against[0], content)]
    elif picture.name == "curves":
        seen = [_ends(content)]
    else:
        seen = []
    return together([picture.alt, *(one for one in seen if one)])


def _range(content: ReportContent) -> list[str]:
    medians = content.cells["median"].to_numpy(float)
    finite, n_infinite = medians[np.isfinite(medians)], int(np.isinf(medians).sum())
    if content.problems or not len(finite):
        return []
    ends = {"low": number(finite.min()), "high": number(finite.max())}
    if not n_infinite:
        return [say("The median runs from {low} to {high}.", **ends)]
    cells = count_words(n_infinite, "cell")
    return [say("The median runs from {low} to {high}; in {cells} it diverged.", **ends, cells=cells)]


def _along(axis: str, content: ReportContent) -> str:
    """Return how the median of all cells with a value of an axis goes from the first over the best to the last."""
    if content.problems or not is_numeric(content.axes[axis]):
        return ""
    middle = content.cells.groupby(axis)["median"].median().dropna()
    if len(middle) < 2:
        return ""
    best = int(content.training.objective.badness(middle.to_numpy(float)).argmin())
    places = dict.fromkeys((0, best, len(middle) - 1))
    points = [
        say(
            "{value} at {place}",
            value=number(float(middle.iloc[i])),
            place=level(middle.index[i], content.axes[axis]),
        )
        for i in places
    ]
    return say(
        "Along {axis} the median of its cells is {values}.",
        axis=short_words(axis),
        values=say(", ").join(points),
    )


def _ends(content: ReportContent) -> str:
    """Return where the curves of the most steps end, the best of them and the worst that is finite."""
    curves = content.curves
    if curves is None or not len(curves) or content.problems:
        return ""
    last = curves[(curves["epoch"] == curves["epoch"].max()) & np.isfinite(curves["median"])]
    if last.empty:
        return ""
    badness = content.training.objective.badness(last["median"].to_numpy(float))
    axes = [axis for axis in axes_of(last) if axis in moving_axes(content.axes)]
    best, worst = (_end(row_of(last, int(i)), axes, content) for i in (badness.argmin(), badness.argmax()))
    epoch = number(int(last["epoch"].iloc[0]))
    if len(last) == 1:
        return say("At epoch {epoch} the curve ends at {end}.", epoch=epoch, end=best)
    return say(
        "At epoch {epoch} the curves end between {best} and {worst}.", epoch=epoch, best=best, worst=worst
    )


def _end(row: Mapping[str, Any], axes: Sequence[str], content: ReportContent) -> str:
    value = number(row["median"])
    if not axes:
        return value
    place = where({axis: row[axis] for axis in axes}, among=content.axes)
    return say("{value} with {place}", value=value, place=place)
