"""Wide layers in deep networks: backpropagation of one network at a time, samples or senders side by side.

A group of networks with a hundred neurons in two layers does not fit the processor's second cache; one does. So here a
lane is a sample in the forward pass and on the way back, where sums run over neurons, and it is a sending neuron where
the gradient is summed over the samples. Every sum starts at 0 and runs within its lane, in the order of the readable
trainer, `sweep.training.network.readable`, and products are added with one rounding, as there: see
`sweep.training.network.fused`. So the bits are its own with ReLU and identity, as in the other kernels.

A bias is the weight of one more sender, the last, whose value is always 1. Matrices have rows of whole lanes, filled up
with zeros or with what is never used.
"""

import math
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sweep.terms.arrays import Ints
from sweep.training.network.engine.activations import activate_rows, multiply_by_slopes, slope
from sweep.training.network.engine.compiling import compiled, inlined, inlined_or_plain
from sweep.training.network.engine.epochs import Check, Chunk, n_recorded
from sweep.training.network.engine.lanes import (
    Lanes,
    Reals,
    everywhere,
    first_lane,
    lanes_of,
    load_from,
    multiply_add,
    n_lanes,
    spread_from,
    store_from,
    turn_block,
    zero_of,
)
from sweep.training.network.engine.memory import aligned
from sweep.training.network.model import split_parameters


class WideShape(NamedTuple):
    """What the trainings have in common, and where things lie.

    Attributes
    ----------
    sizes
        Shape (layers + 1,): neurons per layer, input and output included.
    samples, columns
        Samples per epoch, and the same in whole lanes; also enough for the check points.
    activation, output
        Codes of the hidden layers' and the output's activation.
    weights
        Shape (layers + 1,): where each layer's matrix (to, whole lanes of from and bias) begins, and the last one ends.
    values
        Shape (layers + 2,): where each layer's values (neurons and the 1 in whole lanes, columns) begin, and the last
        ones end.
    """

    sizes: Ints
    samples: int
    columns: int
    activation: int
    output: int
    weights: Ints
    values: Ints


class Space(NamedTuple):
    """Space for the epoch of one network, all of one axis.

    Attributes
    ----------
    values, deltas
        The neurons' values and the 1, and the slopes of the loss in their sums: matrices (neurons + 1, columns).
    turned
        One layer's values transposed: a matrix (samples, whole lanes of neurons and the 1).
    sums
        One layer's gradient, summed over the samples.
    inputs, wanted
        x and f(x) of the samples of an epoch.
    """

    values: Reals
    deltas: Reals
    turned: Reals
    sums: Reals
    inputs: Reals
    wanted: Reals


class Left(NamedTuple):
    """The left matrix of a product: the steps lead from row to row, and from term to term of a row."""

    numbers: Reals
    row_step: int
    term_step: int


class Matrix(NamedTuple):
    """A matrix in rows of whole lanes: `row` numbers lie between the beginnings of two rows."""

    numbers: Reals
    row: int


@inlined_or_plain
def in_lanes(count: int, lanes: int) -> int:
    """Return a count, rounded up to whole lanes."""
    return (count + lanes - 1) // lanes * lanes


def make_wide_shape(
    layer_sizes: tuple[int, ...],
    samples: int,
    check_points: int,
    activation: int,
    output: int,
    precision: str,
) -> WideShape:
    """Return what is common to training networks with these layers on so many samples per epoch."""
    sizes, lanes = np.array(layer_sizes), lanes_of(precision)
    matrices = [to * in_lanes(before + 1, lanes) for before, to in pairwise(layer_sizes)]
    columns = in_lanes(max(samples, check_points), lanes)
    return WideShape(
        sizes=sizes,
        samples=samples,
        columns=columns,
        activation=activation,
        output=output,
        weights=np.cumsum([0, *matrices]),
        values=np.cumsum([0, *(in_lanes(size + 1, lanes) * columns for size in layer_sizes)]),
    )


