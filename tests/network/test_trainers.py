"""The contract of a batch trainer, for every implementation, against the readable trainer."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network.tasks import in_float32, make_task, train_readably
from network.vectorised import train_vectorised

from sweep.training.network.engine import train_engine

TRAINERS = [train_readably, train_vectorised, train_engine]
ACTIVATIONS = ["relu", "tanh", "sigmoid", "identity"]
SHAPES = [(1, 1, 1), (1, 5, 1), (1, 4, 3, 1), (1, 2, 2, 2, 2, 1)]

each_trainer = pytest.mark.parametrize("train", [*TRAINERS, *map(in_float32, TRAINERS)])
each_precision = pytest.mark.parametrize("precision", ["float64", "float32"])


def select(task, lanes):
    lanes = np.asarray(lanes)
    return replace(
        task,
        learning_rate=task.learning_rate[lanes],
        difference_step=task.difference_step[lanes],
        initial=task.initial[lanes],
        stream=task.stream[lanes],
    )


def assert_same_bits(trained, other):
    for field in ("losses", "diverged_at", "parameters", "outputs"):
        np.testing.assert_array_equal(getattr(trained, field), getattr(other, field), err_msg=field)


@pytest.mark.parametrize("gradient", ["backprop", "numerical"])
@pytest.mark.parametrize("layer_sizes", SHAPES)
@pytest.mark.parametrize("activation", ["relu", "identity"])
@each_precision
def test_the_fast_trainer_gives_the_readable_ones_bits(gradient, layer_sizes, activation, precision):
    task = make_task(layer_sizes, activation, gradient=gradient, learning_rate=0.01, precision=precision)
    assert_same_bits(train_vectorised(task), train_readably(task))


@pytest.mark.parametrize("output", ACTIVATIONS)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_with_exp_and_tanh_the_fast_trainer_is_within_rounding_of_the_readable_one(activation, output):
    # numpy's exp and tanh may differ from the C library's in the last bit; 1e-9 after 12 epochs is the stated bound.
    task = make_task((1, 4, 3, 1), activation, output, learning_rate=0.01)
    fast, readable = train_vectorised(task), train_readably(task)
    np.testing.assert_allclose(fast.losses, readable.losses, rtol=1e-9)
    np.testing.assert_allclose(fast.parameters, readable.parameters, rtol=1e-9)
    np.testing.assert_allclose(fast.outputs, readable.outputs, rtol=1e-9)


@pytest.mark.parametrize("gradient", ["backprop", "numerical"])
@given(
    activation=st.sampled_from(ACTIVATIONS),
    output=st.sampled_from(ACTIVATIONS),
    layer_sizes=st.sampled_from(SHAPES),
    lanes=st.lists(st.integers(0, 36), min_size=1, max_size=40),
    seed=st.integers(0, 5),
)
def test_a_training_does_not_depend_on_what_else_is_in_the_task(
    gradient, activation, output, layer_sizes, lanes, seed
):
    task = make_task(layer_sizes, activation, output, gradient, n=37, epochs=5, seed=seed)
    together, alone = train_vectorised(task), train_vectorised(select(task, lanes))
    np.testing.assert_array_equal(together.losses[lanes], alone.losses)
    np.testing.assert_array_equal(together.parameters[lanes], alone.parameters)
    np.testing.assert_array_equal(together.outputs[lanes], alone.outputs)


@each_trainer
def test_the_chunks_of_the_samples_have_no_influence(train):
    task = make_task(epochs=12)
    (samples,) = task.samples
    assert_same_bits(train(task), train(replace(task, samples=[samples[:1], samples[1:6], samples[6:]])))


@each_trainer
def test_a_short_training_is_the_beginning_of_a_long_one(train):
    long = train(make_task(epochs=12))
    short = train(replace(make_task(epochs=12), record_epochs=np.array([6])))
    np.testing.assert_array_equal(short.losses[:, 0], long.losses[:, 1])


@pytest.mark.parametrize("train", TRAINERS)
def test_a_numerical_gradient_runs_away_but_stops_where_the_difference_step_drowns(train):
    # Beyond about 1e12 a parameter swallows a step of 1e-4: p + d == p, and its gradient is 0 from there on.
    task = make_task(gradient="numerical", epochs=60, activation="identity")
    trained = train(replace(task, learning_rate=np.full(3, 40.0)))
    assert (trained.diverged_at == 0).all()
    assert (trained.losses[:, -1] > 1e20).all()


@each_trainer
def test_a_training_that_leaves_the_finite_numbers_tells_when(train):
    task = make_task(epochs=60, activation="identity")
    task = replace(task, learning_rate=np.array([40.0, 1e-3, 60.0]))
    trained = train(task)
    assert trained.diverged_at[1] == 0
    assert np.isfinite(trained.losses[1]).all()
    for lane in (0, 2):
        epoch = trained.diverged_at[lane]
        assert 1 <= epoch <= 60
        before = train(replace(select(task, [lane]), record_epochs=np.array([epoch - 1])))
        assert np.isfinite(before.parameters).all()
        at = train(replace(select(task, [lane]), record_epochs=np.array([epoch])))
        assert not np.isfinite(at.parameters).all()
        assert not np.isfinite(trained.losses[lane, -1])


@each_trainer
def test_the_task_is_left_as_it_was(train):
    task = make_task()
    before = task.initial.copy()
    train(task)
    np.testing.assert_array_equal(task.initial, before)


def test_backpropagation_is_the_limit_of_the_numerical_gradient():
    exact = train_vectorised(make_task(activation="tanh", gradient="backprop", learning_rate=0.01))
    task = make_task(activation="tanh", gradient="numerical", learning_rate=0.01)
    close = train_vectorised(replace(task, difference_step=np.full(3, 1e-7)))
    np.testing.assert_allclose(close.parameters, exact.parameters, rtol=1e-5)


def test_samples_that_end_too_early_are_an_error():
    task = make_task(epochs=12)
    with pytest.raises(ValueError, match="end after 12 epochs, but 13"):
        train_vectorised(replace(task, record_epochs=np.array([13])))
