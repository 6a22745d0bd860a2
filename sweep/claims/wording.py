"""Verdicts in words: the grounds of one as a person would give them, and all of them as a terminal shows them."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from math import isnan

from sweep.claims.judgement import Judgement
from sweep.claims.shares import POWER
from sweep.claims.verdict import Outcome, Verdict
from sweep.config.claim import Better, Enough, Fails, Monotone, Reaches, Unlike
from sweep.terms.values import Value, table_value


def grounds(verdict: Verdict) -> str:
    """Return what a verdict rests on, such as "95 % of 64 runs have an rms error below 0.2 [86 %, 99 %]"."""
    if not verdict.n:
        return _silence(verdict)
    said = f"{_saying(verdict)} [{_percent(verdict.low)}, {_percent(verdict.high)}]"
    failed = f"; {verdict.n_failed} failed" if verdict.n_failed else ""
    more = f"; about {verdict.needed:,} replicates would decide it" if verdict.needed else ""
    return f"{said}{_against(verdict)}{_ratio(verdict)}{failed}{more}"


MOST_CONDITIONS_TOLD = 24
OUTCOMES: tuple[Outcome, ...] = ("supported", "refuted", "inconclusive")


def verdicts_text(verdicts: Sequence[Verdict], confidence: float) -> str:
    """Return the verdicts on all claims: the sentence of each, and below it what was found under each condition."""
    lines: list[str] = []
    for _, of_one in groupby(verdicts, key=lambda verdict: verdict.number):
        lines += [*_claim_lines(list(of_one)), ""]
    return "\n".join([*lines, assurance(verdicts, confidence)])


def assurance(verdicts: Sequence[Verdict], confidence: float) -> str:
    """Return the sentence about how sure the verdicts are."""
    if len(verdicts) == 1:
        return f"The verdict is right with a confidence of {_percent(confidence)}."
    return (
        f"All {len(verdicts):,} verdicts together are right with a confidence of {_percent(confidence)}; "
        "so each interval has a higher one."
    )


def tally(verdicts: Sequence[Verdict]) -> str:
    """Return the counts of the outcomes, such as "supported under 3 of 5 conditions, inconclusive under 2"."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    said = [f"{outcome} under {counts[outcome]:,}" for outcome in OUTCOMES if counts[outcome]]
    n = len(verdicts)
    return ", ".join([f"{said[0]} of {n:,} condition{'' if n == 1 else 's'}", *said[1:]])


def where_it_holds(verdicts: Sequence[Verdict]) -> str:
    """Return where a claim is supported, by the axis that it depends on most: "activation is relu (9 of 10)".

    The counts are of conditions. It is "" where no condition supports the claim, or all do.
    """
    n_supported = sum(verdict.outcome == "supported" for verdict in verdicts)
    by_axis = {axis: _supported_by(axis, verdicts) for axis in verdicts[0].condition}
    if n_supported in (0, len(verdicts)) or not by_axis:
        return ""
    axis = max(by_axis, key=lambda axis: _spread(by_axis[axis].values()))
    places = [f"{table_value(value)} ({n} of {of})" for value, (n, of) in by_axis[axis].items() if n]
    return f"{axis.replace('_', ' ')} is {', '.join(places[:-1])}{' or ' if places[1:] else ''}{places[-1]}"


def _supported_by(axis: str, verdicts: Sequence[Verdict]) -> dict[Value, tuple[int, int]]:
    """Return for each value of an axis how many verdicts are supported, and of how many."""
    counts: dict[Value, tuple[int, int]] = {}
    for verdict in sorted(verdicts, key=lambda verdict: verdict.condition[axis]):
        n, of = counts.get(verdict.condition[axis], (0, 0))
        counts[verdict.condition[axis]] = n + (verdict.outcome == "supported"), of + 1
    return counts


def _spread(counts: Collection[tuple[int, int]]) -> float:
    shares = [n / of for n, of in counts]
    return max(shares) - min(shares)


def promise(judgement: Judgement) -> str:
    """Return what the judgement can find: the share of pairs from which on a difference is found, probably."""
    first, last = judgement.detectable()
    said = [f"{_percent(share)} of {n:,}" for n, share in dict.fromkeys((first, last)) if share is not None]
    if not said:
        return f"{last[0]:,} replicates decide nothing: ask for more"
    return f"found with probability {_percent(POWER)}: a setting that is better in {' pairs, or '.join(said)}"


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
        yield f"  {verdict.outcome:<12}  {gap}{grounds(verdict)}"


def condition_text(verdict: Verdict) -> str:
    """Return the condition, such as "activation = relu, batch_size = 10"; "" if the claim has none."""
    return ", ".join(f"{axis} = {table_value(value)}" for axis, value in verdict.condition.items())


def _saying(verdict: Verdict) -> str:
    one, other = (None if value is None else table_value(value) for value in verdict.pair)
    share, n = _percent(verdict.share), f"{verdict.n:,}"
    axis = getattr(verdict.claim.form, "axis", "").replace("_", " ")
    match verdict.claim.form:
        case Better(by=by):
            how = "has the smaller loss" if by == 0 else f"has a loss smaller by {_percent(by)} or more"
            return f"{axis} {one} {how} than {other} in {share} of {n} pairs"
        case Monotone(direction="falls"):
            return f"from {axis} {other} to {one} the loss falls in {share} of {n} replicates"
        case Monotone():
            return f"from {axis} {one} to {other} the loss rises in {share} of {n} replicates"
        case Enough(gain=gain):
            little = f"gains less than {_percent(gain)} in {share} of {n} replicates"
            return f"going on from {axis} {other} to {one} {little}"
        case Reaches(rms_error=bound):
            return f"{share} of {n} runs have an rms error below {bound:g}"
        case Fails(rms_error=bound):
            return f"{share} of {n} runs have no rms error below {bound:g}"
        case Unlike(distance=distance):
            return f"of {n} pairs with equal outputs, {share} have weights farther apart than {distance:g}"


def _silence(verdict: Verdict) -> str:
    if isinstance(verdict.claim.form, Unlike):
        return f"no two of {verdict.replicates:,} networks have outputs as equal as that"
    if isinstance(verdict.claim.form, Better | Monotone) and verdict.is_complete:
        return f"in all of {verdict.replicates:,} replicates both losses are the same, or both runs diverged"
    return "no results yet"


def _against(verdict: Verdict) -> str:
    return "" if verdict.bound == 0.5 else f" against {_percent(verdict.bound)}"


def _ratio(verdict: Verdict) -> str:
    ratio = verdict.ratio
    if ratio is None or isnan(ratio.median):
        return ""
    return f"; median loss ratio {ratio.median:.3g} [{ratio.low:.3g}, {ratio.high:.3g}]"


def _percent(share: float) -> str:
    """Return a share in percent; only what is exactly so is called 0 % or 100 %.

    >>> _percent(0.5), _percent(0.025), _percent(0.9996), _percent(1.0), _percent(1e-5)
    ('50 %', '2.5 %', '>99.9 %', '100 %', '<0.1 %')
    """
    percent = 100.0 * share
    if 0.0 < percent < 0.1:
        return "<0.1 %"
    if 99.9 < percent < 100.0:
        return ">99.9 %"
    return (
        f"{percent:.0f} %"
        if 10 <= percent <= 99
        else f"{percent:.3g} %"
        if percent > 99
        else f"{percent:.2g} %"
    )