def make_space(shape: WideShape, precision: str) -> Space:
    """Return the space that a training takes."""
    numbers = int(shape.values[-1])
    widest = in_lanes(int(shape.sizes.max()) + 1, lanes_of(precision))
    space = partial(aligned, precision=precision)
    values = space(numbers)
    for first, neurons in zip(shape.values[:-1], shape.sizes, strict=True):
        values[first + neurons * shape.columns :][: shape.columns] = 1.0
    return Space(
        values=values,
        deltas=space(numbers),
        turned=space(shape.columns * widest),
        sums=space(widest * widest),
        inputs=space(shape.columns),
        wanted=space(shape.columns),
    )


def counterparts(shape: WideShape, parameters: Reals, others: Reals) -> Iterator[tuple[Reals, Reals]]:
    """Yield views of the same numbers in n networks' parameters, of shape (n, ...) both, until all were there.

    The first are in this module's order, the others in that of `sweep.training.network.model.split_parameters`.
    """
    split = split_parameters(others.T, shape.sizes.tolist())
    for weights, biases, (start, end) in zip(*split, pairwise(shape.weights), strict=True):
        receivers, senders, _ = weights.shape
        matrix = parameters[:, start:end].reshape(len(parameters), receivers, -1)
        yield matrix[:, :, :senders], weights.transpose(2, 0, 1)
        yield matrix[:, :, senders], biases.T


