"""tanh and the logistic function of lanes, against exact arithmetic's rounding."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest

from sweep.train.engine import elementary
from sweep.train.engine.compiling import compiled
from sweep.train.engine.lanes import LANES, load, store


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


def of_rows(function, numbers):
    rows = np.resize(np.asarray(numbers, dtype=np.float64), (-(-len(numbers) // LANES), LANES))
    values = np.zeros_like(rows)
    function(rows, values)
    return values.ravel()[: len(numbers)]


def some_numbers(limit):
    rng = np.random.default_rng(0)
    sizes = np.concatenate(
        [10.0 ** rng.uniform(-25, 0, 500), rng.uniform(0, 3, 1000), rng.uniform(0, limit, 500)]
    )
    steps = np.log(2) / 4 * np.arange(1, 60)  # where the nearest whole number changes
    near = np.concatenate([np.nextafter(steps, 0), steps, np.nextafter(steps, 99)])
    sizes = np.concatenate([sizes, near[near < limit]])
    return np.concatenate([sizes, -sizes])


@pytest.mark.parametrize(
    ("function", "exact", "limit"),
    [(tanh_of_rows, exact_tanh, 22.0), (sigmoid_of_rows, exact_sigmoid, 700.0)],
)
def test_values_are_within_5e_16_of_the_exact_ones(function, exact, limit):
    numbers = some_numbers(limit)
    values = of_rows(function, numbers)
    wanted = [exact(x) for x in numbers.tolist()]
    errors = [abs(Decimal(value) / true - 1) for value, true in zip(values.tolist(), wanted, strict=True)]
    assert max(errors) < Decimal("5e-16")


def test_tanh_of_small_numbers_does_not_cancel_and_keeps_the_sign_of_zero():
    numbers = [0.0, -0.0, 5e-324, -5e-324, 1e-300, -1e-9]
    values = of_rows(tanh_of_rows, numbers)
    np.testing.assert_array_equal(values, numbers)
    np.testing.assert_array_equal(np.signbit(values), np.signbit(numbers))


def test_far_out_both_take_their_limits_and_nan_stays_nan():
    numbers = [math.inf, 1e308, 800.0, 20.0, -20.0, -1e308, -math.inf, math.nan]
    np.testing.assert_array_equal(of_rows(tanh_of_rows, numbers), [1, 1, 1, 1, -1, -1, -1, math.nan])
    values = of_rows(sigmoid_of_rows, numbers)
    np.testing.assert_array_equal(values[:3], 1.0)
    assert (values[5:7] < 1e-307).all()
    assert math.isnan(values[7])


def test_tanh_is_odd_and_both_are_the_same_in_every_lane():
    numbers = some_numbers(22.0)
    np.testing.assert_array_equal(of_rows(tanh_of_rows, -numbers), -of_rows(tanh_of_rows, numbers))
    for function in (tanh_of_rows, sigmoid_of_rows):
        np.testing.assert_array_equal(
            of_rows(function, np.roll(numbers, 3)), np.roll(of_rows(function, numbers), 3)
        )
