"""Networks of equal outputs, and whether their weights are as far apart as those of networks of unequal outputs."""

from dataclasses import replace

import numpy as np
import pytest
from experiments import grid
from hypothesis import given
from hypothesis import strategies as st
from judging import claim, judged, only, planned, unlike
from networks import copy_of

from sweep.claims.sentences import grounds
from sweep.forms import Kept
from sweep.plan import make_batches
from sweep.training.network.batch import train_batch
from sweep.training.network.matching import layers_of
from sweep.training.network.model import join_parameters
from sweep.training.network.setting import NetworkSetting

DEEP = {"function": "sin(2*pi*x)", "interval": (0.0, 1.0), "hidden_layers": 4, "neurons": 10}


def plan_of(*, replicates=64, rms_difference=0.1, share=0.5, **fixed):
    claims = [claim(unlike(rms_difference, 0.9, share))]
    return planned(grid(replicates=replicates), claims=claims, most_replicates=replicates, **fixed)


def verdict_on(plan, parameters):
    """Return the verdict on networks with these parameters, a row each."""

    def kept_of(needs):
        return {need.cell: Kept(plan.values(0), dict(enumerate(parameters)), need.n) for need in needs}

    return only(judged(plan, lambda _cell, n: np.ones(n), kept_of))


def trained_networks(plan):
    """Return the parameters of the networks of a plan's only cell."""
    batches = make_batches(plan, np.ones(plan.n_runs, dtype=bool))
    return np.concatenate(
        [train_batch(replace(batch, keep=frozenset({"weights"}))).extras["weights"] for batch in batches]
    )


def lines(offsets, weights=None):
    """Return networks 1-1-1 for the target x on [0, 3]: x, raised by an offset; with weights w and 1/w."""
    w = np.ones(len(offsets)) if weights is None else weights
    return np.column_stack([w, 1.0 / w, np.zeros(len(offsets)), offsets])


@pytest.fixture
def line_plan():
    """A plan whose networks are 1-1-1 and learn x; those that raise it by 0.65 have not learned."""
    return plan_of(function="x", neurons=1)


def test_independent_trainings_to_equal_outputs_are_as_far_apart_as_those_to_unequal_ones():
    plan = plan_of(
        **DEEP, activation="tanh", learning_rate=0.1, epochs=4000, batch_size=10, rms_difference=0.02
    )

    verdict = verdict_on(plan, trained_networks(plan))

    assert verdict.ruling == "supported"
    told = "networks of equal outputs are as far apart as others in 100 % of 13 couples (median distance 0.58 against"
    assert grounds(verdict).startswith(told)
    assert "; 64 of 64 networks learned)" in grounds(verdict)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("n_networks", [1, 2, 3])
def test_copies_of_a_few_trained_networks_never_support_the_claim(activation, n_networks):
    # Pairs of copies of one network have equal outputs, those of copies of two networks unequal ones.
    plan = plan_of(
        **DEEP, activation=activation, learning_rate=0.1, epochs=4000, batch_size=10, rms_difference=1e-6
    )
    chance = np.random.default_rng(0)
    trained = trained_networks(plan)[: 16 * n_networks : 16]
    copies = [renamed(trained[chance.integers(n_networks)], plan, activation, chance) for _ in range(64)]

    verdict = verdict_on(plan, np.array(copies))

    assert (verdict.ruling, verdict.share) in [("refuted", 0.0), ("inconclusive", 0.0)] or verdict.n == 0
    assert (verdict.n == 0) == (n_networks == 1)


def renamed(parameters, plan, activation, chance):
    sizes = NetworkSetting.of(plan.values(0)).layer_sizes
    layers = copy_of(layers_of(parameters, sizes), activation, chance)
    return join_parameters([layer[:, :-1] for layer in layers], [layer[:, -1] for layer in layers])


