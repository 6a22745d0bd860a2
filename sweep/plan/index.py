"""Keys → settings: found by the first bits of a key, since keys are hashes and so spread evenly."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sweep.terms.arrays import Ints, Keys


@dataclass(frozen=True, eq=False)
class KeyIndex:
    """Where n keys are among the settings of a plan.

    A bisection misses the cache at every step, and so takes ten times as long for 100,000 settings.

    Attributes
    ----------
    low, high
        Shape (n,): the two halves of each key, in the order of the first.
    setting
        Shape (n,): whose keys they are.
    shift, first
        A key whose first half begins, above `shift` bits, with the bits b can be at `first[b]` at the earliest.
    most
        So many keys have the same first bits at most.
    """

    low: NDArray[np.uint64]
    high: NDArray[np.uint64]
    setting: Ints
    shift: np.uint64
    first: Ints
    most: int

    @classmethod
    def of(cls, keys: Keys) -> Self:
        """Return the index of keys of shape (n,)."""
        halves = _halves(keys)
        order = np.argsort(halves[:, 0], kind="stable")
        low, high = halves[order].T.copy()
        bits = max(1, (2 * len(keys)).bit_length())
        shift = np.uint64(64 - bits)
        first = np.searchsorted(low >> shift, np.arange(2**bits + 1, dtype=np.uint64))
        return cls(low, high, order, shift, first, int(np.diff(first).max()))

    def settings_of(self, keys: Keys) -> Ints:
        """Return the settings with these keys, of shape (m,); -1 for a key that is not here."""
        low, high = _halves(keys).T
        place = self.first[low >> self.shift]
        found, rest = np.full(len(keys), -1, dtype=np.int64), np.arange(len(keys))
        for step in range(self.most):
            inside = np.minimum(place[rest] + step, len(self.low) - 1)
            same = (self.low[inside] == low[rest]) & (self.high[inside] == high[rest])
            found[rest[same]] = self.setting[inside[same]]
            rest = rest[~same]
        return found


def _halves(keys: Keys) -> NDArray[np.uint64]:
    return np.ascontiguousarray(keys).view(np.uint64).reshape(-1, 2)
