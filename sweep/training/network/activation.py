"""Activation functions, once for a single number (to read) and once for arrays (to sweep).

The slope of each is written in terms of the function's own value a = g(z), which is what backpropagation has at hand:
relu' = [a > 0], tanh' = 1 - a², sigmoid' = a (1 - a), identity' = 1.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.terms.arrays import Floats


@dataclass(frozen=True)
class Activation:
    """One activation function g: of a number, of an array, and its slope g'(z) from the value a = g(z)."""

    of_number: Callable[[float], float]
    of_array: Callable[[Floats], Floats]
    slope: Callable[[Any], Any]


def _sigmoid(z: float) -> float:
    try:
        return 1.0 / (1.0 + math.exp(-z))
    except OverflowError:  # exp(-z) is beyond the floats, so the quotient is 0 as it is in IEEE arithmetic
        return 0.0


def _sigmoid_of_array(z: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-z))


def _relu(z: float) -> float:
    # Not `max`: a NaN must stay a NaN, or a diverged network would look like a quiet one.
    return 0.0 if z < 0.0 else z


ACTIVATIONS = {
    "relu": Activation(_relu, lambda z: np.maximum(z, 0.0), lambda a: (a > 0.0) * 1.0),
    "tanh": Activation(math.tanh, np.tanh, lambda a: 1.0 - a * a),
    "sigmoid": Activation(_sigmoid, _sigmoid_of_array, lambda a: a * (1.0 - a)),
    "identity": Activation(lambda z: z, lambda z: z, lambda a: a * 0.0 + 1.0),
}
"""The activation functions by the name that a config gives them."""
