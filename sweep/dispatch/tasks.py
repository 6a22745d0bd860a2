"""What is to be trained still: batches as they come, and before them what was put back."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sweep.training.batch import Batch


@dataclass(frozen=True)
class Task:
    """A batch to be trained.

    Attributes
    ----------
    tries
        How often its one trajectory has been tried and had no result, none of it by another's fault.
    kills
        How often a process has died that trained it alone.
    innocent
        How many deaths were known to be no run's fault when the first of these came.
    in_fresh_process
        Whether it needs a process that has trained nothing before.
    alone
        Whether it is to be trained with nothing beside it in the same process, since one died that trained it.
    """

    batch: Batch
    tries: int = 0
    kills: int = 0
    innocent: int = 0
    in_fresh_process: bool = False
    alone: bool = False

    def __len__(self) -> int:
        return len(self.batch)

    def __getitem__(self, part: slice) -> "Task":
        whole = part.indices(len(self))[:2] == (0, len(self))
        return self if whole else replace(self, batch=self.batch[part])


class Queue:
    """Gives out tasks, each once, if it is not put back."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._back: deque[Task] = deque()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing now."""
        self._draw()
        return not self._back

    def next(self, most: int | None = None) -> Task | None:
        """Return what is to be trained next, at most so many trajectories; None if there is nothing now."""
        self._draw()
        task = self._back.popleft() if self._back else None
        if task is None or most is None or len(task) <= most:
            return task
        self._back.appendleft(task[most:])
        return task[:most]

    def _draw(self) -> None:
        if not self._back and (batch := next(self._batches, None)) is not None:
            self._back.append(Task(batch))

    def put_back(self, tasks: Sequence[Task]) -> None:
        """Let these be the next, in their order; those without trajectories are none."""
        self._back.extendleft(reversed([task for task in tasks if len(task)]))
