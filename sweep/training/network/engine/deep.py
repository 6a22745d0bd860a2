"""Networks of any depth, a group of them at a time: forward pass and backpropagation, layer by layer.

The order of operations is that of `sweep.training.network.readable`, so ReLU and identity give its bits: every sum,
whether over the sending neurons, the receiving ones or the samples, starts at 0 and runs in their order.
"""

from typing import NamedTuple

from sweep.training.network.engine.activations import activate_rows, multiply_by_slopes
from sweep.training.network.engine.compiling import compiled, inlined
from sweep.training.network.engine.lanes import Lanes, Reals, load, store, zero_of
from sweep.training.network.engine.memory import TILE, SampleRange, Scratch, Shape
from sweep.training.network.engine.shallow import updated


class Layer(NamedTuple):
    """Numbers of one layer's neurons, one for each sample: neuron i's are in the rows from `i * stride` on."""

    rows: Reals
    neurons: int
    stride: int


class Weights(NamedTuple):
    """The weights between two layers: the steps lead from one receiver's to the next one's, and so for senders.

    On the way back, the layers change their parts: then the receivers of the forward pass are those that send.
    """

    rows: Reals
    receiver_step: int
    sender_step: int


@inlined
def layer_at(shape: Shape, rows: Reals, layer: int) -> Layer:
    """Return where one layer's numbers are among those of all neurons."""
    first = shape.neurons[layer] * shape.at_once
    return Layer(rows[first:], shape.sizes[layer], shape.at_once)


@inlined
def deep_forward(shape: Shape, parameters: Reals, scratch: Scratch, samples: SampleRange) -> None:
    """Compute the outputs' weighted sums for some samples, and leave the neurons' values behind."""
    last = len(shape.weights) - 1
    for m in range(samples.size):
        store(scratch.values, m, load(scratch.inputs, samples.first + m))
    for layer in range(last + 1):
        before = layer_at(shape, scratch.values, layer)
        # A choice between two `Layer`s, in place of rows, was 2 to 3 % slower for 1-10-10-10-10-1.
        outputs, first = scratch.outputs[samples.first :], shape.neurons[layer + 1] * shape.at_once
        rows = outputs if layer == last else scratch.values[first:]
        after = Layer(rows, shape.sizes[layer + 1], shape.at_once)
        weights = Weights(parameters[shape.weights[layer] :], before.neurons, 1)
        weighted_sums(weights, before, after, samples.size)
        add_biases(parameters[shape.biases[layer] :], after, samples.size)
        if layer != last:
            for to in range(after.neurons):
                activate_rows(shape.activation, after.rows, to * after.stride, samples.size)


@inlined
def deep_backward(
    shape: Shape, parameters: Reals, rate: Lanes, scratch: Scratch, samples: SampleRange
) -> Lanes:
    """Add the samples' gradient to the sums; after the last samples, update the parameters.

    Return NaN in every lane where a parameter is not finite any more, 0 elsewhere.
    """
    last = len(shape.weights) - 1
    lost = zero_of(parameters)
    for layer in range(last, -1, -1):
        before = layer_at(shape, scratch.values, layer)
        outputs, first = scratch.outputs[samples.first :], shape.neurons[layer + 1] * shape.at_once
        rows = outputs if layer == last else scratch.deltas[first:]
        deltas = Layer(rows, shape.sizes[layer + 1], shape.at_once)
        if layer > 0:
            weights = Weights(parameters[shape.weights[layer] :], 1, before.neurons)
            received = layer_at(shape, scratch.deltas, layer)
            weighted_sums(weights, deltas, received, samples.size)
            for neuron in range(received.neurons):
                row = neuron * received.stride
                multiply_by_slopes(shape.activation, received.rows, before.rows, row, samples.size)
        if samples.first == 0:
            clear(scratch.sums, shape.weights[layer], before.neurons * deltas.neurons)
            clear(scratch.sums, shape.biases[layer], deltas.neurons)
        add_products(scratch.sums[shape.weights[layer] :], deltas, before, samples.size)
        add_deltas(scratch.sums[shape.biases[layer] :], deltas, samples.size)
        if samples.first + samples.size >= shape.samples:
            lost += descend_layer(shape, parameters, rate, scratch.sums, layer)
    return lost


