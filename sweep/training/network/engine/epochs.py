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
from sweep.training.network.engine.numerical import deep_differences, shallow_differences, update_by_sums
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
def forward(
    depth: int, activation: int, shape: Shape, parameters: Reals, scratch: Scratch, samples: SampleRange
) -> None:
    """Compute the outputs' weighted sums."""
    if depth == SHALLOW:
        shallow_forward(activation, shape, parameters, scratch, samples)
    else:
        deep_forward(shape, parameters, scratch, samples)


@inlined
def backpropagate(
    depth: int, activation: int, shape: Shape, parameters: Reals, rate: Lanes, scratch: Scratch
) -> Lanes:
    """Update the parameters once; return NaN in the lanes where one is not finite any more, 0 elsewhere."""
    lost = zero_of(parameters)
    for first in range(0, shape.samples, shape.at_once):
        samples = SampleRange(first, min(shape.at_once, in_tiles(shape.samples) - first))
        forward(depth, activation, shape, parameters, scratch, samples)
        output_deltas(shape, scratch, samples)
        if depth == SHALLOW:
            lost = shallow_backward(activation, shape, parameters, rate, scratch, samples)
        else:
            lost = deep_backward(shape, parameters, rate, scratch, samples)
    return lost


@inlined
def difference(
    depth: int,
    activation: int,
    shape: Shape,
    parameters: Reals,
    learning_rate: Lanes,
    step: Lanes,
    divisor: float,
    scratch: Scratch,
) -> Lanes:
    """Update the parameters once by the numerical gradient; return as `backpropagate` does."""
    if depth == SHALLOW:
        shallow_differences(activation, shape, parameters, step, divisor, scratch)
    else:
        deep_differences(shape, parameters, step, divisor, scratch)
    return update_by_sums(parameters, learning_rate, scratch.sums)


@inlined
def evaluate(
    depth: int, activation: int, shape: Shape, parameters: Reals, scratch: Scratch, check: Check
) -> None:
    """Compute the networks' outputs at the check points."""
    points = len(check.x)
    for m in range(points):
        store(scratch.inputs, m, check.x[m])
        store(scratch.wanted, m, check.f[m])
    for first in range(0, points, shape.at_once):
        samples = SampleRange(first, min(shape.at_once, points - first))
        forward(depth, activation, shape, parameters, scratch, samples)
    activate_rows(shape.output, scratch.outputs, 0, points)


@inlined
def note_divergence(lost: Lanes, epoch: int, diverged_at: Ints) -> int:
    """Enter the epoch for lanes that are NaN in `lost` for the first time; return how many are still finite."""
    finite, remaining = as_bits(lost < 1.0), 0
    for lane in range(n_lanes(lost)):
        if (finite >> lane) & 1 == 0 and diverged_at[lane] == 0:
            diverged_at[lane] = epoch
        remaining += diverged_at[lane] == 0
    return remaining


Train = Callable[[Shape, Groups, Scratch, Check, Reals, Reals, float, int], None]


@cache
def make_train(depth: int, method: int, activation: int) -> Train:
    """Return the compiled loop for networks of one depth, one way to the gradient, and one activation."""

    @compiled
    def train(
        shape: Shape,
        groups: Groups,
        scratch: Scratch,
        check: Check,
        xs: Reals,
        fs: Reals,
        divisor: float,
        before: int,
    ) -> None:
        """Train all groups on a chunk of samples xs and wanted values fs, whose first epoch is number `before` + 1."""
        epochs = min(len(xs), check.epochs[-1] - before)
        at_once = max(1, BLOCK_BYTES // (xs.itemsize * xs.shape[1] * xs.shape[2]))
        for start in range(0, epochs, at_once):
            for group in range(len(groups.parameters)):
                parameters, diverged_at = groups.parameters[group], groups.diverged_at[group]
                if diverged_at.all():
                    continue
                recorded = 0
                while check.epochs[recorded] <= before + start:
                    recorded += 1
                learning_rate = load(groups.learning_rate, group)
                step = load(groups.difference_step, group)
                for epoch in range(start, min(start + at_once, epochs)):
                    draw(xs, epoch, groups.streams[group], shape.samples, scratch.inputs)
                    draw(fs, epoch, groups.streams[group], shape.samples, scratch.wanted)
                    if method == NUMERICAL:
                        lost = difference(
                            depth, activation, shape, parameters, learning_rate, step, divisor, scratch
                        )
                    else:
                        lost = backpropagate(
                            depth, activation, shape, parameters, learning_rate / divisor, scratch
                        )
                    if (
                        not everywhere(lost < 1.0)
                        and note_divergence(lost, before + epoch + 1, diverged_at) == 0
                    ):
                        break
                    if check.epochs[recorded] == before + epoch + 1:
                        evaluate(depth, activation, shape, parameters, scratch, check)
                        store(groups.losses[group], recorded, loss_sum(scratch, check.points))
                        recorded += 1
                        if recorded == len(check.epochs):
                            for m in range(check.points):
                                store(groups.outputs[group], m, load(scratch.outputs, m))

    return train
