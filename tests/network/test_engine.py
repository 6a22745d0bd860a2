"""The engine under the contract of a batch trainer, and the bits it shares with the readable one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network.tasks import make_task, train_readably
from network.vectorised import train_vectorised

from sweep.training.network import fused
from sweep.training.network.engine import Kind, train_engine, trust
from sweep.training.network.target import Target

FIELDS = ["losses", "diverged_at", "parameters", "outputs"]
ACTIVATIONS = ["relu", "tanh", "sigmoid", "identity"]
each_precision = pytest.mark.parametrize("precision", ["float64", "float32"])
each_method = pytest.mark.parametrize(
    ("gradient", "precision"), [("backprop", "float64"), ("numerical", "float64"), ("backprop", "float32")]
)
SHAPES = [(1, 1, 1), (1, 5, 1), (1, 4, 3, 1), (1, 2, 2, 2, 2, 1), (1, 17, 1), (1, 1)]


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
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(trained, field), getattr(other, field), err_msg=field)


@pytest.fixture(params=[2, fused.WIDE_FROM], ids=["as if wide", "as it is"])
def _wide_from(request, monkeypatch):
    """Let the kernel for wide layers train narrow ones too, which the readable trainer can follow."""
    monkeypatch.setattr(fused, "WIDE_FROM", request.param)


each_kernel = pytest.mark.usefixtures("_wide_from")


@each_kernel
@each_method
@pytest.mark.parametrize("layer_sizes", SHAPES)
@pytest.mark.parametrize("activation", ["relu", "identity"])
@pytest.mark.parametrize("samples", [1, 4, 11])
def test_the_engine_gives_the_readable_trainers_bits(gradient, layer_sizes, activation, samples, precision):
    task = make_task(
        layer_sizes,
        activation,
        gradient=gradient,
        learning_rate=0.003,
        samples=samples,
        n=10,
        epochs=6,
        precision=precision,
    )
    assert_same_bits(train_engine(task), train_readably(task))


@each_kernel
@pytest.mark.parametrize("output", ["relu", "identity"])
@pytest.mark.parametrize("layer_sizes", [(1, 30, 1), (1, 20, 21, 1)])
@pytest.mark.parametrize(
    ("precision", "oracle"),
    [("float64", train_readably), ("float32", train_vectorised)],  # readably, float32 takes seconds
)
def test_samples_that_do_not_fit_the_cache_at_once_give_the_same_bits(layer_sizes, output, precision, oracle):
    task = make_task(
        layer_sizes,
        "relu",
        output,
        learning_rate=0.003,
        n=2,
        samples=103,
        divisor=103.0,
        epochs=2,
        precision=precision,
    )
    assert_same_bits(train_engine(task), oracle(task))


@pytest.mark.parametrize("layer_sizes", SHAPES)
@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_numerical_gradients_in_float32_are_the_same_too(layer_sizes, activation):
    task = make_task(layer_sizes, activation, gradient="numerical", n=20, precision="float32")
    assert_same_bits(train_engine(task), train_vectorised(task))


@each_kernel
@pytest.mark.parametrize(
    ("gradient", "precision", "bound"),
    [("backprop", "float64", 1e-12), ("numerical", "float64", 1e-9), ("backprop", "float32", 1e-5)],
)
@pytest.mark.parametrize("output", ACTIVATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("layer_sizes", [(1, 4, 1), (1, 4, 3, 1)])
def test_with_tanh_and_sigmoid_the_engine_is_within_rounding_of_the_readable_one(
    gradient, precision, bound, activation, output, layer_sizes
):
    # The stated bounds, after 12 epochs. A numerical gradient divides the difference of two losses by 1e-4, and so
    # makes a difference in their last bits ten thousand times greater.
    task = make_task(layer_sizes, activation, output, gradient, learning_rate=0.01, precision=precision)
    fast, readable = train_engine(task), train_readably(task)
    np.testing.assert_allclose(fast.losses, readable.losses, rtol=bound)
    np.testing.assert_allclose(fast.parameters, readable.parameters, rtol=bound, atol=bound)
    np.testing.assert_allclose(fast.outputs, readable.outputs, rtol=bound, atol=bound)


@each_method
@given(
    activation=st.sampled_from(ACTIVATIONS),
    output=st.sampled_from(ACTIVATIONS),
    layer_sizes=st.sampled_from(SHAPES),
    lanes=st.lists(st.integers(0, 36), min_size=1, max_size=40),
    n_streams=st.sampled_from([1, 2, 8, 16, 37]),
    seed=st.integers(0, 5),
)
@settings(deadline=None)  # the first example of a kind compiles it
def test_a_training_does_not_depend_on_what_else_is_in_the_task(
    gradient, precision, activation, output, layer_sizes, lanes, n_streams, seed
):
    task = make_task(
        layer_sizes,
        activation,
        output,
        gradient,
        n=37,
        n_streams=n_streams,
        epochs=5,
        seed=seed,
        precision=precision,
    )
    together, alone = train_engine(task), train_engine(select(task, lanes))
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(together, field)[lanes], getattr(alone, field), err_msg=field)


@each_precision
@given(stream=st.lists(st.integers(0, 19), min_size=1, max_size=20))
def test_any_streams_may_stand_side_by_side(precision, stream):
    task = make_task(n=len(stream), n_streams=20, epochs=3, precision=precision)
    task = replace(task, stream=np.array(stream))
    assert_same_bits(train_engine(task), train_vectorised(task))


@each_precision
def test_a_wide_network_does_not_depend_on_what_else_is_in_the_task(precision):
    shape = (1, fused.WIDE_FROM, fused.WIDE_FROM + 1, 1)
    task = make_task(shape, n=2, samples=5, epochs=3, learning_rate=1e-3, precision=precision)
    together, alone = train_engine(task), train_engine(select(task, [1]))
    assert np.isfinite(together.losses).all()
    np.testing.assert_array_equal(together.parameters[1:2], alone.parameters)
    np.testing.assert_array_equal(together.losses, train_vectorised(task).losses)


def test_the_chunks_of_the_samples_have_no_influence():
    task = make_task(epochs=12)
    (samples,) = task.samples
    whole = train_engine(task)
    assert_same_bits(whole, train_engine(replace(task, samples=[samples[:1], samples[1:6], samples[6:]])))
    assert_same_bits(whole, train_engine(replace(task, samples=[samples[:, ::-1][:, ::-1]])))


def test_a_short_training_is_the_beginning_of_a_long_one():
    task = make_task(epochs=12)
    short = train_engine(replace(task, record_epochs=np.array([6])))
    np.testing.assert_array_equal(short.losses[:, 0], train_engine(task).losses[:, 1])


def test_recording_every_epoch_changes_nothing():
    task = make_task(epochs=40)
    often = train_engine(replace(task, record_epochs=np.arange(1, 41)))
    rarely = train_engine(replace(task, record_epochs=np.array([40])))
    np.testing.assert_array_equal(often.losses[:, -1], rarely.losses[:, 0])
    np.testing.assert_array_equal(often.parameters, rarely.parameters)


@each_kernel
@pytest.mark.parametrize("layer_sizes", [(1, 5, 1), (1, 4, 3, 1)])
@pytest.mark.parametrize("activation", ["relu", "identity"])
@pytest.mark.parametrize(("precision", "epochs"), [("float64", 80), ("float32", 20)])
def test_a_training_diverges_at_the_readable_trainers_epoch(layer_sizes, activation, precision, epochs):
    task = make_task(layer_sizes, activation, n=24, epochs=epochs, n_streams=5, precision=precision)
    task = replace(task, learning_rate=np.geomspace(0.01, 1e4, 24), record_epochs=np.arange(1, epochs + 1))
    fast, readable = train_engine(task), train_readably(task)
    np.testing.assert_array_equal(fast.diverged_at, readable.diverged_at)
    assert 0 in fast.diverged_at
    assert len(set(fast.diverged_at)) >= 3
    gone = (fast.diverged_at > 0)[:, None] & (task.record_epochs >= fast.diverged_at[:, None])
    assert np.isnan(fast.losses[gone]).all()
    np.testing.assert_array_equal(fast.losses[~gone], readable.losses[~gone])
    assert np.isnan(fast.parameters[fast.diverged_at > 0]).all()
    assert np.isnan(fast.outputs[fast.diverged_at > 0]).all()


def test_a_numerical_gradient_runs_away_but_stops_where_the_difference_step_drowns():
    # Beyond about 1e12 a parameter swallows a step of 1e-4: p + d == p, and its gradient is 0 from there on.
    task = make_task(gradient="numerical", epochs=60, activation="identity")
    task = replace(task, learning_rate=np.full(3, 40.0))
    trained = train_engine(task)
    assert (trained.diverged_at == 0).all()
    assert_same_bits(trained, train_readably(task))


@each_kernel
def test_in_float32_a_training_begins_as_in_float64_and_stays_near_it():
    task = make_task((1, 4, 3, 1), "tanh", n=20)
    single, double = (train_engine(replace(task, precision=p)) for p in ("float32", "float64"))
    assert all(getattr(single, field).dtype == getattr(double, field).dtype for field in FIELDS)
    assert (single.parameters == single.parameters.astype(np.float32)).all()
    assert (single.losses != double.losses).all()
    np.testing.assert_allclose(single.losses, double.losses, rtol=1e-5)
    np.testing.assert_allclose(single.parameters, double.parameters, atol=1e-5)


def test_what_is_beyond_float32_diverges_there_and_is_no_error():
    task = make_task(n=3, learning_rate=1e60, precision="float32")
    assert train_engine(task).diverged_at.tolist() == [1, 1, 1]
    assert train_engine(replace(task, target=Target("1e300*x", (0.0, 3.0)))).diverged_at.tolist() == [1, 1, 1]


def test_the_task_is_left_as_it_was():
    task = make_task()
    before = task.initial.copy()
    train_engine(task)
    np.testing.assert_array_equal(task.initial, before)


def test_samples_that_end_too_early_are_an_error():
    task = make_task(epochs=12)
    with pytest.raises(ValueError, match="end after 12 epochs, but 13"):
        train_engine(replace(task, record_epochs=np.array([13])))


@each_precision
def test_a_kernel_that_is_trusted_has_all_that_a_training_needs(precision, monkeypatch):
    trust(Kind.of((1, 5, 1), "backprop", "relu", precision))
    with monkeypatch.context() as patch:
        patch.setattr("numba.core.dispatcher.Dispatcher.compile", pytest.fail)
        trained = train_engine(make_task((1, 7, 1), n=20, precision=precision))
    assert np.isfinite(trained.losses).all()
