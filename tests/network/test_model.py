import numpy as np
import pytest

import sweep
from sweep.errors import InputError
from sweep.training.network.model import join_parameters, split_parameters

LINE = sweep.Network([[[2.0]], [[3.0]]], [[1.0], [0.5]])
TARGET = sweep.Target("x", interval=(0, 1))
SAMPLES = np.full((2, 3), 0.5)


def test_a_network_computes_its_layers_one_after_the_other():
    assert LINE(1.0) == 3.0 * max(0.0, 2.0 * 1.0 + 1.0) + 0.5
    np.testing.assert_array_equal(LINE(np.array([[1.0], [-1.0]])), [[9.5], [0.5]])


def test_a_network_cannot_be_changed_from_outside():
    with pytest.raises(ValueError, match="read-only"):
        LINE.weights[0][0, 0] = 1.0
    weights = np.ones((1, 1))
    network = sweep.Network([weights, weights], [[0.0], [0.0]])
    weights[0, 0] = 5.0
    assert network.weights[0][0, 0] == 1.0


@pytest.mark.parametrize(
    ("weights", "biases", "words"),
    [
        ([], [], "one weight matrix and one bias vector a layer, got 0 and 0"),
        ([[[1.0]]], [[1.0], [1.0]], "got 1 and 2"),
        ([[[1.0, 2.0]]], [[1.0]], r"weights\[0\] must have shape \(1, 1\)"),
        ([[[1.0], [1.0]]], [[1.0, 2.0]], "must have one output, got 2"),
    ],
)
def test_shapes_that_do_not_fit_are_named(weights, biases, words):
    with pytest.raises(InputError, match=words):
        sweep.Network(weights, biases)


def test_an_unknown_activation_is_named():
    with pytest.raises(InputError, match="must be one of relu, tanh, sigmoid, identity, got 'gelu'"):
        sweep.Network([[[1.0]]], [[1.0]], activation="gelu")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"learning_rate": -0.1}, "learning_rate must be a positive number, got -0.1"),
        ({"learning_rate": float("nan")}, "learning_rate must be a positive number, got nan"),
        ({"gradient": "exact"}, "gradient must be"),
        ({"difference_step": 0.0}, "difference_step must be"),
        ({"divisor": 0}, "divisor must be"),
        ({"check_points": 1}, "check_points must be at least 2"),
        (
            {"samples": np.zeros(3)},
            r"samples must be finite and have shape \(epochs, samples per epoch\), got \(3,\)",
        ),
        ({"samples": np.full((1, 1), np.nan)}, "samples must be finite"),
    ],
)
def test_arguments_that_do_not_fit_are_named(change, words):
    arguments = {"samples": SAMPLES, "learning_rate": 0.1} | change
    with pytest.raises(InputError, match=words):
        sweep.train_network(LINE, TARGET, **arguments)


def test_the_gradient_is_divided_by_the_number_of_samples_unless_told_otherwise():
    plain = sweep.train_network(LINE, TARGET, SAMPLES, learning_rate=0.1)
    told = sweep.train_network(LINE, TARGET, SAMPLES, learning_rate=0.1, divisor=3)
    printed = sweep.train_network(LINE, TARGET, SAMPLES, learning_rate=0.1, divisor=2)
    assert plain.losses.tolist() == told.losses.tolist() != printed.losses.tolist()


def test_one_update_is_the_textbooks():
    # y = w x + b, L = (y - f)² / 2: dL/dw = (y - f) x, dL/db = y - f
    network = sweep.Network([[[2.0]]], [[1.0]])
    trained = sweep.train_network(network, TARGET, [[0.25, 0.75]], learning_rate=0.5, check_points=2)
    errors = np.array([2.0 * 0.25 + 1.0 - 0.25, 2.0 * 0.75 + 1.0 - 0.75])
    w = 2.0 - 0.5 * (errors * [0.25, 0.75]).mean()
    b = 1.0 - 0.5 * errors.mean()
    np.testing.assert_allclose(trained.network.weights[0], [[w]])
    np.testing.assert_allclose(trained.network.biases[0], [b])
    np.testing.assert_allclose(trained.losses, [0.5 * b**2 + 0.5 * (w + b - 1.0) ** 2])
    assert network.weights[0][0, 0] == 2.0


def test_parameters_are_all_weights_and_then_all_biases():
    weights = [np.array([[1.0], [2.0]]), np.array([[3.0, 4.0]])]
    biases = [np.array([5.0, 6.0]), np.array([7.0])]
    joined = join_parameters(weights, biases)
    assert joined.tolist() == [1, 2, 3, 4, 5, 6, 7]
    again_weights, again_biases = split_parameters(joined, (1, 2, 1))
    for part, again in zip([*weights, *biases], [*again_weights, *again_biases], strict=True):
        np.testing.assert_array_equal(part, again)
