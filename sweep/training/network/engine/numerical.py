"""The numerical gradient, in the printed program's order: (L(p + d) - L(p)) / d, one parameter after the other.

All weights of all layers come first, then all biases. Each parameter is moved by d and moved back, which may change
its last bit, and everything after it sees the changed value. L(p) is computed once for each sample.

A moved weight or bias changes the value of one neuron only, and of the layers after its own. So the values of the
other neurons are kept, and only the sums after them are done again, in the same order and hence with the same bits.
"""

from typing import NamedTuple

from sweep.training.network.engine.activations import activate
from sweep.training.network.engine.compiling import compiled, inlined
from sweep.training.network.engine.lanes import Lanes, Reals, load, store, zero_of
from sweep.training.network.engine.memory import Scratch, Shape
from sweep.training.network.engine.shallow import updated

WEIGHTS, BIASES = range(2)


@inlined
def update_by_sums(parameters: Reals, learning_rate: Lanes, sums: Reals) -> Lanes:
    """Move all parameters; return NaN in the lanes where one is not finite any more, 0 elsewhere."""
    lost = zero_of(parameters)
    for p in range(len(parameters)):
        lost += updated(parameters, p, learning_rate, load(sums, p))
        store(sums, p, 0.0)
    return lost


@inlined
def loss(output: int, z: Lanes, f: Lanes) -> Lanes:
    """Return ½(y - f)² from the output's weighted sum."""
    error = activate(output, z) - f
    return 0.5 * error * error


class Difference(NamedTuple):
    """How a difference becomes a part of the gradient: how far a parameter is moved, and the divisor of the sums."""

    step: Lanes
    divisor: float


@inlined
def shallow_differences(
    activation: int, shape: Shape, parameters: Reals, difference: Difference, scratch: Scratch
) -> None:
    """Add the gradient of every sample to the sums, for networks of one hidden layer.

    `values` holds the hidden neurons' values, `deltas` what each of them adds to the output's weighted sum.
    """
    for m in range(shape.samples):
        sample_differences(activation, shape, parameters, difference, scratch, m)


class Sample(NamedTuple):
    """A sample of every lane: x, the wanted value f, and its loss before a parameter is moved."""

    x: Lanes
    f: Lanes
    before: Lanes


@inlined
def sample_differences(
    activation: int, shape: Shape, parameters: Reals, difference: Difference, scratch: Scratch, m: int
) -> None:
    """Add the gradient of one sample to the sums: hidden weights, weights to the output, hidden biases, its own."""
    x, f = load(scratch.inputs, m), load(scratch.wanted, m)
    z = sum_of_terms(activation, shape, parameters, scratch, x)
    before = loss(shape.output, z + load(parameters, 3 * shape.sizes[1]), f)
    sample = Sample(x, f, before)
    move_weights_in(activation, shape, parameters, scratch, sample, difference)
    move_weights_out(shape, parameters, scratch, sample, difference)
    z = move_biases(activation, shape, parameters, scratch, sample, difference)
    last = load(parameters, 3 * shape.sizes[1]) + difference.step
    add_difference(scratch.sums, 3 * shape.sizes[1], loss(shape.output, z + last, f), sample, difference)
    store(parameters, 3 * shape.sizes[1], last - difference.step)


@inlined
def add_difference(sums: Reals, p: int, after: Lanes, sample: Sample, difference: Difference) -> None:
    """Add to the gradient of a parameter what its loss after the move says."""
    store(sums, p, load(sums, p) + (after - sample.before) / difference.step / difference.divisor)


@inlined
def sum_of_terms(activation: int, shape: Shape, parameters: Reals, scratch: Scratch, x: Lanes) -> Lanes:
    """Return what the hidden neurons send to the output together, and leave their values and terms behind."""
    neurons = shape.sizes[1]
    z = zero_of(parameters)
    for j in range(neurons):
        a = activate(activation, load(parameters, j) * x + load(parameters, 2 * neurons + j))
        term = load(parameters, neurons + j) * a
        store(scratch.values, j, a)
        store(scratch.deltas, j, term)
        z += term
    return z


@inlined
def move_weights_in(
    activation: int,
    shape: Shape,
    parameters: Reals,
    scratch: Scratch,
    sample: Sample,
    difference: Difference,
) -> None:
    """Move the weight of each hidden neuron, and keep the values and terms that moving it back has changed."""
    neurons, values, terms = shape.sizes[1], scratch.values, scratch.deltas
    last, z = load(parameters, 3 * neurons), zero_of(parameters)
    for j in range(neurons):
        out, bias = load(parameters, neurons + j), load(parameters, 2 * neurons + j)
        weight = load(parameters, j) + difference.step
        moved = out * activate(activation, weight * sample.x + bias)
        after = loss(shape.output, with_later_terms(z + moved, terms, j + 1, neurons) + last, sample.f)
        add_difference(scratch.sums, j, after, sample, difference)
        weight -= difference.step
        store(parameters, j, weight)
        a = activate(activation, weight * sample.x + bias)
        store(values, j, a)
        store(terms, j, out * a)
        z += out * a


