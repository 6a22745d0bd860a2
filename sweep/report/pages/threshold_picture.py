"""The threshold curves of a claim on a page: the figure, its caption, and whether the bound decides, in words."""

from collections import Counter
from collections.abc import Sequence
from math import inf

import numpy as np

from sweep.claims.thresholds import Leaning, SuccessCurve, Threshold
from sweep.report.figures.threshold_curves import (
    ShownCurves,
    neighbour_words,
    shown_thresholds,
    threshold_curves,
)
from sweep.report.look.labels import count_words, list_words, number
from sweep.report.look.style import png, svg
from sweep.report.pages.content import ReportContent
from sweep.report.pages.pictures import Picture
from sweep.terms.text import percent_text

_LEANINGS: tuple[Leaning, ...] = ("supported", "refuted", "open")


def threshold_picture(threshold: Threshold, content: ReportContent, name: str) -> Picture | None:
    """Draw the curves of a claim; None if no run of it has a result."""
    if not threshold.begun:
        return None
    shown = shown_thresholds(threshold, content.choice, content.labels)
    figure = threshold_curves(shown)
    caption = " ".join([*_what_is_drawn(shown), *_notes(shown), whether_it_decides(threshold)])
    return Picture(name, "", caption, _alt(threshold), png(figure), svg(figure))


def whether_it_decides(threshold: Threshold) -> str:
    """Return whether other bounds would have given another ruling, by the bands; there must be a result."""
    if len(threshold.begun) == 1:
        return " ".join(_of_one(threshold, threshold.begun[0]))
    return " ".join(_of_several(threshold))


def _what_is_drawn(shown: ShownCurves) -> list[str]:
    threshold = shown.threshold
    each = (
        f", one colour for each {shown.labels.one(shown.hue)} and one panel for each combination of the rest"
        if shown.hue and len(shown.facets) > 1
        else f", one colour for each {shown.labels.one(shown.hue)}"
        if shown.hue
        else ", one panel for each condition"
        if len(shown.facets) > 1
        else ""
    )
    near = f", shaded: {neighbour_words(threshold)}" if threshold.neighbours else ""
    return [
        f"Share of runs with {threshold.metric.a_words} {threshold.where} a bound, against that bound{each}; a run "
        "that diverged never succeeds, and one that failed is not counted.",
        f"Dashed: the bound that the claim states, {number(threshold.limit)}{near}. "
        f"Dotted: the share that it is about, {percent_text(threshold.share)}.",
        f"The band holds the true curve at all bounds at once with a confidence of "
        f"{percent_text(threshold.confidence)} (Dvoretzky, Kiefer & Wolfowitz), each curve's by itself at its "
        f"{_runs(threshold.begun)}; the verdict rests on an interval of its own.",
    ]


def _notes(shown: ShownCurves) -> list[str]:
    return [f"{note[0].upper()}{note[1:]}." for note in shown.notes]


def _runs(curves: Sequence[SuccessCurve]) -> str:
    """Return how many runs the curves have: "32 runs", or "5 to 32 runs"."""
    fewest, most = min(curve.n for curve in curves), max(curve.n for curve in curves)
    return f"{number(fewest)} to {count_words(most, 'run')}" if fewest < most else count_words(most, "run")


def _of_one(threshold: Threshold, curve: SuccessCurve) -> list[str]:
    here = f"At the claim's bound of {number(threshold.limit)}, {percent_text(float(curve.share(threshold.limit)))}"
    (leaning,) = threshold.leanings(threshold.limit)
    if threshold.neighbours is None:
        return [
            f"{here} of the runs succeed; by the band the claim is {leaning}.",
            *_unchanged(threshold, curve),
        ]
    shares = [percent_text(float(curve.share(bound))) for bound in threshold.neighbours]
    others = [threshold.leanings(bound)[0] for bound in threshold.neighbours]
    near = [f"{share} at {name}" for share, name in zip(shares, _neighbour_names(threshold), strict=True)]
    said = f"{here} of the runs succeed, {list_words(near)}."
    if others == [leaning, leaning]:
        decides = f"The threshold does not decide here: by the band the claim is {leaning} at all three."
    else:
        places = [
            f"{other} at {name}"
            for other, name in zip(others, _neighbour_names(threshold), strict=True)
            if other != leaning
        ]
        decides = f"The threshold decides: by the band the claim is {leaning} at its bound, but {list_words(places)}."
    return [said, decides, *_unchanged(threshold, curve)]


