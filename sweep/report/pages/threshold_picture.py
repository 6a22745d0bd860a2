"""The threshold curves of a claim on a page: the figure, its caption, and whether the bound decides, in words."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
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
from sweep.report.pages.content import ReportContent
from sweep.report.pages.drawing import Drawing
from sweep.report.pages.pictures import COLOUR, Picture, capital
from sweep.report.pages.summary import together
from sweep.terms.text import percent_text
from sweep.words import say, say_many, word

_LEANINGS: tuple[Leaning, ...] = ("supported", "refuted", "open")
"""They are messages: two of them rulings."""


def threshold_picture(threshold: Threshold, content: ReportContent, name: str) -> Picture | None:
    """Draw the curves of a claim; None if no run of it has a result."""
    if not threshold.begun:
        return None
    shown = shown_thresholds(threshold, content.choice, content.labels)
    caption = together([_what_is_drawn(shown), *_notes(shown), whether_it_decides(threshold)])
    reading = together(_how_to_read(threshold))
    return Picture(name, "", caption, _alt(threshold), Drawing(partial(threshold_curves, shown)), reading)


def whether_it_decides(threshold: Threshold) -> str:
    """Return whether other bounds would have given another ruling, by the bands; there must be a result."""
    if len(threshold.begun) == 1:
        return together(_of_one(threshold, threshold.begun[0]))
    return together(_of_several(threshold))


def _what_is_drawn(shown: ShownCurves) -> str:
    threshold = shown.threshold
    places = {"a_metric": threshold.metric.a_words, "each": _for_each(shown)}
    if threshold.is_below:
        return say("The share of runs with {a_metric} below a bound, against that bound{each}.", **places)
    return say("The share of runs with {a_metric} above a bound, against that bound{each}.", **places)


def _how_to_read(threshold: Threshold) -> list[str]:
    stated = _stated(threshold)
    if threshold.neighbours:
        near = neighbour_words(threshold)
        dashed = say(
            "Dashed: the bound that the claim states, {bound} (thin lines: {near}).", bound=stated, near=near
        )
    else:
        dashed = say("Dashed: the bound that the claim states, {bound}.", bound=stated)
    return [
        dashed,
        say("Dotted: the share that the claim is about, {share}.", share=percent_text(threshold.share)),
        say(
            "Where the whole band is on one side of the dotted line, it supports or refutes the claim; else it leaves "
            "it open."
        ),
        say("A run that diverged never succeeds, and one that failed is not counted."),
        say(
            "The band holds the true curve at all bounds at once with a confidence of {confidence} (Dvoretzky, Kiefer "
            "& Wolfowitz), for each curve by itself at its {runs}; a verdict, which holds however often one looks, "
            "rests on an interval of its own.",
            confidence=percent_text(threshold.confidence),
            runs=_runs(threshold.begun),
        ),
    ]


def _for_each(shown: ShownCurves) -> str:
    """Return what has a colour and what a panel, if there are several."""
    several = len(shown.facets) > 1
    if shown.hue is None:
        return say(", one panel for each condition") if several else ""
    rest = say(", one panel for each value of the rest of the condition") if several else ""
    return f"{say(COLOUR, axis=shown.labels.one(shown.hue))}{rest}"


def _notes(shown: ShownCurves) -> list[str]:
    """Return what the figure cannot show."""
    notes = [f"{capital(note)}{say('.')}" for note in shown.notes]
    n_zero = int(np.count_nonzero(shown.threshold.values == 0))
    if n_zero and bound_frame(shown.threshold).is_log:
        values = count_words(n_zero, "value")
        notes.append(say("{values} of exactly 0 would stand to the left of any frame.", values=values))
    return notes


def _runs(curves: Sequence[SuccessCurve]) -> str:
    """Return how many runs the curves have: "32 runs", or "5 to 32 runs"."""
    fewest, most = min(curve.n for curve in curves), max(curve.n for curve in curves)
    runs = count_words(most, "run")
    return say("{low} to {high}", low=number(fewest), high=runs) if fewest < most else runs


def _of_one(threshold: Threshold, curve: SuccessCurve) -> list[str]:
    (here,) = threshold.leanings(threshold.limit)
    at_bound = {"bound": _stated(threshold), "share": _share(curve, threshold.limit)}
    if threshold.neighbours is None:
        said = say(
            "At the claim's bound of {bound}, {share} of the runs succeed; by the band the claim is {leaning}.",
            **at_bound,
            leaning=word(here),
        )
        return [said, _unchanged(threshold, curve)]
    names = _neighbour_names(threshold)
    near = [
        say("{share} at {bound}", share=_share(curve, at), bound=name)
        for at, name in zip(threshold.neighbours, names, strict=True)
    ]
    said = say(
        "At the claim's bound of {bound}, {share} of the runs succeed, {near}.",
        **at_bound,
        near=list_words(near),
    )
    others = [threshold.leanings(at)[0] for at in threshold.neighbours]
    but = [
        say("{leaning} at {bound}", leaning=word(other), bound=name)
        for other, name in zip(others, names, strict=True)
        if other != here
    ]
    decides = (
        say(
            "The threshold decides: by the band the claim is {leaning} at its bound, but {others}.",
            leaning=word(here),
            others=list_words(but),
        )
        if but
        else say(
            "The threshold does not decide: by the band the claim is {leaning} at all three.",
            leaning=word(here),
        )
    )
    return [said, decides, _unchanged(threshold, curve)]


def _stated(threshold: Threshold) -> str:
    return bound_words(threshold.limit)


def _share(curve: SuccessCurve, bound: float) -> str:
    return percent_text(float(curve.share(bound)))


def _unchanged(threshold: Threshold, curve: SuccessCurve) -> str:
    """Return which bounds give the same ruling by the band, in a sentence."""
    start, end = threshold.unchanged(curve)
    low, high = number(start), number(end)
    if start == -inf and end == inf:
        return say("So it is at any other bound.")
    if start == -inf:
        return say("Every bound below {high} gives the same as the stated one.", high=high)
    if end == inf:
        return say("Every bound above {low} gives the same as the stated one.", low=low)
    return say("Every bound between {low} and {high} gives the same as the stated one.", low=low, high=high)


def _of_several(threshold: Threshold) -> list[str]:
    here, n = threshold.leanings(threshold.limit), number(len(threshold.begun))
    stated = say(
        "By the bands the claim is {tally} of {n} conditions at its bound of {bound}",
        tally=_tally(here),
        n=n,
        bound=_stated(threshold),
    )
    if threshold.neighbours is None:
        return [f"{stated}{say('.')}"]
    names = _neighbour_names(threshold)
    others = [threshold.leanings(bound) for bound in threshold.neighbours]
    changed = np.array([[one != other for one, other in zip(here, each, strict=True)] for each in others])
    tallies = [
        say("; at {bound} it is {tally}", bound=name, tally=_tally(each))
        for name, each in zip(names, others, strict=True)
    ]
    sentences = [_change(threshold), f"{stated}{''.join(tallies)}{say('.')}"]
    n_changed = int(np.count_nonzero(changed.any(axis=0)))
    if not n_changed:
        no = say("The threshold does not decide: no condition would have another ruling at either.")
        return [*sentences, no]
    each = [
        say("{n} at {bound}", n=number(int(row.sum())), bound=name)
        for row, name in zip(changed, names, strict=True)
    ]
    decides = say(
        "The threshold decides under {n} of {of} conditions, whose ruling would be another one: {each}.",
        n=number(n_changed),
        of=n,
        each=list_words(each),
    )
    return [*sentences, decides]


def _change(threshold: Threshold) -> str:
    """Return by how much the shares differ between the neighbours of the bound."""
    assert threshold.neighbours is not None  # the caller has looked
    one, other = (
        np.array([float(curve.share(bound)) for curve in threshold.begun]) for bound in threshold.neighbours
    )
    points = 100.0 * np.abs(other - one)
    return say(
        "Between {bounds} the share changes by {least} to {most} percentage points, by {median} in the median of the "
        "conditions.",
        bounds=list_words(_neighbour_names(threshold)),
        least=f"{points.min():.0f}",
        most=f"{points.max():.0f}",
        median=f"{np.median(points):.0f}",
    )


def _neighbour_names(threshold: Threshold) -> list[str]:
    assert threshold.neighbours is not None  # the caller has looked
    one, other = (bound_words(bound) for bound in threshold.neighbours)
    if threshold.counts_from_one:
        return [say("{bound} (half as far from 1)", bound=one), say("{bound} (twice as far)", bound=other)]
    return [say("half of it ({bound})", bound=one), say("twice of it ({bound})", bound=other)]


def _tally(leanings: Sequence[Leaning]) -> str:
    counts = Counter(leanings)
    return list_words(
        [
            say("{ruling} under {n}", ruling=word(leaning), n=number(counts[leaning]))
            for leaning in _LEANINGS
            if counts[leaning]
        ]
    )


def _alt(threshold: Threshold) -> str:
    places = {
        "a_metric": threshold.metric.a_words,
        "curves": say_many(
            len(threshold.begun), "curve", "curves of {n} conditions", n=number(len(threshold.begun))
        ),
        "bound": _stated(threshold),
        "share": percent_text(threshold.share),
    }
    if threshold.is_below:
        return say(
            "The share of runs with {a_metric} below a bound against that bound: {curves} with band; marked are the "
            "stated bound, {bound}, and the share, {share}.",
            **places,
        )
    return say(
        "The share of runs with {a_metric} above a bound against that bound: {curves} with band; marked are the "
        "stated bound, {bound}, and the share, {share}.",
        **places,
    )
