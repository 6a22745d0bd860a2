"""How far apart the weights of two networks are, whatever their hidden neurons are called.

Different weights can be the same network. Its hidden neurons may stand in another order; with tanh a neuron with all
its weights turned, in and out, is the same neuron, since tanh is odd, and so it is with the sigmoid, if the next bias
takes up the difference; with ReLU a neuron's weights may grow on the way in as they shrink on the way out. For tanh
that is all there is, but for networks with superfluous neurons (Sussmann 1992 for one hidden layer, Fefferman 1994 for
several). So weights are brought into a form without scales, `normal_form`, and compared in the order and with the
signs that match best, `weight_distance`.

With the identity as activation any invertible mixture of the neurons of a layer is the same network; order, signs and
scales are matched, mixtures are not.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from sweep.terms.arrays import Floats, Ints
from sweep.training.network.activation import ACTIVATIONS
from sweep.training.network.model import split_parameters

Layers = list[Floats]
"""For each layer but the input a matrix of shape (to, from + 1): a neuron's incoming weights, its bias at the end."""

TURNING = frozenset({"tanh", "sigmoid", "identity"})
"""Activations with which a neuron that is turned is the same: odd ones, and the sigmoid, ½ + ½ tanh(z/2)."""

SCALING = frozenset({"relu", "identity"})
"""Activations with g(c z) = c g(z) for c > 0."""

N_RANDOM_STARTS = 2
"""With 2 the distances of trained networks of four hidden layers are 1 % above those with 40."""

MATCHED_POINTS = 16
"""At how many points of the interval neurons are compared: a few more than a layer has neurons."""

MOST_ROUNDS = 50
BALANCING_ROUNDS = 200
BALANCED = 1e-9


def layers_of(parameters: Floats, layer_sizes: Sequence[int]) -> Layers:
    """Return the parameters of a network, of shape (n_parameters,), as a matrix for each layer."""
    weights, biases = split_parameters(np.asarray(parameters, dtype=np.float64), layer_sizes)
    return [np.column_stack([w, b]) for w, b in zip(weights, biases, strict=True)]


def normal_form(layers: Layers, activation: str) -> Layers:
    """Return the same network without what its weights leave open, but for the order and the signs of its neurons.

    A sigmoid is written as a tanh, ½ + ½ tanh(z/2), with which a turned neuron is its negative. Where a neuron can be
    scaled, its weights in (with the bias) and out get the same norm.
    """
    if activation == "sigmoid":
        return _as_tanh(layers)
    return _balanced(layers) if activation in SCALING else [layer.copy() for layer in layers]


def _as_tanh(layers: Layers) -> Layers:
    layers = [layer.copy() for layer in layers]
    for layer in layers[1:]:
        layer[:, :-1] /= 2.0
        layer[:, -1] += layer[:, :-1].sum(axis=1)
    for layer in layers[:-1]:
        layer /= 2.0
    return layers


def _balanced(layers: Layers) -> Layers:
    """Return the scales at which the sum of all squares is smallest, found neuron by neuron (Stock et al. 2019).

    A neuron without weights in, or without weights out, does nothing: it has neither then.
    """
    layers = [layer.copy() for layer in layers]
    for _ in range(BALANCING_ROUNDS):
        most = 0.0
        for layer, following in pairwise(layers):
            size = np.sqrt(np.einsum("ij,ij->i", layer, layer))
            out = np.sqrt(np.einsum("ji,ji->i", following[:, :-1], following[:, :-1]))
            with np.errstate(divide="ignore", invalid="ignore"):
                scale = np.sqrt(out / size)
            works = (size > 0.0) & (out > 0.0)
            layer *= np.where(works, scale, 0.0)[:, None]
            following[:, :-1] *= np.where(works, 1.0 / np.where(works, scale, 1.0), 0.0)
            most = max(most, float(np.max(np.abs(np.log(scale[works])), initial=0.0)))
        if most < BALANCED:
            break
    return layers


