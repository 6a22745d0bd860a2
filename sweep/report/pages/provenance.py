"""How results were made: what was run, with which seed, how the runs ended, with what they were computed, and where."""

from collections.abc import Mapping

from sweep.report.look.labels import count_words, number
from sweep.report.pages.content import ReportContent
from sweep.report.pages.page_tables import PageTable
from sweep.terms.surroundings import UNKNOWN, Surroundings
from sweep.words import say


def made_table(content: ReportContent) -> PageTable:
    """Return what is the same wherever the same config is run."""
    rows = [[say("command"), content.command]] if content.command else []
    rows.append([say("runs"), _runs(content)])
    if content.seed is not None:
        rows.append([say("seed"), number(content.seed)])
    rows.append([say("tables and figures"), _versions(content.versions)])
    return PageTable("", [say("field"), say("value")], rows)


def made_here(content: ReportContent) -> PageTable:
    """Return as well what differs from run to run: where and how long was trained, as the results folder keeps it."""
    made = made_table(content)
    rows = [*made.rows[:-1]]
    if content.seconds > 0:
        time = say("{time}, the times of all trainings together", time=_time(content.seconds))
        rows.append([say("time of training"), time])
    several = len(content.surroundings) > 1
    for i, one in enumerate(content.surroundings, start=1):
        with_, on = (
            f"{words} ({i})" if several else words for words in (say("trained with"), say("trained on"))
        )
        if one == UNKNOWN:
            rows.append([with_, say("what an earlier sweep has not kept")])
        else:
            rows += [[with_, _versions(one.versions)], [on, _machine(one)]]
    return PageTable(made.caption, made.head, [*rows, made.rows[-1]])


def _runs(content: ReportContent) -> str:
    n_diverged, n_failed = (int(content.cells[name].sum()) for name in ("n_diverged", "n_failed"))
    return say(
        "{planned} planned, {done} done, of which {diverged} diverged and {failed} failed",
        planned=number(content.planned_runs),
        done=number(content.stored_runs),
        diverged=number(n_diverged),
        failed=number(n_failed),
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
