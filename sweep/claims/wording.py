"""Verdicts in words: the grounds of one, as a person would give them."""

from math import isnan

from sweep.analyse.tables import shown
from sweep.claims.verdict import Verdict
from sweep.config.claim import Better, Enough, Fails, Monotone, Reaches, Unlike


def grounds(verdict: Verdict) -> str:
    """Return what a verdict rests on, such as "95 % of 64 runs have an rms error below 0.2 [86 %, 99 %]"."""
    if not verdict.n:
        return _silence(verdict)
    said = f"{_saying(verdict)} [{_percent(verdict.low)}, {_percent(verdict.high)}]"
    failed = f"; {verdict.n_failed} failed" if verdict.n_failed else ""
    more = f"; about {verdict.needed:,} replicates would decide it" if verdict.needed else ""
    return f"{said}{_against(verdict)}{_ratio(verdict)}{failed}{more}"


def condition_text(verdict: Verdict) -> str:
    """Return the condition, such as "activation = relu, batch_size = 10"; "" if the claim has none."""
    return ", ".join(f"{axis} = {shown(value)}" for axis, value in verdict.condition.items())


def _saying(verdict: Verdict) -> str:
    one, other = (None if value is None else shown(value) for value in verdict.pair)
    share, n = _percent(verdict.share), f"{verdict.n:,}"
    match verdict.claim.form:
        case Better(by=by):
            how = "has the smaller loss" if by == 0 else f"has a loss smaller by {_percent(by)} or more"
            return f"{one} {how} than {other} in {share} of {n} pairs"
        case Monotone(direction="falls"):
            return f"from {other} to {one} the loss falls in {share} of {n} replicates"
        case Monotone():
            return f"from {one} to {other} the loss rises in {share} of {n} replicates"
        case Enough(gain=gain):
            return f"going on from {other} to {one} gains less than {_percent(gain)} in {share} of {n} replicates"
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

    >>> _percent(0.5), _percent(0.9996), _percent(1.0), _percent(0.0004)
    ('50 %', '99.96 %', '100 %', '0.04 %')
    """
    percent = 100.0 * share
    if 0.5 < percent < 99.5 or percent in (0.0, 100.0):
        return f"{percent:.0f} %"
    return f"{percent:.2g} %" if percent < 50 else f"{100 - float(f'{100 - percent:.1g}'):g} %"
