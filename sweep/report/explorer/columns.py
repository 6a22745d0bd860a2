"""Arrays → texts that a page holds and a browser can read: deflated, in base64.

The bytes of a column stand plane by plane (all first bytes, then all second ones): numbers of like size deflate well
so.
"""

import base64
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.terms.arrays import Floats

_LEVEL = 6
_KINDS = {"f8": "Float64Array", "u1": "Uint8Array", "u2": "Uint16Array", "u4": "Uint32Array"}
_KEPT_BITS = 24


@dataclass(frozen=True)
class Column:
    """One column: the kind of array that a browser makes of it, how many numbers it has, and their text."""

    kind: str
    length: int
    text: str

    @property
    def record(self) -> dict[str, object]:
        """The column as JSON has it."""
        return {"kind": self.kind, "length": self.length, "text": self.text}


def numbers(values: NDArray[Any]) -> Column:
    """Return finite and other numbers as they are."""
    return _column(np.asarray(values, dtype="<f8"))


def rounded_numbers(values: NDArray[Any]) -> Column:
    """Return numbers rounded to 24 bits, 7 digits: they take half the room, at any size."""
    return numbers(rounded(np.asarray(values, dtype=np.float64)))


def whole_numbers(values: NDArray[Any]) -> Column:
    """Return whole numbers from 0 to 2³² - 1."""
    largest = int(values.max(initial=0))
    return _column(values.astype("<u1" if largest < 2**8 else "<u2" if largest < 2**16 else "<u4"))


def rounded(values: Floats) -> Floats:
    """Return numbers with the bits behind the first 24 cleared, to the nearest; what is not finite stays."""
    dropped = np.uint64(53 - _KEPT_BITS)
    bits = values.view(np.uint64) + (np.uint64(1) << (dropped - np.uint64(1)))
    nearest = ((bits >> dropped) << dropped).view(np.float64)
    return np.where(np.isfinite(values) & np.isfinite(nearest), nearest, values)


def _column(array: NDArray[Any]) -> Column:
    planes = array.reshape(-1, 1).view(np.uint8).T.tobytes()
    text = base64.b64encode(zlib.compress(planes, _LEVEL)).decode()
    return Column(_KINDS[array.dtype.str[1:]], len(array), text)
