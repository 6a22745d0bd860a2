"""The threshold curves of a claim on a page: the figure, its caption, and whether the bound decides, in words."""

from collections import Counter
from collections.abc import Sequence
from math import inf

import numpy as np

from sweep.claims.thresholds import Leaning, SuccessCurve, Threshold
from sweep.report.figures.threshold_curves import (
    ShownCurves,
    bound_frame,
    bound_words,
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
    reading = " ".join(_how_to_read(threshold))
    return Picture(name, "", caption, _alt(threshold), png(figure), svg(figure), reading)


def whether_it_decides(threshold: Threshold) -> str:
    """Return whether other bounds would have given another ruling, by the bands; there must be a result."""
    if len(threshold.begun) == 1:
        return " ".join(_of_one(threshold, threshold.begun[0]))
    return " ".join(_of_several(threshold))


def _what_is_drawn(shown: ShownCurves) -> list[str]:
    threshold = shown.threshold
    return [
        f"The share of runs with {threshold.metric.a_words} {threshold.where} a bound, against that bound"
        f"{_for_each(shown)}."
    ]


def _how_to_read(threshold: Threshold) -> list[str]:
    near = f" (thin lines: {neighbour_words(threshold)})" if threshold.neighbours else ""
    confidence = percent_text(threshold.confidence)
    return [
        f"Dashed: the bound that the claim states, {_stated(threshold)}{near}. "
        f"Dotted: the share that the claim is about, {percent_text(threshold.share)}.",
        "Where the whole band is on one side of the dotted line, it supports or refutes the claim; else it leaves it "
        "open. A run that diverged never succeeds, and one that failed is not counted.",
        f"The band holds the true curve at all bounds at once with a confidence of {confidence} (Dvoretzky, Kiefer & "
        f"Wolfowitz), for each curve by itself at its {_runs(threshold.begun)}; a verdict, which holds however often "
        "one looks, rests on an interval of its own.",
    ]


def _for_each(shown: ShownCurves) -> str:
    """Return what has a colour and what a panel, if there are several."""
    several = len(shown.facets) > 1
    if shown.hue is None:
        return ", one panel for each condition" if several else ""
    rest = ", one panel for each value of the rest of the condition" if several else ""
    return f", one colour for each {shown.labels.one(shown.hue)}{rest}"


def _notes(shown: ShownCurves) -> list[str]:
    """Return what the figure cannot show."""
    notes = [f"{note[0].upper()}{note[1:]}." for note in shown.notes]
    n_zero = int(np.count_nonzero(shown.threshold.values == 0))
    if n_zero and bound_frame(shown.threshold).is_log:
        notes.append(f"{count_words(n_zero, 'value')} of exactly 0 would stand to the left of any frame.")
    return notes


def _runs(curves: Sequence[SuccessCurve]) -> str:
    """Return how many runs the curves have: "32 runs", or "5 to 32 runs"."""
    fewest, most = min(curve.n for curve in curves), max(curve.n for curve in curves)
    return f"{number(fewest)} to {count_words(most, 'run')}" if fewest < most else count_words(most, "run")


def _of_one(threshold: Threshold, curve: SuccessCurve) -> list[str]:
    (here,) = threshold.leanings(threshold.limit)
    said = (
        f"At the claim's bound of {_stated(threshold)}, {_share(curve, threshold.limit)} of the runs succeed"
    )
    if threshold.neighbours is None:
        return [f"{said}; by the band the claim is {here}.", _unchanged(threshold, curve)]
    names = _neighbour_names(threshold)
    near = [f"{_share(curve, at)} at {name}" for at, name in zip(threshold.neighbours, names, strict=True)]
    others = [threshold.leanings(at)[0] for at in threshold.neighbours]
    but = [f"{other} at {name}" for other, name in zip(others, names, strict=True) if other != here]
    decides = (
        f"The threshold decides: by the band the claim is {here} at its bound, but {list_words(but)}."
        if but
        else f"The threshold does not decide: by the band the claim is {here} at all three."
    )
    return [f"{said}, {list_words(near)}.", decides, _unchanged(threshold, curve)]


def _stated(threshold: Threshold) -> str:
    return bound_words(threshold.limit)


def _share(curve: SuccessCurve, bound: float) -> str:
    return percent_text(float(curve.share(bound)))


def _unchanged(threshold: Threshold, curve: SuccessCurve) -> str:
    """Return which bounds give the same ruling by the band, in a sentence."""
    start, end = threshold.unchanged(curve)
    if start == -inf and end == inf:
        return "So it is at any other bound."
    between = f"between {number(start)} and {number(end)}"
    which = f"below {number(end)}" if start == -inf else f"above {number(start)}" if end == inf else between
    return f"Every bound {which} gives the same as the stated one."


def _of_several(threshold: Threshold) -> list[str]:
    here, n = threshold.leanings(threshold.limit), number(len(threshold.begun))
    stated = (
        f"By the bands the claim is {_tally(here)} of {n} conditions at its bound of {_stated(threshold)}"
    )
    if threshold.neighbours is None:
        return [f"{stated}."]
    names = _neighbour_names(threshold)
    others = [threshold.leanings(bound) for bound in threshold.neighbours]
    changed = np.array([[one != other for one, other in zip(here, each, strict=True)] for each in others])
    tallies = [f"at {name} it is {_tally(each)}" for name, each in zip(names, others, strict=True)]
    sentences = [_change(threshold), f"{'; '.join([stated, *tallies])}."]
    n_changed = int(np.count_nonzero(changed.any(axis=0)))
    if not n_changed:
        return [
            *sentences,
            "The threshold does not decide: no condition would have another ruling at either.",
        ]
    each = [f"{number(int(row.sum()))} at {name}" for row, name in zip(changed, names, strict=True)]
    return [
        *sentences,
        f"The threshold decides under {number(n_changed)} of {n} conditions, whose ruling would be another one: "
        f"{list_words(each)}.",
    ]


def _change(threshold: Threshold) -> str:
    """Return by how much the shares differ between the neighbours of the bound."""
    assert threshold.neighbours is not None  # the caller has looked
    one, other = (
        np.array([float(curve.share(bound)) for curve in threshold.begun]) for bound in threshold.neighbours
    )
    points = 100.0 * np.abs(other - one)
    return (
        f"Between {list_words(_neighbour_names(threshold))} the share changes by {points.min():.0f} to "
        f"{points.max():.0f} percentage points, by {np.median(points):.0f} in the median of the conditions."
    )


def _neighbour_names(threshold: Threshold) -> list[str]:
    assert threshold.neighbours is not None  # the caller has looked
    one, other = (bound_words(bound) for bound in threshold.neighbours)
    if threshold.counts_from_one:
        return [f"{one} (half as far from 1)", f"{other} (twice as far)"]
    return [f"half of it ({one})", f"twice of it ({other})"]


def _tally(leanings: Sequence[Leaning]) -> str:
    counts = Counter(leanings)
    return list_words(
        [f"{leaning} under {number(counts[leaning])}" for leaning in _LEANINGS if counts[leaning]]
    )


def _alt(threshold: Threshold) -> str:
    n = len(threshold.begun)
    curves = "curve" if n == 1 else f"curves of {number(n)} conditions"
    return (
        f"The share of runs with {threshold.metric.a_words} {threshold.where} a bound against that bound: {curves} "
        f"with band; marked are the stated bound, {_stated(threshold)}, and the share, "
        f"{percent_text(threshold.share)}."
    )
