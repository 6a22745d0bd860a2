"""What a page says first: the verdicts on the claims in brief; what is best, by how much, and how surely."""

from dataclasses import dataclass

import numpy as np

from sweep.claims.sentences import grounds_in_brief
from sweep.claims.verdict import Verdict
from sweep.report.look.labels import count_words, number, where
from sweep.report.pages.content import ReportContent
from sweep.report.pages.findings import Finding
from sweep.report.pages.standing import Rival, Row, Standing, standings
from sweep.report.pages.summary import other_medians, place_axes, quartiles, together, worst
from sweep.terms.text import percent_text
from sweep.words import say, say_many

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
    """A claim in brief: what it comes to, its sentence, and two numbers, or a tally of conditions, that say why.

    `outcome` is a ruling or an `Outcome`, which is a message; the others are in the language of the page.
    """

    mark: str
    outcome: str
    sentence: str
    grounds: str


def brief_verdicts(content: ReportContent, found: list[Finding]) -> list[BriefVerdict]:
    """Return the claims in the order of the config."""
    first = {verdict.number: verdict for verdict in reversed(content.verdicts)}
    return [_brief(finding, first[n]) for n, finding in zip(sorted(first), found, strict=True)]


def _brief(finding: Finding, first: Verdict) -> BriefVerdict:
    outcome: str
    if finding.grounds:
        outcome, grounds = first.ruling, grounds_in_brief(first)
    else:
        outcome, grounds = finding.outcome, finding.verdict
        grounds += say("; supported where {where}", where=finding.where) if finding.where else ""
    return BriefVerdict(MARKS.get(outcome, ""), outcome, finding.sentence, grounds)


def confidence(content: ReportContent) -> str:
    """Return how sure the verdicts are, in short; "" without claims."""
    n = len(content.verdicts)
    if not n:
        return ""
    return say_many(
        n,
        "The verdict is right with a confidence of {confidence}.",
        "All {n} verdicts together are right with a confidence of {confidence}.",
        n=number(n),
        confidence=percent_text(content.confidence),
    )


def best_sentences(content: ReportContent) -> list[str]:
    """Return what is best and by how much, a sentence or two each; of every problem by itself."""
    if not content.cells["n_runs"].sum():
        return []
    found = standings(content)
    told = [together(_best(one, content)) for one in found[:_MOST_PROBLEMS]]
    if (n_further := len(found) - _MOST_PROBLEMS) > 0:
        told.append(
            say_many(
                n_further,
                "{n} further target: see the tables.",
                "{n} further targets: see the tables.",
                n=number(n_further),
            )
        )
    return [*told, *(worst(content) if len(found) < 2 else [])]


def how_surely(content: ReportContent) -> str:
    """Return what is called told apart; "" where nothing is."""
    found = [one for one in standings(content) if one.n_others and one.can_tell]
    if content.duels is None or not found:
        return ""
    return together(
        (
            say(
                "Pairs are runs of one replicate, which share their random numbers; equal ones do not count."
            ),
            say(
                "Told apart is what is worse in so many of them that chance would do it to any of {n} cells with a "
                "probability of {chance} at most, were it the best (sign test).",
                n=number(max(one.n_others for one in found)),
                chance=percent_text(1 - content.confidence),
            ),
        )
    )


def _best(one: Standing, content: ReportContent) -> list[str]:
    value, problem = _value(one.best, content), where(one.problem, among=content.axes)
    if not one.n_others and not problem:
        return [f"{value[0].upper()}{value[1:]}{say('.')}"]
    if not one.n_others:
        return [say("For {problem}: {value}.", problem=problem, value=value)]
    axes = [axis for axis in place_axes(content) if axis not in one.problem]
    place = where({axis: one.best[axis] for axis in axes}, among=content.axes)
    if not problem:
        return [say("Best is {place}: {value}.", place=place, value=value), *_next(one, content)]
    best = say("For {problem}, best is {place}: {value}.", problem=problem, place=place, value=value)
    return [best, *_next(one, content)]


def _value(cell: Row, content: ReportContent) -> str:
    """Return the median of a cell with the quartiles, and the medians of the other metrics."""
    names = ["median", *other_medians(content)]
    first, *others = (_named(name, cell, content) for name in names)
    return say(", ").join([say("{what} ({told})", what=first, told=_spread(cell)), *others])


def _named(name: str, cell: Row, content: ReportContent) -> str:
    return say("{what} {value}", what=content.labels.full(name), value=number(cell[name]))


def _spread(cell: Row) -> str:
    found = quartiles(cell)
    if found is None:
        return say("one run")
    runs = count_words(int(cell["n_runs"] - cell["n_failed"]), "run")
    return say("half of its {runs} between {low} and {high}", runs=runs, low=found[0], high=found[1])


def _next(one: Standing, content: ReportContent) -> list[str]:
    """Return what comes next: a cell that cannot be told from the best, if there is one, and one that can."""
    assert one.second is not None  # there are others
    second = _rival(one.second, one, content)
    if content.duels is None:
        return [say("Next is {cell}.", cell=second)]
    if not one.can_tell:
        few = say(
            "{replicates} cannot tell one of {n} cells from all others: that takes {needed}.",
            replicates=count_words(int(one.best["n_runs"] - one.best["n_failed"]), "replicate"),
            n=number(one.n_others + 1),
            needed=number(one.replicates_needed),
        )
        return [say("Next is {cell}.", cell=second), few]
    others = number(one.n_others)
    if not one.n_tied:
        return [say("It is told apart from all {n} others; next is {cell}.", n=others, cell=second)]
    tied = say_many(
        one.n_tied,
        "{n} of {of} other cells cannot be told from it, {cell}.",
        "{n} of {of} other cells cannot be told from it, the nearest {cell}.",
        n=number(one.n_tied),
        of=others,
        cell=second,
    )
    if one.apart is None:
        return [tied]
    return [tied, say("The next that can be told apart is {cell}.", cell=_rival(one.apart, one, content))]


def _rival(rival: Rival, one: Standing, content: ReportContent) -> str:
    """Return a cell beside the best: where it differs, by how much, and how often it is worse."""
    differs = {axis: rival.cell[axis] for axis in place_axes(content) if rival.cell[axis] != one.best[axis]}
    told = [_beside(rival.cell, one.best, content)]
    if rival.n_pairs:
        pairs = count_words(rival.n_pairs, "pair")
        told.append(say("worse in {n} of {pairs}", n=number(rival.n_better), pairs=pairs))
    return say("{what} ({told})", what=where(differs, among=content.axes), told=say(", ").join(told))


def _beside(cell: Row, best: Row, content: ReportContent) -> str:
    value, least = float(cell["median"]), float(best["median"])
    if not np.isfinite(value):
        return say("half of its runs or more diverged")
    ratio = value / least if least > 0 else np.inf
    if not content.training.objective.is_lower_better or not np.isfinite(ratio) or number(ratio) == "1":
        return number(value)
    return say("{value}, {ratio} times as much", value=number(value), ratio=number(ratio))