def _unchanged(threshold: Threshold, curve: SuccessCurve) -> list[str]:
    """Return which bounds give the same ruling by the band, in a sentence."""
    start, end = threshold.unchanged(curve)
    match start > -inf, end < inf:
        case True, True:
            return [f"Bounds between {number(start)} and {number(end)} give the same."]
        case True, False:
            return [f"All bounds above {number(start)} give the same."]
        case False, True:
            return [f"All bounds below {number(end)} give the same."]
    return ["So does any other bound."]


def _of_several(threshold: Threshold) -> list[str]:
    here, n = threshold.leanings(threshold.limit), len(threshold.begun)
    stated = f"at the claim's bound of {number(threshold.limit)}"
    if threshold.neighbours is None:
        return [f"By the bands, {stated} the claim is {_tally(here)} of {number(n)} conditions."]
    names = _neighbour_names(threshold)
    others = [threshold.leanings(bound) for bound in threshold.neighbours]
    changed = np.array([[one != other for one, other in zip(here, each, strict=True)] for each in others])
    rest = list_words([f"{name} {_tally(each)}" for name, each in zip(names, others, strict=True)])
    tallies = f"By the bands the claim is {_tally(here)} of {number(n)} conditions {stated}; at {rest}."
    n_changed = int(np.count_nonzero(changed.any(axis=0)))
    if not n_changed:
        return [
            _rise(threshold),
            f"{tallies} The threshold does not decide: under none of the conditions would the ruling be another one.",
        ]
    each = [f"{number(int(row.sum()))} at {name}" for row, name in zip(changed, names, strict=True)]
    return [
        _rise(threshold),
        tallies,
        f"The threshold decides under {number(n_changed)} of {number(n)} conditions, where the ruling would be another "
        f"one: {list_words(each)}.",
    ]


def _rise(threshold: Threshold) -> str:
    """Return by how much the shares change over the neighbourhood of the bound."""
    assert threshold.neighbours is not None  # the caller has looked
    one, other = (
        np.array([float(curve.share(bound)) for curve in threshold.begun]) for bound in threshold.neighbours
    )
    middle = threshold.begun[int(np.argsort(np.abs(other - one), kind="stable")[len(one) // 2])]
    first, last = (percent_text(float(middle.share(bound))) for bound in threshold.neighbours)
    start, end = _neighbour_names(threshold)
    return (
        f"The claim's bound of {number(threshold.limit)} lies where, under the condition with the median change, the "
        f"share goes from {first} at {start} to {last} at {end}."
    )


def _neighbour_names(threshold: Threshold) -> tuple[str, str]:
    assert threshold.neighbours is not None  # the caller has looked
    one, other = (number(bound) for bound in threshold.neighbours)
    if threshold.counts_from_one:
        return f"{one} (half as far from 1)", f"{other} (twice as far)"
    return f"half of it ({one})", f"twice of it ({other})"


def _tally(leanings: Sequence[Leaning]) -> str:
    counts = Counter(leanings)
    return ", ".join(f"{leaning} under {number(counts[leaning])}" for leaning in _LEANINGS if counts[leaning])


def _alt(threshold: Threshold) -> str:
    n = len(threshold.begun)
    curves = "curve" if n == 1 else f"curves of {number(n)} conditions"
    return (
        f"The share of runs with {threshold.metric.a_words} {threshold.where} a bound against that bound: {curves} "
        f"with band; marked are the stated bound, {number(threshold.limit)}, and the share, "
        f"{percent_text(threshold.share)}."
    )
