"""Networks of any depth, a group of them at a time: forward pass and backpropagation, layer by layer.

The order of operations is that of `sweep.training.network.readable`, so ReLU and identity give its bits: every sum,
whether over the sending neurons, the receiving ones or the samples, starts at 0 and runs in their order.
"""

from typing import NamedTuple

from sweep.training.network.engine.activations import IDENTITY, activate_sums, multiply_by_slopes
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
        # Adding biases where sums are stored, in `weighted_sums`, was a tenth slower for 1-10-10-10-10-1.
        code = IDENTITY if layer == last else shape.activation
        for to in range(after.neurons):
            activate_sums(
                code, after.rows, to * after.stride, samples.size, parameters, shape.biases[layer] + to
            )


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
    pairs = receivers.neurons // 2 * 2
    for receiver in range(0, pairs, 2):
        for m in range(0, count, TILE):
            sums_of_two(weights, senders, receivers, receiver, m)
    for receiver in range(pairs, receivers.neurons):
        for m in range(0, count, TILE):
            sums_of_one(weights, senders, receivers, receiver, m)


@inlined
def sums_of_two(weights: Weights, senders: Layer, receivers: Layer, receiver: int, m: int) -> None:
    """Compute the weighted sums of a tile of samples for a receiver and the next: what is loaded is used twice."""
    zero = zero_of(receivers.rows)
    s0, s1, s2, s3 = zero, zero, zero, zero
    t0, t1, t2, t3 = zero, zero, zero, zero
    place, row = receiver * weights.receiver_step, m
    for _ in range(senders.neurons):
        v, w = load(weights.rows, place), load(weights.rows, place + weights.receiver_step)
        a0, a1 = load(senders.rows, row), load(senders.rows, row + 1)
        a2, a3 = load(senders.rows, row + 2), load(senders.rows, row + 3)
        s0, s1, s2, s3 = s0 + v * a0, s1 + v * a1, s2 + v * a2, s3 + v * a3
        t0, t1, t2, t3 = t0 + w * a0, t1 + w * a1, t2 + w * a2, t3 + w * a3
        place, row = place + weights.sender_step, row + senders.stride
    store_four(receivers.rows, receiver * receivers.stride + m, s0, s1, s2, s3)
    store_four(receivers.rows, (receiver + 1) * receivers.stride + m, t0, t1, t2, t3)


@inlined
def sums_of_one(weights: Weights, senders: Layer, receivers: Layer, receiver: int, m: int) -> None:
    """Compute the weighted sums of a tile of samples for one receiver."""
    zero = zero_of(receivers.rows)
    s0, s1, s2, s3 = zero, zero, zero, zero
    place, row = receiver * weights.receiver_step, m
    for _ in range(senders.neurons):
        w = load(weights.rows, place)
        s0 += w * load(senders.rows, row)
        s1 += w * load(senders.rows, row + 1)
        s2 += w * load(senders.rows, row + 2)
        s3 += w * load(senders.rows, row + 3)
        place, row = place + weights.sender_step, row + senders.stride
    store_four(receivers.rows, receiver * receivers.stride + m, s0, s1, s2, s3)


@inlined
def store_four(rows: Reals, first: int, s0: Lanes, s1: Lanes, s2: Lanes, s3: Lanes) -> None:
    """Put four values into a row and those after it."""
    store(rows, first, s0)
    store(rows, first + 1, s1)
    store(rows, first + 2, s2)
    store(rows, first + 3, s3)


@compiled
def add_products(sums: Reals, deltas: Layer, senders: Layer, count: int) -> None:
    """Add the samples' delta · value to the sums of every weight, eight weights at a time while there are so many."""
    fours, pairs = senders.neurons // 4 * 4, deltas.neurons // 2 * 2
    for receiver in range(0, pairs, 2):
        for sender in range(0, fours, 4):
            products_of_eight(sums, deltas, senders, receiver, sender, count)
        for sender in range(fours, senders.neurons):
            products_of_two(sums, deltas, senders, receiver, sender, count)
    for receiver in range(pairs, deltas.neurons):
        for sender in range(senders.neurons):
            product_of_one(sums, deltas, senders, receiver, sender, count)


@inlined
def products_of_eight(
    sums: Reals, deltas: Layer, senders: Layer, receiver: int, sender: int, count: int
) -> None:
    """Add the products of two receivers' deltas and four senders' values."""
    row, stride = sender * senders.stride, senders.stride
    first = receiver * deltas.stride
    i = receiver * senders.neurons + sender
    j = i + senders.neurons
    s0, s1, s2, s3 = load(sums, i), load(sums, i + 1), load(sums, i + 2), load(sums, i + 3)
    t0, t1, t2, t3 = load(sums, j), load(sums, j + 1), load(sums, j + 2), load(sums, j + 3)
    for m in range(count):
        d, e = load(deltas.rows, first + m), load(deltas.rows, first + deltas.stride + m)
        a0, a1 = load(senders.rows, row + m), load(senders.rows, row + stride + m)
        a2, a3 = load(senders.rows, row + 2 * stride + m), load(senders.rows, row + 3 * stride + m)
        s0, s1, s2, s3 = s0 + d * a0, s1 + d * a1, s2 + d * a2, s3 + d * a3
        t0, t1, t2, t3 = t0 + e * a0, t1 + e * a1, t2 + e * a2, t3 + e * a3
    store_four(sums, i, s0, s1, s2, s3)
    store_four(sums, j, t0, t1, t2, t3)


@inlined
def products_of_two(
    sums: Reals, deltas: Layer, senders: Layer, receiver: int, sender: int, count: int
) -> None:
    """Add the products of two receivers' deltas and one sender's values."""
    row = sender * senders.stride
    first = receiver * deltas.stride
    i = receiver * senders.neurons + sender
    s, t = load(sums, i), load(sums, i + senders.neurons)
    for m in range(count):
        a = load(senders.rows, row + m)
        s += load(deltas.rows, first + m) * a
        t += load(deltas.rows, first + deltas.stride + m) * a
    store(sums, i, s)
    store(sums, i + senders.neurons, t)


@inlined
def product_of_one(
    sums: Reals, deltas: Layer, senders: Layer, receiver: int, sender: int, count: int
) -> None:
    """Add the products of one receiver's deltas and one sender's values."""
    place = receiver * senders.neurons + sender
    total = load(sums, place)
    for m in range(count):
        delta = load(deltas.rows, receiver * deltas.stride + m)
        total += delta * load(senders.rows, sender * senders.stride + m)
    store(sums, place, total)


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
