"""What a training costs, in seconds on one core: to estimate, to cut even batches, to decide whether processes pay.

The model counts the multiplications and additions of an epoch, and the random numbers of each replicate, which the
trainings that share them pay for once. The constants were measured with `tests/benchmarks/cost.py`, in float64.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sweep.training.network.model import parameter_count

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

LANES = {"float64": 8, "float32": 16}
"""How many networks the engine trains at once, by precision: fewer take as long."""


@dataclass(frozen=True)
class EpochCost:
    """The cost of one epoch in seconds: for every training, and for every replicate among them.

    Trainings come `at_once`: where they do not fill the last so many, it costs as much.
    """

    per_training: float
    per_replicate: float
    at_once: int

    def seconds(self, epochs: int, n_trainings: int, n_replicates: int) -> float:
        """Return the seconds that a batch of trainings takes."""
        filled_up = self.at_once * math.ceil(n_trainings / self.at_once)
        per_epoch = filled_up * self.per_training + n_replicates * self.per_replicate
        return OVERHEAD_SECONDS + epochs * per_epoch


def epoch_cost(
    layer_sizes: Sequence[int], samples: int, gradient: str, activation: str, precision: str
) -> EpochCost:
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
    lanes = LANES[precision]
    return EpochCost(samples * per_sample * LANES["float64"] / lanes, samples * SAMPLE_SECONDS, lanes)


def trainings_per_batch(cost: EpochCost, layer_sizes: Sequence[int], epochs: int) -> int:
    """Return how many trainings go into one batch: about half a second's work, in whole groups of those at once."""
    in_time = SECONDS_PER_BATCH / (epochs * cost.per_training)
    in_memory = MOST_BYTES / (8 * parameter_count(layer_sizes))
    return max(1, math.floor(min(in_time, in_memory) / cost.at_once)) * cost.at_once
