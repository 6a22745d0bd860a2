"""The loop over the epochs, compiled for each method of an update: groups outside, epochs inside."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from sweep.terms.arrays import Ints
from sweep.training.network.engine.activations import activate_rows
from sweep.training.network.engine.compiling import compiled, inlined
from sweep.training.network.engine.deep import deep_backward, deep_forward
from sweep.training.network.engine.lanes import (
    Lanes,
    Reals,
    as_bits,
    everywhere,
    load,
    load_from,
    n_lanes,
    store,
    zero_of,
)
from sweep.training.network.engine.memory import SampleRange, Scratch, Shape, in_tiles
from sweep.training.network.engine.numerical import (
    Difference,
    deep_differences,
    shallow_differences,
    update_by_sums,
)
from sweep.training.network.engine.output import loss_sum, output_deltas
from sweep.training.network.engine.shallow import shallow_backward, shallow_forward

SHALLOW, DEEP = range(2)
BACKPROPAGATION, NUMERICAL = range(2)

BLOCK_BYTES = 128 * 1024
"""So much of the inputs x is gone through by all groups before the rest: it stays in the processor's second cache."""


class Groups(NamedTuple):
    """The trainings, in groups of as many as there are lanes.

    Attributes
    ----------
    parameters
        Shape (groups, n_parameters, lanes).
    learning_rate, difference_step
        Shape (groups, lanes).
    streams
        Shape (groups, lanes).
    losses
        Shape (groups, k, lanes), after the k epochs of the check.
    outputs
        Shape (groups, check points, lanes), after the last of them.
    diverged_at
        Shape (groups, lanes): first epoch after which a parameter was not finite, or 0.
    """

    parameters: Reals
    learning_rate: Reals
    difference_step: Reals
    streams: Ints
    losses: Reals
    outputs: Reals
    diverged_at: Ints


class Check(NamedTuple):
    """Where and when the loss is checked: points x and wanted values f, in whole tiles, and epochs, rising."""

    x: Reals
    f: Reals
    points: int
    epochs: Ints


class Chunk(NamedTuple):
    """Samples x and wanted values f, shape (epochs, samples, streams), and how many epochs lie before them."""

    x: Reals
    f: Reals
    before: int


class Kernel(NamedTuple):
    """What a loop is compiled for: a depth, and an activation of the hidden layers, or any where it is `ANY`."""

    depth: int
    activation: int


@inlined
def draw(chunk: Reals, epoch: int, streams: Ints, samples: int, rows: Reals) -> None:
    """Fetch an epoch's samples of a group's streams from a chunk of shape (epochs, samples, n_streams)."""
    n_streams, first = chunk.shape[2], streams[0]
    shared, in_a_row = True, True
    for lane in range(n_lanes(rows)):
        shared = shared and streams[lane] == first
        in_a_row = in_a_row and streams[lane] == first + lane
    for m in range(samples):
        if shared:
            store(rows, m, chunk[epoch, m, first])
        elif in_a_row:
            store(rows, m, load_from(chunk, (epoch * samples + m) * n_streams + first))
        else:
            for lane in range(n_lanes(rows)):
                rows[m, lane] = chunk[epoch, m, streams[lane]]
    for m in range(samples, in_tiles(samples)):
        store(rows, m, load(rows, samples - 1))


@inlined
def forward(kernel: Kernel, shape: Shape, parameters: Reals, scratch: Scratch, samples: SampleRange) -> None:
    """Compute the outputs' weighted sums."""
    if kernel.depth == SHALLOW:
        shallow_forward(kernel.activation, shape, parameters, scratch, samples)
    else:
        deep_forward(shape, parameters, scratch, samples)


@inlined
def update_by_backpropagation(
    kernel: Kernel, shape: Shape, parameters: Reals, rate: Lanes, scratch: Scratch
) -> Lanes:
    """Update the parameters once; return NaN in the lanes where one is not finite any more, 0 elsewhere."""
    lost = zero_of(parameters)
    for first in range(0, shape.samples, shape.at_once):
        samples = SampleRange(first, min(shape.at_once, in_tiles(shape.samples) - first))
        forward(kernel, shape, parameters, scratch, samples)
        output_deltas(shape, scratch, samples)
        if kernel.depth == SHALLOW:
            lost = shallow_backward(kernel.activation, shape, parameters, rate, scratch, samples)
        else:
            lost = deep_backward(shape, parameters, rate, scratch, samples)
    return lost


