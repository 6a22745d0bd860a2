"""The batch trainer: many trainings at once on numpy arrays whose last axis runs over the trainings.

Every operation is elementwise, and every sum is a loop in a fixed order (over the sending neurons, the samples, the
check points). So each training goes through the same roundings as in `sweep.training.network.readable`, whatever else
is in the task: matrix products are avoided on purpose, since their order of summation depends on the shapes.
"""

from collections.abc import Iterator

import numpy as np
from network.tasks import rounding_error

from sweep.training.network.activation import ACTIVATIONS, Activation
from sweep.training.network.fused import MultiplyAdd, is_wide, rounded_once, rounded_twice
from sweep.training.network.model import split_parameters
from sweep.training.network.task import Floats, Ints, Task, Trained

PERTURBED_NETWORKS = 4096
"""How many perturbed networks the numerical gradient evaluates in one go: about what stays in the processor's cache."""


@np.errstate(over="ignore", invalid="ignore")
def train_vectorised(task: Task) -> Trained:
    """Train all networks of the task together, one update after the other."""
    lanes = _Lanes(task)
    check_x = task.target.points(task.check_points)
    check = lanes.spread(check_x), lanes.spread(task.target(check_x))
    losses = np.empty((lanes.n, len(task.record_epochs)))
    diverged_at = np.zeros(lanes.n, dtype=np.int64)
    update = lanes.update_numerically if task.gradient == "numerical" else lanes.update_by_backpropagation

    recorded = 0
    for epoch, x, f in _epochs(task):
        update(x, f)
        lanes.note_divergence(epoch, diverged_at)
        if epoch == task.record_epochs[recorded]:
            losses[:, recorded] = lanes.loss_sum(*check)
            recorded += 1
    outputs = lanes.forward(check[0])[-1][0]
    # float64 again, which holds every float32
    return Trained(losses, diverged_at, lanes.parameters.T.astype(float), outputs.T.astype(float))


def _epochs(task: Task) -> Iterator[tuple[int, Floats, Floats]]:
    """Yield the number of each epoch and its inputs and wanted outputs, both of shape (samples per epoch, n)."""
    last, epoch = int(task.record_epochs[-1]), 0
    for chunk in task.samples:
        wanted = task.target(chunk)
        for x, f in zip(chunk, wanted, strict=True):
            epoch += 1
            yield epoch, *(values[:, task.stream].astype(task.precision) for values in (x, f))
            if epoch == last:
                return
    raise ValueError(f"the samples end after {epoch} epochs, but {last} are to be trained")


class _Lanes:
    """The networks of a task while they learn, in place; a lane is one of them.

    `weights[layer]` has shape (to, from, n) and `biases[layer]` (to, n): views of `parameters` (n_parameters, n).
    """

    def __init__(self, task: Task) -> None:
        self.layer_sizes = task.layer_sizes
        self.n = len(task.learning_rate)
        self.parameters = np.array(
            task.initial.T, task.precision, order="C"
        )  # a copy, also for a single training
        self.weights, self.biases = split_parameters(self.parameters, task.layer_sizes)
        hidden = [ACTIVATIONS[task.activation]] * (len(self.weights) - 1)
        self.activations = [*hidden, ACTIVATIONS[task.output]]
        self.learning_rate = task.learning_rate.astype(task.precision)
        self.rate = self.learning_rate / task.divisor
        self.divisor = task.divisor
        self.difference_step = task.difference_step.astype(task.precision)
        self.multiply_add = _rounded_once if is_wide(task.layer_sizes, task.gradient) else rounded_twice

    def forward(self, x: Floats) -> list[Floats]:
        """Return the values of every layer, of shape (neurons, samples, n), for inputs x of shape (samples, n)."""
        return _forward(self.weights, self.biases, self.activations, x, self.multiply_add)

    def loss_sum(self, x: Floats, f: Floats) -> Floats:
        """Return the sum over the samples of ½(y - f)², of shape (n,)."""
        errors = self.forward(x)[-1][0] - f
        total = np.zeros(self.n, x.dtype)
        for error in errors:
            total += 0.5 * error * error
        return total

    def spread(self, values: Floats) -> Floats:
        """Return values of shape (k,) as shape (k, n), in the task's precision."""
        return np.repeat(values[:, None], self.n, axis=1).astype(self.parameters.dtype)

    def note_divergence(self, epoch: int, diverged_at: Ints) -> None:
        """Enter the epoch where a parameter is not finite any more; once it is not, it never becomes so again."""
        # A sum over the parameters is finite only if all are; a finite one that overflows is looked at more closely.
        suspects = np.flatnonzero(~np.isfinite(self.parameters.sum(axis=0)) & (diverged_at == 0))
        if suspects.size:
            lost = ~np.isfinite(self.parameters[:, suspects]).all(axis=0)
            diverged_at[suspects[lost]] = epoch

    def update_by_backpropagation(self, x: Floats, f: Floats) -> None:
        layers = self.forward(x)
        deltas = (layers[-1] - f) * _slope(self.activations[-1], layers[-1])
        for depth in reversed(range(len(self.weights))):
            before = layers[depth]
            received = self._received(depth, deltas, before) if depth > 0 else None
            self.weights[depth] -= self.rate * _summed_products(deltas, before, self.multiply_add)
            self.biases[depth] -= self.rate * _summed(deltas)
            if received is not None:
                deltas = received

    def _received(self, depth: int, deltas: Floats, before: Floats) -> Floats:
        """Return the deltas of the layer before: what its neurons receive backwards, times their slope."""
        total = self.weights[depth][0, :, None] * deltas[0]
        for row, delta in zip(self.weights[depth][1:], deltas[1:], strict=True):
            total = self.multiply_add(row[:, None], delta, total)
        total *= _slope(self.activations[depth - 1], before)
        return np.asarray(total)

    def update_numerically(self, x: Floats, f: Floats) -> None:
        step, sums = self.difference_step, np.zeros_like(self.parameters)
        for x_one, f_one in zip(x, f, strict=True):
            before = self._loss_of_one(self.parameters, x_one, f_one)
            moved = self.parameters + step
            restored = moved - step  # as printed: it may differ from the parameter in its last bit
            for first, perturbed in _perturbed(self.parameters, moved, restored):
                after = self._loss_of_one(perturbed, x_one, f_one)
                sums[first : first + len(after)] += (after - before) / step / self.divisor
            self.parameters[:] = restored
        self.parameters -= self.learning_rate * sums

    def _loss_of_one(self, parameters: Floats, x: Floats, f: Floats) -> Floats:
        """Return ½(y - f)² of one sample for `parameters` (n_parameters, ..., n); x and f have shape (n,)."""
        weights, biases = split_parameters(parameters.reshape(len(parameters), -1), self.layer_sizes)
        wide = np.ascontiguousarray(np.broadcast_to(x, parameters.shape[1:]).reshape(1, -1))
        y = _forward(weights, biases, self.activations, wide)[-1][0, 0].reshape(parameters.shape[1:])
        error = y - f
        return np.asarray(0.5 * error * error)


