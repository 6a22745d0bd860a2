"""What happens beside the thread of a dispatch, each thing an event in its one queue."""

from dataclasses import dataclass
from typing import Any

from sweep.dispatch.cluster.messages import Answer, Likeness


@dataclass(frozen=True)
class Landed:
    """A task has come back: with an answer, or what was raised in its place."""

    number: int
    answer: Answer | BaseException


@dataclass(frozen=True)
class Joined:
    """Workers are there that were not."""


@dataclass(frozen=True)
class Begun:
    """A task that is trained alone has begun, as its worker has made known before."""

    number: int


@dataclass(frozen=True)
class Ended:
    """Such a task has ended, and what its worker does from now on is no fault of it."""

    number: int


@dataclass(frozen=True)
class Left:
    """A worker is there no longer; `expected` if it has said so before, and nothing is to blame."""

    address: str
    expected: bool


@dataclass(frozen=True)
class Looked:
    """A worker was looked at."""

    address: str
    future: Any
    found: Likeness | BaseException


@dataclass(frozen=True)
class Present:
    """The scheduler has said who is there; or what was raised instead."""

    workers: dict[str, dict[str, Any]] | BaseException


Event = Landed | Joined | Begun | Ended | Left | Looked | Present
