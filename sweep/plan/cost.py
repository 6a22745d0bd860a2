"""What a training costs, in seconds on one core: for estimates, for even batches, and for deciding whether processes pay.

The model has two terms, since numpy pays per call and per number: an epoch of a batch takes
calls · `SECONDS_PER_CALL` + trainings · operations · `SECONDS_PER_OPERATION`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sweep.train.network import parameter_count

SECONDS_PER_CALL = 1.6e-6
SECONDS_PER_OPERATION = {"relu": 0.9e-9, "identity": 0.9e-9, "tanh": 1.4e-9, "sigmoid": 1.4e-9}
"""Measured with `tests/benchmarks/cost.py`; by the activation of the hidden layers."""

SECONDS_PER_BATCH = 0.5
LARGEST_ARRAY_BYTES = 112 * 1024
"""Arrays beyond this size leave the fast part of the memory allocator: measured, twice the time per number."""


@dataclass(frozen=True)
class EpochCost:
    """The cost of one epoch, for a batch of any size."""

    calls: int
    operations: float
    activation: str

    def seconds(self, n_trainings: int) -> float:
        """Return the seconds of one epoch of a batch of n trainings."""
        per_training = self.operations * SECONDS_PER_OPERATION[self.activation]
        return self.calls * SECONDS_PER_CALL + n_trainings * per_training


def epoch_cost(layer_sizes: Sequence[int], samples: int, gradient: str, activation: str) -> EpochCost:
    """Return the cost of an epoch of `samples` samples for networks of these layers."""
    parameters, senders, layers = parameter_count(layer_sizes), sum(layer_sizes[:-1]), len(layer_sizes) - 1
    if gradient == "numerical":
        groups = max(1, parameters // 64)
        return EpochCost(samples * groups * (2 * senders + 8 * layers), 5.0 * samples * parameters**2 / 3, activation)
    calls = 3 * senders + 3 * samples * layers + 12 * layers
    return EpochCost(calls, 9.0 * samples * parameters, activation)


def lanes_per_batch(cost: EpochCost, layer_sizes: Sequence[int], samples: int, epochs: int) -> int:
    """Return how many trainings go into one batch: about half a second's work, within what the cache likes."""
    widest = 8 * max(layer_sizes) * samples
    most = max(16, LARGEST_ARRAY_BYTES // widest)
    per_training = epochs * (cost.seconds(2) - cost.seconds(1))
    # Short trainings go together by the thousand, or the calls per batch would cost more than the trainings.
    return max(1, min(most, 1 + int(SECONDS_PER_BATCH / per_training))) if per_training > 0 else most
