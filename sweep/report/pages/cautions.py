"""What a careful person would say before anybody relies on the results: a sentence each, with place and remedy."""

from collections.abc import Iterator, Sequence

import numpy as np

from sweep.report.figures.heatmap.heatmap import MOST_PANELS
from sweep.report.look.axis_choice import is_numeric, is_scattered, moving_axes
from sweep.report.look.labels import Level, count_words, level, list_words, number, short_words, where
from sweep.report.pages.content import ReportContent
from sweep.report.pages.standing import Standing, standings
from sweep.terms.text import percent_text
from sweep.words import say, say_many

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
    told = say(
        "The sweep is not complete: {n} of {runs} have a result",
        n=number(content.stored_runs),
        runs=count_words(content.planned_runs, "run"),
    )
    empty = say_many(n_empty, "; {n} cell has none", "; {n} cells have none", n=number(n_empty))
    remedy = (
        say(": `{command}` goes on from here.", command=_command(content, "run"))
        if content.is_file
        else say(": run it again.")
    )
    yield f"{told}{empty if n_empty else ''}{remedy}"


def _failed(content: ReportContent) -> Iterator[str]:
    n_failed, n_runs = (int(content.cells[name].sum()) for name in ("n_failed", "n_runs"))
    if n_failed:
        yield say(
            "{n} of {runs} failed and are in no statistic{where}: `{command}` tells why.",
            n=number(n_failed),
            runs=count_words(n_runs, "run"),
            where=_where_most(content, "n_failed"),
            command=_command(content, "failures") if content.is_file else "failures",
        )


def _replicates(content: ReportContent, found: list[Standing]) -> Iterator[str]:
    fewest = int((content.cells["n_runs"] - content.cells["n_failed"]).max())
    if not content.training.repeats or fewest >= FEW_REPLICATES or not any(one.n_others for one in found):
        return
    yield say_many(
        fewest,
        "Each cell has one replicate, so that chance may have made the best one the best: "
        "set `replicates` to 10 or more.",
        "Each cell has {n} replicates at most, so that chance may have made the best one the best: "
        "set `replicates` to 10 or more.",
        n=number(fewest),
    )


def _undecided(content: ReportContent) -> Iterator[str]:
    n = sum(verdict.ruling == "inconclusive" for verdict in content.verdicts)
    if n:
        told = say_many(
            n,
            "{n} of {verdicts} is undecided, for want of replicates",
            "{n} of {verdicts} are undecided, for want of replicates",
            n=number(n),
            verdicts=count_words(len(content.verdicts), "verdict"),
        )
        remedy = (
            say(": `{command}` adds them.", command=_command(content, "run", "--until-decided"))
            if content.is_file
            else say(": raise `replicates`.")
        )
        yield f"{told}{remedy}"


def _diverged(content: ReportContent) -> Iterator[str]:
    n_diverged, n_runs = (int(content.cells[name].sum()) for name in ("n_diverged", "n_runs"))
    if n_diverged < MANY_DIVERGED * n_runs:
        return
    if n_diverged == n_runs:
        yield say("Every run diverged: no cell can be told from another one.")
        return
    yield say(
        "{share} of the runs diverged{where}: medians there say no more than that; `exclude` leaves such cells out.",
        share=percent_text(n_diverged / n_runs),
        where=_where_most(content, "n_diverged"),
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
    return say(
        ", most of them where {axis} is {values}",
        axis=short_words(axis),
        values=_either(values, content.axes[axis]),
    )


def _either(values: Sequence[Level], among: Sequence[Level]) -> str:
    *some, last = (level(value, among) for value in values)
    return say("{some} or {last}", some=say(", ").join(some), last=last) if some else last


def _problems(found: list[Standing]) -> Iterator[str]:
    if len(found) > 1:
        yield say(
            "Targets differ ({axes}), and with them what a metric means: compare cells of one target, "
            "and none across them.",
            axes=list_words([short_words(axis) for axis in found[0].problem]),
        )


def _edges(content: ReportContent, found: list[Standing]) -> Iterator[str]:
    at_edge = [(axis, told) for one in found for axis, told in _edges_of(content, one)]
    if at_edge:
        axes = list(dict.fromkeys(axis for axis, _ in at_edge))
        yield say_many(
            len(axes),
            "The best cell is at the edge of its axis ({places}), and a better one may lie beyond: "
            "extend {axes} there.",
            "The best cell is at the edge of {n} axes ({places}), and a better one may lie beyond: "
            "extend {axes} there.",
            n=number(len(axes)),
            places=say("; ").join(told for _, told in at_edge),
            axes=list_words([f"`{axis}`" for axis in axes]),
        )


def _edges_of(content: ReportContent, one: Standing) -> Iterator[tuple[str, str]]:
    for axis in moving_axes(content.axes):
        values, best = content.axes[axis], one.best[axis]
        if len(values) >= FEWEST_VALUES and is_numeric(values) and axis not in one.problem:
            place = f"{short_words(axis)} = {level(best, values)}"
            problem = where(one.problem, among=content.axes)
            if best == values[-1]:
                yield axis, _at_largest(place, problem)
            elif best == values[0] and _goes_below(best):
                yield axis, _at_smallest(place, problem)


def _at_largest(place: str, problem: str) -> str:
    if not problem:
        return say("{place}, its largest value", place=place)
    return say("{place}, its largest value for {problem}", place=place, problem=problem)


def _at_smallest(place: str, problem: str) -> str:
    if not problem:
        return say("{place}, its smallest value", place=place)
    return say("{place}, its smallest value for {problem}", place=place, problem=problem)


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
            yield say(
                "The best cell cannot be told from any other one: raise `replicates` before you choose by it."
            )
        elif 0 < one.n_tied < one.n_others:
            yield say(
                "The best cell cannot be told from {others}: choose among them by what else matters to you, "
                "or raise `replicates`.",
                others=count_words(one.n_tied, "other"),
            )
        elif one.apart is not None and (gain := _gain(one)) < SMALL_EFFECT:
            yield say(
                "The best cell is better than the next by {share} only: told apart, but perhaps too little to matter.",
                share=percent_text(gain),
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
        yield say(
            "The heatmap does not show all of the {n} combinations of {axes}: `cells.parquet` has them.",
            n=number(n_panels),
            axes=list_words([short_words(axis) for axis in axes.facets]),
        )
