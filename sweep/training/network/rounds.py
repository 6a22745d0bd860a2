"""Rounds: several networks of one run train side by side, and go on from the best of them after every round.

This is part 9 of the article series. It is a composition over any trainer: the epochs are cut where rounds end, each
piece is a task of its own, and between two pieces the best network's parameters are copied. What happens up to an
epoch does not depend on how many follow, so that shorter trainings are read off a longer one here as well.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from sweep.terms.arrays import Floats, Ints
from sweep.training.network.task import Task, Trained, Trainer


def train_in_rounds(train: Trainer, task: Task, networks: int, round_epochs: int) -> Trained:
    """Train runs of several networks each, and return one outcome for each run.

    The best network of a run is the one with the smallest checked loss, and of several such the first; one whose loss
    or parameters are not finite is never the best. At the end of a round all others go on from its parameters, each
    with samples of its own as before: so one that had diverged is in again. Where none is finite, nothing is copied.

    Parameters
    ----------
    train
        What trains the networks.
    task
        n · `networks` trainings; those of one run stand together.
    networks
        How many networks a run has. With one there is nothing to choose from, and `train` has the task as it is.
    round_epochs
        After so many epochs, each time, a round ends; 0: never.

    Returns
    -------
    Trained
        Of n runs. A loss is the smallest of the networks' after that epoch, inf where none is finite. `parameters` and
        `outputs` are those of the best network at the end (of the first one if none is finite). `diverged_at` is the
        epoch after which no network was left in the finite numbers, 0 if one is at the end.
    """
    if networks == 1:
        return train(task)
    tape, parameters = _Tape(task.samples), task.initial
    diverged_at = np.zeros(len(parameters), dtype=np.int64)
    losses: list[Floats] = []
    for before, end in pairwise(_bounds(int(task.record_epochs[-1]), round_epochs)):
        epochs = _recorded(task.record_epochs, before, end)
        piece = replace(
            task, initial=parameters, samples=tape.next(end - before), record_epochs=epochs - before
        )
        trained = _from_the_start(train(piece), diverged_at, before, epochs)
        by_run = trained.losses.reshape(-1, networks, len(epochs))
        losses.append(by_run.min(axis=1)[:, np.isin(epochs, task.record_epochs)])
        goes_on_from = _goes_on_from(by_run[:, :, -1])
        parameters, diverged_at = trained.parameters[goes_on_from], trained.diverged_at[goes_on_from]
    first = slice(0, None, networks)  # after the last piece the best network's are those of all
    return Trained(
        losses=np.concatenate(losses, axis=1),
        diverged_at=_when_all_had(trained.diverged_at.reshape(-1, networks)),
        parameters=parameters[first],
        outputs=trained.outputs[goes_on_from][first],
    )


class _Tape:
    """Samples that are played piece by piece, each from where the one before it ended."""

    def __init__(self, samples: Iterable[Floats]) -> None:
        self._chunks = iter(samples)
        self._rest: Floats | None = None

    def next(self, epochs: int) -> Iterator[Floats]:
        """Yield chunks of so many epochs together, or of fewer where the samples end."""
        while epochs > 0:
            chunk = next(self._chunks, None) if self._rest is None else self._rest
            if chunk is None:
                return
            self._rest = chunk[epochs:] if len(chunk) > epochs else None
            epochs -= min(len(chunk), epochs)
            yield chunk[: len(chunk) - (0 if self._rest is None else len(self._rest))]


def _bounds(last: int, round_epochs: int) -> list[int]:
    """Return 0 and the epochs after which a round ends, and the last epoch.

    >>> _bounds(5, 2), _bounds(4, 2), _bounds(5, 0)
    ([0, 2, 4, 5], [0, 2, 4], [0, 5])
    """
    return [*range(0, last, round_epochs or last), last]


def _recorded(asked: Ints, before: int, end: int) -> Ints:
    """Return the asked epochs of a piece, and its last one, where the best network is found."""
    return np.union1d(asked[(asked > before) & (asked < end)], [end])


def _from_the_start(piece: Trained, diverged_at: Ints, before: int, epochs: Ints) -> Trained:
    """Return a piece's outcome with its epochs counted from the start of all, and inf for losses that are not finite.

    `diverged_at` is that of the pieces before: a network that was lost there stays so.
    """
    here = np.where(piece.diverged_at > 0, before + piece.diverged_at, 0)
    lost = np.where(diverged_at > 0, diverged_at, here)
    is_lost = np.logical_and(lost[:, None] > 0, lost[:, None] <= epochs)
    losses = np.where(np.isfinite(piece.losses) & ~is_lost, piece.losses, np.inf)
    return replace(piece, losses=losses, diverged_at=lost)


def _goes_on_from(losses: Floats) -> Ints:
    """Return for each network the one whose parameters it goes on with: the best of its run, itself if none is finite.

    `losses` has shape (n, networks); the result has shape (n * networks,).
    """
    itself = np.arange(losses.size).reshape(losses.shape)
    best = itself[:, :1] + losses.argmin(axis=1)[:, None]
    return np.where(np.isfinite(losses).any(axis=1, keepdims=True), best, itself).ravel()


def _when_all_had(diverged_at: Ints) -> Ints:
    """Return the epoch of the last network of each run to diverge, 0 where one has not."""
    return np.where((diverged_at > 0).all(axis=1), diverged_at.max(axis=1), 0)
