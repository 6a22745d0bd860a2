"""What is done where a network ends: the loss, and its slopes."""

from sweep.training.network.engine.activations import activate_rows, slope
from sweep.training.network.engine.compiling import inlined
from sweep.training.network.engine.lanes import Lanes, load, store, zero_of
from sweep.training.network.engine.memory import Scratch, Shape


@inlined
def output_deltas(shape: Shape, scratch: Scratch, first: int, count: int) -> None:
    """Turn the outputs' weighted sums into the slopes of the loss ½(y - f)² in them; 0 for what only fills a tile."""
    outputs = scratch.outputs
    activate_rows(shape.output, outputs, first, count)
    for m in range(first, first + count):
        y = load(outputs, m)
        store(outputs, m, (y - load(scratch.wanted, m)) * slope(shape.output, y))
    for m in range(shape.samples, first + count):
        store(outputs, m, 0.0)


@inlined
def loss_sum(scratch: Scratch, count: int) -> Lanes:
    """Return the sum of ½(y - f)² over the outputs at hand."""
    total = zero_of(scratch.outputs)
    for m in range(count):
        error = load(scratch.outputs, m) - load(scratch.wanted, m)
        total += 0.5 * error * error
    return total
