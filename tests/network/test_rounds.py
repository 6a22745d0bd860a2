"""Rounds, for every trainer, against a slow oracle that trains one network for one epoch at a time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network.tasks import make_task, train_readably
from network.vectorised import train_vectorised

from sweep.training.network.engine import train_engine
from sweep.training.network.rounds import train_in_rounds

TRAINERS = [train_readably, train_vectorised, train_engine]
each_trainer = pytest.mark.parametrize("train", TRAINERS)

IMPOSSIBLE = np.inf


def one(task, lane, epoch, parameters):
    """Return network `lane`, trained for epoch `epoch` (from 1) alone."""
    samples = np.concatenate(list(task.samples))[epoch - 1 : epoch, :, [task.stream[lane]]]
    return train_readably(
        replace(
            task,
            learning_rate=task.learning_rate[[lane]],
            difference_step=task.difference_step[[lane]],
            initial=parameters[None],
            samples=[samples],
            stream=np.zeros(1, dtype=np.int64),
            record_epochs=np.array([1]),
        )
    )


def train_slowly(task, networks, round_epochs):
    """Return losses, diverged_at, parameters and outputs of each run as lists, by the definition of rounds."""
    outcomes = []
    for run in range(len(task.learning_rate) // networks):
        lanes = range(run * networks, (run + 1) * networks)
        parameters = [task.initial[lane] for lane in lanes]
        losses, diverged_at = [], [0] * networks
        for epoch in range(1, int(task.record_epochs[-1]) + 1):
            trained = [one(task, lane, epoch, p) for lane, p in zip(lanes, parameters, strict=True)]
            parameters = [t.parameters[0] for t in trained]
            diverged_at = [
                d or (0 if np.isfinite(p).all() else epoch)
                for d, p in zip(diverged_at, parameters, strict=True)
            ]
            now = [float(t.losses[0, 0]) for t in trained]
            now = [
                x if np.isfinite(x) and not d else IMPOSSIBLE for x, d in zip(now, diverged_at, strict=True)
            ]
            best = now.index(min(now))
            if epoch in task.record_epochs:
                losses.append(now[best])
            all_lost = max(diverged_at) if all(diverged_at) else 0
            if round_epochs and epoch % round_epochs == 0 and now[best] < IMPOSSIBLE:
                parameters = [parameters[best]] * networks
                diverged_at = [0] * networks
        outcomes.append((losses, all_lost, parameters[best], trained[best].outputs[0]))
    return [np.array(values) for values in zip(*outcomes, strict=True)]


def assert_same(trained, losses, diverged_at, parameters, outputs):
    np.testing.assert_array_equal(trained.losses, losses)
    np.testing.assert_array_equal(trained.diverged_at, diverged_at)
    alive = np.isfinite(parameters).all(axis=1)
    np.testing.assert_array_equal(trained.parameters[alive], parameters[alive])
    np.testing.assert_array_equal(trained.outputs[alive], outputs[alive])


@st.composite
def tasks(draw):
    """Return a task of some runs, its networks for each, and the epochs of a round; many a network diverges."""
    networks, runs, epochs = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 13))
    n = runs * networks
    task = make_task(
        draw(st.sampled_from([(1, 3, 1), (1, 2, 2, 1)])),
        draw(st.sampled_from(["relu", "identity"])),
        n=n,
        n_streams=draw(st.integers(1, n)),
        epochs=epochs,
        samples=2,
        learning_rate=draw(st.sampled_from([0.02, 0.3, 3.0, 1e3, 1e60])),
        seed=draw(st.integers(0, 1000)),
        precision=draw(st.sampled_from(["float64", "float32"])),
    )
    (samples,) = task.samples
    cut = draw(st.integers(0, epochs))
    return replace(task, samples=[samples[:cut], samples[cut:]]), networks, draw(st.integers(0, epochs + 2))


@each_trainer
@settings(max_examples=40)
@given(tasks())
def test_rounds_are_what_their_definition_says(train, case):
    task, networks, round_epochs = case
    if networks == 1:
        expected = train(task)
        trained = train_in_rounds(train, task, 1, round_epochs)
        for field in ("losses", "diverged_at", "parameters", "outputs"):
            np.testing.assert_array_equal(getattr(trained, field), getattr(expected, field))
    else:
        assert_same(train_in_rounds(train, task, networks, round_epochs), *train_slowly(*case))


@each_trainer
@pytest.mark.parametrize("round_epochs", [0, 12, 100])
def test_without_rounds_a_run_is_the_best_of_networks_that_train_alone(train, round_epochs):
    task = make_task(n=6, n_streams=6, epochs=12)
    alone, together = train(task), train_in_rounds(train, task, 3, round_epochs)
    np.testing.assert_array_equal(together.losses, alone.losses.reshape(2, 3, -1).min(axis=1))
    best = alone.losses[:, -1].reshape(2, 3).argmin(axis=1) + np.array([0, 3])
    np.testing.assert_array_equal(together.parameters, alone.parameters[best])
    np.testing.assert_array_equal(together.outputs, alone.outputs[best])


def test_rounds_make_a_difference():
    task = make_task(n=6, n_streams=6, epochs=12)
    without, with_rounds = (train_in_rounds(train_engine, task, 3, each) for each in (0, 4))
    assert (without.losses[:, -1] != with_rounds.losses[:, -1]).any()


@each_trainer
def test_a_network_that_diverged_goes_on_from_the_best_at_the_end_of_its_round(train):
    task = make_task(n=2, n_streams=2, epochs=12)
    wild = replace(task, learning_rate=np.array([1e60, 0.01]))
    assert train(wild).diverged_at[0] > 0
    trained = train_in_rounds(train, wild, 2, 4)
    assert trained.diverged_at.tolist() == [0]
    np.testing.assert_array_equal(trained.losses[0], train(wild).losses[1])


@each_trainer
@pytest.mark.parametrize("round_epochs", [0, 2, 5])
def test_a_run_has_diverged_when_its_last_network_has(train, round_epochs):
    task = make_task((1, 3, 1), "identity", n=3, n_streams=3, epochs=60)
    task = replace(task, learning_rate=np.array([1e60, 40.0, 1e60]))
    alone = train(task).diverged_at
    assert (alone > 0).all()
    trained = train_in_rounds(train, task, 3, round_epochs)
    assert trained.diverged_at[0] >= alone.max() if round_epochs else trained.diverged_at[0] == alone.max()
    assert np.isinf(trained.losses[0, -1])


@each_trainer
def test_a_run_does_not_depend_on_the_others_nor_on_the_chunks_nor_on_the_epochs_that_follow(train):
    task = make_task(n=6, n_streams=6, epochs=12)
    (samples,) = task.samples
    whole = train_in_rounds(train, task, 3, 4)
    lanes = slice(3, 6)
    second = replace(
        task,
        learning_rate=task.learning_rate[lanes],
        difference_step=task.difference_step[lanes],
        initial=task.initial[lanes],
        stream=task.stream[lanes],
        samples=[samples[:3], samples[3:3], samples[3:10], samples[10:]],
        record_epochs=np.array([6]),
    )
    alone = train_in_rounds(train, second, 3, 4)
    assert task.record_epochs.tolist() == [1, 6, 12]
    np.testing.assert_array_equal(alone.losses[0], whole.losses[1, [1]])
