"""Networks with equal outputs, and how far apart their weights are."""

from itertools import pairwise

import numpy as np
import pytest
from experiments import grid
from hypothesis import given
from hypothesis import strategies as st
from judging import claim, judged, only, planned, unlike

from sweep.claims.sentences import grounds
from sweep.forms import Kept
from sweep.training.network import unlike as unlike_form
from sweep.training.network.unlike import layers_of, weight_distance

SIZES = [(1, 5, 1), (1, 4, 3, 1), (1, 3, 3, 3, 1)]


def parameters_of(sizes, chance):
    return chance.normal(size=sum(to * (before + 1) for before, to in pairwise(sizes)))


def reordered(layers, chance):
    """Return the same network with its hidden neurons in another order."""
    layers = [layer.copy() for layer in layers]
    for index in range(len(layers) - 1):
        order = chance.permutation(len(layers[index]))
        layers[index] = layers[index][order]
        layers[index + 1][:, : len(order)] = layers[index + 1][:, order]
    return layers


@given(st.sampled_from(SIZES), st.integers(0, 1000))
def test_a_network_is_at_no_distance_from_itself_with_its_neurons_in_another_order(sizes, seed):
    chance = np.random.default_rng(seed)
    layers = layers_of(parameters_of(sizes, chance), sizes)
    other = reordered(layers, chance)

    if len(sizes) == 3:  # exact for one hidden layer
        assert weight_distance(layers, other) == pytest.approx(0.0, abs=1e-12)
    assert weight_distance(layers, layers) == 0.0


@given(st.sampled_from(SIZES), st.integers(0, 1000))
def test_matching_neurons_brings_weights_nearer_and_never_farther(sizes, seed):
    chance = np.random.default_rng(seed)
    one, other = (layers_of(parameters_of(sizes, chance), sizes) for _ in range(2))
    apart = sum(np.sum((a - b) ** 2) for a, b in zip(one, other, strict=True))
    size = sum(np.sum(a**2) + np.sum(b**2) for a, b in zip(one, other, strict=True))

    assert 0.0 < weight_distance(one, other) <= np.sqrt(apart / size) + 1e-12


@pytest.fixture
def verdict_on(monkeypatch):
    """Judges networks of the layers 1-5-1 that have these parameters, and these outputs whatever these say."""

    def judge(parameters, outputs, most=64):
        monkeypatch.setattr(
            unlike_form, "checked_outputs", lambda _setting, kept: outputs[: 2 * (kept.n // 2)]
        )
        plan = planned(
            grid(replicates=64), neurons=5, claims=[claim(unlike(0.1, 0.3, 0.5))], most_replicates=most
        )

        def kept_of(needs):
            arrays = dict(enumerate(parameters))
            return {need.cell: Kept(plan.values(0), arrays, need.n) for need in needs}

        return only(judged(plan, lambda _cell, n: np.ones(n), kept_of))

    return judge


def test_unrelated_weights_with_equal_outputs_support_the_claim_and_equal_ones_refute_it(verdict_on):
    chance = np.random.default_rng(4)
    outputs = np.zeros((64, 11))
    unrelated = chance.normal(size=(64, 16))
    alike = unrelated[:1] * np.ones((64, 1)) + 1e-3 * unrelated

    assert verdict_on(unrelated, outputs).ruling == "supported"
    assert verdict_on(alike, outputs).ruling == "refuted"
    assert "of 32 pairs with equal outputs, 100 % have weights" in grounds(verdict_on(unrelated, outputs))


def test_pairs_whose_outputs_differ_or_diverged_are_not_counted(verdict_on):
    chance = np.random.default_rng(4)
    outputs = np.zeros((64, 11))
    outputs[:32:2] = 1.0
    outputs[32] = np.nan

    assert verdict_on(chance.normal(size=(64, 16)), outputs).n == 15


def test_without_a_pair_of_equal_outputs_there_is_no_verdict_and_the_grounds_say_so(verdict_on):
    outputs = np.arange(64.0)[:, None] * np.ones(11)

    verdict = verdict_on(np.ones((64, 16)), outputs)

    assert (verdict.ruling, verdict.n, verdict.needed) == ("inconclusive", 0, None)
    assert "no two of 64 networks" in grounds(verdict)
