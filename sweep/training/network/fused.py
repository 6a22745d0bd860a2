"""Products that are added with one rounding instead of two: the arithmetic of wide networks.

Where a network with two wide layers side by side is trained by backpropagation, every product of a weight, value or
delta is added to its sum by a fused multiply-add. Processors do that in the time of an addition, and it is rounded
once. All other networks, and the printed program's numerical gradient, round the product and then the sum.

The engine does so too where the processor has no such operation: then a wide network's numbers differ from those of
other machines, after a few epochs in their last digits. What is stored does not say which it was, so that a folder can
be read, and gone on with, on any machine; the processors that trained it are in the report.
"""

import math
from collections.abc import Callable
from itertools import pairwise

WIDE_FROM = 64
"""A network with a matrix of at least this many rows and columns is wide."""

MultiplyAdd = Callable[[float, float, float], float]
"""Of a, b and c, it returns a·b + c."""


def is_wide(layer_sizes: tuple[int, ...], gradient: str) -> bool:
    """Tell whether networks with these layers are trained in fused arithmetic, and by the kernel that goes with it."""
    return gradient == "backprop" and any(min(pair) >= WIDE_FROM for pair in pairwise(layer_sizes))


def rounded_twice(a: float, b: float, c: float) -> float:
    """Return a·b + c, the product rounded, and then the sum."""
    return a * b + c


def rounded_once(a: float, b: float, c: float) -> float:
    """Return the float nearest to a·b + c; inf and NaN where IEEE arithmetic has them, and no error.

    >>> rounded_twice(0.1, 10.0, -1.0), rounded_once(0.1, 10.0, -1.0)
    (0.0, 5.551115123125783e-17)
    """
    plain = a * b + c
    if not (math.isfinite(a) and math.isfinite(b)):
        return plain
    if not math.isfinite(c):
        return c  # also where the product alone would overflow, the other way
    # A float is a quotient of whole numbers, which Python knows exactly, and divides with one rounding.
    (i, j), (k, m), (p, q) = a.as_integer_ratio(), b.as_integer_ratio(), c.as_integer_ratio()
    exact = i * k * q + p * j * m
    if exact == 0:
        return plain  # 0 too, with the sign it should have
    try:
        return exact / (j * m * q)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf
