"""Batches → workers → outcomes, as they finish: a bounded window in flight, and no batch lost with a worker."""

import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from sweep.dispatch.executors import Pool
from sweep.dispatch.interrupts import held_back

B = TypeVar("B")
R = TypeVar("R")

MOST_KILLS = 3
"""A batch whose worker has died this often is given up."""


@dataclass
class _Attempt(Generic[B]):
    batch: B
    kills: int = 0


def dispatch(
    batches: Iterator[B], work: Callable[[B], R], failed: Callable[[B, str], R], pool: Pool
) -> Generator[tuple[B, R], None, None]:
    """Yield every batch with its outcome as soon as that is there, in no particular order.

    `work(batch)` gives it, in a worker. Of a batch that raised, or that killed its worker again and again, it is
    `failed(batch, reason)`: the reason is a traceback, or a sentence.

    When a worker dies, every batch in flight is a suspect. Suspects are repeated one at a time, so that the one that
    kills its worker is known for certain and the others are not blamed with it. No process is left behind, also if
    the caller stops early.
    """
    flights = _Flights[B, R](work, failed, pool)
    try:
        while flights.fill(batches):
            yield from flights.land()
    finally:
        flights.close()


class _Flights(Generic[B, R]):
    """The batches in flight, and the executor they fly with."""

    def __init__(self, work: Callable[[B], R], failed: Callable[[B, str], R], pool: Pool) -> None:
        self.work, self.failed, self.pool = work, failed, pool
        self.executor: Executor | None = None
        self.flying: dict[Future[R], _Attempt[B]] = {}
        self.suspects: deque[_Attempt[B]] = deque()

    def fill(self, batches: Iterator[B]) -> bool:
        """Start what may be started now; False if nothing is in flight and nothing left to start."""
        if self.suspects:
            if not self.flying:
                self._start(self.suspects.popleft())
            return True
        while len(self.flying) < self.pool.window:
            batch = next(batches, None)
            if batch is None:
                break
            self._start(_Attempt(batch))
            if self.suspects:
                break
        return bool(self.flying or self.suspects)

    def land(self) -> Iterator[tuple[B, R]]:
        """Wait for the next batches to finish and yield what came of them."""
        finished, _ = wait(self.flying, return_when=FIRST_COMPLETED) if self.flying else (set(), None)
        if any(_is_broken(future) for future in finished):
            # The executor fails all that it holds; what had finished before it broke keeps its result.
            finished, _ = wait(self.flying)
            self.close()
        for future in finished:
            yield from self._outcome(future, self.flying.pop(future))

    def close(self) -> None:
        if self.executor is not None:
            self.pool.stop(self.executor, self.flying)
        self.executor = None

    def _start(self, attempt: _Attempt[B]) -> None:
        if self.executor is None:
            self.pool.prepare()
            with held_back():  # so that no executor is started that `close` does not know of
                self.executor = self.pool.start()
        try:
            self.flying[self.executor.submit(self.work, attempt.batch)] = attempt
        except BrokenExecutor:
            # It broke since the last look; the batches that were in flight will say so themselves.
            self.suspects.append(attempt)
            if not self.flying:
                self.close()

    def _outcome(self, future: "Future[R]", attempt: _Attempt[B]) -> Iterator[tuple[B, R]]:
        error = future.exception()
        if error is None:
            yield attempt.batch, future.result()
        elif not isinstance(error, BrokenExecutor):
            yield attempt.batch, self.failed(attempt.batch, "".join(traceback.format_exception(error)))
        else:
            attempt.kills += 1
            if attempt.kills < MOST_KILLS:
                self.suspects.append(attempt)
            else:
                reason = f"its worker process died {attempt.kills} times: {error}"
                yield attempt.batch, self.failed(attempt.batch, reason)


def _is_broken(future: "Future[R]") -> bool:
    return isinstance(future.exception(), BrokenExecutor)