@inlined
def update_by_differences(
    kernel: Kernel,
    shape: Shape,
    parameters: Reals,
    learning_rate: Lanes,
    difference: Difference,
    scratch: Scratch,
) -> Lanes:
    """Update the parameters once by the numerical gradient; return as `update_by_backpropagation` does."""
    if kernel.depth == SHALLOW:
        shallow_differences(kernel.activation, shape, parameters, difference, scratch)
    else:
        deep_differences(shape, parameters, difference, scratch)
    return update_by_sums(parameters, learning_rate, scratch.sums)


@inlined
def evaluate(kernel: Kernel, shape: Shape, parameters: Reals, scratch: Scratch, check: Check) -> None:
    """Compute the networks' outputs at the check points."""
    points = len(check.x)
    for m in range(points):
        store(scratch.inputs, m, check.x[m])
        store(scratch.wanted, m, check.f[m])
    for first in range(0, points, shape.at_once):
        samples = SampleRange(first, min(shape.at_once, points - first))
        forward(kernel, shape, parameters, scratch, samples)
    activate_rows(shape.output, scratch.outputs, 0, points)


@inlined
def record(losses: Reals, outputs: Reals, scratch: Scratch, check: Check, i: int) -> None:
    """Enter the loss of the outputs at hand as number i, and after the last check the outputs themselves."""
    store(losses, i, loss_sum(scratch, check.points))
    if i == len(check.epochs) - 1:
        for m in range(check.points):
            store(outputs, m, load(scratch.outputs, m))


@inlined
def n_recorded(check: Check, epoch: int) -> int:
    """Return how many checks are over after so many epochs; there must be one that is still to come."""
    recorded = 0
    while check.epochs[recorded] <= epoch:
        recorded += 1
    return recorded


@inlined
def have_all_diverged(diverged_at: Ints, i: int) -> bool:
    """Tell whether all lanes of a group have diverged."""
    # Not by `all()`: with it numba imports what it is compiled by, also for code that is kept, and with that scipy.
    n_diverged = 0
    n: int = diverged_at.shape[1]
    for lane in range(n):
        if diverged_at[i, lane]:
            n_diverged += 1
    return n_diverged == n


@inlined
def note_divergence(lost: Lanes, epoch: int, diverged_at: Ints) -> int:
    """Enter the epoch for lanes that are NaN in `lost` for the first time; return how many are still finite."""
    finite, remaining = as_bits(lost < 1.0), 0
    for lane in range(n_lanes(lost)):
        if (finite >> lane) & 1 == 0 and diverged_at[lane] == 0:
            diverged_at[lane] = epoch
        remaining += diverged_at[lane] == 0
    return remaining


Train = Callable[[Shape, Groups, Scratch, Check, Chunk, float], None]


@cache
def make_train(depth: int, method: int, activation: int) -> Train:
    """Return the compiled loop for networks of one depth, one way to the gradient, and one activation."""
    kernel = Kernel(depth, activation)

    @compiled
    def train(
        shape: Shape, groups: Groups, scratch: Scratch, check: Check, chunk: Chunk, divisor: float
    ) -> None:
        """Train all groups on a chunk of samples."""
        epochs = min(len(chunk.x), check.epochs[-1] - chunk.before)
        at_once = max(1, BLOCK_BYTES // (chunk.x.itemsize * chunk.x.shape[1] * chunk.x.shape[2]))
        for start in range(0, epochs, at_once):
            for i in range(len(groups.parameters)):
                if have_all_diverged(groups.diverged_at, i):
                    continue
                # As one record, a group's arrays and rates would make the loop for 1-10-1 2 to 3 % slower.
                parameters, diverged_at = groups.parameters[i], groups.diverged_at[i]
                recorded = n_recorded(check, chunk.before + start)
                learning_rate = load(groups.learning_rate, i)
                step = load(groups.difference_step, i)
                for index in range(start, min(start + at_once, epochs)):
                    epoch = chunk.before + index + 1
                    draw(chunk.x, index, groups.streams[i], shape.samples, scratch.inputs)
                    draw(chunk.f, index, groups.streams[i], shape.samples, scratch.wanted)
                    if method == NUMERICAL:
                        move = Difference(step, divisor)
                        lost = update_by_differences(kernel, shape, parameters, learning_rate, move, scratch)
                    else:
                        rate = learning_rate / divisor
                        lost = update_by_backpropagation(kernel, shape, parameters, rate, scratch)
                    if not everywhere(lost < 1.0) and note_divergence(lost, epoch, diverged_at) == 0:
                        break
                    if check.epochs[recorded] == epoch:
                        evaluate(kernel, shape, parameters, scratch, check)
                        record(groups.losses[i], groups.outputs[i], scratch, check, recorded)
                        recorded += 1

    return train
