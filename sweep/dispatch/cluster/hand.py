"""A worker of a cluster as a dispatch sees it: what it has been given, and when it was heard of."""

import time
from dataclasses import dataclass, field

from sweep.dispatch.tasks import Task


@dataclass(eq=False)
class Hand:
    """A worker that is used, or looked at.

    `flying` are its tasks by their numbers, in the order in which they were given; `is_taken` says that one of them
    wants nothing beside it, and `announced` are those that the worker has said to be at. `first` is the first of the
    numbers, among the threads of its host, that its threads have. While `is_pausing` it begins nothing. `last_seen`, by
    the scheduler's clock, was heard of at `heard`, by that of this process; `is_silent` if that is long ago.
    """

    address: str
    threads: int
    host: str = ""
    first: int = 0
    flying: dict[int, Task] = field(default_factory=dict)
    announced: set[int] = field(default_factory=set)
    is_taken: bool = False
    is_pausing: bool = False
    last_seen: float = 0.0
    heard: float = field(default_factory=time.monotonic)
    is_silent: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it may be given something."""
        return not (self.is_taken or self.is_pausing or self.is_silent)

    @property
    def load(self) -> float:
        """Tasks a thread."""
        return len(self.flying) / self.threads

    @property
    def begun(self) -> list[int]:
        """The numbers of those that are at work, as far as is known."""
        return list(self.flying)[: self.threads]

    @property
    def waiting(self) -> list[int]:
        """The numbers of the others."""
        return list(self.flying)[self.threads :]
