"""Targets: the functions of one variable that the networks learn, and the intervals they learn them on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sweep.errors import TargetError
from sweep.terms.arrays import Floats
from sweep.training.network.expression import Step, compile_expression, evaluate

N_CHECKED = 1001
LARGEST_BOUND = 1e300


@dataclass(frozen=True)
class Target:
    """A function of `x` on an interval.

    `function` is an expression over the variable `x`, numbers, `pi`, `e`, the operators + - * / ** in
    Python's own order, parentheses, and sin, cos, tan, exp, log, sqrt, abs, sign, tanh, minimum(a, b),
    maximum(a, b) and where(condition, a, b). A condition is a comparison by < <= > >= == !=, which may be
    chained (`0 < x < 1`), or several joined by `and`, `or` and `not`. `interval` is `(low, high)`, both
    finite, low below high.

    Raises `TargetError` for an expression outside of that language, for an interval that is none, and for a
    function that is not finite somewhere on its interval (as far as a grid of 1001 points can tell).

    >>> target = Target("x**2", interval=(0, 3))
    >>> target(target.points(4))
    array([0., 1., 4., 9.])
    """

    function: str
    interval: tuple[float, float] = (0.0, 1.0)
    _steps: tuple[Step, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.function, str):
            raise TargetError(f'a function must be a text such as "x**2", got {self.function!r}')
        object.__setattr__(self, "interval", _interval(self.interval))
        object.__setattr__(self, "_steps", compile_expression(self.function))
        _check_finite(self)

    def __call__(self, x: npt.ArrayLike) -> Floats:
        """Return the function at every element of `x`: a new float64 array of its shape.

        An element's value does not depend on the shape, the memory layout or the other elements.
        """
        array = np.asarray(x, dtype=np.float64)
        return evaluate(self._steps, array.ravel()).reshape(array.shape)

    def points(self, n: int) -> Floats:
        """Return `n` >= 2 equispaced points of shape (n,), both ends of the interval included."""
        if n < 2:
            raise ValueError(f"both ends of the interval are points: expected n of at least 2, got {n}")
        low, high = self.interval
        # in the printed program's order of operations, which the last bit of a checked loss depends on
        points: Floats = low + (high - low) * np.arange(n, dtype=np.float64) / (n - 1)
        return points

    def __reduce__(self) -> tuple[type["Target"], tuple[str, tuple[float, float]]]:
        return Target, (self.function, self.interval)


def _interval(interval: Sequence[float]) -> tuple[float, float]:
    try:
        low, high = (_bound(bound) for bound in interval)
    except (TypeError, ValueError, OverflowError):
        raise TargetError(f"an interval must be two numbers such as (0, 3), got {interval!r}") from None
    if not (abs(low) <= LARGEST_BOUND and abs(high) <= LARGEST_BOUND):
        raise TargetError(f"an interval must have finite ends within ±{LARGEST_BOUND:g}, got {interval!r}")
    if not low < high:
        raise TargetError(f"an interval must have its low end below its high end, got {interval!r}")
    return low, high


def _bound(bound: float) -> float:
    if isinstance(bound, bool | str | bytes):
        raise TypeError
    return float(bound) + 0.0  # -0.0 becomes 0.0: two equal intervals shall read alike


def _check_finite(target: Target) -> None:
    x = target.points(N_CHECKED)
    y = target(x)
    if np.isfinite(y).all():
        return
    first = int(np.argmin(np.isfinite(y)))
    value = "not defined" if math.isnan(y[first]) else "infinite"
    low, high = target.interval
    where = f"at x = {x[first]:g}: it must be finite on its whole interval [{low:g}, {high:g}]"
    raise TargetError(f'"{" ".join(target.function.split())}" is {value} {where}')