def _forward(
    weights: list[Floats],
    biases: list[Floats],
    activations: list[Activation],
    x: Floats,
    multiply_add: MultiplyAdd = rounded_twice,
) -> list[Floats]:
    layers = [x[None]]
    for matrix, offsets, activation in zip(weights, biases, activations, strict=True):
        values = layers[-1]
        total = matrix[:, 0, None] * values[0]
        for sender in range(1, len(values)):
            total = multiply_add(matrix[:, sender, None], values[sender], total)
        total += offsets[:, None]
        layers.append(activation.of_array(total))
    return layers


def _perturbed(parameters: Floats, moved: Floats, restored: Floats) -> Iterator[tuple[int, Floats]]:
    """Yield the networks that the printed program evaluates for one sample, in groups.

    Network p has parameter p moved, those before it already restored, those behind it still untouched. A group is its
    first p and an array of shape (n_parameters, size of the group, n).
    """
    n_parameters, n = parameters.shape
    size = max(1, PERTURBED_NETWORKS // n)
    for first in range(0, n_parameters, size):
        group = np.arange(first, min(first + size, n_parameters))
        perturbed = np.repeat(parameters[:, None], len(group), axis=1)
        for column, p in enumerate(group):
            perturbed[:p, column] = restored[:p]
            perturbed[p, column] = moved[p]
        yield first, perturbed


def _rounded_once(a: Floats, b: Floats, c: Floats) -> Floats:
    if c.dtype == np.float64:
        return np.frompyfunc(rounded_once, 3, 1)(a, b, c).astype(np.float64)
    product, addend = a.astype(np.float64) * b, c.astype(np.float64)  # as in `tasks.single_rounded_once`
    total = product + addend
    error = rounding_error(product, addend, total)
    is_even = (total.view(np.int64) & 1) == 0
    other = np.nextafter(total, np.copysign(np.inf, error))
    return np.where((error != 0) & is_even & np.isfinite(total), other, total).astype(c.dtype)


def _summed_products(deltas: Floats, before: Floats, multiply_add: MultiplyAdd) -> Floats:
    """Return the sum over the samples of delta[to] · value[from], of shape (to, from, n)."""
    total = deltas[:, None, 0] * before[None, :, 0]
    for sample in range(1, deltas.shape[1]):
        total = multiply_add(deltas[:, None, sample], before[None, :, sample], total)
    return np.asarray(total)


def _summed(deltas: Floats) -> Floats:
    total = deltas[:, 0].copy()
    for sample in range(1, deltas.shape[1]):
        total += deltas[:, sample]
    return total


def _slope(activation: Activation, values: Floats) -> Floats:
    return np.asarray(activation.slope(values), values.dtype)  # that of ReLU comes as float64
