"""What verdicts print and promise: intervals when a sweep stops, and how often it finds what the plan says it finds."""

import numpy as np
import pytest
from experiments import axis
from judging import better, enough, monotone
from scipy import stats
from simulating import Sweeps

from sweep.claims.decision import decide, needed
from sweep.claims.evidence import Evidence
from sweep.forms import Alike, Best, Differs, Fails, Reaches, Succeeds, Trend
from sweep.forms.reaches import Beyond
from sweep.training.network.metrics import FINAL_LOSS

NAME = "learning_rate"


def rates(n):
    return axis(NAME, *(0.01 * 2**i for i in range(n)))


def values(n):
    return tuple(0.01 * 2**i for i in range(n))


# coverage


@pytest.mark.parametrize("is_shared", [True, False], ids=["parts share replicates", "independent parts"])
@pytest.mark.parametrize(
    ("ratios", "most"),
    [
        ([0.8], 512),
        ([1.0], 256),
        ([0.8] * 6, 256),
        ([0.5, 0.7, 0.9, 1.0, 0.8, 0.6], 256),
        ([1.0] * 12, 64),
        ([*np.linspace(0.7, 1.1, 12)], 128),
    ],
    ids=["one", "one, equal", "six", "six, unequal", "twelve, equal", "twelve, unequal"],
)
def test_the_intervals_hold_the_true_share_and_the_true_ratio_when_a_sweep_stops(ratios, most, is_shared):
    n_sweeps, n_parts = 200, len(ratios)
    first, *others = values(n_parts + 1)
    sweeps = Sweeps(
        better(NAME, first, tuple(others)), rates(n_parts + 1), n_sweeps=n_sweeps, replicates=12, most=most
    )
    chance = np.random.default_rng(n_parts)
    losses = np.exp(chance.normal(size=(n_sweeps, n_parts + 1, most)))
    losses[:, 1:] /= np.array(ratios)[:, None]
    if not is_shared:
        losses[:, 0] = 1.0
    shares = stats.norm.cdf(-np.log(ratios) / (np.sqrt(2) if is_shared else 1))

    verdicts = sweeps.until_decided(losses)

    parts = [others.index(verdict.count.pair[1]) for verdict in verdicts]
    share_held, ratio_held = (
        np.mean([one.low <= true[part] <= one.high for one, part in zip(intervals, parts, strict=True)])
        for intervals, true in (
            ([verdict.interval for verdict in verdicts], shares),
            ([verdict.effect for verdict in verdicts], ratios),
        )
    )
    print(f"{ratios} shared={is_shared}: share {share_held:.3f}, ratio {ratio_held:.3f}")
    assert {round(verdict.interval.confidence, 9) for verdict in verdicts} == {0.95}
    assert min(share_held, ratio_held) >= 0.95


# power: each form with losses of which a share speaks for it


def pairwise_losses(wins):
    """The first loses nothing, and each of the others is above or below it."""
    others = np.where(wins, 2.0, 0.5)
    return np.concatenate([np.ones_like(others[:, :1]), others], axis=1)


def losses_along(wins):
    """From each level to the next the loss falls where the step is won."""
    steps = np.where(wins, 0.5, 2.0)
    return np.cumprod(np.concatenate([np.ones_like(steps[:, :1]), steps], axis=1), axis=1)


def losses_alike(wins):
    """The ratio of the first two is too small, or too large, where either part is lost, and 1 where both are won."""
    return np.stack(
        [np.where(wins[:, 0], np.where(wins[:, 1], 1.0, 0.5), 2.0), np.ones_like(wins[:, 0])], axis=1
    )


A, B = values(2)
BEYOND = Beyond(FINAL_LOSS, 0.7, is_below=True)
POWERFUL = {
    "better": (better(NAME, A, (B,)), [rates(2)], pairwise_losses, 1),
    "better by": (better(NAME, A, (B,), by=0.2), [rates(2)], pairwise_losses, 1),
    "better than 3": (better(NAME, A, values(4)[1:]), [rates(4)], pairwise_losses, 3),
    "better than 6": (better(NAME, A, values(7)[1:]), [rates(7)], pairwise_losses, 6),
    "alike": (Alike(FINAL_LOSS, NAME, A, (B,), by=0.2), [rates(2)], losses_alike, 2),
    "best of 4": (Best(FINAL_LOSS, NAME, (A,), values(4)[1:]), [rates(4)], pairwise_losses, 3),
    "reaches": (Reaches(FINAL_LOSS, 0.7, True, 0.5), [], lambda wins: np.where(wins, 0.1, 1.0), 1),
    "fails": (Fails(FINAL_LOSS, 0.7, True, 0.3), [], lambda wins: np.where(wins, 1.0, 0.1), 1),
    "succeeds": (
        Succeeds(FINAL_LOSS, NAME, A, (B,), BEYOND),
        [rates(2)],
        lambda wins: np.concatenate([np.where(wins, 0.1, 1.0), np.where(wins, 1.0, 0.1)], axis=1),
        1,
    ),
    "monotone of 3": (monotone(NAME, values(4), "falls"), [rates(4)], losses_along, 3),
    "monotone of 6": (monotone(NAME, values(7), "falls"), [rates(7)], losses_along, 6),
    "trend": (Trend(FINAL_LOSS, NAME, (A, B), "falls", 0.8), [rates(2)], losses_along, 1),
    "enough": (
        enough(NAME, A, (B,), 0.2),
        [rates(2)],
        lambda wins: np.concatenate([np.ones_like(wins), np.where(wins, 1.0, 0.5)], axis=1).astype(float),
        1,
    ),
    "differs": (
        Differs(FINAL_LOSS, NAME, A, B, "batch_size", 4, 10),
        [rates(2), axis("batch_size", 4, 10)],
        lambda wins: np.concatenate(
            [np.where(wins, 0.5, 2.0), np.ones((len(wins), 3, wins.shape[-1]))], axis=1
        ),
        1,
    ),
}


