"""What is done where a network ends: the loss, and its slopes."""

from sweep.training.network.engine.activations import activate_rows, slope
from sweep.training.network.engine.compiling import inlined
from sweep.training.network.engine.lanes import Lanes, load, store, zero_of
from sweep.training.network.engine.memory import SampleRange, Scratch, Shape


@inlined
def output_deltas(shape: Shape, scratch: Scratch, samples: SampleRange) -> None:
    """Turn the outputs' weighted sums into the slopes of the loss ½(y - f)² in them; 0 for what only fills a tile."""
    outputs, end = scratch.outputs, samples.first + samples.size
    activate_rows(shape.output, outputs, samples.first, samples.size)
    for m in range(samples.first, end):
        y = load(outputs, m)
        store(outputs, m, (y - load(scratch.wanted, m)) * slope(shape.output, y))
    for m in range(shape.samples, end):
        store(outputs, m, 0.0)


@inlined
def loss_sum(scratch: Scratch, count: int) -> Lanes:
    """Return the sum of ½(y - f)² over the outputs at hand."""
    total = zero_of(scratch.outputs)
    for m in range(count):
        error = load(scratch.outputs, m) - load(scratch.wanted, m)
        total += 0.5 * error * error
    return total
