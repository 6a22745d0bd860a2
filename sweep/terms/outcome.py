"""What came of a batch of trajectories: one shape, from the worker to the store, the tables, claims and figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.terms.arrays import Floats, Ints, Keys, Statuses

KEY = np.dtype("V16")
"""The identity of a setting: 16 raw bytes."""


class Status(IntEnum):
    """What became of a run. All but `MISSING` are results."""

    MISSING = 0
    OK = 1
    DIVERGED = 2
    """It left the finite numbers: a result, the worst there is."""
    FAILED = 3
    """It raised."""
    TIMEOUT = 4
    """It was ended since it took too long."""
    KILLED = 5
    """Its process died, or was ended since it took too much memory."""


WITHOUT_RESULT = (Status.FAILED, Status.TIMEOUT, Status.KILLED)
"""Runs that have no metrics, and may be tried again."""


@dataclass(frozen=True, eq=False)
class Curves:
    """The metrics of n trajectories along their training.

    `steps` (c,) rise strictly; `metrics` holds for each name the values (n, c) after each of them.
    """

    steps: Ints
    metrics: Mapping[str, Floats]

    def __post_init__(self) -> None:
        _check_rising("curves.steps", self.steps)

    def __getitem__(self, part: slice) -> "Curves":
        return Curves(self.steps, {name: values[part] for name, values in self.metrics.items()})


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the training of n trajectories gave, by one call or as a part of it.

    Attributes
    ----------
    keys, replicates
        Shape (n,): the identity of each trajectory's setting, and its replicate.
    steps
        Shape (k,), rising: after how many steps the metrics were read; (0,) where the training has no steps. Where
        nothing was trained it may have the shape (0,).
    metrics
        By name, each of shape (n, k). They may hold inf and NaN: a trajectory that diverged, or that failed.
    status
        Shape (n,), of `Status`: OK, DIVERGED, or how it ended without a result.
    ended_at
        Shape (n,): the step at which a trajectory ended before the last one; 0 if it went to the end. What was read
        before that step holds.
    seconds
        What the call took.
    reasons
        Why trajectories have no result, by their index in the arrays: a traceback, or a sentence.
    curves
        The metrics along the training, if they are kept.
    extras
        What else is kept, by name: arrays of shape (n, ...).
    code
        Of a training that is the user's own code: by the name of each part of it a fingerprint of what was run.
    note
        What the user is to be told of how they were trained, a sentence; it is not stored.
    """

    keys: Keys
    replicates: Ints
    steps: Ints
    metrics: Mapping[str, Floats]
    status: Statuses
    ended_at: Ints
    seconds: float
    reasons: Mapping[int, str] = field(default_factory=dict)
    curves: Curves | None = None
    extras: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def __post_init__(self) -> None:
        n = len(self.keys)
        _check("keys", self.keys, KEY, (n,))
        _check("replicates", self.replicates, np.dtype(np.int64), (n,))
        _check_rising("steps", self.steps)
        _check("status", self.status, np.dtype(np.uint8), (n,))
        _check("ended_at", self.ended_at, np.dtype(np.int64), (n,))
        for name, values in self.metrics.items():
            _check(f"metrics[{name!r}]", values, np.dtype(np.float64), (n, len(self.steps)))
        for name, values in self.curves.metrics.items() if self.curves is not None else ():
            _check(f"curves[{name!r}]", values, np.dtype(np.float64), (n, *values.shape[1:2]))
        for name, array in self.extras.items():
            _check(f"extras[{name!r}]", array, array.dtype, (n, *array.shape[1:]))
        if not 0 <= self.seconds < np.inf:
            raise ValueError(f"`seconds` must be finite and at least 0, got {self.seconds}")

    @staticmethod
    def without_result(keys: Keys, replicates: Ints, status: Status, reason: str) -> "Outcome":
        """Return the outcome of trajectories that all ended in the same way, for the same reason."""
        n = len(keys)
        return Outcome(
            keys=keys,
            replicates=replicates,
            steps=np.zeros(0, dtype=np.int64),
            metrics={},
            status=np.full(n, status, dtype=np.uint8),
            ended_at=np.zeros(n, dtype=np.int64),
            seconds=0.0,
            reasons=dict.fromkeys(range(n), reason),
        )

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, part: slice) -> "Outcome":
        """Return the trajectories of a slice (of step 1); it counts the seconds in proportion."""
        start, stop, _ = part.indices(len(self))
        return Outcome(
            keys=self.keys[part],
            replicates=self.replicates[part],
            steps=self.steps,
            metrics={name: values[part] for name, values in self.metrics.items()},
            status=self.status[part],
            ended_at=self.ended_at[part],
            seconds=self.seconds * max(stop - start, 0) / max(len(self), 1),
            reasons={i - start: reason for i, reason in self.reasons.items() if start <= i < stop},
            curves=self.curves and self.curves[part],
            extras={name: values[part] for name, values in self.extras.items()},
            code=self.code,
            note=self.note,
        )


def joined(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return outcomes in which neighbours that are alike in all but their trajectories have become one.

    Those with curves or extras stay as they are.
    """
    groups: list[list[Outcome]] = []
    for outcome in outcomes:
        if groups and _are_alike(groups[-1][0], outcome):
            groups[-1].append(outcome)
        else:
            groups.append([outcome])
    return [group[0] if len(group) == 1 else _one_of(group) for group in groups]


def _are_alike(one: Outcome, other: Outcome) -> bool:
    return (
        np.array_equal(one.steps, other.steps)
        and one.curves is None
        and other.curves is None
        and not one.extras
        and not other.extras
        and one.metrics.keys() == other.metrics.keys()
        and one.code == other.code
    )


def _one_of(parts: Sequence[Outcome]) -> Outcome:
    starts = np.cumsum([0, *map(len, parts)]).tolist()
    return Outcome(
        keys=np.concatenate([part.keys for part in parts]),
        replicates=np.concatenate([part.replicates for part in parts]),
        steps=parts[0].steps,
        metrics={name: np.concatenate([part.metrics[name] for part in parts]) for name in parts[0].metrics},
        status=np.concatenate([part.status for part in parts]),
        ended_at=np.concatenate([part.ended_at for part in parts]),
        seconds=sum(part.seconds for part in parts),
        reasons={
            start + i: reason
            for start, part in zip(starts, parts, strict=False)
            for i, reason in part.reasons.items()
        },
        code=parts[0].code,
        note=next((part.note for part in parts if part.note), ""),
    )


def _check(
    name: str, array: NDArray[np.generic], dtype: np.dtype[np.generic], shape: tuple[int, ...]
) -> None:
    if array.dtype != dtype or array.shape != shape:
        raise ValueError(
            f"`{name}` must be {dtype} of shape {shape}, got {array.dtype} of shape {array.shape}"
        )


def _check_rising(name: str, steps: Ints) -> None:
    _check(name, steps, np.dtype(np.int64), (len(steps),))
    if (steps < 0).any() or (np.diff(steps) <= 0).any():
        raise ValueError(f"`{name}` must rise strictly from at least 0, got {steps.tolist()}")
