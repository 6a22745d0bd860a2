"""Verdicts in words: the grounds of one as a person would give them, and all of them as a terminal shows them."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from math import isfinite, isnan
from typing import Literal, TypeAlias, TypeGuard

from sweep.claims.judgement import Judgement, Reach
from sweep.claims.sequences import POWER
from sweep.claims.verdict import RULINGS, Effect, Verdict
from sweep.forms import Found
from sweep.terms.text import one_line, percent_text
from sweep.terms.values import Value, ordered, value_words
from sweep.words import message, say, say_many, word

MOST_CONDITIONS_TOLD = 24

Outcome: TypeAlias = Literal[
    "supported", "supported in part", "mixed", "refuted in part", "refuted", "inconclusive"
]
OUTCOMES: Mapping[Outcome, str] = {
    "supported": message("supported under all of their conditions"),
    "supported in part": message("supported under some and undecided under the others"),
    "mixed": message("supported under some and refuted under others"),
    "refuted in part": message("refuted under some and undecided under the others"),
    "refuted": message("refuted under all"),
    "inconclusive": message("undecided under all"),
}
"""What the verdicts on a claim come to, and how that is said of several claims."""


def grounds(verdict: Verdict) -> str:
    """Return what a verdict rests on: what is left out if that is much, how large the difference is, and the shares.

    Such as "median loss ratio 0.45 [0.4, 0.5]: learning rate 0.03 has the smaller loss than 0.1 in 95 % of 64 pairs
    [86 %, 99 %]". The intervals hold however often one looks.
    """
    form, count, interval = verdict.claim.form, verdict.count, verdict.interval
    if not verdict.n:
        return f"{_among(verdict)}{form.silence(count.found)}{_left_out(verdict)}"
    said = f"{form.sentence(count.found)} [{percent_text(interval.low)}, {percent_text(interval.high)}]"
    effect = f"{form.effect_words(_size(verdict.effect))}{say(': ')}" if _is_told(verdict.effect) else ""
    silent = _silent(verdict)
    comes_first = silent and 2 * count.n < count.replicates
    about = f"{silent}{say(': ')}" if comes_first else ""
    last = f"{say('; ')}{silent}" if silent and not comes_first else ""
    told = (said, _against(verdict), last, _contradiction(verdict), _left_out(verdict), _more(verdict))
    return f"{about}{_among(verdict)}{effect}{''.join(told)}"


def grounds_in_brief(verdict: Verdict) -> str:
    """Return what a verdict rests on, without what is not needed to understand it.

    Such as "learning rate 0.03 has the smaller loss than 0.1 in 95 % of 64 pairs; median loss ratio 0.45".
    """
    form, count = verdict.claim.form, verdict.count
    if not verdict.n:
        return form.silence(count.found)
    size = (
        f"{say('; ')}{form.effect_words(f'{verdict.effect.median:.3g}')}" if _is_told(verdict.effect) else ""
    )
    return f"{_among(verdict)}{form.short_sentence(count.found)}{size}"


def verdicts_text(verdicts: Sequence[Verdict], confidence: float) -> str:
    """Return the verdicts on all claims: the sentence of each, and below it what was found under each condition."""
    lines: list[str] = []
    for _, of_one in groupby(verdicts, key=lambda verdict: verdict.number):
        lines += [*_claim_lines(list(of_one)), ""]
    return "\n".join([*lines, assurance(verdicts, confidence)])


def assurance(verdicts: Sequence[Verdict], confidence: float) -> str:
    """Return the sentence about how sure the verdicts of one sweep are; `confidence` is that of all shown together."""
    n, sweeps = len(verdicts), verdicts[0].sweeps
    if sweeps == 1:
        return say_many(
            n,
            "The verdict is right with a confidence of {confidence}, however often one looks and whatever is added.",
            "All {n} verdicts together are right with a confidence of {confidence}, however often one looks and "
            "whatever is added; so each interval has a higher one.",
            n=f"{n:,}",
            confidence=percent_text(confidence),
        )
    return say_many(
        n,
        "The verdict is right with a confidence of {own}, however often one looks and whatever is added: so that those "
        "of all {sweeps} sweeps on the page together are with {confidence}.",
        "All {n} verdicts together are right with a confidence of {own}, however often one looks and whatever is "
        "added: so that those of all {sweeps} sweeps on the page together are with {confidence}.",
        n=f"{n:,}",
        own=f"{100 * (1 - (1 - confidence) / sweeps):.4g} %",
        sweeps=f"{sweeps:,}",
        confidence=percent_text(confidence),
    )


def tally(verdicts: Sequence[Verdict]) -> str:
    """Return the counts of the rulings, such as "supported under 3 of 5 conditions, inconclusive under 2"."""
    counts = Counter(verdict.ruling for verdict in verdicts)
    first, *others = [ruling for ruling in RULINGS if counts[ruling]]
    of = say_many(
        len(verdicts),
        "{ruling} under {n} of {of} condition",
        "{ruling} under {n} of {of} conditions",
        ruling=word(first),
        n=f"{counts[first]:,}",
        of=f"{len(verdicts):,}",
    )
    more = [say("{ruling} under {n}", ruling=word(ruling), n=f"{counts[ruling]:,}") for ruling in others]
    return say(", ").join([of, *more])


def outcome_of(verdicts: Sequence[Verdict]) -> Outcome:
    """Return what the verdicts on a claim come to over all of its conditions; alike counts as refuted."""
    rulings = {"refuted" if verdict.ruling == "alike" else verdict.ruling for verdict in verdicts}
    decided = rulings - {"inconclusive"}
    if not decided:
        return "inconclusive"
    if len(decided) > 1:
        return "mixed"
    only: Outcome = "supported" if "supported" in decided else "refuted"
    if "inconclusive" not in rulings:
        return only
    return "supported in part" if only == "supported" else "refuted in part"


def where_it_holds(verdicts: Sequence[Verdict]) -> str:
    """Return where a claim is supported, by the axis that it depends on most: "activation is relu (9 of 10)".

    The counts are of conditions. It is "" where no condition supports the claim, or all do.
    """
    n_supported = sum(verdict.ruling == "supported" for verdict in verdicts)
    by_axis = {axis: _supported_by(axis, verdicts) for axis in verdicts[0].condition}
    if n_supported in (0, len(verdicts)) or not by_axis:
        return ""
    axis = max(by_axis, key=lambda axis: _spread(by_axis[axis].values()))
    places = [
        say("{value} ({n} of {of})", value=value_words(value), n=n, of=of)
        for value, (n, of) in by_axis[axis].items()
        if n
    ]
    either = (
        say("{some} or {last}", some=", ".join(places[:-1]), last=places[-1]) if places[1:] else places[0]
    )
    return say("{axis} is {values}", axis=word(axis.replace("_", " ")), values=either)


def _supported_by(axis: str, verdicts: Sequence[Verdict]) -> dict[Value, tuple[int, int]]:
    """Return for each value of an axis how many verdicts are supported, and of how many."""
    counts: dict[Value, tuple[int, int]] = {}
    for verdict in verdicts:
        n, of = counts.get(verdict.condition[axis], (0, 0))
        counts[verdict.condition[axis]] = n + (verdict.ruling == "supported"), of + 1
    return {value: counts[value] for value in ordered(counts)}


def _spread(counts: Collection[tuple[int, int]]) -> float:
    shares = [n / of for n, of in counts]
    return max(shares) - min(shares)


def what_is_found(judgement: Judgement) -> list[str]:
    """Return what the judgement can find, a line for each form of claim: by the planned replicates, and by the most."""
    lines: dict[str, None] = {}
    for _, of_one in groupby(judgement.reaches(), key=lambda reach: reach.number):
        first, *more = of_one
        said = f'"{first.form.name}": {_found_by(first)}'
        further = [
            f"{percent_text(one.share)} by {one.replicates:,}" for one in more if one.share is not None
        ]
        if first.share is None and more and more[-1].share is not None:
            further = [_found_by(more[-1])]
        lines["; ".join([said, *further])] = None
    chance = f"found with a probability of {percent_text(POWER)}, by numbers of replicates:"
    return [chance, *lines] if lines else []


def _found_by(reach: Reach) -> str:
    if reach.share is None:
        return f"{reach.replicates:,} replicates can decide nothing"
    bound = reach.form.bound
    against = "" if bound == 0.5 else f", against {percent_text(bound)}"
    return f"{reach.form.finds.format(share=percent_text(reach.share))}{against}, by {reach.replicates:,}"


def _claim_lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    claim = verdicts[0].claim
    yield one_line(f"{claim.sentence} ({claim.source})" if claim.source else claim.sentence)
    if len(verdicts) > MOST_CONDITIONS_TOLD:
        yield f"  {tally(verdicts)}; `sweep claims --csv` prints each"
        return
    places = [condition_text(verdict) for verdict in verdicts]
    width = max(map(len, places))
    for verdict, place in zip(verdicts, places, strict=True):
        gap = f"{place:<{width}}  " if width else ""
        yield f"  {verdict.ruling:<12}  {gap}{grounds(verdict)}"


def condition_text(verdict: Verdict) -> str:
    """Return the condition, such as "activation = relu, neurons = 10"; "" if the claim has none."""
    return ", ".join(f"{axis} = {value_words(value)}" for axis, value in verdict.condition.items())


def _against(verdict: Verdict) -> str:
    return "" if verdict.bound == 0.5 else say(" against {bound}", bound=percent_text(verdict.bound))


def _is_told(effect: Effect | None) -> TypeGuard[Effect]:
    return effect is not None and not isnan(effect.median)


def _size(effect: Effect) -> str:
    """Return how large a difference is, such as "0.45 [0.4, 0.5]", and the mean where it says something else."""
    size = f"{effect.median:.3g} [{effect.low:.3g}, {effect.high:.3g}]"
    differs = isfinite(effect.mean) and effect.mean > 0 and not effect.low <= effect.mean <= effect.high
    return say("{size} (geometric mean {mean})", size=size, mean=f"{effect.mean:.3g}") if differs else size


def _silent(verdict: Verdict) -> str:
    """Return how many replicates say nothing, and why."""
    count, said = verdict.count, verdict.claim.form.silent_words
    rest = count.replicates - count.n - count.n_failed
    # a form has words of its own for it; and some forms count what is equal
    lost, equal = (0, 0) if said else (count.n_lost, min(count.n_equal, rest - count.n_lost))
    no_ratio = 0 if said or verdict.effect is None else rest - lost - equal
    why = [say("in {n} {why}", n=f"{rest:,}", why=say(said))] if said and rest else []
    why += [
        say(words, n=f"{n:,}")
        for n, words in (
            (lost, message("{n} diverged on all sides")),
            (equal, message("{n} are equal")),
            (no_ratio, message("{n} have no ratio, since a metric is negative")),
            (count.n_failed, message("{n} failed")),
        )
        if n > 0
    ]
    if not why or count.n == count.replicates:
        return ""
    places = {"n": f"{count.n:,}", "of": f"{count.replicates:,}", "why": ", ".join(why)}
    if 2 * count.n < count.replicates:
        return say("only {n} of {of} replicates speak ({why})", **places)
    return say("{n} of {of} replicates speak ({why})", **places)


def _left_out(verdict: Verdict) -> str:
    """Return what the claim compares and the grid leaves out."""
    if not verdict.missing:
        return ""
    pairs = [Found(pair, 0, 0, 0).values for pair in verdict.missing]
    told = ", ".join(say("{one} with {other}", one=one, other=other) for one, other in pairs[:3])
    if len(pairs) > 3:
        told = say("{some} and {n} more", some=told, n=len(pairs) - 3)
    return say("; not compared, since the grid leaves it out: {pairs}", pairs=told)


def _among(verdict: Verdict) -> str:
    if not verdict.among:
        return ""
    values = say(", ").join(value_words(value) for value in verdict.among)
    if len(verdict.among) > 1:
        return say("the best is among {values}; ", values=values)
    return say("the best is {value}; ", value=values)


def _contradiction(verdict: Verdict) -> str:
    """Return that the share of all replicates lies outside of the interval, which their beginning has narrowed."""
    if not verdict.n or verdict.interval.low <= verdict.share <= verdict.interval.high:
        return ""
    return say(
        "; the first replicates say otherwise than the later ones: are they independent, and in no order?"
    )


def _more(verdict: Verdict) -> str:
    """Return how far an undecided claim is from a decision."""
    if verdict.ruling != "inconclusive":
        return ""
    so_far = verdict.count.replicates < verdict.count.planned
    if so_far:
        return say(
            "; so far {n} of {of} replicates",
            n=f"{verdict.count.replicates:,}",
            of=f"{verdict.count.planned:,}",
        )
    if not verdict.needed:
        return ""
    return say("; about {n} replicates would decide it", n=f"{verdict.needed:,}")
