"""What a careful person would say before anybody relies on the results: a sentence each, with place and remedy."""

from collections.abc import Iterator, Sequence

import numpy as np

from sweep.report.figures.heatmap.heatmap import MOST_PANELS
from sweep.report.figures.scatter import is_scattered
from sweep.report.look.axis_choice import is_numeric, moving_axes
from sweep.report.look.labels import Level, count_words, level, list_words, number, short_words, where
from sweep.report.pages.content import ReportContent
from sweep.report.pages.standing import Standing, standings
from sweep.terms.text import percent_text

_MOST_VALUES = 6
FEW_REPLICATES = 5
FEWEST_VALUES = 3
"""Of two values the best is always at an edge."""
MANY_DIVERGED = 0.1
SMALL_EFFECT = 0.05
"""A best cell whose median is better by less than this share of the next one that is told apart is hardly better."""


def warnings_of(content: ReportContent) -> list[str]:
    """Return the warnings, the gravest first; none if nothing is wrong."""
    if not content.cells["n_runs"].sum():
        return []
    found = standings(content)
    return [
        *_unfinished(content),
        *_failed(content),
        *content.remarks,
        *_replicates(content, found),
        *_undecided(content),
        *_diverged(content),
        *_problems(found),
        *_edges(content, found),
        *_effect(content, found),
        *_panels(content),
    ]


def _command(content: ReportContent, name: str, *options: str) -> str:
    config = f"{content.name}.toml" if content.name else "CONFIG"
    return " ".join(["sweep", name, config, *options])


def _unfinished(content: ReportContent) -> Iterator[str]:
    n_cells = len(content.cells) if content.planned is None else len(content.planned)
    n_empty = n_cells - len(content.cells)
    if content.complete:
        return
    empty = f"; {count_words(n_empty, 'cell has', 'cells have')} none" if n_empty else ""
    remedy = f": `{_command(content, 'run')}` goes on from here" if content.is_file else ": run it again"
    yield (
        f"The sweep is not complete: {number(content.stored_runs)} of {count_words(content.planned_runs, 'run')} "
        f"have a result{empty}{remedy}."
    )


def _failed(content: ReportContent) -> Iterator[str]:
    cells = content.cells
    n_failed, n_runs = int(cells["n_failed"].sum()), int(cells["n_runs"].sum())
    if n_failed:
        where_ = _where_most(content, "n_failed")
        remedy = f"`{_command(content, 'failures')}` tells why" if content.is_file else "`failures` tells why"
        yield (
            f"{number(n_failed)} of {count_words(n_runs, 'run')} failed and are in no statistic{where_}: {remedy}."
        )


def _replicates(content: ReportContent, found: list[Standing]) -> Iterator[str]:
    fewest = int((content.cells["n_runs"] - content.cells["n_failed"]).max())
    if not content.training.repeats or fewest >= FEW_REPLICATES or not any(one.n_others for one in found):
        return
    words = "one replicate" if fewest == 1 else f"{number(fewest)} replicates at most"
    yield (
        f"Each cell has {words}, so that chance may have made the best one the best: "
        "set `replicates` to 10 or more."
    )


def _undecided(content: ReportContent) -> Iterator[str]:
    n = sum(verdict.ruling == "inconclusive" for verdict in content.verdicts)
    if n:
        remedy = (
            f"`{_command(content, 'run', '--until-decided')}` adds them"
            if content.is_file
            else "raise `replicates`"
        )
        yield (
            f"{number(n)} of {count_words(len(content.verdicts), 'verdict')} "
            f"{'is' if n == 1 else 'are'} undecided, for want of replicates: {remedy}."
        )


def _diverged(content: ReportContent) -> Iterator[str]:
    n_diverged, n_runs = (int(content.cells[name].sum()) for name in ("n_diverged", "n_runs"))
    if n_diverged < MANY_DIVERGED * n_runs:
        return
    if n_diverged == n_runs:
        yield "Every run diverged: no cell can be told from another one."
        return
    yield (
        f"{percent_text(n_diverged / n_runs)} of the runs diverged{_where_most(content, 'n_diverged')}: "
        "medians there say no more than that; `exclude` leaves such cells out."
    )