@inlined
def descend_layer(shape: Shape, parameters: Reals, rate: Lanes, sums: Reals, layer: int) -> Lanes:
    """Update the parameters of one layer; return NaN in the lanes where one is not finite any more, 0 elsewhere."""
    senders, receivers = shape.sizes[layer], shape.sizes[layer + 1]
    lost = zero_of(parameters)
    for p in range(shape.weights[layer], shape.weights[layer] + senders * receivers):
        lost += updated(parameters, p, rate, load(sums, p))
    for p in range(shape.biases[layer], shape.biases[layer] + receivers):
        lost += updated(parameters, p, rate, load(sums, p))
    return lost


@compiled
def weighted_sums(weights: Weights, senders: Layer, receivers: Layer, count: int) -> None:
    """Sum weight · value over the senders, for every receiver and the first samples."""
    zero = zero_of(receivers.rows)
    for receiver in range(receivers.neurons):
        for m in range(0, count, TILE):
            s0, s1, s2, s3 = zero, zero, zero, zero
            for sender in range(senders.neurons):
                place = receiver * weights.receiver_step + sender * weights.sender_step
                weight, row = load(weights.rows, place), sender * senders.stride + m
                s0 += weight * load(senders.rows, row)
                s1 += weight * load(senders.rows, row + 1)
                s2 += weight * load(senders.rows, row + 2)
                s3 += weight * load(senders.rows, row + 3)
            row = receiver * receivers.stride + m
            store(receivers.rows, row, s0)
            store(receivers.rows, row + 1, s1)
            store(receivers.rows, row + 2, s2)
            store(receivers.rows, row + 3, s3)


@inlined
def add_biases(biases: Reals, receivers: Layer, count: int) -> None:
    """Add each receiver's bias to its weighted sums."""
    for receiver in range(receivers.neurons):
        bias, first = load(biases, receiver), receiver * receivers.stride
        for row in range(first, first + count):
            store(receivers.rows, row, load(receivers.rows, row) + bias)


@compiled
def add_products(sums: Reals, deltas: Layer, senders: Layer, count: int) -> None:
    """Add the samples' delta · value to the sums of every weight, four weights at a time while there are four."""
    stride = senders.stride
    for receiver in range(deltas.neurons):
        first_delta, first_sum = receiver * deltas.stride, receiver * senders.neurons
        sender = 0
        # Two `for` loops over ranges would be 4 % slower for 1-10-10-10-10-1 in float32.
        while sender + 3 < senders.neurons:
            i, row = first_sum + sender, sender * stride
            s0, s1, s2, s3 = load(sums, i), load(sums, i + 1), load(sums, i + 2), load(sums, i + 3)
            for m in range(count):
                delta = load(deltas.rows, first_delta + m)
                s0 += delta * load(senders.rows, row + m)
                s1 += delta * load(senders.rows, row + stride + m)
                s2 += delta * load(senders.rows, row + 2 * stride + m)
                s3 += delta * load(senders.rows, row + 3 * stride + m)
            store(sums, i, s0)
            store(sums, i + 1, s1)
            store(sums, i + 2, s2)
            store(sums, i + 3, s3)
            sender += 4
        while sender < senders.neurons:
            total = load(sums, first_sum + sender)
            for m in range(count):
                total += load(deltas.rows, first_delta + m) * load(senders.rows, sender * stride + m)
            store(sums, first_sum + sender, total)
            sender += 1


@inlined
def add_deltas(sums: Reals, deltas: Layer, count: int) -> None:
    """Add the samples' deltas to the sums of every bias."""
    for receiver in range(deltas.neurons):
        total = load(sums, receiver)
        for m in range(count):
            total += load(deltas.rows, receiver * deltas.stride + m)
        store(sums, receiver, total)


@inlined
def clear(rows: Reals, first: int, count: int) -> None:
    """Fill rows with zeros."""
    for i in range(first, first + count):
        store(rows, i, 0.0)
