"""A kind of training whose runs do whatever their setting says, as a user's own code may."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sweep.terms.outcome import Outcome, Status
from sweep.training.batch import Batch, Isolation

SECONDS_OF_A_DAEMON = 40


class UnpicklableError(Exception):
    def __init__(self):
        super().__init__("not to be pickled")
        self.lock = threading.Lock()


def well():
    pass


def fail():
    print("about to fail")
    raise ValueError("three is not for me")


def fail_unpicklably():
    raise UnpicklableError


def leave():
    raise SystemExit(5)


def interrupt():
    raise KeyboardInterrupt


def sleep_for_ever():
    print("good night")
    while True:
        time.sleep(1000)


def hold_the_lock():
    sum(range(10**13))


def exit_at_once():
    print("last words", end="", flush=True)
    os._exit(3)


def kill_itself():
    os.kill(os.getpid(), signal.SIGKILL)


def eat():
    eaten = []
    while True:
        eaten.append(np.ones(1 << 22))


def start_a_sleeper():
    subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(1000)"])


def start_a_sleeper_elsewhere_and_die():
    subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(1000)"], start_new_session=True)
    os._exit(4)


def fork_a_sleeper_and_die():
    if os.fork() == 0:
        while True:
            time.sleep(1000)
    os._exit(4)


def start_a_daemon_without_environment_and_die():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            sleep = f"import time; time.sleep({SECONDS_OF_A_DAEMON})"
            os.execve(sys.executable, [sys.executable, "-S", "-c", sleep], {})
        os._exit(0)
    os._exit(4)


def start_a_sleeper_and_wait():
    subprocess.run([sys.executable, "-S", "-c", "import time; time.sleep(1000)"], check=False)


def note(diary, what):
    (Path(diary) / f"{what}-{time.monotonic_ns()}").touch()


def noted(diary):
    return [entry.name.rpartition("-")[0] for entry in sorted(Path(diary).iterdir(), key=_moment)]


def _moment(entry):
    return int(entry.name.rpartition("-")[2])


def outcome_of(batch, values):
    n = len(batch)
    return Outcome(
        keys=batch.keys,
        replicates=batch.replicates,
        steps=np.array(batch.steps),
        metrics={"value": np.array(values, dtype=np.float64)[:, None]},
        status=np.full(n, Status.OK, dtype=np.uint8),
        ended_at=np.zeros(n, dtype=np.int64),
        seconds=0.0,
    )


@dataclass(frozen=True)
class Wild:
    """`does` says by replicate what a run does before it gives a number; a run that raises is not caught here.

    It is as much of a `Training` as dispatching needs, and no subclass: workers start in half the time without all that
    a kind of training imports.

    `together`: one call for all that are left of a batch. `at_most`: so many are trained before it ends early.
    """

    name = loaded_from = "wild"
    emitted = frozenset({"value"})
    keeps_files = False
    code_folder = None
    packages = ("numpy",)
    does: dict
    isolation: Isolation | None = field(default_factory=Isolation)
    gives: object = np.square
    together: bool = False
    at_most: int = 1000
    diary: str | None = None

    def for_workers(self):
        return self

    def moved(self, _):
        return self

    def train(self, batch):
        for replicate in batch.replicates:
            self._do(int(replicate))
        return outcome_of(batch, [self.gives(replicate) for replicate in batch.replicates])

    def train_in_parts(self, batch, desk):
        if self.isolation is None:
            yield self.train(batch)
            return
        size = len(batch) if self.together else 1
        for row in range(0, min(len(batch), self.at_most), size):
            desk.begin(row, size)
            yield self.train(batch[row : row + size])

    def _do(self, replicate):
        if self.diary is not None:
            note(self.diary, f"{replicate}.{os.getpid()}")
        self.does.get(replicate, well)()


def batches_of(*sizes):
    """Yield batches of so many trajectories, numbered through by their replicates."""
    first = 0
    for size in sizes:
        yield Batch(
            keys=np.full(size, b"k" * 16, dtype="V16"),
            replicates=np.arange(first, first + size),
            fixed={},
            varying={},
            steps=(0,),
            curve_steps=(),
            seed=0,
            keep=frozenset(),
            seconds=0.0,
        )
        first += size


def by_replicate(outcomes):
    """Return status, value and reason by replicate; each may come only once, with its own part of a batch."""
    found = {}
    for part, outcome in outcomes:
        assert np.array_equal(part.replicates, outcome.replicates)
        for i, replicate in enumerate(outcome.replicates.tolist()):
            assert replicate not in found
            value = outcome.metrics["value"][i, -1] if outcome.metrics else None
            found[replicate] = (Status(outcome.status[i]), value, outcome.reasons.get(i, ""))
    return found