def _where_most(content: ReportContent, name: str) -> str:
    """Return where most of what a column counts is: values of one axis that have 80 % of it, if they are few."""
    cells = content.cells
    shortest: tuple[str, list[Level], float] = ("", [], 0.5)
    for axis in moving_axes(content.axes):
        counts = cells.groupby(axis)[name].sum().reindex(list(content.axes[axis]), fill_value=0).to_numpy()
        order = counts.argsort(kind="stable")[::-1]
        n = int(np.searchsorted(np.cumsum(counts[order]), 0.8 * counts.sum())) + 1
        if n / len(counts) <= shortest[2]:
            values = [content.axes[axis][i] for i in sorted(order[:n].tolist())]
            shortest = (axis, values, n / len(counts) - 1e-9)
    axis, values, _ = shortest
    if not axis or len(values) > _MOST_VALUES:
        return ""
    return f", most of them where {short_words(axis)} is {_either(values, content.axes[axis])}"


def _either(values: Sequence[Level], among: Sequence[Level]) -> str:
    texts = [level(value, among) for value in values]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _problems(found: list[Standing]) -> Iterator[str]:
    if len(found) > 1:
        axes = list_words([short_words(axis) for axis in found[0].problem])
        yield (
            f"Targets differ ({axes}), and with them what a metric means: compare cells of one target, "
            "and none across them."
        )


def _edges(content: ReportContent, found: list[Standing]) -> Iterator[str]:
    at_edge = [(axis, told) for one in found for axis, told in _edges_of(content, one)]
    if at_edge:
        axes = list(dict.fromkeys(axis for axis, _ in at_edge))
        edges = "the edge of its axis" if len(axes) == 1 else f"the edge of {number(len(axes))} axes"
        yield (
            f"The best cell is at {edges} ({'; '.join(told for _, told in at_edge)}), and a better one may lie beyond: "
            f"extend {list_words([f'`{axis}`' for axis in axes])} there."
        )


def _edges_of(content: ReportContent, one: Standing) -> Iterator[tuple[str, str]]:
    of = f" for {where(one.problem, among=content.axes)}" if one.problem else ""
    for axis in moving_axes(content.axes):
        values, best = content.axes[axis], one.best[axis]
        if len(values) >= FEWEST_VALUES and is_numeric(values) and axis not in one.problem:
            told = f"{short_words(axis)} = {level(best, values)}"
            if best == values[-1]:
                yield axis, f"{told}, its largest value{of}"
            elif best == values[0] and _goes_below(best):
                yield axis, f"{told}, its smallest value{of}"


def _goes_below(value: Level) -> bool:
    """Tell whether anything may be smaller than the smallest value of an axis: a count is 1 at least."""
    return not isinstance(value, str) and value > 0 and not (float(value).is_integer() and value <= 1)


def _effect(content: ReportContent, found: list[Standing]) -> Iterator[str]:
    if content.duels is None:
        return
    for one in found[:1] if len(found) == 1 else ():
        if not one.n_others:
            continue
        if one.n_tied == one.n_others and one.best["n_runs"] >= FEW_REPLICATES:
            yield (
                "The best cell cannot be told from any other one: raise `replicates` before you choose by it."
            )
        elif 0 < one.n_tied < one.n_others:
            yield (
                f"The best cell cannot be told from {count_words(one.n_tied, 'other')}: choose among them by what else "
                "matters to you, or raise `replicates`."
            )
        elif one.apart is not None and (gain := _gain(one)) < SMALL_EFFECT:
            yield (
                f"The best cell is better than the next by {percent_text(gain)} only: told apart, but perhaps too "
                "little to matter."
            )


def _gain(one: Standing) -> float:
    """Return by what share of its median the next cell is worse."""
    assert one.apart is not None  # the caller has looked
    best, other = float(one.best["median"]), float(one.apart.cell["median"])
    return abs(best - other) / abs(other) if np.isfinite(other) and other else np.inf


def _panels(content: ReportContent) -> Iterator[str]:
    axes = content.choice.heatmap(content.axes)
    if axes is None or not axes.facets or is_scattered(content.cells, axes):
        return
    n_panels = len(content.cells[list(axes.facets)].drop_duplicates())
    if n_panels > MOST_PANELS:
        yield (
            f"The heatmap does not show all of the {number(n_panels)} combinations of "
            f"{list_words([short_words(axis) for axis in axes.facets])}: `cells.csv` has them."
        )