def weight_distance(one: Layers, other: Layers, activation: str, x: Floats) -> float:
    """Return how far apart the weights of two networks in normal form are: 0 for the same network.

    It is ‖a − b‖ / sqrt(‖a‖² + ‖b‖²), in the order of the second network's neurons, and with the signs, that make it
    smallest: for one hidden layer an assignment problem, and solved exactly. For several it is solved layer by layer
    until nothing improves (Ainsworth et al. 2023), from several starts: what the neurons do at the points x, of shape
    (points,), their incoming weights, their outgoing ones, and some random ones that are always the same. It is at
    most what the best of these gives; from the first three every copy of a network is found.
    """
    return min(
        _distance(one, _improved(one, start, activation)) for start in _starts(one, other, activation, x)
    )


def _starts(one: Layers, other: Layers, activation: str, x: Floats) -> Iterator[Layers]:
    yield _by_values(one, other, activation, x)
    if len(one) == 2:
        return  # whatever the start, the first assignment is the best
    hidden = range(len(one) - 1)
    for order in (hidden, hidden[::-1]):
        start = [layer.copy() for layer in other]
        for layer in order:
            alike = _incoming(one, start, layer) if order is hidden else _outgoing(one, start, layer)
            _bring(start, layer, *_best(alike, activation))
        yield start
    chance = np.random.default_rng(0)
    for _ in range(N_RANDOM_STARTS):
        start = [layer.copy() for layer in other]
        for layer in hidden:
            n = len(start[layer])
            signs = chance.choice((-1.0, 1.0), n) if activation in TURNING else np.ones(n)
            _bring(start, layer, chance.permutation(n), signs)
        yield start


def _by_values(one: Layers, other: Layers, activation: str, x: Floats) -> Layers:
    """Return the second network in the order in which the sums that its neurons see are most alike."""
    other = [layer.copy() for layer in other]
    g = ACTIVATIONS["tanh" if activation == "sigmoid" else activation].of_array
    a = b = x[None, :]
    for layer in range(len(one) - 1):
        a, b = sums(one[layer], a), sums(other[layer], b)
        order, signs = _best(a @ b.T, activation)
        _bring(other, layer, order, signs)
        a, b = g(a), g(b[order] * signs[:, None])
    return other


def sums(layer: Floats, values: Floats) -> Floats:
    """Return what the neurons of a layer see, of shape (to, points), of the values before it, (from, points)."""
    return np.asarray(layer[:, :-1] @ values + layer[:, -1:])


def _improved(one: Layers, other: Layers, activation: str) -> Layers:
    """Change the order and the signs of one layer at a time, for the better, until nothing changes."""
    for _ in range(MOST_ROUNDS):
        changed = False
        for layer in range(len(other) - 1):
            order, signs = _best(_incoming(one, other, layer) + _outgoing(one, other, layer), activation)
            if np.any(order[1:] < order[:-1]) or np.any(signs < 0.0):
                _bring(other, layer, order, signs)
                changed = True
        if not changed or len(other) == 2:
            break
    return other


def _incoming(one: Layers, other: Layers, layer: int) -> Floats:
    return np.asarray(one[layer] @ other[layer].T)


def _outgoing(one: Layers, other: Layers, layer: int) -> Floats:
    return np.asarray(one[layer + 1][:, :-1].T @ other[layer + 1][:, :-1])


def _best(alike: Floats, activation: str) -> tuple[Ints, Floats]:
    """Return the order and the signs with the largest sum of inner products."""
    from scipy.optimize import (
        linear_sum_assignment,  # a quarter of a second that only these claims are to take
    )

    turns = activation in TURNING
    rows, order = linear_sum_assignment(np.abs(alike) if turns else alike, maximize=True)
    signs = np.where(turns & (alike[rows, order] < 0.0), -1.0, 1.0)
    return order, signs


def _bring(layers: Layers, layer: int, order: Ints, signs: Floats) -> None:
    """Bring the neurons of a hidden layer into an order and give them signs: the network stays the same."""
    layers[layer] = layers[layer][order] * signs[:, None]
    layers[layer + 1][:, :-1] = layers[layer + 1][:, order] * signs


def _distance(one: Layers, other: Layers) -> float:
    apart = sum(float(np.sum((a - b) ** 2)) for a, b in zip(one, other, strict=True))
    size = sum(float(np.sum(a**2) + np.sum(b**2)) for a, b in zip(one, other, strict=True))
    return float(np.sqrt(apart / size)) if size else 0.0
