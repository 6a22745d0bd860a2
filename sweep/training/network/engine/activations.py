"""The activation functions of lanes, told apart by a number that compiled code can compare.

They follow `sweep.training.network.activation`, operation for operation.
"""

from sweep.training.network.engine.compiling import compiled, inlined
from sweep.training.network.engine.elementary import sigmoid, tanh
from sweep.training.network.engine.lanes import Lanes, Reals, load, select, store

RELU, TANH, SIGMOID, IDENTITY = range(4)
ANY = -1
"""For kernels that take the activation as they go, and are compiled for none in particular."""
CODES = {"relu": RELU, "tanh": TANH, "sigmoid": SIGMOID, "identity": IDENTITY}


@inlined
def activate(activation: int, z: Lanes) -> Lanes:
    """Return g(z)."""
    if activation == RELU:
        return select(z < 0.0, 0.0, z)
    if activation == TANH:
        return tanh(z)
    if activation == SIGMOID:
        return sigmoid(z)
    return z


@inlined
def slope(activation: int, a: Lanes) -> Lanes:
    """Return g'(z) from the value a = g(z)."""
    if activation == RELU:
        return select(a > 0.0, 1.0, 0.0)
    if activation == TANH:
        return 1.0 - a * a
    if activation == SIGMOID:
        return a * (1.0 - a)
    return a * 0.0 + 1.0


@compiled
def activate_rows(activation: int, rows: Reals, first: int, count: int) -> None:
    """Replace weighted sums z by g(z)."""
    if activation == RELU:
        for i in range(first, first + count):
            store(rows, i, activate(RELU, load(rows, i)))
    if activation == TANH:
        for i in range(first, first + count):
            store(rows, i, activate(TANH, load(rows, i)))
    if activation == SIGMOID:
        for i in range(first, first + count):
            store(rows, i, activate(SIGMOID, load(rows, i)))


@compiled
def activate_sums(activation: int, rows: Reals, first: int, count: int, biases: Reals, neuron: int) -> None:
    """Replace sums by g(sum + bias)."""
    bias = load(biases, neuron)
    if activation == RELU:
        for i in range(first, first + count):
            store(rows, i, activate(RELU, load(rows, i) + bias))
    if activation == TANH:
        for i in range(first, first + count):
            store(rows, i, activate(TANH, load(rows, i) + bias))
    if activation == SIGMOID:
        for i in range(first, first + count):
            store(rows, i, activate(SIGMOID, load(rows, i) + bias))
    if activation == IDENTITY:
        for i in range(first, first + count):
            store(rows, i, load(rows, i) + bias)


@inlined
def multiply_by_slopes(activation: int, deltas: Reals, values: Reals, first: int, count: int) -> None:
    """Multiply what neurons received by their slopes."""
    for i in range(first, first + count):
        store(deltas, i, load(deltas, i) * slope(activation, load(values, i)))
