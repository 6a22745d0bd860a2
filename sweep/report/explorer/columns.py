"""Arrays → texts that a page holds and a browser can read: deflated, in base64.

The bytes of a column stand plane by plane (all first bytes, then all second ones): those of like size deflate well.
"""

import base64
import zlib
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweep.terms.arrays import Floats

Json: TypeAlias = dict[str, Any]
"""A record as JSON has it."""

_LEVEL = 6
_KINDS = {"f8": "Float64Array", "u1": "Uint8Array", "u2": "Uint16Array", "u4": "Uint32Array"}
_BITS, _KEPT_BITS = 53, 24


def numbers(values: NDArray[Any]) -> Json:
    """Return a column of numbers as they are."""
    return _column(np.asarray(values, dtype="<f8"))


def rounded_numbers(values: NDArray[Any]) -> Json:
    """Return a column of numbers with 7 digits: they take half the room, whatever their size."""
    return numbers(rounded(np.asarray(values, dtype=np.float64)))


def whole_numbers(values: NDArray[Any]) -> Json:
    """Return a column of whole numbers from 0 to 2³² - 1."""
    largest = int(values.max(initial=0))
    return _column(values.astype("<u1" if largest < 2**8 else "<u2" if largest < 2**16 else "<u4"))


def rounded(values: Floats) -> Floats:
    """Return numbers rounded to 24 bits; what is not finite stays."""
    unit = np.uint64(1 << (_BITS - _KEPT_BITS))
    nearest = ((values.view(np.uint64) + unit // np.uint64(2)) // unit * unit).view(np.float64)
    return np.where(np.isfinite(values) & np.isfinite(nearest), nearest, values)


def _column(array: NDArray[Any]) -> Json:
    planes = array.reshape(-1, 1).view(np.uint8).T.tobytes()
    text = base64.b64encode(zlib.compress(planes, _LEVEL)).decode()
    return {"kind": _KINDS[array.dtype.str[1:]], "length": len(array), "text": text}
