"""tanh and the logistic function of lanes, against exact arithmetic's rounding."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest

from sweep.training.network.engine import elementary
from sweep.training.network.engine.compiling import compiled
from sweep.training.network.engine.lanes import lanes_of, load, store


@compiled
def tanh_of_rows(x, y):
    for i in range(len(x)):
        store(y, i, elementary.tanh(load(x, i)))


@compiled
def sigmoid_of_rows(x, y):
    for i in range(len(x)):
        store(y, i, elementary.sigmoid(load(x, i)))


def exact_tanh(x):
    with localcontext(prec=60):
        power = (2 * Decimal(x)).exp()
        return (power - 1) / (power + 1)


def exact_sigmoid(x):
    with localcontext(prec=60):
        return 1 / (1 + (-Decimal(x)).exp())


def of_rows(function, numbers, precision):
    lanes = lanes_of(precision)
    rows = np.resize(np.asarray(numbers, dtype=precision), (-(-len(numbers) // lanes), lanes))
    values = np.zeros_like(rows)
    function(rows, values)
    return values.ravel()[: len(numbers)]


each_precision = pytest.mark.parametrize("precision", ["float64", "float32"])


def some_numbers(limit, precision):
    rng = np.random.default_rng(0)
    sizes = np.concatenate(
        [10.0 ** rng.uniform(-25, 0, 500), rng.uniform(0, 3, 1000), rng.uniform(0, limit, 500)]
    )
    steps = np.log(2) / 4 * np.arange(1, 60)  # where the nearest whole number changes
    steps = steps.astype(precision)
    near = np.concatenate([np.nextafter(steps, 0), steps, np.nextafter(steps, 99)])
    sizes = np.concatenate([sizes, near[near < limit]]).astype(precision)
    return np.concatenate([sizes, -sizes])


@pytest.mark.parametrize(
    ("function", "exact", "precision", "limit", "bound"),
    [
        (tanh_of_rows, exact_tanh, "float64", 22.0, "5e-16"),
        (sigmoid_of_rows, exact_sigmoid, "float64", 700.0, "5e-16"),
        (tanh_of_rows, exact_tanh, "float32", 11.0, "3e-7"),
        (sigmoid_of_rows, exact_sigmoid, "float32", 87.0, "3e-7"),
    ],
)
def test_values_are_within_the_stated_bounds_of_the_exact_ones(function, exact, precision, limit, bound):
    numbers = some_numbers(limit, precision)
    values = of_rows(function, numbers, precision)
    wanted = [exact(x) for x in numbers.tolist()]
    errors = [abs(Decimal(value) / true - 1) for value, true in zip(values.tolist(), wanted, strict=True)]
    assert max(errors) < Decimal(bound)


@each_precision
def test_tanh_of_small_numbers_does_not_cancel_and_keeps_the_sign_of_zero(precision):
    smallest = np.nextafter(np.zeros(1, precision), np.ones(1, precision))[0]
    numbers = np.array([0.0, -0.0, smallest, -smallest, 1e-37, -1e-9], precision)
    values = of_rows(tanh_of_rows, numbers, precision)
    np.testing.assert_array_equal(values, numbers)
    np.testing.assert_array_equal(np.signbit(values), np.signbit(numbers))


@each_precision
def test_far_out_both_take_their_limits_and_nan_stays_nan(precision):
    last = np.finfo(precision).max
    numbers = [math.inf, last, 800.0, 20.0, -20.0, -last, -math.inf, math.nan]
    np.testing.assert_array_equal(
        of_rows(tanh_of_rows, numbers, precision), [1, 1, 1, 1, -1, -1, -1, math.nan]
    )
    values = of_rows(sigmoid_of_rows, numbers, precision)
    np.testing.assert_array_equal(values[:3], 1.0)
    assert (values[5:7] > 0).all()
    assert (values[5:7] < 2 * np.finfo(precision).tiny).all()
    assert math.isnan(values[7])


@each_precision
def test_tanh_is_odd_and_both_are_the_same_in_every_lane(precision):
    def values_of(function, numbers):
        return of_rows(function, numbers, precision)

    numbers = some_numbers(22.0, precision)
    np.testing.assert_array_equal(values_of(tanh_of_rows, -numbers), -values_of(tanh_of_rows, numbers))
    for function in (tanh_of_rows, sigmoid_of_rows):
        np.testing.assert_array_equal(
            values_of(function, np.roll(numbers, 3)), np.roll(values_of(function, numbers), 3)
        )
