"""The loop of a dispatch, whoever trains: give out, take what lands, put back what is left, hand on the outcomes."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from math import ceil

from sweep.dispatch.fates import Fate
from sweep.dispatch.tasks import Queue, Task
from sweep.errors import WorkersError
from sweep.terms.outcome import Outcome
from sweep.training.batch import Batch

MOST_SECONDS = 1.0
"""What is given out at once takes about so long at most, by what the last ones took."""


class Crew(ABC):
    """Those who train what is in a queue.

    `learns` says that nobody knows beforehand what trajectories take, and that batches come back in parts.
    """

    def __init__(self, queue: Queue, *, learns: bool) -> None:
        self.queue = queue
        self.learns = learns
        self.failure: WorkersError | None = None
        """Why nobody gets on; what was in flight is in the queue again."""
        self.innocent = 0
        """So many processes were ended from outside, as is known, by no run's fault."""
        self.most_seconds = MOST_SECONDS
        self.most: int | None = None
        """So many trajectories are given out at once: what was too much would wait while others have nothing."""

    def outcomes(self) -> Generator[tuple[Batch, Outcome], None, None]:
        """Yield parts of batches with their outcomes until nothing is left, or nobody gets on.

        Raises `WorkersError` in the latter case: what has no outcome then is in the queue.
        """
        while self._give():
            fate = self._land()
            self._put_back(fate.back)
            for _, outcome in fate.outcomes:
                self._learn(outcome)
            self._give()  # before anything is yielded: nobody waits for what is stored meanwhile
            for task, outcome in fate.outcomes:
                self.innocent += task.kills if outcome.reasons == {} else 0
                yield task.batch, outcome
        if self.failure is not None:
            self.queue.put_back(self._in_flight())
            raise self.failure

    @abstractmethod
    def close(self) -> None:
        """End all that is still being trained, and let go of those who train."""

    @abstractmethod
    def _give(self) -> bool:
        """Give out what may be given; return whether anything is in flight that will come back."""

    @abstractmethod
    def _land(self) -> Fate:
        """Wait until something has come back, or never will, and return what becomes of it."""

    @abstractmethod
    def _in_flight(self) -> list[Task]:
        """Return what has been given out, and has not come back."""

    def _put_back(self, tasks: Sequence[Task]) -> None:
        self.queue.put_back(tasks)

    def _learn(self, outcome: Outcome) -> None:
        """Learn from what trajectories took how many are worth giving out at once."""
        if self.learns and outcome.seconds > 0:
            self.most = max(1, ceil(self.most_seconds * len(outcome) / outcome.seconds))
