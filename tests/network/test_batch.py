"""A batch is trained in parts whose samples stay near the processor, and nothing of it shows."""

import numpy as np
import pytest
from experiments import axis, experiment, grid

from sweep.plan import make_batches, make_plan
from sweep.training.network import batch as module
from sweep.training.network import engine
from sweep.training.network.batch import train_batch


def batch_of(replicates, *axes, **fixed):
    plan = make_plan(
        experiment(grid(*axes, replicates=replicates), keep=frozenset({"curves", "weights"}), **fixed)
    )
    (batch,) = make_batches(plan, np.ones(plan.n_runs, dtype=bool))
    return batch


def numbers(outcome):
    columns = [*outcome.metrics.values(), outcome.status, outcome.ended_at, *outcome.extras.values()]
    return [column.tobytes() for column in (*columns, *outcome.curves.metrics.values())]


@pytest.fixture
def streams(monkeypatch):
    """The number of streams of each call of the engine."""
    counted = []

    def counting(task):
        counted.append(len(np.unique(task.stream)))
        return train(task)

    train = engine.train_engine
    monkeypatch.setattr(engine, "train_engine", counting)
    return counted


@pytest.mark.parametrize("fixed", [{}, {"networks": 3, "round_epochs": 2}, {"precision": "float32"}])
def test_a_batch_trained_in_parts_has_the_same_bits(fixed, streams, monkeypatch):
    batch = batch_of(5, axis("learning_rate", 0.03, 1e60), epochs=5, **fixed)
    whole = train_batch(batch)
    monkeypatch.setattr(module, "LEAST_REPLICATES", 2)
    monkeypatch.setattr(module, "SAMPLE_CHUNK_BYTES", 1)
    in_parts = train_batch(batch)
    networks = batch.fixed["networks"]
    assert {5 * networks, 2 * networks, networks} == set(streams)
    assert 0 < np.count_nonzero(whole.ended_at) < len(whole)  # some diverge
    assert numbers(in_parts) == numbers(whole)


def test_long_trainings_with_samples_of_their_own_are_trained_few_at_a_time_and_short_ones_together(streams):
    train_batch(batch_of(70, epochs=500))
    assert streams == [32, 32, 6]
    streams.clear()
    train_batch(batch_of(70, epochs=5))
    assert streams == [70]
    streams.clear()
    train_batch(batch_of(2, axis("learning_rate", *np.linspace(0.01, 0.1, 40).tolist()), epochs=500))
    assert streams == [2]