def wins_of(n_sweeps, n_parts, n, shares, chance, is_shared=False):
    """Return which replicates speak for each part; parts that share replicates are won and lost rather together."""
    if not is_shared:
        return chance.random((n_sweeps, n_parts, n)) < np.broadcast_to(shares, n_parts)[:, None]
    normal = np.sqrt(0.5) * (
        chance.normal(size=(n_sweeps, n_parts, n)) + chance.normal(size=(n_sweeps, 1, n))
    )
    return normal < stats.norm.ppf(np.broadcast_to(shares, n_parts))[:, None]


@pytest.mark.parametrize("is_shared", [False, True], ids=["independent parts", "parts share replicates"])
@pytest.mark.parametrize("name", POWERFUL)
def test_what_the_plan_promises_to_find_is_found_in_75_to_90_percent_of_sweeps(name, is_shared):
    form, levels, losses_of, n_parts = POWERFUL[name]
    if n_parts == 1 and is_shared:
        pytest.skip("there is one part")
    n_sweeps, n = 1000, 128
    sweeps = Sweeps(form, *levels, n_sweeps=n_sweeps, replicates=n)
    ((share),) = {reach.share for reach in sweeps.judgement().reaches()}
    chance = np.random.default_rng(n_parts)
    if name == "alike":  # a ratio is too large or too small, not both
        off = chance.random((n_sweeps, 1, n))
        wins = np.concatenate([off > 1 - share, off < share], axis=1)
    else:
        wins = wins_of(n_sweeps, n_parts, n, share, chance, is_shared)

    verdicts = sweeps.looked_at_once(losses_of(wins))

    found = np.mean([verdict.ruling == "supported" for verdict in verdicts])
    print(f"{name}, shared={is_shared}: {share:.3f} of {n} found in {found:.3f}")
    assert 0.75 < found < 0.9


def evidence_of_wins(wins):
    nothing = np.zeros(wins.shape[:2], dtype=np.int64)
    counted = np.ones_like(wins)
    return Evidence(wins, counted, None, None, None, nothing + wins.shape[-1], nothing, nothing, nothing)


@pytest.mark.parametrize("is_shared", [False, True], ids=["independent parts", "parts share replicates"])
@pytest.mark.parametrize(
    "shares",
    [
        [0.62],
        [0.38],
        [0.62] * 3,
        [0.62] * 6,
        [0.6, 0.7, 0.8],
        [0.62, 0.62, 0.7, 0.7, 0.9, 0.9],
        [0.62, 0.8, 0.8, 0.8, 0.8, 0.8],
        [0.38, 0.6, 0.7],
        [0.38] * 3,
    ],
    ids=str,
)
def test_as_many_replicates_as_are_said_to_be_needed_decide_in_75_to_90_percent_of_sweeps(shares, is_shared):
    n_sweeps, n_parts = 500, len(shares)
    seen = np.arange(100) < np.round(100 * np.array(shares))[:, None]
    exists, groups = np.ones((1, n_parts), dtype=bool), np.arange(n_parts)
    (said,) = needed(evidence_of_wins(seen[None]), exists, groups, 0.5, 0.05)

    wins = wins_of(n_sweeps, n_parts, int(said), shares, np.random.default_rng(n_parts), is_shared)
    exists = np.ones((n_sweeps, n_parts), dtype=bool)
    decision = decide(evidence_of_wins(wins), exists, groups, 0.5, 0.05, np.ones(n_sweeps, dtype=bool))

    found = np.mean(~decision.is_open)
    print(f"{shares}, shared={is_shared}: {said:.0f} decide {found:.3f}")
    assert found > 0.75
    assert found < 0.9 or shares == [0.38] * 3  # any of them refutes it
