"""What travels between this process and the workers of a cluster: as objects, since Dask takes texts for keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sweep.dispatch.tasks import Task
from sweep.terms.outcome import Outcome
from sweep.terms.surroundings import UNKNOWN, Surroundings
from sweep.training.batch import Batch, Isolation

TOPIC = "sweep"
"""Under which workers tell what they are at: one for all dispatches, since a scheduler keeps each for ever."""


@dataclass(frozen=True)
class Brief:
    """What a worker is told once.

    Attributes
    ----------
    name
        Of this dispatch, and of no other.
    trainer
        What trains batches, pickled.
    packages
        The packages whose versions results depend on, as they are imported.
    seconds
        What a task has not done after so long goes back, to whoever is free.
    isolation
        How runs are kept apart; None where batches are trained in the worker's own threads.
    loaded
        What is loaded before the first run, in words.
    code, folder
        The user's code, packed, and where it is on the machine of the sweep; empty and None if there is none.
    examples
        Small batches, which give the same bits everywhere, or else a worker is not used.
    results, keeps_files
        The folder of the results, and whether runs keep files of their own there.
    """

    name: str
    trainer: bytes = field(repr=False)
    packages: tuple[str, ...]
    seconds: float
    isolation: Isolation | None
    loaded: str
    code: bytes = field(repr=False)
    folder: Path | None
    examples: tuple[Batch, ...] = field(repr=False)
    results: Path | None
    keeps_files: bool


@dataclass(frozen=True)
class Likeness:
    """What has to be the same on two machines, or else they may give other bits.

    Attributes
    ----------
    versions
        Of programs and packages, by their names.
    code
        A fingerprint of each file of the user's code, by its path.
    bits
        A hash of what small trainings gave, or, where nobody's code is run for that, of some of numpy's functions.
    obstacle
        What keeps a worker from training at all, in words; "" if nothing does.
    surroundings
        Where it is, to be told in the report; these may differ.
    """

    versions: Mapping[str, str]
    code: Mapping[str, str]
    bits: str
    obstacle: str = ""
    surroundings: Surroundings = UNKNOWN


@dataclass(frozen=True)
class Glance:
    """What a worker is asked first: what it is like. Its threads have the numbers of their host from `first` on."""

    brief: Brief
    first: int


@dataclass(frozen=True)
class Order:
    """A task for a worker with its number, and the name of its brief.

    So many deaths as `innocent` are known to be no run's fault.
    """

    name: str
    number: int
    task: Task
    innocent: int


@dataclass(frozen=True)
class Answer:
    """What came of a task.

    Attributes
    ----------
    outcomes
        Parts of its batch with their outcomes.
    back
        What is to be trained again, by anybody.
    innocent
        So many more deaths are known to be no run's fault.
    failure
        Why this worker gets nowhere; "" if it does.
    is_unknown
        Whether the worker has no such brief: it is another process than the one that was told.
    """

    outcomes: tuple[tuple[Batch, Outcome], ...] = ()
    back: tuple[Task, ...] = ()
    innocent: int = 0
    failure: str = ""
    is_unknown: bool = False

    @property
    def n_trajectories(self) -> int:
        """How many trajectories it speaks of."""
        return sum(len(batch) for batch, _ in self.outcomes) + sum(map(len, self.back))
