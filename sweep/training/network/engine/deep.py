"""Networks of any depth, a group of them at a time: forward pass and backpropagation, layer by layer.

The order of operations is that of `sweep.training.network.readable`, so ReLU and identity give its bits: every sum,
whether over the sending neurons, the receiving ones or the samples, starts at 0 and runs in their order.
"""

from sweep.training.network.engine.activations import activate_rows, multiply_by_slopes
from sweep.training.network.engine.compiling import compiled, inlined
from sweep.training.network.engine.lanes import Lanes, Reals, load, store, zero_of
from sweep.training.network.engine.memory import TILE, Scratch, Shape
from sweep.training.network.engine.shallow import updated


@inlined
def deep_forward(shape: Shape, parameters: Reals, scratch: Scratch, first: int, count: int) -> None:
    """Compute the outputs' weighted sums for the samples from `first` on, and leave the neurons' values behind."""
    stride, last = shape.at_once, len(shape.weights) - 1
    values = scratch.values
    for m in range(count):
        store(values, m, load(scratch.inputs, first + m))
    for layer in range(last + 1):
        senders, receivers = shape.sizes[layer], shape.sizes[layer + 1]
        before = values[shape.neurons[layer] * stride :]
        after = scratch.outputs[first:] if layer == last else values[shape.neurons[layer + 1] * stride :]
        weighted_sums(
            parameters[shape.weights[layer] :], senders, 1, before, senders, after, receivers, stride, count
        )
        add_biases(parameters[shape.biases[layer] :], after, receivers, stride, count)
        if layer != last:
            for to in range(receivers):
                activate_rows(shape.activation, after, to * stride, count)


@inlined
def deep_backward(
    shape: Shape, parameters: Reals, rate: Lanes, scratch: Scratch, first: int, count: int
) -> Lanes:
    """Add the samples' gradient to the sums; after the last samples, update the parameters.

    Return NaN in every lane where a parameter is not finite any more, 0 elsewhere.
    """
    stride, last = shape.at_once, len(shape.weights) - 1
    is_first, is_last = first == 0, first + count >= shape.samples
    lost = zero_of(parameters)
    for layer in range(last, -1, -1):
        senders, receivers = shape.sizes[layer], shape.sizes[layer + 1]
        before = scratch.values[shape.neurons[layer] * stride :]
        deltas = (
            scratch.outputs[first:] if layer == last else scratch.deltas[shape.neurons[layer + 1] * stride :]
        )
        if layer > 0:
            received = scratch.deltas[shape.neurons[layer] * stride :]
            weights = parameters[shape.weights[layer] :]
            weighted_sums(weights, 1, senders, deltas, receivers, received, senders, stride, count)
            for neuron in range(senders):
                multiply_by_slopes(shape.activation, received, before, neuron * stride, count)
        if is_first:
            clear(scratch.sums, shape.weights[layer], senders * receivers)
            clear(scratch.sums, shape.biases[layer], receivers)
        add_products(scratch.sums[shape.weights[layer] :], deltas, receivers, before, senders, stride, count)
        add_deltas(scratch.sums[shape.biases[layer] :], deltas, receivers, stride, count)
        if is_last:
            for p in range(shape.weights[layer], shape.weights[layer] + senders * receivers):
                lost += updated(parameters, p, rate, load(scratch.sums, p))
            for p in range(shape.biases[layer], shape.biases[layer] + receivers):
                lost += updated(parameters, p, rate, load(scratch.sums, p))
    return lost


@compiled
def weighted_sums(
    weights: Reals,
    receiver_step: int,
    sender_step: int,
    values: Reals,
    senders: int,
    sums: Reals,
    receivers: int,
    stride: int,
    count: int,
) -> None:
    """Sum weight · value over the senders, for every receiver and sample; the steps lead from weight to weight."""
    zero = zero_of(sums)
    for receiver in range(receivers):
        for m in range(0, count, TILE):
            s0, s1, s2, s3 = zero, zero, zero, zero
            for sender in range(senders):
                weight = load(weights, receiver * receiver_step + sender * sender_step)
                row = sender * stride + m
                s0 += weight * load(values, row)
                s1 += weight * load(values, row + 1)
                s2 += weight * load(values, row + 2)
                s3 += weight * load(values, row + 3)
            row = receiver * stride + m
            store(sums, row, s0)
            store(sums, row + 1, s1)
            store(sums, row + 2, s2)
            store(sums, row + 3, s3)


@inlined
def add_biases(biases: Reals, sums: Reals, receivers: int, stride: int, count: int) -> None:
    """Add each receiver's bias to its weighted sums."""
    for receiver in range(receivers):
        bias = load(biases, receiver)
        for row in range(receiver * stride, receiver * stride + count):
            store(sums, row, load(sums, row) + bias)


@compiled
def add_products(
    sums: Reals, deltas: Reals, receivers: int, values: Reals, senders: int, stride: int, count: int
) -> None:
    """Add the samples' delta · value to the sums of every weight, four weights at a time while there are four."""
    for receiver in range(receivers):
        first_delta, first_sum = receiver * stride, receiver * senders
        sender = 0
        while sender + 3 < senders:
            i = first_sum + sender
            s0, s1, s2, s3 = load(sums, i), load(sums, i + 1), load(sums, i + 2), load(sums, i + 3)
            row = sender * stride
            for m in range(count):
                delta = load(deltas, first_delta + m)
                s0 += delta * load(values, row + m)
                s1 += delta * load(values, row + stride + m)
                s2 += delta * load(values, row + 2 * stride + m)
                s3 += delta * load(values, row + 3 * stride + m)
            store(sums, i, s0)
            store(sums, i + 1, s1)
            store(sums, i + 2, s2)
            store(sums, i + 3, s3)
            sender += 4
        while sender < senders:
            s0 = load(sums, first_sum + sender)
            for m in range(count):
                s0 += load(deltas, first_delta + m) * load(values, sender * stride + m)
            store(sums, first_sum + sender, s0)
            sender += 1


@inlined
def add_deltas(sums: Reals, deltas: Reals, receivers: int, stride: int, count: int) -> None:
    """Add the samples' deltas to the sums of every bias."""
    for receiver in range(receivers):
        total = load(sums, receiver)
        for m in range(count):
            total += load(deltas, receiver * stride + m)
        store(sums, receiver, total)


@inlined
def clear(rows: Reals, first: int, count: int) -> None:
    """Fill rows with zeros."""
    for i in range(first, first + count):
        store(rows, i, 0.0)
