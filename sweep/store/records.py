"""What the store keeps: the trajectories of one batch, their curves and weights, and batches that failed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sweep.terms.arrays import Floats, Ints, Keys

KEY = np.dtype("V16")
"""The identity of a setting: 16 raw bytes."""


@dataclass(frozen=True, eq=False)
class Curves:
    """The learning curves of n trajectories, and what their trained networks put out.

    `epochs` (c,) rise strictly; `losses` (n, c) holds the checked loss after each of them; `outputs` (n, p)
    is the output at the p check points after the last epoch.
    """

    epochs: Ints
    losses: Floats
    outputs: Floats

    def __len__(self) -> int:
        return len(self.losses)

    def __post_init__(self) -> None:
        n, p = self.outputs.shape if self.outputs.ndim == 2 else (-1, -1)
        _expect_rising("curves.epochs", self.epochs)
        _expect("curves.losses", self.losses, np.dtype(np.float64), (n, len(self.epochs)))
        _expect("curves.outputs", self.outputs, np.dtype(np.float64), (n, p))


@dataclass(frozen=True, eq=False)
class Record:
    """The results of n trajectories that were trained by one call.

    Trajectory i has the setting `keys[i]` (n,) and the replicate `replicates[i]` (n,); `losses` (n, k) holds
    its final loss for each of the asked `epochs` (k,), which rise strictly, and may hold inf and NaN.
    `diverged_at` (n,) is the epoch in which its parameters left the finite numbers, 0 if they never did.
    `seconds` is what the call took. `weights` (n, p) holds the p weights and biases of each network after the
    last of `epochs`.
    """

    keys: Keys
    replicates: Ints
    epochs: Ints
    losses: Floats
    diverged_at: Ints
    seconds: float
    curves: Curves | None = None
    weights: Floats | None = None

    def __post_init__(self) -> None:
        n = len(self.keys)
        _expect("keys", self.keys, KEY, (n,))
        _expect("replicates", self.replicates, np.dtype(np.int64), (n,))
        _expect_rising("epochs", self.epochs)
        _expect("losses", self.losses, np.dtype(np.float64), (n, len(self.epochs)))
        _expect("diverged_at", self.diverged_at, np.dtype(np.int64), (n,))
        if not 0 <= self.seconds < np.inf:
            raise ValueError(f"`seconds` must be finite and at least 0, got {self.seconds}")
        if self.curves is not None and len(self.curves.losses) != n:
            raise ValueError(f"`curves` must be of {n} trajectories, got {len(self.curves.losses)}")
        if self.weights is not None:
            _expect("weights", self.weights, np.dtype(np.float64), (n, *self.weights.shape[1:2]))

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, part: slice) -> "Record":
        """Return the trajectories of a slice as a record; it counts the seconds in proportion."""
        n = len(self.keys[part])
        curves = self.curves
        return Record(
            keys=self.keys[part],
            replicates=self.replicates[part],
            epochs=self.epochs,
            losses=self.losses[part],
            diverged_at=self.diverged_at[part],
            seconds=self.seconds * n / max(len(self), 1),
            curves=curves and Curves(curves.epochs, curves.losses[part], curves.outputs[part]),
            weights=None if self.weights is None else self.weights[part],
        )


@dataclass(frozen=True, eq=False)
class Failure:
    """A batch of n trajectories that could not be trained: `keys` (n,), `replicates` (n,), and the reason.

    `reason` is a traceback, or says that the batch killed its worker.
    """

    keys: Keys
    replicates: Ints
    reason: str

    def __post_init__(self) -> None:
        _expect("keys", self.keys, KEY, (len(self.keys),))
        _expect("replicates", self.replicates, np.dtype(np.int64), (len(self.keys),))


def _expect(
    name: str, array: npt.NDArray[np.generic], dtype: np.dtype[np.generic], shape: tuple[int, ...]
) -> None:
    if array.dtype != dtype or array.shape != shape:
        raise ValueError(
            f"`{name}` must be {dtype} of shape {shape}, got {array.dtype} of shape {array.shape}"
        )


def _expect_rising(name: str, epochs: Ints) -> None:
    _expect(name, epochs, np.dtype(np.int64), (len(epochs),))
    if (epochs < 0).any() or (np.diff(epochs) <= 0).any():
        raise ValueError(f"`{name}` must rise strictly from at least 0, got {epochs.tolist()}")
