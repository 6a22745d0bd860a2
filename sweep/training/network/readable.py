"""The readable trainer: one network, one number at a time, to be studied beside the articles.

It is the oracle for every faster trainer. An epoch is one update: the gradient is summed over the samples of the
epoch, divided by `divisor`, and the parameters move against it; after the update the loss is checked on equispaced
points. With `gradient="numerical"` every operation is done in the order of the articles' printed program, so that its
losses come out to the last bit wherever no exp or tanh is involved.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sweep.errors import InputError
from sweep.terms.arrays import Floats
from sweep.training.network.activation import ACTIVATIONS
from sweep.training.network.fused import MultiplyAdd, is_wide, rounded_once, rounded_twice
from sweep.training.network.model import Biases, Network, Weights, forward
from sweep.training.network.target import Target

Gradient = Literal["backprop", "numerical"]


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """What `train_network` returns.

    Attributes
    ----------
    losses
        Shape (epochs,): after each update, the sum of ½(y - f)² over the check points. inf or NaN once the training
        has left the finite numbers.
    network
        The network after the last update.
    diverged_at
        The first epoch, counted from 1, after which a weight or bias was no longer finite; None if all stayed finite.
    """

    losses: Floats
    network: Network
    diverged_at: int | None


def train_network(
    network: Network,
    target: Target,
    samples: ArrayLike,
    *,
    learning_rate: float,
    gradient: Gradient = "backprop",
    difference_step: float = 1e-4,
    divisor: float | None = None,
    check_points: int = 11,
) -> TrainedNetwork:
    """Train one network by plain gradient descent and return its losses; the network passed in stays as it was.

    Parameters
    ----------
    network
        Where the training starts.
    target
        The function to learn; its interval says where the loss is checked.
    samples
        Shape (epochs, samples per epoch): the inputs x of each update, in the order in which they are used.
    learning_rate
        The step of an update, positive.
    gradient
        "backprop", or "numerical" for the forward difference (L(p + d) - L(p)) / d.
    difference_step
        d of the numerical gradient.
    divisor
        What the sum of the gradients of an epoch is divided by; the number of samples per epoch if None. The printed
        program draws M + 1 samples and divides by M.
    check_points
        How many equispaced points the loss is summed over, both ends of the interval included.

    Raises
    ------
    InputError
        If an argument does not fit; the message names it.
    """
    inputs = np.asarray(samples, dtype=np.float64)
    _check(inputs, learning_rate, gradient, difference_step, divisor, check_points)
    divide_by = float(inputs.shape[1] if divisor is None else divisor)
    wanted = target(inputs).tolist()
    check_x = target.points(check_points)
    check = list(zip(check_x.tolist(), target(check_x).tolist(), strict=True))

    # Plain floats throughout: numpy's own would be slower, and would warn where IEEE arithmetic just goes on.
    rate, step = float(learning_rate), float(difference_step)
    is_fused = is_wide(network.layer_sizes, gradient)
    learner = Learner(network, rounded_once if is_fused else rounded_twice)
    losses: list[float] = []
    diverged_at = None
    for epoch, (xs, fs) in enumerate(zip(inputs.tolist(), wanted, strict=True), start=1):
        pairs = list(zip(xs, fs, strict=True))
        if gradient == "numerical":
            learner.update_numerically(pairs, rate, step, divide_by)
        else:
            learner.update_by_backpropagation(pairs, rate, divide_by)
        losses.append(learner.checked_loss(check))
        if diverged_at is None and not learner.is_finite():
            diverged_at = epoch
    return TrainedNetwork(np.array(losses), learner.network(), diverged_at)


class Learner:
    """A network while it learns: the nested lists of its weights and biases, changed in place.

    Nothing in it asks what kind of numbers these are, so it learns with any that can be added and multiplied.
    """

    def __init__(self, network: Network, multiply_add: MultiplyAdd = rounded_twice) -> None:
        self.activation, self.output = network.activation, network.output
        self.multiply_add = multiply_add
        self.weights, self.biases = network.as_lists()
        # Every parameter as (list, index), in the printed program's order: all weights first, then all biases.
        self.places = [(row, i) for matrix in self.weights for row in matrix for i in range(len(row))]
        self.places += [(offsets, i) for offsets in self.biases for i in range(len(offsets))]

    def network(self) -> Network:
        """Return the network as it is now."""
        return Network(self.weights, self.biases, self.activation, self.output)

    def is_finite(self) -> bool:
        """Return whether all weights and biases are finite."""
        return all(math.isfinite(row[i]) for row, i in self.places)

    def forward(self, x: float) -> list[list[float]]:
        """Return the values of every layer for the input x."""
        return forward(self.weights, self.biases, self.activation, self.output, x, self.multiply_add)

    def loss(self, x: float, f: float) -> float:
        """Return the loss ½(y - f)² of one sample."""
        error = self.forward(x)[-1][0] - f
        return 0.5 * error * error

    def checked_loss(self, check: list[tuple[float, float]]) -> float:
        """Return the sum of the losses of pairs (x, f)."""
        total = (
            0.0  # not `sum`, which since Python 3.12 compensates for rounding: other bits than the program's
        )
        for x, f in check:
            total += self.loss(x, f)
        return total

    def update_numerically(
        self, pairs: list[tuple[float, float]], learning_rate: float, step: float, divisor: float
    ) -> None:
        """Update once on the samples (x, f), by forward differences."""
        sums = [0.0] * len(self.places)
        for x, f in pairs:
            before = self.loss(x, f)
            for place, (row, i) in enumerate(self.places):
                row[i] += step
                after = self.loss(x, f)
                row[i] -= step  # as printed: the parameter may come back changed in its last bit
                sums[place] += (after - before) / step / divisor
        for place, (row, i) in enumerate(self.places):
            row[i] -= learning_rate * sums[place]

    def update_by_backpropagation(
        self, pairs: list[tuple[float, float]], learning_rate: float, divisor: float
    ) -> None:
        """Update once on the samples (x, f), by backpropagation."""
        weight_sums: Weights = [[[0.0] * len(row) for row in matrix] for matrix in self.weights]
        bias_sums: Biases = [[0.0] * len(offsets) for offsets in self.biases]
        for x, f in pairs:
            self._add_gradient(x, f, weight_sums, bias_sums)
        rate = learning_rate / divisor
        for (row, i), total in zip(self.places, _flat(weight_sums, bias_sums), strict=True):
            row[i] -= rate * total

    def _add_gradient(self, x: float, f: float, weight_sums: Weights, bias_sums: Biases) -> None:
        """Add the gradient of the loss ½(y - f)² of one sample; `deltas` are its slopes in each weighted sum z."""
        layers = self.forward(x)
        deltas = [(layers[-1][0] - f) * ACTIVATIONS[self.output].slope(layers[-1][0])]
        for depth in reversed(range(len(self.weights))):
            for to, delta in enumerate(deltas):
                bias_sums[depth][to] += delta
                sums = weight_sums[depth][to]
                for before, value in enumerate(layers[depth]):
                    sums[before] = self.multiply_add(delta, value, sums[before])
            if depth > 0:
                deltas = [
                    self._received(depth, deltas, before) * ACTIVATIONS[self.activation].slope(value)
                    for before, value in enumerate(layers[depth])
                ]

    def _received(self, depth: int, deltas: list[float], before: int) -> float:
        total = 0.0
        for row, delta in zip(self.weights[depth], deltas, strict=True):
            total = self.multiply_add(row[before], delta, total)
        return total


def _flat(weights: Weights, biases: Biases) -> list[float]:
    numbers = [number for matrix in weights for row in matrix for number in row]
    return numbers + [number for offsets in biases for number in offsets]


def _check(
    samples: Floats,
    learning_rate: float,
    gradient: str,
    difference_step: float,
    divisor: float | None,
    check_points: int,
) -> None:
    if samples.ndim != 2 or 0 in samples.shape or not np.isfinite(samples).all():
        raise InputError(
            f"samples must be finite and have shape (epochs, samples per epoch), got {samples.shape}"
        )
    for name, number in (
        ("learning_rate", learning_rate),
        ("difference_step", difference_step),
        ("divisor", 1 if divisor is None else divisor),
    ):
        if not (math.isfinite(number) and number > 0):
            raise InputError(f"{name} must be a positive number, got {number!r}")
    if gradient not in ("backprop", "numerical"):
        raise InputError(f'gradient must be "backprop" or "numerical", got {gradient!r}')
    if check_points < 2:
        raise InputError(
            f"check_points must be at least 2, for both ends of the interval, got {check_points}"
        )
