"""What a worker is handed, and how much of a training it needs: light, since every worker imports it as it starts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from sweep.terms.arrays import Ints, Keys
from sweep.terms.outcome import Outcome
from sweep.terms.values import Value

WITHOUT_STEPS = (0,)
"""The steps of a training that has none."""


@dataclass(frozen=True, eq=False)
class Batch:
    """n trajectories for one call of a training; small, since it travels to the worker.

    Attributes
    ----------
    keys, replicates
        Shape (n,): the identity of each trajectory.
    fixed
        The value of every parameter that is the same for all; of the steps, and of those in `varying`, there is none.
    varying
        For each parameter in which the trajectories may differ an array of shape (n,).
    steps
        The step counts asked of each of the trajectories, ascending; `WITHOUT_STEPS` where there are none.
    curve_steps
        The steps at which the metrics are recorded for learning curves, ascending; empty if none are asked for.
    seed
        Of the experiment.
    keep
        Which of the training's `keeps` are switched on.
    seconds
        Estimated duration on one core.
    """

    keys: Keys
    replicates: Ints
    fixed: Mapping[str, Value]
    varying: Mapping[str, NDArray[Any]]
    steps: tuple[int, ...]
    curve_steps: tuple[int, ...]
    seed: int
    keep: frozenset[str]
    seconds: float

    def __len__(self) -> int:
        return len(self.replicates)

    def __getitem__(self, part: slice) -> "Batch":
        """Return the trajectories of a slice (of step 1); it counts the seconds in proportion."""
        replicates = self.replicates[part]
        return replace(
            self,
            keys=self.keys[part],
            replicates=replicates,
            varying={name: values[part] for name, values in self.varying.items()},
            seconds=self.seconds * len(replicates) / max(len(self), 1),
        )

    @property
    def n_runs(self) -> int:
        """How many runs are read off the batch."""
        return len(self) * len(self.steps)


@dataclass(frozen=True)
class Isolation:
    """How the runs of code that is not ours are kept apart, so that none costs another its result.

    Attributes
    ----------
    timeout_seconds, memory_gb
        What one run may take: its time, and the memory of its process with all that descend from it; None if there is
        no limit. A run that takes more is ended, and no other.
    retries
        How often a run that raised, was ended or whose process died is tried again.
    fresh_process
        Whether each run has a process of its own.
    devices
        The i-th worker sees the i-th of these in `CUDA_VISIBLE_DEVICES`, and again from the first on; () leaves the
        variable alone.
    threads
        Of BLAS and its like in each worker.
    """

    timeout_seconds: float | None = None
    memory_gb: float | None = None
    retries: int = 0
    fresh_process: bool = False
    devices: tuple[int, ...] = ()
    threads: int = 1


class Desk:
    """Where a training works: what a worker keeps of it beside its outcomes. This one, of no worker, keeps nothing."""

    folder: Path | None = None
    """The folder of the results, for those trainings that keep files of their own there."""

    def begin(self, row: int, n: int = 1) -> None:
        """Note that a trajectory of the batch begins: should the process die, it is to blame, and no other.

        Where one call trains `n` of them at once, from this one on, they are trained one by one after such a death.
        """

    def end(self) -> None:
        """Note that what began has ended; a process that it has forked, and that came back, goes no further."""

    def printed(self) -> str:
        """Return the end of what was printed since the trajectory began."""
        return ""


class BatchTrainer(Protocol):
    """Trains batches: as much of a training as a worker needs."""

    def moved(self, code_folder: Path) -> "BatchTrainer":
        """Return the same where a copy of the user's code lies in another folder, as on another machine."""

    @property
    def name(self) -> str:
        """Of the training, in words."""

    @property
    def emitted(self) -> frozenset[str]:
        """The names of the metrics that it gives."""

    def train_in_parts(self, batch: Batch, desk: Desk) -> Iterator[Outcome]:
        """Yield outcomes of consecutive trajectories of a batch, from the first on, as they finish.

        It may end before the last one: the rest is handed out again, to any worker.
        """
