"""What a function gives is looked at: a number for each metric, or a line that says what it gave instead."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from sweep.training.function.returned import ReturnedError, arrays_in, numbers_in


@pytest.mark.parametrize(
    "given", [0.5, np.float32(0.5), np.array(0.5), Fraction(1, 2), Decimal("0.5"), {"error": 0.5}]
)
def test_any_number_is_taken(given):
    (number,) = numbers_in(given, ["error"])

    assert type(number) is float
    assert number == 0.5


def test_a_whole_number_beyond_all_floats_is_infinite():
    assert numbers_in(10**400, ["error"]) == [math.inf]
    assert numbers_in({"error": -(10**400)}, ["error"]) == [-math.inf]


def test_several_metrics_come_in_the_order_of_their_declaration():
    assert numbers_in({"loss": 2, "accuracy": 1}, ["accuracy", "loss"]) == [1.0, 2.0]


WRONG = {
    "text": ("0.5", "returned '0.5' for `error`, expected a number"),
    "a truth value": (True, "returned True for `error`, expected a number"),
    "numpy's truth value": (np.True_, "for `error`, expected a number"),
    "a list": ([0.5], "returned [0.5] for `error`, expected a number"),
    "a tuple": ((0.5, 1), "returned (0.5, 1) for `error`, expected a number"),
    "an array": (np.ones(1), "returned array([1.]) for `error`, expected a number"),
    "a complex number": (1j, "returned 1j for `error`, expected a number"),
    "nothing": (None, 'returned None, expected {"error": ...}: a number for each of its metrics'),
    "nothing for the metric": ({"error": None}, "returned None for `error`, expected a number"),
    "another metric": ({"loss": 1}, "returned no `error`, which is one of its metrics; it returned loss"),
    "no metrics": ({}, "returned no `error`, which is one of its metrics; it returned nothing"),
    "a metric too many": (
        {"error": 1, "loss": 2},
        'returned `loss`, which is none of its metrics: add it to them (loss = "lower" or "higher"), or leave it out',
    ),
    "a generator": (
        (x for x in [1]),
        "returned a generator, expected numbers: a function whose epochs are to be",
    ),
    "a long text": ("a" * 1000, "... (str) for `error`, expected a number"),
    "an object": (object(), "returned <object object at"),
}


@pytest.mark.parametrize(("given", "told"), WRONG.values(), ids=WRONG)
def test_anything_else_is_told(given, told):
    with pytest.raises(ReturnedError) as error:
        numbers_in(given, ["error"])

    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_one_number_is_not_enough_for_two_metrics():
    with pytest.raises(
        ReturnedError, match=r'returned 0.5, expected {"error": ..., "accuracy": ...}: a number'
    ):
        numbers_in(0.5, ["error", "accuracy"])


WRONG_ARRAYS = {
    "a number": (
        0.5,
        "returned float64 of shape () for `error`, expected numbers of shape (2,), one for each run",
    ),
    "an array that is too long": (np.ones(3), "returned float64 of shape (3,) for `error`"),
    "a column": (np.ones((2, 1)), "returned float64 of shape (2, 1) for `error`"),
    "truth values": (np.ones(2, dtype=bool), "returned bool of shape (2,) for `error`"),
    "texts": (["a", "b"], "returned <U1 of shape (2,) for `error`"),
    "rows of different lengths": (
        [[1], [1, 2]],
        "returned [[1], [1, 2]] for `error`, expected numbers of shape (2,)",
    ),
    "nothing": (None, "returned None, expected"),
    "another metric": (
        {"loss": np.ones(2)},
        "returned no `error`, which is one of its metrics; it returned loss",
    ),
}


@pytest.mark.parametrize(("given", "told"), WRONG_ARRAYS.values(), ids=WRONG_ARRAYS)
def test_a_batched_function_must_give_arrays(given, told):
    with pytest.raises(ReturnedError) as error:
        arrays_in(given, ["error"], 2)

    assert told in str(error.value)


def test_a_list_of_whole_numbers_is_an_array():
    (array,) = arrays_in([1, 2], ["error"], 2)

    assert array.dtype == np.float64
    assert array.tolist() == [1.0, 2.0]
