"""Small training tasks, and the oracle: the readable trainer behind the interface of a batch trainer."""

import ctypes
import math
from dataclasses import replace

import numpy as np

from sweep.training.network import readable
from sweep.training.network.fused import is_wide, rounded_twice
from sweep.training.network.model import Network, join_parameters, parameter_count, split_parameters
from sweep.training.network.readable import Learner, train_network
from sweep.training.network.target import Target
from sweep.training.network.task import Task, Trained


def make_task(
    layer_sizes=(1, 5, 1),
    activation="relu",
    output="identity",
    gradient="backprop",
    n=3,
    n_streams=2,
    epochs=12,
    samples=4,
    divisor=3.0,
    learning_rate=0.05,
    function="x*x*x - 2.5*x*x",
    seed=0,
    precision="float64",
):
    rng = np.random.default_rng(seed)
    return Task(
        layer_sizes=tuple(layer_sizes),
        activation=activation,
        output=output,
        gradient=gradient,
        target=Target(function, (0.0, 3.0)),
        divisor=divisor,
        check_points=7,
        record_epochs=np.unique([1, max(1, epochs // 2), epochs]),
        learning_rate=learning_rate * rng.uniform(0.5, 1.5, n),
        difference_step=np.full(n, 1e-4),
        initial=rng.uniform(-0.5, 0.5, (n, parameter_count(layer_sizes))),
        samples=[rng.uniform(0, 3, (epochs, samples, n_streams))],
        stream=np.arange(n) % n_streams,
        precision=precision,
    )


def train_readably(task: Task) -> Trained:
    if task.precision == "float32":
        return train_readably_in_float32(task)
    samples = np.concatenate(list(task.samples))[: task.record_epochs[-1]]
    losses, diverged_at, parameters, outputs = [], [], [], []
    for lane in range(len(task.learning_rate)):
        weights, biases = split_parameters(task.initial[lane], task.layer_sizes)
        trained = train_network(
            Network(weights, biases, task.activation, task.output),
            task.target,
            samples[:, :, task.stream[lane]],
            learning_rate=task.learning_rate[lane],
            gradient=task.gradient,
            difference_step=task.difference_step[lane],
            divisor=task.divisor,
            check_points=task.check_points,
        )
        losses.append(trained.losses[task.record_epochs - 1])
        diverged_at.append(trained.diverged_at or 0)
        parameters.append(join_parameters(trained.network.weights, trained.network.biases))
        learner = Learner(trained.network, multiply_add_of(task))
        outputs.append([learner.forward(x)[-1][0] for x in task.target.points(task.check_points).tolist()])
    return Trained(np.array(losses), np.array(diverged_at), np.array(parameters), np.array(outputs))


class Single(float):
    """A float32 that is worked on like a float, with what it meets.

    Each operation is done in float64 and rounded. That gives the float32 nearest to the exact result, as a float32's
    own operation would: float64 has more than twice its digits, so nothing is lost by rounding twice.
    """

    def __new__(cls, number):
        return float.__new__(cls, ctypes.c_float(number).value)

    def __add__(self, other):
        return Single(float.__add__(self, other if type(other) is Single else Single(other)))

    def __mul__(self, other):
        return Single(float.__mul__(self, other if type(other) is Single else Single(other)))

    def __sub__(self, other):
        return Single(float.__sub__(self, Single(other)))

    def __rsub__(self, other):
        return Single(other) - self

    def __truediv__(self, other):
        return Single(float.__truediv__(self, Single(other)))

    __radd__, __rmul__ = __add__, __mul__


def multiply_add_of(task):
    if not is_wide(task.layer_sizes, task.gradient):
        return rounded_twice
    return readable.rounded_once if task.precision == "float64" else single_rounded_once


def single_rounded_once(a, b, c):
    """Return the float32 nearest to a·b + c.

    The product is exact in float64, and the sum is rounded there to one whose last digit is odd, so that the second
    rounding is as of the exact sum.
    """
    product, c = float(a) * float(b), float(c)
    total = product + c
    if math.isfinite(total) and (error := rounding_error(product, c, total)):
        total = total if is_odd(total) else math.nextafter(total, math.copysign(math.inf, error))
    return Single(total)


def rounding_error(a, b, total):
    """Return by how much a sum is too small, exactly."""
    of_b = total - a
    return (a - (total - of_b)) + (b - of_b)


def is_odd(number):
    """Tell whether the last binary digit of a float64 is 1."""
    return bool(np.float64(number).view(np.int64) & 1)


def train_readably_in_float32(task: Task) -> Trained:
    """Let the readable trainer's networks learn with numbers of another kind."""
    samples = np.concatenate(list(task.samples))[: task.record_epochs[-1]]
    x = task.target.points(task.check_points)
    check = pairs_of(x, task.target(x))
    losses, diverged_at, parameters, outputs = [], [], [], []
    for lane in range(len(task.learning_rate)):
        weights, biases = split_parameters(task.initial[lane], task.layer_sizes)
        learner = Learner(Network(weights, biases, task.activation, task.output), multiply_add_of(task))
        for row, i in learner.places:
            row[i] = Single(row[i])
        rate, step = Single(task.learning_rate[lane]), Single(task.difference_step[lane])
        lost, seen = 0, []
        for epoch, xs in enumerate(samples[:, :, task.stream[lane]], start=1):
            pairs = pairs_of(xs, task.target(xs))
            if task.gradient == "numerical":
                learner.update_numerically(pairs, rate, step, task.divisor)
            else:
                learner.update_by_backpropagation(pairs, rate, task.divisor)
            seen.append(float(learner.checked_loss(check)))
            lost = lost or (0 if learner.is_finite() else epoch)
        losses.append(np.array(seen)[task.record_epochs - 1])
        diverged_at.append(lost)
        parameters.append([float(row[i]) for row, i in learner.places])
        outputs.append([float(learner.forward(point)[-1][0]) for point, _ in check])
    return Trained(np.array(losses), np.array(diverged_at), np.array(parameters), np.array(outputs))


def in_float32(train):
    """Return a trainer that does what another does, in float32."""

    def train_in_float32(task):
        return train(replace(task, precision="float32"))

    train_in_float32.__name__ = f"{train.__name__} in float32"
    return train_in_float32


def pairs_of(x, f):
    return [(Single(a), Single(b)) for a, b in zip(x.tolist(), f.tolist(), strict=True)]
