"""Verdicts in words: the grounds of one as a person would give them, and all of them as a terminal shows them."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from math import isnan

from sweep.claims.judgement import Judgement
from sweep.claims.shares import POWER
from sweep.claims.verdict import RULINGS, Verdict
from sweep.terms.text import percent_text
from sweep.terms.values import Value, in_order, value_words

MOST_CONDITIONS_TOLD = 24


def grounds(verdict: Verdict) -> str:
    """Return what a verdict rests on, such as "95 % of 64 runs have an rms error below 0.2 [86 %, 99 %]"."""
    form, count, interval = verdict.claim.form, verdict.count, verdict.interval
    if not verdict.n:
        return form.silence(count.found)
    said = f"{form.sentence(count.found)} [{percent_text(interval.low)}, {percent_text(interval.high)}]"
    failed = f"; {count.n_failed} failed" if count.n_failed else ""
    more = f"; about {verdict.needed:,} replicates would decide it" if verdict.needed else ""
    return f"{said}{_against(verdict)}{_ratio(verdict)}{failed}{more}"


def verdicts_text(verdicts: Sequence[Verdict], confidence: float) -> str:
    """Return the verdicts on all claims: the sentence of each, and below it what was found under each condition."""
    lines: list[str] = []
    for _, of_one in groupby(verdicts, key=lambda verdict: verdict.number):
        lines += [*_claim_lines(list(of_one)), ""]
    return "\n".join([*lines, assurance(verdicts, confidence)])


def assurance(verdicts: Sequence[Verdict], confidence: float) -> str:
    """Return the sentence about how sure the verdicts are."""
    if len(verdicts) == 1:
        return f"The verdict is right with a confidence of {percent_text(confidence)}."
    return (
        f"All {len(verdicts):,} verdicts together are right with a confidence of {percent_text(confidence)}; "
        "so each interval has a higher one."
    )


def tally(verdicts: Sequence[Verdict]) -> str:
    """Return the counts of the rulings, such as "supported under 3 of 5 conditions, inconclusive under 2"."""
    counts = Counter(verdict.ruling for verdict in verdicts)
    said = [f"{ruling} under {counts[ruling]:,}" for ruling in RULINGS if counts[ruling]]
    n = len(verdicts)
    return ", ".join([f"{said[0]} of {n:,} condition{'' if n == 1 else 's'}", *said[1:]])


def where_it_holds(verdicts: Sequence[Verdict]) -> str:
    """Return where a claim is supported, by the axis that it depends on most: "activation is relu (9 of 10)".

    The counts are of conditions. It is "" where no condition supports the claim, or all do.
    """
    n_supported = sum(verdict.ruling == "supported" for verdict in verdicts)
    by_axis = {axis: _supported_by(axis, verdicts) for axis in verdicts[0].condition}
    if n_supported in (0, len(verdicts)) or not by_axis:
        return ""
    axis = max(by_axis, key=lambda axis: _spread(by_axis[axis].values()))
    places = [f"{value_words(value)} ({n} of {of})" for value, (n, of) in by_axis[axis].items() if n]
    return f"{axis.replace('_', ' ')} is {', '.join(places[:-1])}{' or ' if places[1:] else ''}{places[-1]}"


def _supported_by(axis: str, verdicts: Sequence[Verdict]) -> dict[Value, tuple[int, int]]:
    """Return for each value of an axis how many verdicts are supported, and of how many."""
    counts: dict[Value, tuple[int, int]] = {}
    for verdict in sorted(verdicts, key=lambda verdict: in_order(verdict.condition[axis])):
        n, of = counts.get(verdict.condition[axis], (0, 0))
        counts[verdict.condition[axis]] = n + (verdict.ruling == "supported"), of + 1
    return counts


def _spread(counts: Collection[tuple[int, int]]) -> float:
    shares = [n / of for n, of in counts]
    return max(shares) - min(shares)


def what_is_found(judgement: Judgement) -> str:
    """Return what the judgement can find: the share of pairs from which on a difference is found, probably."""
    first, last = judgement.detectable()
    said = [
        f"{percent_text(share)} of {n:,}" for n, share in dict.fromkeys((first, last)) if share is not None
    ]
    if not said:
        return f"{last[0]:,} replicates decide nothing: ask for more"
    return f"found with probability {percent_text(POWER)}: a setting that is better in {' pairs, or '.join(said)}"


def _claim_lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    claim = verdicts[0].claim
    yield f"{claim.sentence} ({claim.source})" if claim.source else claim.sentence
    if len(verdicts) > MOST_CONDITIONS_TOLD:
        yield f"  {tally(verdicts)}; each of them is in verdicts.csv"
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
    return "" if verdict.bound == 0.5 else f" against {percent_text(verdict.bound)}"


def _ratio(verdict: Verdict) -> str:
    ratio = verdict.ratio
    if ratio is None or isnan(ratio.median):
        return ""
    what = verdict.claim.form.metric.short_words
    return f"; median {what} ratio {ratio.median:.3g} [{ratio.low:.3g}, {ratio.high:.3g}]"
