"""Trains the trajectories of a batch one by one, each caught by itself."""

import math
import sys
import time
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from sweep.terms.outcome import Curves, Outcome, Status
from sweep.terms.reasons import reason_of
from sweep.terms.values import OWN_DEFAULT, Value
from sweep.training.batch import WITHOUT_STEPS, Batch, Desk
from sweep.training.function.code import Code
from sweep.training.function.returned import ReturnedError, numbers_in
from sweep.training.function.seeds import seeds_of
from sweep.training.function.signature import TOLD_STEPS

SECONDS_PER_PART = 0.1
"""What has taken longer is handed over at once: should the process die, no more than this is to be done again.

A part takes about half a thousandth of a second: with parts of a hundredth of a second runs of a thousandth took 5 %
longer.
"""
SECONDS_PER_BATCH = 0.5
"""After so long the rest of a batch is handed back, to whoever is free."""

_PACKAGE = str(Path(__file__).parents[2])


@dataclass(slots=True)
class Ended:
    """How one trajectory ended: `values` at each of the steps asked for, as far as it got; `curve` likewise."""

    status: Status = Status.OK
    ended_at: int = 0
    values: list[list[float]] = field(default_factory=list)
    curve: list[list[float]] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True)
class Rows:
    """What is needed to train the rows of a batch.

    Attributes
    ----------
    function
        The function itself.
    metrics
        The names of its metrics; the first is the objective.
    handed
        Which of seed, replicate and folder it takes.
    is_generator
        Whether it yields its metrics, step by step.
    """

    function: Callable[..., Any]
    metrics: tuple[str, ...]
    handed: frozenset[str]
    is_generator: bool

    def outcomes(self, batch: Batch, desk: Desk, code: Callable[[], Code]) -> Iterator[Outcome]:
        """Yield outcomes of the batch's first trajectories, as they come; the rest is for another time."""
        ended: list[Ended] = []
        first, started = 0, time.perf_counter()
        last = started
        for row, arguments in enumerate(arguments_of(batch, self.handed, desk)):
            desk.begin(row)
            ended.append(self.train(arguments, batch, desk))
            desk.end()
            now = time.perf_counter()
            is_late = now - started > SECONDS_PER_BATCH
            if is_late or now - last > SECONDS_PER_PART or row == len(batch) - 1:
                part = batch[first : row + 1]
                yield outcome_of(part, self.metrics, ended, now - last, code())
                if is_late:
                    return
                ended, first, last = [], row + 1, time.perf_counter()

    def train(self, arguments: dict[str, Any], batch: Batch, desk: Desk) -> Ended:
        """Train one trajectory; whatever it raises is caught."""
        ended = Ended()
        try:
            if self.is_generator and batch.steps != WITHOUT_STEPS:
                self._follow(self.function(**arguments), batch, ended)
            elif self.is_generator:
                self._exhaust(told_yields(self.function(**arguments), arguments), ended)
            else:
                ended.values.append(numbers_in(self.function(**arguments), self.metrics))
                ended.status = Status.OK if math.isfinite(ended.values[0][0]) else Status.DIVERGED
        except ReturnedError as mistake:
            ended.status, ended.reason = Status.FAILED, reason_of(f"it {mistake}", desk.printed())
        except BaseException as error:  # SystemExit and KeyboardInterrupt are the run's own here
            ended.status, ended.reason = Status.FAILED, reason_of(traceback_of(error), desk.printed())
        return ended

    def _exhaust(self, given: Iterator[Any], ended: Ended) -> None:
        """Take the last of what a generator yields, or where it diverges."""
        numbers: list[float] = []
        for one in given:
            numbers = numbers_in(one, self.metrics)
            if not math.isfinite(numbers[0]):
                ended.status = Status.DIVERGED
                break
        if not numbers:
            raise ReturnedError("yielded nothing, expected numbers after each epoch")
        ended.values.append(numbers)

    def _follow(self, generator: Generator[Any], batch: Batch, ended: Ended) -> None:
        """Take what a generator yields, to the last step that is asked for or to where it diverges."""
        asked, recorded = frozenset(batch.steps), frozenset(batch.curve_steps)
        step = 0
        ended.ended_at = 1  # as long as it has not yielded
        try:
            for step, given in zip(range(1, batch.steps[-1] + 1), generator, strict=False):
                numbers = numbers_in(given, self.metrics)
                if step in asked:
                    ended.values.append(numbers)
                if step in recorded:
                    ended.curve.append(numbers)
                if not math.isfinite(numbers[0]):
                    ended.status, ended.ended_at = Status.DIVERGED, step
                    return
                ended.ended_at = step + 1
        finally:
            generator.close()
        if step < batch.steps[-1]:
            epochs = "epoch" if step == 1 else "epochs"
            raise ReturnedError(f"yielded {step} {epochs} and ended, {batch.steps[-1]} were asked for")
        ended.ended_at = 0


