"""Trains the trajectories of a batch many at once, by a function that takes arrays."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sweep.terms.arrays import Floats
from sweep.terms.outcome import Outcome, Status
from sweep.terms.reasons import headline_of, reason_of
from sweep.terms.values import OWN_DEFAULT
from sweep.training.batch import WITHOUT_STEPS, Batch, Desk
from sweep.training.function.code import Code
from sweep.training.function.returned import ReturnedError, arrays_in
from sweep.training.function.rows import (
    SECONDS_PER_BATCH,
    Ended,
    argument,
    column_of,
    outcome_of,
    told_yields,
    traceback_of,
)
from sweep.training.function.seeds import seeds_of

FIRST_SIZE = 256
GROWTH = 4
MOST = 4096
"""So many are trained in a call at first, so many times more as long as calls are short, and so many at most."""

_LOST = (
    "a call for many runs failed, and each of them went well when it was trained alone, which is slower: the batched "
    "function is to blame, and no run ({why})"
)


@dataclass
class Together:
    """A function that takes arrays, and how many it is given at once: what worked well is kept from batch to batch.

    `function`, `metrics`, `handed` and `is_generator` are as those of `Rows`; `batched` names what it takes as arrays.
    """

    function: Callable[..., Any]
    metrics: tuple[str, ...]
    handed: frozenset[str]
    is_generator: bool
    batched: tuple[str, ...]
    size: int = FIRST_SIZE

    def outcomes(self, batch: Batch, desk: Desk, code: Callable[[], Code]) -> Iterator[Outcome]:
        """Yield outcomes of the batch's first trajectories, call by call; the rest is for another time."""
        started, first = time.perf_counter(), 0
        while first < len(batch):
            part, began = batch[first : first + self.size], time.perf_counter()
            desk.begin(first, len(part))
            ended = self.train(part, desk)
            note = ""
            if len(part) > 1 and (reason := ended[0].reason):  # nobody knows yet which of them it was
                ended = self._one_by_one(part, first, desk)
                note = _LOST.format(why=headline_of(reason)) if not any(one.reason for one in ended) else ""
            desk.end()
            now = time.perf_counter()
            yield replace(outcome_of(part, self.metrics, ended, now - began, code()), note=note)
            first += len(part)
            if len(part) == self.size and now - began < SECONDS_PER_BATCH / 2:
                self.size = min(GROWTH * self.size, MOST)
            if now - started > SECONDS_PER_BATCH:
                return

    def _one_by_one(self, part: Batch, first: int, desk: Desk) -> list[Ended]:
        found = []
        for row in range(len(part)):
            desk.begin(first + row)
            found += self.train(part[row : row + 1], desk)
        return found

    def train(self, batch: Batch, desk: Desk) -> list[Ended]:
        """Train a batch in one call; whatever it raises is caught."""
        n = len(batch)
        ended = [Ended() for _ in range(n)]
        try:
            arguments = self._arguments(batch)
            given = self.function(**arguments)
            if self.is_generator and batch.steps != WITHOUT_STEPS:
                self._follow(given, batch, ended)
            elif self.is_generator:
                self._exhaust(told_yields(given, arguments), n, ended)
            else:
                _enter(arrays_in(given, self.metrics, n), ended, 0, is_asked=True, is_recorded=False)
        except ReturnedError as mistake:
            return [Ended(Status.FAILED, reason=reason_of(f"it {mistake}", desk.printed())) for _ in range(n)]
        except BaseException as error:  # SystemExit and KeyboardInterrupt are the call's own here
            reason = reason_of(traceback_of(error), desk.printed())
            return [Ended(Status.FAILED, reason=reason) for _ in range(n)]
        return ended

    def _arguments(self, batch: Batch) -> dict[str, Any]:
        found = {name: argument(value) for name, value in batch.fixed.items() if value is not OWN_DEFAULT}
        for name, values in batch.varying.items():
            found[name] = values if values.dtype != object else _array(column_of(values))
        replicates = batch.replicates.tolist()
        if "seed" in self.handed:
            seeds = seeds_of(batch.seed, replicates)
            found["seed"] = np.array([seeds[replicate] for replicate in replicates], dtype=np.int64)
        if "replicate" in self.handed:
            found["replicate"] = batch.replicates
        return found

    def _exhaust(self, given: Iterator[Any], n: int, ended: list[Ended]) -> None:
        """Take the last of what a generator yields."""
        arrays: list[Floats] = []
        for one in given:
            arrays = arrays_in(one, self.metrics, n)
            _enter(arrays, ended, 0, is_asked=False, is_recorded=False)
        if not arrays:
            raise ReturnedError("yielded nothing, expected numbers after each epoch")
        _enter(arrays, ended, 0, is_asked=True, is_recorded=False)

    def _follow(self, generator: Any, batch: Batch, ended: list[Ended]) -> None:
        asked, recorded, step = frozenset(batch.steps), frozenset(batch.curve_steps), 0
        try:
            for step, given in zip(range(1, batch.steps[-1] + 1), generator, strict=False):
                arrays = arrays_in(given, self.metrics, len(batch))
                _enter(arrays, ended, step, is_asked=step in asked, is_recorded=step in recorded)
        finally:
            generator.close()
        if step < batch.steps[-1]:
            raise ReturnedError(f"yielded {step} epochs and ended, {batch.steps[-1]} were asked for")


def _enter(arrays: list[Floats], ended: list[Ended], step: int, *, is_asked: bool, is_recorded: bool) -> None:
    """Enter what came of all trajectories after a step; one that has diverged stays so."""
    for row in np.flatnonzero(~np.isfinite(arrays[0])).tolist():
        if ended[row].status == Status.OK:
            ended[row].status, ended[row].ended_at = Status.DIVERGED, step
    if is_asked or is_recorded:
        for one, numbers in zip(ended, np.stack(arrays, axis=1).tolist(), strict=True):
            if one.status == Status.OK or one.ended_at == step:
                one.values += [numbers] if is_asked else []
                one.curve += [numbers] if is_recorded else []


def _array(values: list[Any]) -> Any:
    """Return values of mixed types as an array: of numbers if they all are, else of objects."""
    try:
        array = np.array(values)
    except ValueError:
        array = np.empty(0)
    if array.shape == (len(values),) and array.dtype.kind in "bifuU":
        return array
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
