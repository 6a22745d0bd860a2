"""How far apart weights are: not at all for what is the same network, whatever its neurons are called."""

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import copy_of

from sweep.training.network.matching import TURNING, layers_of, normal_form, weight_distance
from sweep.training.network.model import Network

X = np.linspace(0.0, 1.0, 16)
ACTIVATIONS = ["relu", "tanh", "sigmoid", "identity"]
SIZES = {"1-10-1": (1, 10, 1), "1-2-2-1": (1, 2, 2, 1), "1-10-10-10-10-1": (1, 10, 10, 10, 10, 1)}


def random_layers(sizes, chance):
    return layers_of(
        chance.uniform(-1.0, 1.0, sum(to * (before + 1) for before, to in pairwise(sizes))), sizes
    )


def outputs(layers, activation):
    return Network([layer[:, :-1] for layer in layers], [layer[:, -1] for layer in layers], activation)(X)


def distance(one, other, activation):
    return weight_distance(normal_form(one, activation), normal_form(other, activation), activation, X)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", SIZES)
def test_copies_with_other_orders_signs_and_scales_compute_the_same_and_are_at_no_distance(sizes, activation):
    chance = np.random.default_rng(0)
    for _ in range(40):
        layers = random_layers(SIZES[sizes], chance)
        copy = copy_of(layers, activation, chance)

        assert distance(layers, copy, activation) < 1e-8
        assert outputs(copy, activation) == pytest.approx(outputs(layers, activation), abs=1e-9)


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
def test_the_normal_form_computes_the_same(activation):
    layers = random_layers(SIZES["1-10-10-10-10-1"], np.random.default_rng(1))

    form = normal_form(layers, activation)

    assert outputs(form, activation) == pytest.approx(outputs(layers, activation), rel=1e-9)


def test_the_normal_form_of_a_sigmoid_network_is_a_tanh_network_that_computes_the_same():
    layers = random_layers(SIZES["1-10-10-10-10-1"], np.random.default_rng(1))

    form = normal_form(layers, "sigmoid")

    assert outputs(form, "tanh") == pytest.approx(outputs(layers, "sigmoid"), rel=1e-9)


@pytest.mark.parametrize("way", ["in", "out"])
def test_a_neuron_that_does_nothing_has_no_weights_in_the_normal_form(way):
    layers = random_layers((1, 3, 1), np.random.default_rng(2))
    if way == "in":
        layers[0][1] = 0.0
    else:
        layers[1][:, 1] = 0.0

    form = normal_form(layers, "relu")

    assert not form[0][1].any()
    assert not form[1][:, 1].any()
    assert outputs(form, "relu") == pytest.approx(outputs(layers, "relu"))


@given(st.sampled_from(ACTIVATIONS), st.sampled_from(list(SIZES)), st.integers(0, 1000))
def test_matching_neurons_brings_weights_nearer_and_never_farther(activation, sizes, seed):
    chance = np.random.default_rng(seed)
    one, other = (normal_form(random_layers(SIZES[sizes], chance), activation) for _ in range(2))
    best = weight_distance(one, other, activation, X)

    assert 0.0 < best <= plain_distance(one, other) + 1e-12
    assert weight_distance(one, one, activation, X) == 0.0


@given(st.sampled_from(ACTIVATIONS), st.integers(0, 1000))
def test_with_one_hidden_layer_no_order_and_no_signs_are_nearer(activation, seed):
    chance = np.random.default_rng(seed)
    one, other = (normal_form(random_layers((1, 3, 1), chance), activation) for _ in range(2))
    signs = product((-1.0, 1.0), repeat=3) if activation in TURNING else [(1.0, 1.0, 1.0)]

    def named(order, turned):
        first, last = other[0][order] * np.array(turned)[:, None], other[1].copy()
        last[:, :-1] = last[:, order] * turned
        return [first, last]

    each = [
        plain_distance(one, named(list(order), turned))
        for order, turned in product(permutations(range(3)), list(signs))
    ]

    assert weight_distance(one, other, activation, X) == pytest.approx(min(each), abs=1e-12)


def plain_distance(one, other):
    apart = sum(np.sum((a - b) ** 2) for a, b in zip(one, other, strict=True))
    return np.sqrt(apart / sum(np.sum(a**2) + np.sum(b**2) for a, b in zip(one, other, strict=True)))
