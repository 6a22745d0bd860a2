"""The tables of the pages, as rows of text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.report.figures.heatmap.squares import DIVERGED, FAILED, MEASURED, Panel, squares_of
from sweep.report.look.axis_choice import is_numeric, is_scattered
from sweep.report.look.labels import level, level_labels, number, short_words, where, wheres
from sweep.report.pages.content import ReportContent
from sweep.report.pages.focus import focus_of, map_of
from sweep.report.pages.summary import best_rows, other_medians, place_axes, quartiles
from sweep.terms.values import OwnDefault
from sweep.words import say, word

_MOST_PIVOT_CELLS = 200
_MOST_FAILURES = 20


@dataclass(frozen=True)
class PageTable:
    """A table of a page: `caption` may be empty; every row has as many texts as `head`.

    The first `n_headers` of a row say which row it is.
    """

    caption: str
    head: list[str]
    rows: list[list[str]]
    n_headers: int = 1


def best_table(content: ReportContent) -> PageTable | None:
    """Return the ten best cells with their statistics; None if no cell has a finite median."""
    axes = place_axes(content)
    rows = best_rows(content, 10).to_dict("records")
    if not rows:
        return None
    labels = [level_labels([row[axis] for row in rows]) for axis in axes]
    head = [
        *(short_words(axis) for axis in axes),
        say("median"),
        say("quartiles"),
        *(short_words(name.removeprefix("median_")) for name in other_medians(content)),
        say("diverged runs"),
        say("failed runs"),
    ]
    return PageTable(
        "",
        head,
        [
            [*(column[i] for column in labels), *_statistics(row, other_medians(content))]
            for i, row in enumerate(rows)
        ],
        len(axes),
    )


def _statistics(row: Mapping[Any, Any], others: Sequence[str]) -> list[str]:
    found = quartiles(row)
    return [
        number(row["median"]),
        "–" if found is None else say("{low} to {high}", low=found[0], high=found[1]),
        *(number(row[name]) for name in others),
        say("{n} of {of}", n=number(row["n_diverged"]), of=number(row["n_runs"])),
        number(row["n_failed"]),
    ]


def pivot_tables(content: ReportContent) -> list[PageTable]:
    """Return the medians as the heatmap shows them, a table a panel; none for scattered or more than 200 cells."""
    shown = map_of(content, focus_of(content))
    if shown is None or len(shown.cells) > _MOST_PIVOT_CELLS or is_scattered(content.cells, shown.axes):
        return []
    axes = shown.axes
    squares = squares_of(
        shown.cells,
        (axes.rows, axes.columns),
        "median",
        axes.facets,
        content.axes,
        content.training.objective,
        len(shown.cells),
    )
    corner = f"{short_words(axes.rows)} \\ {short_words(axes.columns)}"
    head = [corner, *level_labels(squares.columns)]
    rows = list(enumerate(level_labels(squares.rows)))
    if not is_numeric(squares.rows):
        rows.reverse()  # in the squares the first row is the lowest; a table of text begins as the axis does
    held = say("held at {place}", place=where(shown.held, among=content.axes)) if shown.held else ""
    captions = [
        say(", ").join(filter(None, [place, held]))
        for place in wheres([panel.place for panel in squares.panels])
    ]
    return [
        PageTable(caption, head, [[label, *_row(panel, i)] for i, label in rows])
        for caption, panel in zip(captions, squares.panels, strict=True)
    ]


def _row(panel: Panel, i: int) -> list[str]:
    texts = {DIVERGED: say("diverged"), FAILED: say("failed")}
    return [
        number(float(value)) if state == MEASURED else texts.get(int(state), "–")
        for value, state in zip(panel.value[i], panel.state[i], strict=True)
    ]


def failures_table(content: ReportContent) -> PageTable | None:
    """Return how trainings ended without a result, the most frequent way first; None if none did."""
    rows = [
        [
            word(one.status),
            one.headline,
            number(one.n),
            where({**one.example, "replicate": one.replicate}, among=content.axes),
        ]
        for one in content.failures[:_MOST_FAILURES]
    ]
    return (
        PageTable("", [say("how"), say("why"), say("trainings"), say("for example")], rows) if rows else None
    )


def fixed_table(content: ReportContent) -> PageTable | None:
    """Return the fields that were held fixed, with their values; None if there is none."""
    rows = [
        [content.labels.full(field), _fixed_value(value)]
        for field, value in content.fixed.items()
        if value != ()
    ]
    return PageTable("", [say("field"), say("value")], rows) if rows else None


def _fixed_value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_fixed_value(part) for part in value)}]"
    if isinstance(value, str | OwnDefault):
        return str(value)
    return level(value)
