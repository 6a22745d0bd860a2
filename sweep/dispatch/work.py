"""What a worker does with a batch: draw the random numbers, train, and hand back arrays."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sweep.plan.batches import Batch, Kind
from sweep.terms.arrays import Floats, Ints
from sweep.training.network.rounds import train_in_rounds
from sweep.training.network.streams import initial_parameters, samples
from sweep.training.network.target import Target
from sweep.training.network.task import Task

SAMPLE_CHUNK_BYTES = 2 * 2**20


@dataclass(frozen=True, eq=False)
class BatchResult:
    """What the training of a batch of n trajectories gave.

    Attributes
    ----------
    losses
        Shape (n, len(batch.epochs)): the checked loss after each asked epoch count.
    diverged_at
        Shape (n,): the first epoch after which a parameter was not finite, 0 if all stayed finite.
    curve_losses
        Shape (n, len(batch.curve_epochs)).
    outputs
        Shape (n, check_points): the trained networks at the check points.
    seconds
        What the training took.
    weights
        Shape (n, n_parameters), in the order of `sweep.training.network.model.split_parameters`: the trained networks after the
        last epoch; None if they are not asked for.
    """

    losses: Floats
    diverged_at: Ints
    curve_losses: Floats
    outputs: Floats
    seconds: float
    weights: Floats | None = None


def train_batch(batch: Batch) -> BatchResult:
    """Train a batch. The result of each trajectory depends on the trajectory alone, to the last bit."""
    # Imported here, since numba takes half a second: only who trains is to wait for it.
    from sweep.training.network.engine import train_engine

    started = time.perf_counter()
    recorded = np.union1d(np.array(batch.epochs), np.array(batch.curve_epochs, dtype=np.int64)).astype(
        np.int64
    )
    round_epochs = int(batch.common["round_epochs"])  # type: ignore[arg-type]  # a whole number, as its field says
    trained = train_in_rounds(train_engine, task_of(batch, recorded), batch.networks, round_epochs)
    return BatchResult(
        losses=trained.losses[:, np.searchsorted(recorded, batch.epochs)],
        diverged_at=trained.diverged_at,
        curve_losses=trained.losses[:, np.searchsorted(recorded, batch.curve_epochs)],
        outputs=trained.outputs,
        seconds=time.perf_counter() - started,
        weights=trained.parameters.astype(np.float64) if batch.keep_weights else None,
    )


def prepare(kinds: Iterable[Kind]) -> None:
    """Have the code for these kinds of training compiled, before several workers want it."""
    from sweep.training.network.engine import prepare as compile_for

    for kind in sorted(kinds):
        compile_for(*kind)


def task_of(batch: Batch, record_epochs: Ints) -> Task:
    """Return the trainer's task for a batch: its random numbers drawn, its options looked up.

    The networks of a trajectory stand together, as `train_in_rounds` wants them.
    """
    networks = batch.networks
    common = batch.common
    target = Target(str(common["function"]), _interval(common["interval"]))
    replicates, stream = np.unique(batch.replicates, return_inverse=True)
    stream = (stream[:, None] * networks + np.arange(networks)).ravel()
    unit = np.array(
        [
            initial_parameters(batch.seed, int(r), batch.layer_sizes, network)
            for r in replicates
            for network in range(networks)
        ]
    )
    return Task(
        layer_sizes=batch.layer_sizes,
        activation=str(common["activation"]),
        output=str(common["output"]),
        gradient=str(common["gradient"]),
        target=target,
        divisor=float(common["batch_size"]),  # type: ignore[arg-type]  # a whole number, as its field says
        check_points=int(common["check_points"]),  # type: ignore[arg-type]
        record_epochs=record_epochs,
        learning_rate=np.repeat(batch.learning_rate, networks),
        difference_step=np.repeat(batch.difference_step, networks),
        initial=unit[stream] * np.repeat(batch.init_range, networks)[:, None],
        samples=samples(
            batch.seed,
            replicates.tolist(),
            batch.samples_per_epoch,
            int(record_epochs[-1]),
            target.interval,
            SAMPLE_CHUNK_BYTES,
            networks,
        ),
        stream=stream.astype(np.int64),
        precision=str(common["precision"]),
    )


def _interval(value: object) -> tuple[float, float]:
    assert isinstance(value, tuple)
    low, high = value
    return low, high
