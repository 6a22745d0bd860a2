"""The network that is trained: a function of one variable, built of fully connected layers.

Every layer computes g(W a + b) from the values a of the layer before it. This module is the readable form of it, one
number at a time in the order of operations of the articles' printed program: the weighted sum runs over the sending
neurons from the first to the last, and the bias is added at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sweep.errors import InputError
from sweep.terms.arrays import Floats
from sweep.training.network.activation import ACTIVATIONS
from sweep.training.network.fused import MultiplyAdd, rounded_twice


@dataclass(frozen=True, init=False, eq=False)
class Network:
    """A fully connected network with one input and one output.

    Parameters
    ----------
    weights
        `weights[layer][to, from]`, one array of shape (to, from) for each layer but the input.
    biases
        `biases[layer][to]`, one array of shape (to,) for each layer but the input.
    activation, output
        Activation of the hidden layers and of the output: "relu", "tanh", "sigmoid" or "identity".

    Raises
    ------
    InputError
        If the shapes do not fit together or an activation is not known.

    Examples
    --------
    >>> network = Network(weights=[[[2.0]], [[3.0]]], biases=[[1.0], [0.5]])
    >>> network(1.0), network([-1.0, 0.0])
    (9.5, array([0.5, 3.5]))
    """

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    activation: str
    output: str

    def __init__(
        self,
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike],
        activation: str = "relu",
        output: str = "identity",
    ) -> None:
        object.__setattr__(self, "weights", tuple(_frozen(w) for w in weights))
        object.__setattr__(self, "biases", tuple(_frozen(b) for b in biases))
        object.__setattr__(self, "activation", activation)
        object.__setattr__(self, "output", output)
        _check(self)

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Neurons per layer, input and output included: (1, 10, 1) for the articles' network."""
        return (1, *(len(bias) for bias in self.biases))

    def __call__(self, x: ArrayLike) -> float | Floats:
        """Return the network's output at x: a float for a number, an array of the shape of x for an array."""
        points = np.asarray(x, dtype=np.float64)
        weights, biases = self.as_lists()
        values = [
            forward(weights, biases, self.activation, self.output, p)[-1][0] for p in points.ravel().tolist()
        ]
        return np.array(values).reshape(points.shape) if points.ndim else values[0]

    def as_lists(self) -> "tuple[Weights, Biases]":
        """Return the weights and biases as nested lists of floats, a copy that may be changed."""
        return cast(Weights, [w.tolist() for w in self.weights]), cast(
            Biases, [b.tolist() for b in self.biases]
        )


Number = TypeVar("Number", bound=np.floating[Any])
Weights = list[list[list[float]]]
Biases = list[list[float]]


def forward(
    weights: Weights,
    biases: Biases,
    activation: str,
    output: str,
    x: float,
    multiply_add: MultiplyAdd = rounded_twice,
) -> list[list[float]]:
    """Return the values of every layer for the input x; the first list is [x], the last the network's output."""
    layers = [[x]]
    for depth, (matrix, offsets) in enumerate(zip(weights, biases, strict=True)):
        is_last = depth == len(weights) - 1
        g = ACTIVATIONS[output if is_last else activation].of_number
        values = []
        for row, offset in zip(matrix, offsets, strict=True):
            total = 0.0
            for weight, value in zip(row, layers[-1], strict=True):
                total = multiply_add(weight, value, total)
            values.append(g(total + offset))
        layers.append(values)
    return layers


def parameter_count(layer_sizes: Sequence[int]) -> int:
    """Return the number of weights and biases of a network with these layers, input and output included.

    >>> parameter_count((1, 10, 1))
    31
    """
    return sum(to * (before + 1) for before, to in pairwise(layer_sizes))


def split_parameters(
    parameters: NDArray[Number], layer_sizes: Sequence[int]
) -> tuple[list[NDArray[Number]], list[NDArray[Number]]]:
    """Return views of `parameters` as weights and biases of each layer.

    `parameters` has shape (n_parameters, ...), in the order of the printed program: the weights of all layers
    (`[layer][to][from]`), then the biases of all layers. The views have shapes (to, from, ...) and (to, ...).
    """
    weights, biases, start = [], [], 0
    for before, to in pairwise(layer_sizes):
        weights.append(parameters[start : start + to * before].reshape(to, before, *parameters.shape[1:]))
        start += to * before
    for to in layer_sizes[1:]:
        biases.append(parameters[start : start + to])
        start += to
    return weights, biases


def join_parameters(weights: Sequence[ArrayLike], biases: Sequence[ArrayLike]) -> Floats:
    """Return the weights and biases of one network as one array of shape (n_parameters,): see `split_parameters`."""
    return np.concatenate([np.ravel(np.asarray(part, dtype=np.float64)) for part in (*weights, *biases)])


def _frozen(values: ArrayLike) -> Floats:
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def _check(network: Network) -> None:
    if not network.weights or len(network.weights) != len(network.biases):
        raise InputError(
            f"a network needs one weight matrix and one bias vector a layer, got {len(network.weights)} and "
            f"{len(network.biases)}"
        )
    for layer, (before, to) in enumerate(pairwise(network.layer_sizes)):
        if network.weights[layer].shape != (to, before) or network.biases[layer].ndim != 1:
            raise InputError(
                f"weights[{layer}] must have shape ({to}, {before}), (to, from) for its biases and the layer before, "
                f"got {network.weights[layer].shape}"
            )
    if network.layer_sizes[-1] != 1:
        raise InputError(f"a network must have one output, got {network.layer_sizes[-1]}")
    for name in (network.activation, network.output):
        if name not in ACTIVATIONS:
            raise InputError(f"an activation must be one of {', '.join(ACTIVATIONS)}, got {name!r}")
