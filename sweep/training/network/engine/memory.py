"""Where things lie while the engine trains: a group of networks side by side, and the scratch space of their training.

A *group* is as many networks as there are lanes, one to a lane. Its parameters have shape (n_parameters, lanes), in
the order of `sweep.training.network.model.split_parameters`. Where a task does not fill its last group, its last
training is repeated there, and the copies are thrown away.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from sweep.terms.arrays import Ints
from sweep.training.network.engine.compiling import inlined_or_plain
from sweep.training.network.engine.lanes import BYTES, Reals, lanes_of

TILE = 4
"""So many samples go through a network together: enough to keep a processor busy, few enough for its registers."""
CACHED_ROWS = 48 * 1024 // BYTES
"""So many rows of lanes are kept at a time: measured to be best, half as much again as a usual first cache."""


class Shape(NamedTuple):
    """What the networks of a task have in common.

    Attributes
    ----------
    sizes
        Shape (layers + 1,): neurons per layer, input and output included.
    weights, biases
        Shape (layers,): where the weights and the biases of each layer but the input begin among the parameters.
    neurons
        Shape (layers + 1,): where the neurons of each layer begin among all of them.
    samples
        Samples per epoch.
    at_once
        Samples whose neurons' values are held at a time: whole tiles.
    activation, output
        Codes of the hidden layers' and the output's activation.
    """

    sizes: Ints
    weights: Ints
    biases: Ints
    neurons: Ints
    samples: int
    at_once: int
    activation: int
    output: int


class Scratch(NamedTuple):
    """Space for an epoch of one group. All have shape (rows, lanes).

    Attributes
    ----------
    inputs, wanted
        x and f(x) of the samples of an epoch; the last is repeated to fill its tile.
    outputs
        The networks' outputs for the samples at hand, then the slopes of the loss in the outputs' weighted sums.
    values
        The neurons' values: row `neuron * at_once + sample`.
    deltas
        The slopes of the loss in the neurons' weighted sums, in the same rows.
    sums
        The gradient, one row for each parameter, summed over the samples so far.
    """

    inputs: Reals
    wanted: Reals
    outputs: Reals
    values: Reals
    deltas: Reals
    sums: Reals


class SampleRange(NamedTuple):
    """The samples of an epoch that go through the networks together: so many, from the first of them on."""

    first: int
    size: int


def make_shape(
    layer_sizes: tuple[int, ...], samples: int, activation: int, output: int, cached_rows: int = CACHED_ROWS
) -> Shape:
    """Return the shape of networks with these layers that are trained on so many samples per epoch."""
    sizes = np.array(layer_sizes)
    weights = np.cumsum(np.concatenate([[0], sizes[1:] * sizes[:-1]]))
    biases = weights[-1] + np.cumsum(np.concatenate([[0], sizes[1:]]))
    fitting = max(1, cached_rows // int(sizes.sum()) // TILE) * TILE
    return Shape(
        sizes=sizes,
        weights=weights[:-1],
        biases=biases[:-1],
        neurons=np.cumsum(np.concatenate([[0], sizes[:-1]])),
        samples=samples,
        at_once=min(fitting, in_tiles(samples)),
        activation=activation,
        output=output,
    )


def make_scratch(shape: Shape, check_points: int, precision: str) -> Scratch:
    """Return the space that training and checking take."""
    rows = max(in_tiles(shape.samples), in_tiles(check_points))
    lanes, space = lanes_of(precision), partial(aligned, precision=precision)
    neurons, parameters = int(shape.sizes.sum()), int(shape.biases[-1]) + 1
    return Scratch(
        inputs=space(rows, lanes),
        wanted=space(rows, lanes),
        outputs=space(rows, lanes),
        values=space(neurons * shape.at_once, lanes),
        deltas=space(neurons * shape.at_once, lanes),
        sums=space(parameters, lanes),
    )


def aligned(*shape: int, precision: str) -> Reals:
    """Return zeros that begin where a line of the processor's cache begins: no load of lanes then touches two lines."""
    size, lanes = int(np.prod(shape)), lanes_of(precision)
    space = np.zeros(size + lanes - 1, dtype=precision)
    first = -(space.ctypes.data // space.itemsize) % lanes
    return space[first : first + size].reshape(shape)


@inlined_or_plain
def in_tiles(samples: int) -> int:
    """Return a number of samples, rounded up to whole tiles."""
    return (samples + TILE - 1) // TILE * TILE
