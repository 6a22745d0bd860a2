"""What a page says first: the verdicts on the claims in brief; what is best, by how much, and how surely."""

from dataclasses import dataclass

import numpy as np

from sweep.claims.sentences import grounds_in_brief
from sweep.claims.verdict import Verdict
from sweep.report.look.labels import count_words, number, where
from sweep.report.pages.content import ReportContent
from sweep.report.pages.findings import Finding
from sweep.report.pages.standing import Rival, Row, Standing, standings
from sweep.report.pages.summary import NO_QUARTILES, other_medians, place_axes, quartiles_text, worst
from sweep.terms.text import percent_text

MARKS = {
    "supported": "✓",
    "supported in part": "✓",
    "mixed": "±",
    "refuted in part": "✗",
    "refuted": "✗",
    "alike": "≈",
    "inconclusive": "?",
}
"""Beside the word, for the eye alone."""
_MOST_PROBLEMS = 6


@dataclass(frozen=True)
class BriefVerdict:
    """A claim in brief: what it comes to, its sentence, and two numbers, or a tally of conditions, that say why."""

    mark: str
    outcome: str
    sentence: str
    grounds: str


def brief_verdicts(content: ReportContent, found: list[Finding]) -> list[BriefVerdict]:
    """Return the claims in the order of the config."""
    first = {verdict.number: verdict for verdict in reversed(content.verdicts)}
    return [_brief(finding, first[n]) for n, finding in zip(sorted(first), found, strict=True)]


def _brief(finding: Finding, first: Verdict) -> BriefVerdict:
    if finding.grounds:
        outcome, grounds = finding.verdict, grounds_in_brief(first)
    else:
        outcome, grounds = finding.outcome, finding.verdict
        grounds += f"; supported where {finding.where}" if finding.where else ""
    return BriefVerdict(MARKS.get(outcome, ""), outcome, finding.sentence, grounds)


def confidence(content: ReportContent) -> str:
    """Return how sure the verdicts are, in short; "" without claims."""
    n, sure = len(content.verdicts), percent_text(content.confidence)
    if not n:
        return ""
    if n == 1:
        return f"The verdict is right with a confidence of {sure}."
    return f"All {number(n)} verdicts together are right with a confidence of {sure}."


def best_sentences(content: ReportContent) -> list[str]:
    """Return what is best and by how much, a sentence or two each; of every problem by itself."""
    if not content.cells["n_runs"].sum():
        return []
    found = standings(content)
    told = [" ".join(_best(one, content)) for one in found[:_MOST_PROBLEMS]]
    if len(found) > _MOST_PROBLEMS:
        told.append(f"{count_words(len(found) - _MOST_PROBLEMS, 'further target')}: see the tables.")
    return [*told, *(worst(content) if len(found) < 2 else [])]


def how_surely(content: ReportContent) -> str:
    """Return what is called told apart; "" where nothing is."""
    found = [one for one in standings(content) if one.n_others and one.can_tell]
    if content.duels is None or not found:
        return ""
    return (
        "Pairs are runs of one replicate, which share their random numbers; equal ones do not count. Told apart is "
        "what is worse in so many of them that chance would do it to any of "
        f"{number(max(one.n_others for one in found))} cells with a probability of "
        f"{percent_text(1 - content.confidence)} at most, were it the best (sign test)."
    )


def _best(one: Standing, content: ReportContent) -> list[str]:
    axes = [axis for axis in place_axes(content) if axis not in one.problem]
    of = f"For {where(one.problem, among=content.axes)}, best" if one.problem else "Best"
    value = _value(one.best, content)
    if not one.n_others:
        told = f"{value[0].upper()}{value[1:]}."
        return [f"For {where(one.problem, among=content.axes)}: {value}." if one.problem else told]
    place = where({axis: one.best[axis] for axis in axes}, among=content.axes)
    return [f"{of} is {place}: {value}.", *_next(one, content)]


def _value(cell: Row, content: ReportContent) -> str:
    """Return the median of a cell with the quartiles, and the medians of the other metrics."""
    n, quartiles = int(cell["n_runs"] - cell["n_failed"]), quartiles_text(cell, " and ")
    spread = (
        "one run" if quartiles == NO_QUARTILES else f"half of its {count_words(n, 'run')} between {quartiles}"
    )
    others = [f", {content.labels.full(name)} {number(cell[name])}" for name in other_medians(content)]
    return f"{content.labels.full('median')} {number(cell['median'])} ({spread}){''.join(others)}"


def _next(one: Standing, content: ReportContent) -> list[str]:
    """Return what comes next: a cell that cannot be told from the best, if there is one, and one that can."""
    assert one.second is not None  # there are others
    second = _rival(one.second, one, content)
    if content.duels is None:
        return [f"Next is {second}."]
    if not one.can_tell:
        n = int(one.best["n_runs"] - one.best["n_failed"])
        few = (
            f"{count_words(n, 'replicate')} cannot tell one of {number(one.n_others + 1)} cells from all others: "
            f"that takes {number(one.replicates_needed)}."
        )
        return [f"Next is {second}.", few]
    if not one.n_tied:
        return [f"It is told apart from all {number(one.n_others)} others; next is {second}."]
    tied = (
        f"{number(one.n_tied)} of {number(one.n_others)} other cells cannot be told from it, "
        f"{'the nearest ' if one.n_tied > 1 else ''}{second}."
    )
    if one.apart is None:
        return [tied]
    return [tied, f"The next that can be told apart is {_rival(one.apart, one, content)}."]


def _rival(rival: Rival, one: Standing, content: ReportContent) -> str:
    """Return a cell beside the best: where it differs, by how much, and how often it is worse."""
    differs = {axis: rival.cell[axis] for axis in place_axes(content) if rival.cell[axis] != one.best[axis]}
    worse = (
        f", worse in {number(rival.n_better)} of {count_words(rival.n_pairs, 'pair')}"
        if rival.n_pairs
        else ""
    )
    return f"{where(differs, among=content.axes)} ({_beside(rival.cell, one.best, content)}{worse})"


def _beside(cell: Row, best: Row, content: ReportContent) -> str:
    value, least = float(cell["median"]), float(best["median"])
    if not np.isfinite(value):
        return "half of its runs or more diverged"
    ratio = value / least if least > 0 else np.inf
    if not content.training.objective.is_lower_better or not np.isfinite(ratio) or number(ratio) == "1":
        return number(value)
    return f"{number(value)}, {number(ratio)} times as much"
