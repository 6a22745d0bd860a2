"""How results were made: what was run, with which seed, how the runs ended, with what they were computed, and where."""

from collections.abc import Mapping

from sweep.report.look.labels import count_words, number
from sweep.report.pages.content import ReportContent
from sweep.report.pages.page_tables import PageTable
from sweep.terms.surroundings import UNKNOWN, Surroundings


def made_table(content: ReportContent) -> PageTable:
    """Return what is the same wherever the same config is run."""
    rows = [["command", content.command]] if content.command else []
    rows.append(["runs", _runs(content)])
    if content.seed is not None:
        rows.append(["seed", number(content.seed)])
    return PageTable("", ["field", "value"], [*rows, ["tables and figures", _versions(content.versions)]])


def made_here(content: ReportContent) -> PageTable:
    """Return as well what differs from run to run: where and how long was trained, as the results folder keeps it."""
    made = made_table(content)
    rows = [*made.rows[:-1]]
    if content.seconds > 0:
        rows.append(["time of training", f"{_time(content.seconds)}, the times of all trainings together"])
    several = len(content.surroundings) > 1
    for i, one in enumerate(content.surroundings, start=1):
        with_, on = (f"{words} ({i})" if several else words for words in ("trained with", "trained on"))
        if one == UNKNOWN:
            rows.append([with_, "what an earlier sweep has not kept"])
        else:
            rows += [[with_, _versions(one.versions)], [on, _machine(one)]]
    return PageTable(made.caption, made.head, [*rows, made.rows[-1]])


def _runs(content: ReportContent) -> str:
    n_diverged, n_failed = (int(content.cells[name].sum()) for name in ("n_diverged", "n_failed"))
    return (
        f"{number(content.planned_runs)} planned, {number(content.stored_runs)} done, of which {number(n_diverged)} "
        f"diverged and {number(n_failed)} failed"
    )


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _machine(one: Surroundings) -> str:
    return f"{one.processor}, {count_words(one.cores, 'core')}, {one.system}"


def _time(seconds: float) -> str:
    """Return a time as a person would say it.

    >>> _time(0.0123), _time(59.6), _time(4000)
    ('0.01 s', '60 s', '1 h 7 min')
    """
    if seconds < 100:
        return f"{number(seconds, 2 if seconds >= 1 else 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{number(minutes // 60)} h {minutes % 60} min"
