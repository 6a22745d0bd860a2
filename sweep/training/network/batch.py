"""A batch of trajectories becomes a task of the engine, its random numbers drawn; what it gives becomes an outcome."""

import time
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import numpy as np

from sweep.terms.arrays import Ints
from sweep.terms.outcome import Curves, Outcome, Status
from sweep.training.batch import Batch
from sweep.training.memory import check_memory
from sweep.training.network.cost import network_bytes
from sweep.training.network.metrics import FINAL_LOSS
from sweep.training.network.rounds import train_in_rounds
from sweep.training.network.setting import NetworkSetting
from sweep.training.network.streams import initial_parameters, samples
from sweep.training.network.task import Task, Trained, joined

SAMPLE_CHUNK_BYTES = 2**19
"""So large are the samples x that go through the engine at a time, unless those of one epoch are larger: with what is
made of them they stay in the processor's second cache. Of 128 KB to 2 MB it was the fastest."""
NUMBERS_AT_ONCE = 2000
"""So many numbers are drawn from a stream at a time: for fewer, each call would cost as much as they do."""
KEPT_BYTES = 2**23
"""More than a part of a batch takes for its samples."""
LEAST_REPLICATES = 16
"""So that a replicate's trainings fill lanes, however few they are."""
SECONDS_AT_ONCE = 0.1
"""About so long a call of compiled code takes at most, unless one epoch takes longer: after each a Ctrl-C is heard."""


def train_batch(batch: Batch) -> Outcome:
    """Train a batch. The result of each trajectory depends on the trajectory alone, to the last bit.

    Raises a MemoryError, in words, if the batch can never fit.
    """
    # Imported here, since numba takes half a second: only who trains is to wait for it.
    from sweep.training.network.engine import Kind, train_engine, trust

    setting = NetworkSetting.of(batch.fixed)
    check_memory(network_bytes(setting, len(batch)))
    _keep_memory()
    trust(Kind.of(setting.layer_sizes, setting.gradient, setting.activation, setting.precision))
    started = time.perf_counter()
    recorded = np.union1d(np.array(batch.steps), np.array(batch.curve_steps, dtype=np.int64)).astype(np.int64)
    parts = [
        train_in_rounds(
            train_engine, task_of(part, setting, recorded), setting.networks, setting.round_epochs
        )
        for part in _parts(batch, setting)
    ]
    return _outcome(batch, recorded, joined(parts), time.perf_counter() - started)


def _parts(batch: Batch, setting: NetworkSetting) -> Iterator[Batch]:
    """Yield a batch in parts of so few replicates that the samples of each lie in the processor's second cache."""
    per_replicate = setting.networks * min(NUMBERS_AT_ONCE, setting.samples_per_epoch * batch.steps[-1])
    n = max(LEAST_REPLICATES, SAMPLE_CHUNK_BYTES // (8 * per_replicate))
    starts = np.flatnonzero(np.diff(batch.replicates, prepend=-1))[::n].tolist()
    for start, stop in pairwise([*starts, len(batch)]):
        yield batch[start:stop]


@cache
def _keep_memory() -> None:
    """Have the C library keep memory that is given back, where it is glibc, which learns from the largest piece.

    Else it asks the system for each chunk of samples anew, whose pages then cost a fifth of the drawing.
    """
    np.empty(KEPT_BYTES, dtype=np.uint8)


def task_of(batch: Batch, setting: NetworkSetting, record_epochs: Ints) -> Task:
    """Return the engine's task for a batch: its random numbers drawn, its options looked up.

    The networks of a trajectory stand together, as `train_in_rounds` wants them.
    """
    networks = setting.networks
    replicates, stream = np.unique(batch.replicates, return_inverse=True)
    stream = (stream[:, None] * networks + np.arange(networks)).ravel()
    unit = np.array(
        [
            initial_parameters(batch.seed, int(r), setting.layer_sizes, network)
            for r in replicates
            for network in range(networks)
        ]
    )
    learning_rate, init_range, difference_step = (
        np.repeat(batch.varying[name].astype(np.float64), networks)
        for name in ("learning_rate", "init_range", "difference_step")
    )
    return Task(
        layer_sizes=setting.layer_sizes,
        activation=setting.activation,
        output=setting.output,
        gradient=setting.gradient,
        target=setting.target,
        divisor=float(setting.batch_size),
        check_points=setting.check_points,
        record_epochs=record_epochs,
        learning_rate=learning_rate,
        difference_step=difference_step,
        initial=unit[stream] * init_range[:, None],
        samples=samples(
            batch.seed,
            replicates.tolist(),
            setting.samples_per_epoch,
            int(record_epochs[-1]),
            setting.target.interval,
            _epochs_at_once(batch, int(record_epochs[-1])),
            SAMPLE_CHUNK_BYTES,
            networks,
        ),
        stream=stream.astype(np.int64),
        precision=setting.precision,
    )


def _epochs_at_once(batch: Batch, epochs: int) -> int:
    """Return how many epochs of a batch that goes on for so many are trained by one call of compiled code."""
    return (
        max(1, int(epochs * SECONDS_AT_ONCE / batch.seconds)) if batch.seconds > SECONDS_AT_ONCE else epochs
    )


def _outcome(batch: Batch, recorded: Ints, trained: Trained, seconds: float) -> Outcome:
    curves, extras = None, {}
    if batch.curve_steps:
        along = trained.losses[:, np.searchsorted(recorded, batch.curve_steps)]
        curves = Curves(np.array(batch.curve_steps, dtype=np.int64), {FINAL_LOSS.name: along})
        extras["outputs"] = trained.outputs
    if "weights" in batch.keep:
        extras["weights"] = trained.parameters.astype(np.float64)
    return Outcome(
        keys=batch.keys,
        replicates=batch.replicates,
        steps=np.array(batch.steps, dtype=np.int64),
        metrics={FINAL_LOSS.name: trained.losses[:, np.searchsorted(recorded, batch.steps)]},
        status=np.where(trained.diverged_at > 0, Status.DIVERGED, Status.OK).astype(np.uint8),
        ended_at=trained.diverged_at,
        seconds=seconds,
        curves=curves,
        extras=extras,
    )
