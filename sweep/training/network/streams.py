"""Random numbers: two streams a replicate, shared by all settings, so that comparisons between settings are paired.

A stream is `numpy.random.SeedSequence(seed, spawn_key=(replicate, stream))`. Where several networks train side by side,
those after the first have `(replicate, stream, network)`: the first has the numbers that it has alone. Nothing depends
on the order in which trajectories are trained, on the batches or on the number of workers.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from sweep.terms.arrays import Floats, Ints
from sweep.training.network.model import join_parameters, parameter_count

INITIAL_PARAMETERS, SAMPLES = 0, 1


def generator(seed: int, replicate: int, stream: int, network: int = 0) -> np.random.Generator:
    """Return the generator of one stream of a network of a replicate."""
    key = (replicate, stream, network) if network else (replicate, stream)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def initial_parameters(seed: int, replicate: int, layer_sizes: Sequence[int], network: int = 0) -> Floats:
    """Return the initial parameters in units of `init_range`: uniform on [-1, 1), of shape (n_parameters,).

    The numbers are drawn neuron by neuron. The output's bias comes first; then each hidden neuron, layer by layer,
    draws its weights from the layer before and its bias, and in the last hidden layer its weight to the output. So with
    one hidden layer the first n neurons are the same at every width.
    """
    order = _order(tuple(layer_sizes))
    drawn = generator(seed, replicate, INITIAL_PARAMETERS, network).random(len(order))[order]
    drawn *= 2.0
    drawn -= 1.0
    return drawn


@lru_cache(maxsize=4)
def _order(layer_sizes: tuple[int, ...]) -> Ints:
    """Return for each parameter of such a network which of the numbers drawn for it it has."""
    drawn = np.arange(parameter_count(layer_sizes))
    weights, biases, start = [], [], 1
    for depth, (before, to) in enumerate(pairwise(layer_sizes[:-1])):
        is_last = depth == len(layer_sizes) - 3
        per_neuron = before + 1 + is_last
        table = drawn[start : start + to * per_neuron].reshape(to, per_neuron)
        start += table.size
        weights.append(table[:, :before])
        biases.append(table[:, before])
        if is_last:
            weights.append(table[None, :, before + 1])
    return join_parameters(weights, [*biases, drawn[:1]]).astype(np.int64)


def samples(
    seed: int,
    replicates: Sequence[int],
    per_epoch: int,
    epochs: int,
    interval: tuple[float, float],
    most_epochs: int,
    most_bytes: int,
    networks: int = 1,
) -> Iterator[Floats]:
    """Yield the inputs x in chunks of shape (epochs of the chunk, per_epoch, n_streams).

    A chunk has at most `most_epochs`, and about `most_bytes`, but one epoch at least.

    There is a stream for each network of each replicate, those of a replicate together. Uniform on the interval:
    low + (high - low) u, with u uniform on [0, 1) from the network's stream of samples. The chunks have no influence
    on the numbers.
    """
    low, high = interval
    generators = [
        generator(seed, replicate, SAMPLES, network)
        for replicate in replicates
        for network in range(networks)
    ]
    chunk = max(1, min(epochs, most_epochs, most_bytes // (8 * per_epoch * len(generators))))
    space = np.empty((len(generators), chunk * per_epoch))
    for start in range(0, epochs, chunk):
        size = min(chunk, epochs - start)
        drawn = space[:, : size * per_epoch]
        for row, one in zip(drawn, generators, strict=True):
            one.random(out=row)
        x = np.ascontiguousarray(drawn.T).reshape(size, per_epoch, len(generators))
        x *= high - low
        x += low
        yield x