def test_where_equal_outputs_come_of_nearly_equal_weights_the_claim_is_refuted(line_plan):
    offsets = np.tile([0.0, 0.0, 0.0, 0.3], 16)

    verdict = verdict_on(line_plan, lines(offsets))

    assert (verdict.ruling, verdict.n, verdict.share) == ("refuted", 16, 0.0)


def test_a_cell_that_has_learned_nothing_gives_no_verdict_and_says_why():
    plan = plan_of(**DEEP, activation="sigmoid", learning_rate=0.01, epochs=100)

    verdict = verdict_on(plan, trained_networks(plan))

    assert (verdict.ruling, verdict.n, verdict.needed) == ("inconclusive", 0, None)
    told = "no two of 64 networks learned: an rms error below 0.337, half of the best constant's"
    assert grounds(verdict) == told


@pytest.mark.parametrize(
    ("offsets", "told"),
    [
        (np.zeros(64), "of the 64 networks that learned no pair has outputs that differ by 0.1 or more"),
        (
            np.tile([0.0, 0.2], 32),
            "of the 64 networks that learned no pair has outputs that differ by less than 0.1",
        ),
        (
            np.append(np.zeros(1), np.full(63, 0.65)),
            "no two of 64 networks learned: an rms error below 0.474",
        ),
        (np.full(64, np.nan), "no two of 64 networks learned"),
    ],
)
def test_without_a_couple_there_is_no_verdict_and_the_grounds_say_why(line_plan, offsets, told):
    verdict = verdict_on(line_plan, lines(offsets))

    assert (verdict.ruling, verdict.n) == ("inconclusive", 0)
    assert told in grounds(verdict)


def test_without_networks_there_are_no_results(line_plan):
    assert grounds(verdict_on(line_plan, lines(np.zeros(0)))) == "no results yet"


def test_networks_that_have_not_learned_or_diverged_are_passed_over(line_plan):
    learned = lines(np.tile([0.0, 0.0, 0.0, 0.3], 8))
    others = lines(np.tile([0.65, np.nan, np.inf, 0.7], 8))

    both = np.insert(learned, np.arange(32), others, axis=0)

    assert verdict_on(line_plan, both).n == 8


def test_couples_are_made_in_order_and_no_network_is_used_twice(line_plan):
    # Of the first two pairs one is equal, one unequal; the equal third waits for the fifth, the fourth for the sixth.
    offsets = np.array([0, 0, 0.65, 0.0, 0.3, 0.1, 0.1, 0.2, 0.2, 0, 0.3, 0.3, 0, 0.0, 0.3])
    weights = np.array([1, 3, 1.00, 1.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1, 3.0, 3.0, 1, 1.0, 1.0])

    found = unlike(0.1, 0.9, 0.5).count_kept(
        Kept(line_plan.values(0), dict(enumerate(lines(offsets, weights))), len(offsets))
    )

    assert np.flatnonzero(found.counted).tolist() == [2, 5, 6]
    assert np.flatnonzero(found.success).tolist() == []


@given(st.integers(0, 1000), st.integers(2, 40), st.integers(0, 40), st.sets(st.integers(0, 79)))
def test_what_the_first_replicates_say_is_the_beginning_of_what_more_say(seed, n, further, missing):
    plan, chance = plan_of(function="x", neurons=1), np.random.default_rng(seed)
    offsets = chance.choice([0.0, 0.01, 0.3, 0.65, np.nan], size=80, p=[0.3, 0.3, 0.2, 0.1, 0.1])
    networks = lines(offsets, np.exp(chance.normal(size=80))) + chance.normal(0.0, 0.01, size=(80, 4))
    form = unlike(0.1, 0.9, 0.5)

    def said(n):
        arrays = {r: networks[r] for r in range(n) if r not in missing}
        return form.count_kept(Kept(plan.values(0), arrays, n))

    first, more = said(n), said(n + further)

    assert first.success.shape == first.counted.shape == (n // 2,)
    assert np.array_equal(first.success, more.success[: n // 2])
    assert np.array_equal(first.counted, more.counted[: n // 2])
