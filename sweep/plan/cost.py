"""What a training costs, in seconds on one core: to estimate, to cut even batches, to decide whether processes pay.

The model has two terms, since numpy pays per call and per number: an epoch of a batch takes `per_epoch` seconds
whatever its size, and `per_training` more for every training in it. The constants were measured with
`tests/benchmarks/cost.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sweep.train.network import parameter_count

SECONDS_PER_CALL = 0.85e-6
SECONDS_PER_PARAMETER = 2.8e-9
SECONDS_PER_NEURON = 4e-9
"""For one sample: a parameter's part in a forward and a backward pass, and a neuron's."""

SECONDS_PER_BATCH = 0.5
CACHED_BYTES = 112 * 1024
"""Temporary arrays up to this size are twice as fast as larger ones: they stay within the memory allocator's pools."""
OVERHEAD = 1 / 3
"""The share of calls in the time of a batch that is worth a smaller batch."""


@dataclass(frozen=True)
class EpochCost:
    """The cost of one epoch in seconds: of the batch as such, and of every training in it."""

    per_epoch: float
    per_training: float

    def seconds(self, n_trainings: int) -> float:
        """Return the seconds of one epoch of a batch of n trainings."""
        return self.per_epoch + n_trainings * self.per_training


def epoch_cost(layer_sizes: Sequence[int], samples: int, gradient: str) -> EpochCost:
    """Return the cost of an epoch of `samples` samples for networks of these layers."""
    parameters, layers = parameter_count(layer_sizes), len(layer_sizes) - 1
    senders, neurons = sum(layer_sizes[:-1]), sum(layer_sizes[1:])
    per_sample = parameters * SECONDS_PER_PARAMETER + neurons * SECONDS_PER_NEURON
    calls = 3 * senders + 3 * samples * layers + 12 * layers
    if gradient == "numerical":
        # One forward pass for each parameter and sample; and two calls or so to perturb each parameter.
        calls = samples * (2 * parameters + 2 * senders + 8 * layers)
        per_sample *= 0.7 * parameters
    return EpochCost(calls * SECONDS_PER_CALL, samples * per_sample)


def trainings_per_batch(cost: EpochCost, layer_sizes: Sequence[int], samples: int, epochs: int) -> int:
    """Return how many trainings go into one batch: about half a second's work, if it stays efficient."""
    in_cache = CACHED_BYTES // (8 * max(layer_sizes) * samples)
    in_time = (SECONDS_PER_BATCH / epochs - cost.per_epoch) / cost.per_training
    efficient = cost.per_epoch / (OVERHEAD * cost.per_training)
    return max(1, math.ceil(min(max(in_time, efficient), max(in_cache, efficient))))