@inlined
def move_weights_out(
    shape: Shape, parameters: Reals, scratch: Scratch, sample: Sample, difference: Difference
) -> None:
    """Move the weight from each hidden neuron to the output."""
    neurons, terms = shape.sizes[1], scratch.deltas
    last, z = load(parameters, 3 * neurons), zero_of(parameters)
    for j in range(neurons):
        a = load(scratch.values, j)
        out = load(parameters, neurons + j) + difference.step
        after = loss(shape.output, with_later_terms(z + out * a, terms, j + 1, neurons) + last, sample.f)
        add_difference(scratch.sums, neurons + j, after, sample, difference)
        out -= difference.step
        store(parameters, neurons + j, out)
        store(terms, j, out * a)
        z += out * a


@inlined
def move_biases(
    activation: int,
    shape: Shape,
    parameters: Reals,
    scratch: Scratch,
    sample: Sample,
    difference: Difference,
) -> Lanes:
    """Move the bias of each hidden neuron, and return what the neurons send to the output afterwards."""
    neurons, terms = shape.sizes[1], scratch.deltas
    last, z = load(parameters, 3 * neurons), zero_of(parameters)
    for j in range(neurons):
        weight, out = load(parameters, j), load(parameters, neurons + j)
        bias = load(parameters, 2 * neurons + j) + difference.step
        moved = out * activate(activation, weight * sample.x + bias)
        after = loss(shape.output, with_later_terms(z + moved, terms, j + 1, neurons) + last, sample.f)
        add_difference(scratch.sums, 2 * neurons + j, after, sample, difference)
        bias -= difference.step
        store(parameters, 2 * neurons + j, bias)
        z += out * activate(activation, weight * sample.x + bias)
    return z


@inlined
def with_later_terms(z: Lanes, terms: Reals, first: int, neurons: int) -> Lanes:
    """Add what the neurons from `first` on send to the output."""
    for j in range(first, neurons):
        z += load(terms, j)
    return z


class Moved(NamedTuple):
    """The parameters of one receiving neuron that are moved: its layer, its number there, and where they are."""

    layer: int
    neuron: int
    first: int
    size: int


@inlined
def deep_differences(shape: Shape, parameters: Reals, difference: Difference, scratch: Scratch) -> None:
    """Add the gradient of every sample to the sums, for networks of any depth. Row i of `values` is neuron i."""
    for m in range(shape.samples):
        x, f = load(scratch.inputs, m), load(scratch.wanted, m)
        store(scratch.values, 0, x)
        sample = Sample(x, f, loss_from(shape, parameters, scratch.values, 0, f))
        for kind in (WEIGHTS, BIASES):
            for layer in range(len(shape.weights)):
                # Its values were overwritten on the way to losses, and those before it are changed in their last bits.
                compute_layer(shape, parameters, scratch.values, layer)
                for to in range(shape.sizes[layer + 1]):
                    moved = moved_parameters(shape, kind, layer, to)
                    move_parameters(shape, parameters, scratch, sample, difference, moved)
                    compute_neuron(shape, parameters, scratch.values, layer, to)


@inlined
def moved_parameters(shape: Shape, kind: int, layer: int, to: int) -> Moved:
    """Return where the weights or the bias of a receiving neuron are."""
    if kind == BIASES:
        return Moved(layer, to, shape.biases[layer] + to, 1)
    senders = shape.sizes[layer]
    return Moved(layer, to, shape.weights[layer] + to * senders, senders)


@inlined
def move_parameters(
    shape: Shape, parameters: Reals, scratch: Scratch, sample: Sample, difference: Difference, moved: Moved
) -> None:
    """Move one neuron's parameters of one kind, one after the other."""
    for p in range(moved.first, moved.first + moved.size):
        store(parameters, p, load(parameters, p) + difference.step)
        compute_neuron(shape, parameters, scratch.values, moved.layer, moved.neuron)
        after = loss_from(shape, parameters, scratch.values, moved.layer + 1, sample.f)
        store(parameters, p, load(parameters, p) - difference.step)
        add_difference(scratch.sums, p, after, sample, difference)


@compiled
def loss_from(shape: Shape, parameters: Reals, values: Reals, layer: int, f: Lanes) -> Lanes:
    """Return the loss, from the values of the neurons that feed the layer: 0 is the first after the input."""
    for later in range(layer, len(shape.weights)):
        compute_layer(shape, parameters, values, later)
    error = load(values, shape.neurons[len(shape.weights)]) - f
    return 0.5 * error * error


@inlined
def compute_layer(shape: Shape, parameters: Reals, values: Reals, layer: int) -> None:
    """Compute the values of the layer's receiving neurons from those of its sending ones."""
    for to in range(shape.sizes[layer + 1]):
        compute_neuron(shape, parameters, values, layer, to)


@compiled
def compute_neuron(shape: Shape, parameters: Reals, values: Reals, layer: int, to: int) -> None:
    """Compute the value of one neuron from those of the layer before."""
    senders, first = shape.sizes[layer], shape.neurons[layer]
    weights = shape.weights[layer] + to * senders
    z = zero_of(parameters)
    for sender in range(senders):
        z += load(parameters, weights + sender) * load(values, first + sender)
    z += load(parameters, shape.biases[layer] + to)
    code = shape.output if layer == len(shape.weights) - 1 else shape.activation
    store(values, shape.neurons[layer + 1] + to, activate(code, z))
