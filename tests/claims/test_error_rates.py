"""How often verdicts are wrong, and how often a difference is found: simulated many times, on losses of real runs."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from experiments import axis, experiment, grid
from judging import (
    better,
    claim,
    enough,
    fails,
    judged,
    judgement_of,
    monotone,
    only,
    planned,
    reaches,
    trained,
    unlike,
    with_losses,
)
from scipy import stats
from sweep.claims.looks import looks, spending
from sweep.claims.shares import detectable_share, power

from sweep.forms import Kept
from sweep.plan import make_batches, make_plan
from sweep.training.network import unlike as unlike_form
from sweep.training.network.batch import train_batch
from sweep.training.network.matching import layers_of, normal_form, weight_distance
from sweep.training.network.setting import NetworkSetting

N_SWEEPS = 1000
RATES = axis("learning_rate", 0.03, 0.1)
PLANNED, MOST = 16, 64
LOOKS = pytest.mark.parametrize("most", [PLANNED, MOST], ids=["one look", "until decided"])

SETTINGS = {
    "some runs diverge": {"epochs": 60, "learning_rate": 0.12, "activation": "identity"},
    "a few runs fail badly": {"epochs": 1000, "learning_rate": 0.1, "neurons": 10, "batch_size": 10},
    "most runs fail": {
        "function": "x**3 - 2.5*x**2",
        "epochs": 1000,
        "learning_rate": 0.1,
        "neurons": 10,
        "batch_size": 10,
    },
}


@cache
def stored_losses(setting):
    """The final losses of 2000 runs of one setting."""
    return trained(make_plan(experiment(grid(replicates=2000), **SETTINGS[setting]))).objective


def test_the_stored_runs_are_as_different_as_their_names_say():
    diverging, square, cubic = map(stored_losses, SETTINGS)

    assert 0 < np.count_nonzero(np.isinf(diverging)) < 2000
    assert square.max() > 100 * np.median(square)
    assert np.mean(rms_errors(square) < 0.45) > 0.8
    assert np.mean(rms_errors(cubic) < 0.34) < 0.5


def rms_errors(losses):
    return np.sqrt(2 * losses / 11)


def wrong_at_most(n_wrong, share):
    """Whether so many wrong verdicts of 1000 are no more than a share of them. The seeds are fixed: no allowance."""
    return n_wrong <= share * N_SWEEPS


FORMS = {
    "one setting against itself": (RATES, better("learning_rate", 0.03, (0.1,), 0.0)),
    "one setting against itself three times": (
        axis("learning_rate", 0.01, 0.03, 0.1, 0.3),
        better("learning_rate", 0.03, (0.01, 0.1, 0.3), 0.0),
    ),
    "an axis that does nothing": (
        axis("neurons", 1, 2, 3),
        monotone("neurons", (1, 2, 3), "falls"),
    ),
}


def outcomes(plan, losses, factors=1.0):
    """Return the verdicts of many sweeps whose losses are drawn from stored ones, those of cell i times factor i."""
    chance = np.random.default_rng(1)
    factors = np.broadcast_to(factors, len(plan.cells))[:, None]

    def one_sweep():
        drawn = factors * chance.choice(losses, size=(len(plan.cells), plan.experiment.most_replicates))
        return only(judged(plan, lambda cell, n: drawn[cell, :n])).ruling

    return [one_sweep() for _ in range(N_SWEEPS)]


@LOOKS
@pytest.mark.parametrize(
    ("form", "setting"),
    [
        *((form, "some runs diverge") for form in FORMS),
        ("one setting against itself", "a few runs fail badly"),
    ],
)
def test_a_setting_compared_with_itself_is_called_different_in_5_percent_of_sweeps_at_most(
    form, setting, most
):
    levels, claimed = FORMS[form]
    plan = planned(grid(levels, replicates=PLANNED), claims=[claim(claimed)], most_replicates=most)

    n_undecided = outcomes(plan, stored_losses(setting)).count("inconclusive")

    assert wrong_at_most(N_SWEEPS - n_undecided, 0.05)


@LOOKS
@pytest.mark.parametrize(
    ("form", "setting", "rms_error"),
    [(reaches, "a few runs fail badly", 0.45), (fails, "most runs fail", 0.34)],
)
def test_a_share_of_runs_that_is_the_bound_itself_is_called_another_in_5_percent_of_sweeps_at_most(
    form, setting, rms_error, most
):
    losses = stored_losses(setting)
    true = float(np.mean(rms_errors(losses) < rms_error))
    plan = planned(grid(replicates=PLANNED), claims=[claim(form(rms_error, true))], most_replicates=most)

    n_undecided = outcomes(plan, losses).count("inconclusive")

    assert 0.05 < true < 0.95
    assert wrong_at_most(N_SWEEPS - n_undecided, 0.05)


@LOOKS
def test_going_on_that_gains_just_the_share_in_half_of_the_pairs_is_decided_in_5_percent_of_sweeps_at_most(
    most,
):
    form = enough("learning_rate", 0.03, (0.1,), 0.25)
    plan = planned(grid(RATES, replicates=PLANNED), claims=[claim(form)], most_replicates=most)

    n_undecided = outcomes(plan, stored_losses("a few runs fail badly"), (1.0, 0.75)).count("inconclusive")

    assert wrong_at_most(N_SWEEPS - n_undecided, 0.05)


@pytest.mark.parametrize("most", [32, 64], ids=["one look", "until decided"])
def test_weights_as_often_apart_as_the_bound_says_are_called_so_more_or_less_in_5_percent_of_sweeps_at_most(
    most,
):
    made = planned(grid(replicates=60), neurons=2, epochs=300, learning_rate=0.1, batch_size=10)
    batches = make_batches(made, np.ones(made.n_runs, dtype=bool))
    results = [train_batch(replace(batch, keep=frozenset({"weights"}))) for batch in batches]
    networks, values = np.concatenate([result.extras["weights"] for result in results]), made.values(0)
    form = unlike(0.4, 0.9, 0.5)
    true = share_of_couples(form, networks, values)
    plan = planned(grid(replicates=32), claims=[claim(replace(form, share=true))], most_replicates=most)
    chance = np.random.default_rng(4)

    def one_sweep():
        drawn = dict(enumerate(chance.choice(networks, size=most)))
        kept = {n: Kept(values, drawn, n) for n in range(most + 1)}
        return only(
            judged(
                plan, lambda _cell, n: np.ones(n), lambda needs: {need.cell: kept[need.n] for need in needs}
            )
        ).ruling

    n_decided = sum(one_sweep() != "inconclusive" for _ in range(N_SWEEPS))

    assert 0.2 < true < 0.8
    assert n_decided > 0
    assert wrong_at_most(n_decided, 0.05)


def share_of_couples(form, networks, values):
    """Return how probable it is that a couple of networks that are drawn from these speaks for the claim."""
    setting = NetworkSetting.of(values)
    outputs = unlike_form.checked_outputs(setting, Kept(values, dict(enumerate(networks)), len(networks)))
    target = setting.target(setting.target.points(setting.check_points))
    learned = np.flatnonzero(np.sqrt(np.mean((outputs - target) ** 2, axis=1)) < 0.5 * np.std(target))
    layers = {
        i: normal_form(layers_of(networks[i], setting.layer_sizes), setting.activation) for i in learned
    }
    x = setting.target.points(16)
    pairs = list(product(learned, repeat=2))
    apart = np.array([weight_distance(layers[i], layers[j], setting.activation, x) for i, j in pairs])
    differ = np.array([np.sqrt(np.mean((outputs[i] - outputs[j]) ** 2)) for i, j in pairs])
    equal, unequal = apart[differ < form.rms_difference], apart[differ >= form.rms_difference]
    return float(np.mean(equal[:, None] > form.nearly * unequal))


def test_of_many_verdicts_of_one_config_none_is_wrong_in_95_percent_of_sweeps():
    losses = stored_losses("some runs diverge")
    n_conditions = 20
    over = axis("neurons", *range(1, n_conditions + 1))
    made = planned(
        grid(RATES, over, replicates=PLANNED),
        claims=[claim(FORMS["one setting against itself"][1], "neurons")],
    )
    chance = np.random.default_rng(2)

    def any_wrong():
        judgement = judgement_of(made)
        judgement.look(with_losses(made, lambda _cell, n: chance.choice(losses, size=n)))
        return any(verdict.ruling != "inconclusive" for verdict in judgement.verdicts)

    assert wrong_at_most(sum(any_wrong() for _ in range(N_SWEEPS // 2)), 0.05 / 2)


@pytest.mark.parametrize("share", [0.7, 0.8, 0.9])
def test_a_difference_of_known_size_is_found_with_the_power_that_was_promised(share):
    error = spending(0.05, len(looks(32, 64)))[0]
    plan = planned(
        grid(RATES, replicates=32),
        claims=[claim(better("learning_rate", 0.03, (0.1,), 0.0))],
        most_replicates=64,
    )
    chance = np.random.default_rng(3)

    def is_found():
        wins = chance.random(32) < share
        judgement = judgement_of(plan)
        judgement.look(with_losses(plan, lambda cell, n: np.where(wins, cell, 1 - cell)[:n]))
        return only(judgement).ruling == "supported"

    promised = power(share, 0.5, 32, error)
    found = sum(is_found() for _ in range(N_SWEEPS))

    assert 0.1 < promised < 1
    assert stats.binomtest(found, N_SWEEPS, promised).pvalue > 1e-3


@pytest.mark.parametrize("until_decided", [False, True], ids=["planned", "until decided"])
def test_the_difference_that_the_plan_promises_to_find_is_found_in_stored_runs(until_decided):
    losses = stored_losses("a few runs fail badly")
    plan = planned(
        grid(RATES, replicates=32),
        claims=[claim(better("learning_rate", 0.03, (0.1,), 0.0))],
        most_replicates=128 if until_decided else 32,
    )
    _, share = judgement_of(plan).detectable()[-1]
    # Losses times this factor are the larger ones in just the share of pairs that is promised.
    chance = np.random.default_rng(5)
    factor = np.quantile(chance.choice(losses, 10**6) / chance.choice(losses, 10**6), share)

    found = outcomes(plan, losses, (1.0, factor)).count("supported")

    assert found >= stats.binom.ppf(1e-4, N_SWEEPS, 0.8)


@pytest.mark.parametrize("n", [32, 100, 1024])
def test_the_share_that_is_promised_to_be_found_is_found_with_a_probability_of_80_percent(n):
    share = detectable_share(0.5, n, 0.01)

    assert power(share, 0.5, n, 0.01) == pytest.approx(0.8, abs=1e-6)


def test_as_many_replicates_as_are_said_to_be_needed_decide_in_about_80_percent_of_sweeps():
    form = enough("learning_rate", 0.03, (0.1,), 0.1)
    plan = planned(grid(RATES, replicates=30), claims=[claim(form)], most_replicates=30)
    verdict = only(judged(plan, lambda cell, n: np.where(np.arange(n) % 3, 1.0, 1.0 - cell * 0.5)))

    assert verdict.ruling == "inconclusive"
    assert verdict.share == pytest.approx(2 / 3)
    assert 0.75 < power(2 / 3, 0.5, verdict.needed, 0.05) < 0.87
