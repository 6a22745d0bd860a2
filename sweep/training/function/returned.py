"""What a function returned or yielded is looked at: numbers, one for each metric, and nothing else."""

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sweep.terms.arrays import Floats

LONGEST_SHOWN = 60


class ReturnedError(ValueError):
    """A function returned what it must not; the text says what, and what is expected."""


def numbers_in(returned: object, metrics: Sequence[str]) -> list[float]:
    """Return the value of each metric. Raises `ReturnedError`."""
    return [_number(value, name) for name, value in zip(metrics, _by_metric(returned, metrics), strict=True)]


def arrays_in(returned: object, metrics: Sequence[str], n: int) -> list[Floats]:
    """Return the values of each metric, of shape (n,), as a batched function gives them. Raises `ReturnedError`."""
    return [
        _array(value, name, n) for name, value in zip(metrics, _by_metric(returned, metrics), strict=True)
    ]


def _by_metric(returned: object, metrics: Sequence[str]) -> Sequence[Any]:
    if inspect.isgenerator(returned) or inspect.iscoroutine(returned):
        kind = type(returned).__name__
        raise ReturnedError(
            f"returned a {kind}, expected numbers: a function whose epochs are to be followed has the `yield` itself"
        )
    if not isinstance(returned, Mapping):
        if len(metrics) == 1 and returned is not None:
            return [returned]
        example = "{" + ", ".join(f'"{name}": ...' for name in metrics) + "}"
        raise ReturnedError(
            f"returned {_shown(returned)}, expected {example}: a number for each of its metrics"
        )
    if returned.keys() == dict.fromkeys(metrics).keys():
        return [returned[name] for name in metrics]
    missing = [name for name in metrics if name not in returned]
    if missing:
        there = ", ".join(map(str, returned)) or "nothing"
        raise ReturnedError(f"returned no `{missing[0]}`, which is one of its metrics; it returned {there}")
    extra = next(str(name) for name in returned if name not in metrics)
    raise ReturnedError(
        f'returned `{extra}`, which is none of its metrics: add it to them ({extra} = "lower" or "higher"), '
        "or leave it out"
    )


def _number(value: Any, name: str) -> float:
    if type(value) is float:
        return value
    is_scalar = not isinstance(value, bool) and getattr(value, "shape", ()) == ()
    if isinstance(value, np.generic | np.ndarray) and value.dtype.kind not in "iuf":
        is_scalar = (
            False  # numpy makes a float of a text, and of a complex number by leaving out a part of it
        )
    if is_scalar and hasattr(value, "__float__"):
        try:
            return float(value)
        except OverflowError:  # a whole number beyond all floats
            return math.inf if value > 0 else -math.inf
        except (TypeError, ValueError):
            pass
    raise ReturnedError(f"returned {_shown(value)} for `{name}`, expected a number")


def _array(value: Any, name: str, n: int) -> Floats:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        raise ReturnedError(
            f"returned {_shown(value)} for `{name}`, expected numbers of shape ({n},)"
        ) from None
    if array.shape != (n,) or array.dtype.kind not in "fiu":
        found = f"{array.dtype} of shape {array.shape}"
        raise ReturnedError(
            f"returned {found} for `{name}`, expected numbers of shape ({n},), one for each run"
        )
    return array.astype(np.float64)


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}... ({type(value).__name__})"