def told_yields(generator: Any, arguments: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what a generator gives that is told its number of epochs: as often, or to its end."""
    epochs = arguments.get(TOLD_STEPS)
    if epochs is not None and not (type(epochs) is int and epochs >= 1):
        raise ReturnedError(f"yields after each epoch, and {epochs!r} epochs are no whole number from 1 on")
    try:
        yield from islice(generator, epochs)
    finally:
        generator.close()


def arguments_of(batch: Batch, handed: frozenset[str], desk: Desk) -> Iterator[dict[str, Any]]:
    """Yield the arguments of each trajectory."""
    fixed = {name: argument(value) for name, value in batch.fixed.items() if value is not OWN_DEFAULT}
    columns = [column_of(values) for values in batch.varying.values()]
    names, replicates = tuple(batch.varying), batch.replicates.tolist()
    are_plain = all(batch.varying[name].dtype != object for name in names)
    seeds = seeds_of(batch.seed, replicates) if "seed" in handed else {}
    for row, replicate in enumerate(replicates):
        found = {**fixed, **{name: column[row] for name, column in zip(names, columns, strict=True)}}
        if not are_plain:
            found = {name: value for name, value in found.items() if value is not OWN_DEFAULT}
        if "seed" in handed:
            found["seed"] = seeds[replicate]
        if "replicate" in handed:
            found["replicate"] = replicate
        if "folder" in handed:
            found["folder"] = folder_of(desk.folder, batch, row)
        yield found


def argument(value: Value) -> Any:
    """Return a value as it is handed to a function: a row as a list."""
    return [argument(part) for part in value] if isinstance(value, tuple) else value


def column_of(values: Any) -> list[Any]:
    """Return the values of a parameter along a batch, each as it is handed over."""
    listed: list[Any] = values.tolist()
    return [argument(value) for value in listed] if values.dtype == object else listed


def folder_of(results: Path | None, batch: Batch, row: int) -> Path:
    """Return the folder of a run's own, made if need be: below the results, named by what the run is."""
    name = f"{batch.keys[row].tobytes().hex()}-{batch.replicates[row]}"
    folder = (Path() if results is None else results).absolute() / "folders" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def traceback_of(error: BaseException) -> str:
    """Return a traceback that begins where the user's code does."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        trace = trace.tb_next
    try:
        return "".join(traceback.format_exception(type(error), error, trace))
    except Exception:  # an exception whose text cannot be made
        return f"{type(error).__name__}: {sys.exc_info()[1]!r}"


def outcome_of(
    batch: Batch, metrics: Sequence[str], ended: Sequence[Ended], seconds: float, code: Code
) -> Outcome:
    """Return the outcome of the trajectories of a batch, each of which has ended."""
    values = _filled([one.values for one in ended], len(batch.steps), len(metrics))
    curves = None
    if batch.curve_steps:
        along = _filled([one.curve for one in ended], len(batch.curve_steps), len(metrics))
        by_metric = {name: along[:, :, i].copy() for i, name in enumerate(metrics)}
        curves = Curves(np.array(batch.curve_steps, dtype=np.int64), by_metric)
    return Outcome(
        keys=batch.keys,
        replicates=batch.replicates,
        steps=np.array(batch.steps, dtype=np.int64),
        metrics={name: values[:, :, i].copy() for i, name in enumerate(metrics)},
        status=np.array([one.status for one in ended], dtype=np.uint8),
        ended_at=np.array([one.ended_at for one in ended], dtype=np.int64),
        seconds=seconds,
        reasons={row: one.reason for row, one in enumerate(ended) if one.reason},
        curves=curves,
        code=code,
    )


def _filled(rows: Sequence[Sequence[Sequence[float]]], n_steps: int, n_metrics: int) -> np.ndarray[Any, Any]:
    """Return rows of shape (at most n_steps, n_metrics) as one array, NaN where there is nothing."""
    if n_steps == 1 and all(rows):
        return np.array(rows, dtype=np.float64).reshape(len(rows), 1, n_metrics)
    found = np.full((len(rows), n_steps, n_metrics), np.nan)
    for row, values in enumerate(rows):
        if values:
            found[row, : len(values)] = values
    return found
