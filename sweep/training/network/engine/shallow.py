"""Networks of one hidden layer, a group of them at a time: forward pass and backpropagation.

The order of operations is that of `sweep.training.network.readable`, so ReLU and identity give its bits. It is fast
because numbers stay in registers: the forward pass takes a tile of four samples through all neurons, and holds their
inputs and growing outputs; the backward pass takes one neuron through all samples, and holds its weight and the
growing sums of its gradient.
"""

from typing import NamedTuple

from sweep.training.network.engine.activations import activate, slope
from sweep.training.network.engine.compiling import inlined
from sweep.training.network.engine.lanes import Lanes, Reals, load, store, zero_of
from sweep.training.network.engine.memory import TILE, SampleRange, Scratch, Shape


@inlined
def shallow_forward(
    activation: int, shape: Shape, parameters: Reals, scratch: Scratch, samples: SampleRange
) -> None:
    """Compute the outputs' weighted sums for some samples, and leave the neurons' values behind."""
    neurons, stride, first = shape.sizes[1], shape.at_once, samples.first
    inputs, outputs, values = scratch.inputs, scratch.outputs, scratch.values
    zero = zero_of(values)
    for m in range(0, samples.size, TILE):
        x0, x1 = load(inputs, first + m), load(inputs, first + m + 1)
        x2, x3 = load(inputs, first + m + 2), load(inputs, first + m + 3)
        y0, y1, y2, y3 = zero, zero, zero, zero
        for j in range(neurons):
            weight, out = load(parameters, j), load(parameters, neurons + j)
            bias = load(parameters, 2 * neurons + j)
            a0, a1 = activate(activation, weight * x0 + bias), activate(activation, weight * x1 + bias)
            a2, a3 = activate(activation, weight * x2 + bias), activate(activation, weight * x3 + bias)
            row = j * stride + m
            store(values, row, a0)
            store(values, row + 1, a1)
            store(values, row + 2, a2)
            store(values, row + 3, a3)
            y0, y1, y2, y3 = y0 + out * a0, y1 + out * a1, y2 + out * a2, y3 + out * a3
        bias = load(parameters, 3 * neurons)
        store(outputs, first + m, y0 + bias)
        store(outputs, first + m + 1, y1 + bias)
        store(outputs, first + m + 2, y2 + bias)
        store(outputs, first + m + 3, y3 + bias)


class NeuronGradient(NamedTuple):
    """The gradient of a hidden neuron's parameters: its weight, its weight to the output, and its bias."""

    weight: Lanes
    out: Lanes
    bias: Lanes


@inlined
def shallow_backward(
    activation: int, shape: Shape, parameters: Reals, rate: Lanes, scratch: Scratch, samples: SampleRange
) -> Lanes:
    """Add the samples' gradient to the sums; after the last samples, update the parameters.

    Return NaN in every lane where a parameter is not finite any more, 0 elsewhere.
    """
    neurons, sums = shape.sizes[1], scratch.sums
    is_first, is_last = samples.first == 0, samples.first + samples.size >= shape.samples
    # What only fills a tile adds nothing: in the articles' case leaving it out is 3 % faster.
    used = SampleRange(samples.first, min(samples.size, shape.samples - samples.first))
    zero = zero_of(parameters)
    lost = zero

    bias_sum = zero if is_first else load(sums, 3 * neurons)
    for m in range(used.first, used.first + used.size):
        bias_sum += load(scratch.outputs, m)
    if is_last:
        lost += updated(parameters, 3 * neurons, rate, bias_sum)
    else:
        store(sums, 3 * neurons, bias_sum)

    for j in range(neurons):
        gradient = NeuronGradient(zero, zero, zero)
        if not is_first:
            gradient = NeuronGradient(load(sums, j), load(sums, neurons + j), load(sums, 2 * neurons + j))
        out = load(parameters, neurons + j)
        gradient = with_samples(gradient, activation, out, scratch, used, j * shape.at_once)
        if is_last:
            lost += updated(parameters, j, rate, gradient.weight)
            lost += updated(parameters, neurons + j, rate, gradient.out)
            lost += updated(parameters, 2 * neurons + j, rate, gradient.bias)
        else:
            store(sums, j, gradient.weight)
            store(sums, neurons + j, gradient.out)
            store(sums, 2 * neurons + j, gradient.bias)
    return lost


@inlined
def with_samples(
    gradient: NeuronGradient, activation: int, out: Lanes, scratch: Scratch, samples: SampleRange, row: int
) -> NeuronGradient:
    """Return the gradient of a neuron whose values begin in a row, with what the samples add to it."""
    of_weight, of_out, of_bias = gradient.weight, gradient.out, gradient.bias
    for m in range(samples.size):
        x, delta = load(scratch.inputs, samples.first + m), load(scratch.outputs, samples.first + m)
        a = load(scratch.values, row + m)
        received = (out * delta) * slope(activation, a)
        of_weight += received * x
        of_bias += received
        of_out += delta * a
    return NeuronGradient(of_weight, of_out, of_bias)


@inlined
def updated(parameters: Reals, p: int, rate: Lanes, total: Lanes) -> Lanes:
    """Move a parameter against its gradient, and return 0, or NaN where it is not finite any more."""
    parameter = load(parameters, p) - rate * total
    store(parameters, p, parameter)
    return parameter - parameter
