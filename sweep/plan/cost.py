"""What a training costs, in seconds on one core: to estimate, to cut even batches, to decide whether processes pay.

The model counts the multiplications and additions of an epoch, and the random numbers of each replicate, which the
trainings that share them pay for once. The constants were measured with `tests/benchmarks/cost.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sweep.train.network import parameter_count

SECONDS_PER_BATCH = 0.5
OVERHEAD_SECONDS = 1e-3
"""Of a batch: drawing the initial parameters, sending it to a worker and storing its results."""
MOST_BYTES = 32 * 2**20
"""Of the parameters of a batch."""

SHALLOW_SECONDS, DEEP_SECONDS = 0.12e-9, 0.21e-9
"""Forward and backward pass, for a sample and parameter; with one hidden layer, and with more."""
CURVED_SECONDS = 0.9e-9
"""Value and slope of tanh or the logistic function, for a sample and neuron."""
PERTURBED_SECONDS = 0.1e-9
"""Numerical gradient: for a sample, a perturbed parameter, and a parameter whose product is computed anew."""
SAMPLE_SECONDS = 20e-9
"""Drawing a sample and evaluating the target."""
ROUND_SECONDS = 0.2e-3
"""Ending a round of a batch: finding the best networks and starting the trainer again."""


@dataclass(frozen=True)
class EpochCost:
    """The cost of one epoch in seconds: for every training, and for every replicate among them."""

    per_training: float
    per_replicate: float

    def seconds(self, epochs: int, n_trainings: int, n_replicates: int) -> float:
        """Return the seconds that a batch of trainings takes."""
        in_eights = 8 * math.ceil(
            n_trainings / 8
        )  # the engine trains eight networks at once: fewer take as long
        per_epoch = in_eights * self.per_training + n_replicates * self.per_replicate
        return OVERHEAD_SECONDS + epochs * per_epoch


def epoch_cost(layer_sizes: Sequence[int], samples: int, gradient: str, activation: str) -> EpochCost:
    """Return the cost of an epoch of `samples` samples for networks of these layers."""
    parameters, neurons = parameter_count(layer_sizes), sum(layer_sizes[1:-1])
    is_shallow = len(layer_sizes) == 3
    curved = CURVED_SECONDS * neurons * (activation in ("tanh", "sigmoid"))
    if gradient == "numerical":
        # A perturbed parameter of a network with one hidden layer changes one neuron, and the sum in the output.
        redone = neurons if is_shallow else 0.5 * parameters
        per_sample = parameters * (redone * PERTURBED_SECONDS + curved / (neurons if is_shallow else 1))
    else:
        per_sample = parameters * (SHALLOW_SECONDS if is_shallow else DEEP_SECONDS) + curved
    return EpochCost(samples * per_sample, samples * SAMPLE_SECONDS)


def trainings_per_batch(cost: EpochCost, layer_sizes: Sequence[int], epochs: int) -> int:
    """Return how many trainings go into one batch: about half a second's work, in multiples of 8 where they fit."""
    in_time = SECONDS_PER_BATCH / (epochs * cost.per_training)
    in_memory = MOST_BYTES / (8 * parameter_count(layer_sizes))
    # The engine trains eight networks at once: fewer would take as long.
    return max(8, 8 * math.floor(min(in_time, in_memory) / 8))
