"""How often verdicts are wrong, and how often a difference is found: simulated many times, on losses of real runs."""

import numpy as np
import pytest
from experiments import axis, experiment, grid
from judging import claim, judged, only, planned, with_losses
from scipy import stats

from sweep.claims import Judgement
from sweep.claims.looks import looks, spending
from sweep.claims.shares import detectable_share, power
from sweep.config.claim import Better, Enough, Monotone
from sweep.dispatch.work import train_batch
from sweep.plan import make_batches, make_plan

N_SWEEPS = 1000
RATES = axis("learning_rate", 0.03, 0.1)
PLANNED, MOST = 16, 128


@pytest.fixture(scope="module")
def stored_losses():
    """The final losses of 4000 runs of one setting; some of them diverged."""
    plan = make_plan(experiment(grid(replicates=4000), epochs=60, learning_rate=0.12, activation="identity"))
    batches = make_batches(plan, np.ones(plan.n_runs, dtype=bool))
    results = [train_batch(batch) for batch in batches]
    losses = np.concatenate([np.where(r.diverged_at > 0, np.inf, r.losses[:, 0]) for r in results])
    assert 0 < np.count_nonzero(np.isinf(losses)) < 4000
    return losses


def wrong_at_most(n_wrong, share):
    """Whether so many wrong verdicts of 1000 are no more than a share of them, within chance (1 in 10 000)."""
    return n_wrong <= stats.binom.ppf(0.9999, N_SWEEPS, share)


FORMS = {
    "one setting against itself": (RATES, Better("learning_rate", 0.03, (0.1,), 0.0)),
    "one setting against itself three times": (
        axis("learning_rate", 0.01, 0.03, 0.1, 0.3),
        Better("learning_rate", 0.03, (0.01, 0.1, 0.3), 0.0),
    ),
    "an axis that does nothing": (
        axis("neurons", 1, 2, 3),
        Monotone("neurons", (1, 2, 3), "falls"),
    ),
}


@pytest.mark.parametrize("most", [PLANNED, MOST], ids=["one look", "until decided"])
@pytest.mark.parametrize("form", FORMS)
def test_a_setting_compared_with_itself_is_called_different_in_5_percent_of_sweeps_at_most(
    form, most, stored_losses
):
    levels, claimed = FORMS[form]
    plan = planned(grid(levels, replicates=PLANNED), claims=[claim(claimed)], most_replicates=most)
    chance = np.random.default_rng(1)

    def one_sweep():
        drawn = chance.choice(stored_losses, size=(len(plan.cells), most))
        return only(judged(plan, lambda cell, n: drawn[cell, :n])).outcome

    outcomes = [one_sweep() for _ in range(N_SWEEPS)]

    assert wrong_at_most(N_SWEEPS - outcomes.count("inconclusive"), 0.05)


def test_of_many_verdicts_of_one_config_none_is_wrong_in_95_percent_of_sweeps(stored_losses):
    n_conditions = 20
    over = axis("neurons", *range(1, n_conditions + 1))
    made = planned(
        grid(RATES, over, replicates=PLANNED),
        claims=[claim(FORMS["one setting against itself"][1], "neurons")],
    )
    chance = np.random.default_rng(2)

    def any_wrong():
        judgement = Judgement(made)
        judgement.look(with_losses(made, lambda _cell, n: chance.choice(stored_losses, size=n)))
        return any(verdict.outcome != "inconclusive" for verdict in judgement.verdicts)

    assert wrong_at_most(sum(any_wrong() for _ in range(N_SWEEPS // 2)), 0.05 / 2)


@pytest.mark.parametrize("share", [0.7, 0.8, 0.9])
def test_a_difference_of_known_size_is_found_with_the_power_that_was_promised(share):
    error = spending(0.05, len(looks(32, 64)))[0]
    plan = planned(
        grid(RATES, replicates=32),
        claims=[claim(Better("learning_rate", 0.03, (0.1,), 0.0))],
        most_replicates=64,
    )
    chance = np.random.default_rng(3)

    def is_found():
        wins = chance.random(32) < share
        judgement = Judgement(plan)
        judgement.look(with_losses(plan, lambda cell, n: np.where(wins, cell, 1 - cell)[:n]))
        return only(judgement).outcome == "supported"

    promised = power(share, 0.5, 32, error)
    found = sum(is_found() for _ in range(N_SWEEPS))

    assert 0.1 < promised < 1
    assert stats.binomtest(found, N_SWEEPS, promised).pvalue > 1e-3


@pytest.mark.parametrize("n", [32, 100, 1024])
def test_the_share_that_is_promised_to_be_found_is_found_with_a_probability_of_80_percent(n):
    share = detectable_share(0.5, n, 0.01)

    assert power(share, 0.5, n, 0.01) == pytest.approx(0.8, abs=1e-6)


def test_as_many_replicates_as_are_said_to_be_needed_decide_in_about_80_percent_of_sweeps():
    form = Enough("learning_rate", 0.03, (0.1,), 0.1)
    plan = planned(grid(RATES, replicates=30), claims=[claim(form)], most_replicates=30)
    verdict = only(judged(plan, lambda cell, n: np.where(np.arange(n) % 3, 1.0, 1.0 - cell * 0.5)))

    assert verdict.outcome == "inconclusive"
    assert verdict.share == pytest.approx(2 / 3)
    assert 0.75 < power(2 / 3, 0.5, verdict.needed, 0.05) < 0.87