@inlined
def wide_forward(shape: WideShape, parameters: Reals, space: Space, samples: int) -> None:
    """Compute the values of all layers."""
    lanes, layers = n_lanes(parameters), len(shape.sizes) - 1
    columns = in_lanes(samples, lanes)
    for column in range(0, columns, lanes):
        store_from(space.values, column, load_from(space.inputs, column))
    for layer in range(layers):
        terms, receivers = shape.sizes[layer] + 1, shape.sizes[layer + 1]
        before, after = space.values[shape.values[layer] :], space.values[shape.values[layer + 1] :]
        row = in_lanes(terms, lanes)
        weights = parameters[shape.weights[layer] :]
        multiply(
            Left(weights, row, 1),
            Matrix(before, shape.columns),
            Matrix(after, shape.columns),
            receivers,
            terms,
            columns,
        )
        code = shape.output if layer == layers - 1 else shape.activation
        for to in range(receivers):
            activate_rows(code, after, to * shape.columns // lanes, columns // lanes)


@inlined
def wide_backward(shape: WideShape, parameters: Reals, rate: float, space: Space) -> float:
    """Update the parameters once; return NaN if one is not finite any more, 0 otherwise."""
    lanes, lost = n_lanes(parameters), 0.0
    used = in_lanes(shape.samples, lanes)
    deltas_of_output(shape, space, used)
    for layer in range(len(shape.sizes) - 2, -1, -1):
        senders, receivers = shape.sizes[layer], shape.sizes[layer + 1]
        weights, row = parameters[shape.weights[layer] :], in_lanes(senders + 1, lanes)
        deltas = Matrix(space.deltas[shape.values[layer + 1] :], shape.columns)
        if layer > 0:
            pass_back(shape, Left(weights, 1, row), deltas, space, layer)
        turn(space.values[shape.values[layer] :], row, shape.columns, shape.samples, space.turned, row)
        turned, sums = Matrix(space.turned, row), Matrix(space.sums, row)
        multiply(Left(deltas.numbers, deltas.row, 1), turned, sums, receivers, shape.samples, row)
        lost += descend(weights, space.sums, receivers * row, rate)
    return lost


@inlined
def deltas_of_output(shape: WideShape, space: Space, used: int) -> None:
    """Compute the slopes of the loss ½(y - f)² in the outputs' weighted sums."""
    last = shape.values[len(shape.sizes) - 1]
    for column in range(0, used, n_lanes(space.values)):
        y = load_from(space.values, last + column)
        delta = (y - load_from(space.wanted, column)) * slope(shape.output, y)
        store_from(space.deltas, last + column, delta)


@inlined
def pass_back(shape: WideShape, weights: Left, deltas: Matrix, space: Space, layer: int) -> None:
    """Compute the slopes of the loss in the weighted sums of a hidden layer from those of the next one."""
    senders, receivers, lanes = shape.sizes[layer], shape.sizes[layer + 1], n_lanes(space.values)
    used = in_lanes(shape.samples, lanes)
    before, received = space.values[shape.values[layer] :], space.deltas[shape.values[layer] :]
    multiply(weights, deltas, Matrix(received, shape.columns), senders, receivers, used)
    for neuron in range(senders):
        first = neuron * shape.columns // lanes
        multiply_by_slopes(shape.activation, received, before, first, used // lanes)


@inlined
def turn(values: Reals, rows: int, columns: int, used: int, turned: Reals, turned_row: int) -> None:
    """Transpose the first columns of a matrix."""
    lanes = n_lanes(values)
    for row in range(0, rows, lanes):
        for column in range(0, used, lanes):
            turn_block(values, row * columns + column, columns, turned, column * turned_row + row, turned_row)


@inlined
def descend(parameters: Reals, sums: Reals, count: int, rate: float) -> float:
    """Move parameters against their gradient; return NaN if one is not finite any more, 0 otherwise."""
    lost = zero_of(parameters)
    for i in range(0, count, n_lanes(parameters)):
        moved = load_from(parameters, i) - rate * load_from(sums, i)
        store_from(parameters, i, moved)
        lost += moved - moved
    return 0.0 if everywhere(lost < 1.0) else math.nan


@compiled
def multiply(left: Left, right: Matrix, product: Matrix, rows: int, terms: int, columns: int) -> None:
    """Compute the first columns of a matrix product, in tiles of four rows as long as there are four.

    Tiles of three lanes come first: twelve sums at once let a processor add at every turn, where eight would wait for
    each other's products.
    """
    column, lanes = 0, n_lanes(right.numbers)
    while column < columns:
        three = column + 3 * lanes <= columns
        for row in range(0, rows // 4 * 4, 4):
            if three:
                tile_of_three(left, right, product, terms, row, column)
            else:
                tile_of_one(left, right, product, terms, row, column)
        for row in range(rows // 4 * 4, rows):
            for lane in range(column, column + (3 * lanes if three else lanes), lanes):
                a, b, total = row * left.row_step, lane, zero_of(right.numbers)
                for _ in range(terms):
                    total = multiply_add(spread_from(left.numbers, a), load_from(right.numbers, b), total)
                    a, b = a + left.term_step, b + right.row
                store_from(product.numbers, row * product.row + lane, total)
        column += 3 * lanes if three else lanes


@inlined
def tile_of_three(left: Left, right: Matrix, product: Matrix, terms: int, row: int, column: int) -> None:
    """Compute four rows of a matrix product, from a row on, in three lanes values from a column on."""
    lanes, zero = n_lanes(right.numbers), zero_of(right.numbers)
    s0, s1, s2, s3 = zero, zero, zero, zero
    t0, t1, t2, t3 = zero, zero, zero, zero
    u0, u1, u2, u3 = zero, zero, zero, zero
    step, a, b = left.row_step, row * left.row_step, column
    for _ in range(terms):
        x, y = load_from(right.numbers, b), load_from(right.numbers, b + lanes)
        z = load_from(right.numbers, b + 2 * lanes)
        w0, w1 = spread_from(left.numbers, a), spread_from(left.numbers, a + step)
        w2, w3 = spread_from(left.numbers, a + 2 * step), spread_from(left.numbers, a + 3 * step)
        s0, s1, s2, s3 = (
            multiply_add(w0, x, s0),
            multiply_add(w1, x, s1),
            multiply_add(w2, x, s2),
            multiply_add(w3, x, s3),
        )
        t0, t1, t2, t3 = (
            multiply_add(w0, y, t0),
            multiply_add(w1, y, t1),
            multiply_add(w2, y, t2),
            multiply_add(w3, y, t3),
        )
        u0, u1, u2, u3 = (
            multiply_add(w0, z, u0),
            multiply_add(w1, z, u1),
            multiply_add(w2, z, u2),
            multiply_add(w3, z, u3),
        )
        a, b = a + left.term_step, b + right.row
    place = row * product.row + column
    store_four(product, place, s0, s1, s2, s3)
    store_four(product, place + lanes, t0, t1, t2, t3)
    store_four(product, place + 2 * lanes, u0, u1, u2, u3)


@inlined
def tile_of_one(left: Left, right: Matrix, product: Matrix, terms: int, row: int, column: int) -> None:
    """Compute four rows of a matrix product, from a row on, in one lanes value from a column on."""
    zero, step = zero_of(right.numbers), left.row_step
    a, b = row * step, column
    s0, s1, s2, s3 = zero, zero, zero, zero
    for _ in range(terms):
        x = load_from(right.numbers, b)
        w0, w1 = spread_from(left.numbers, a), spread_from(left.numbers, a + step)
        w2, w3 = spread_from(left.numbers, a + 2 * step), spread_from(left.numbers, a + 3 * step)
        s0, s1, s2, s3 = (
            multiply_add(w0, x, s0),
            multiply_add(w1, x, s1),
            multiply_add(w2, x, s2),
            multiply_add(w3, x, s3),
        )
        a, b = a + left.term_step, b + right.row
    store_four(product, row * product.row + column, s0, s1, s2, s3)


@inlined
def store_four(product: Matrix, place: int, s0: Lanes, s1: Lanes, s2: Lanes, s3: Lanes) -> None:
    """Put four sums into four rows."""
    store_from(product.numbers, place, s0)
    store_from(product.numbers, place + product.row, s1)
    store_from(product.numbers, place + 2 * product.row, s2)
    store_from(product.numbers, place + 3 * product.row, s3)


class Singles(NamedTuple):
    """The trainings: as `Groups` of the module `epochs`, with an axis of trainings in place of groups and lanes.

    `parameters` has shape (n, numbers that hold the parameters), in this module's order.
    """

    parameters: Reals
    learning_rate: Reals
    streams: Ints
    losses: Reals
    outputs: Reals
    diverged_at: Ints


@compiled
def train_wide(
    shape: WideShape, singles: Singles, space: Space, check: Check, chunk: Chunk, divisor: float
) -> None:
    """Train all networks on a chunk of samples."""
    for n in range(len(singles.parameters)):
        if singles.diverged_at[n] > 0:
            continue
        parameters, recorded = singles.parameters[n], n_recorded(check, chunk.before)
        for index in range(min(len(chunk.x), check.epochs[-1] - chunk.before)):
            epoch = chunk.before + index + 1
            fetch(chunk, index, singles.streams[n], shape.samples, space)
            wide_forward(shape, parameters, space, shape.samples)
            lost = wide_backward(shape, parameters, singles.learning_rate[n] / divisor, space)
            if math.isnan(lost):
                singles.diverged_at[n] = epoch
                break
            if check.epochs[recorded] == epoch:
                outputs = singles.outputs[n]
                singles.losses[n, recorded] = checked_loss(shape, parameters, space, check, outputs)
                recorded += 1


@inlined
def fetch(chunk: Chunk, index: int, stream: int, samples: int, space: Space) -> None:
    """Fetch one stream's samples of an epoch."""
    for m in range(samples):
        space.inputs[m], space.wanted[m] = chunk.x[index, m, stream], chunk.f[index, m, stream]


@inlined
def checked_loss(shape: WideShape, parameters: Reals, space: Space, check: Check, outputs: Reals) -> float:
    """Return the sum of ½(y - f)² over the check points, and leave the networks' outputs there."""
    for m in range(check.points):
        space.inputs[m] = check.x[m]
    wide_forward(shape, parameters, space, check.points)
    total, last = zero_of(outputs), shape.values[len(shape.sizes) - 1]
    for m in range(check.points):
        outputs[m] = space.values[last + m]
        # In lanes, all of them the same, since numbers would be added up in float64.
        error = spread_from(outputs, m) - spread_from(check.f, m)
        total += 0.5 * error * error
    return first_lane(total)
