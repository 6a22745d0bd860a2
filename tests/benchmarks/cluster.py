"""Sweeps on a Dask cluster: beside this machine's own workers, and what a batch costs those who hand it on.

What was learned, on two cores of a Zen 4 with nothing else at work; all but the first two lines are CPU seconds:

    a cluster of 2 beside 2 workers, the article's case   1.01 times the time, for 18 s of work and for 33 s
    memory of the parent beside that of 2 workers         405 MB for 240 MB
    the scheduler, a batch                                2.5 ms
    the parent, a batch of next to nothing, stored        2.4 ms; its own loop 0.12 ms of that, 0.3 ms with 1000 workers
    the parent, a trajectory with its curve, stored       2.4 µs
    memory of the parent, a trajectory                    90 B, between 130 000 and 1 100 000 of them, tables alone
    disk, a trajectory                                    400 B of store (with curves) and 20 B of tables

Hence how far one parent goes. It takes 400 batches a second, as a scheduler does: with batches of half a second they
feed 200 threads. Beyond eighty threads batches are made longer, 6 ms for each thread, so that it is half idle with 1000
threads (batches of 6 s) as with 80. What is in the batches then is the limit: 400 000 trajectories a second. Of the
article's network (46 µs for 1000 epochs) that is 19 threads, and more are of no use; of trainings of a millisecond 400,
of a second 400 000, more than a scheduler knows workers.

10⁸ runs: the parent is at it for 240 s; trainings of 46 µs take four minutes on 19 threads or more, of 10 ms 17 minutes
on 1000. The store has 40 GB with curves, 160 MB a second. If the memory goes on as up to a million, the parent needs
9 GB for plan, results and tables; ten million took half a gigabyte on one machine, with the report.
"""

import asyncio
import shutil
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import numpy as np
import psutil

import sweep as program
from sweep.dispatch.cluster.connection import Cluster
from sweep.dispatch.cluster.messages import Answer, Order
from sweep.terms.outcome import Outcome, Status
from sweep.training.batch import Batch
from tests.benchmarks.configs import article, over_init_range
from tests.benchmarks.rivals import is_installed, left_out
from tests.benchmarks.sweeps import TABLES_ONLY, sweeps
from tests.benchmarks.table import alone, at_most, times_the_time
from tests.benchmarks.turns import in_turns, seconds

MANY = 1000
"""Workers of the cluster that is simulated."""


def cluster(size):
    """Yield a cluster of two beside two workers, and the cost of a batch."""
    if not is_installed("Dask"):
        yield left_out("Dask")
        return
    with TemporaryDirectory() as folder, two_workers(Path(folder)) as (address, scheduler):
        yield beside_workers(size, address)
        yield from costs_of_a_batch(size, address, scheduler, Path(folder))
    yield from loops(size)


def beside_workers(size, address):
    """Return the row of the article's case, about 30 s of work for one core, in two processes of either kind."""
    n = 100 * 66 * size.of(100)
    config = over_init_range(66, size.of(100))
    where = {"cluster": ("--scheduler", address), "workers": ("--workers", 2)}
    with sweeps() as run:
        ways = {
            name: lambda options=options: run(config, TABLES_ONLY, *options, n_runs=n)
            for name, options in where.items()
        }
        taken = {name: seconds(turns) for name, turns in in_turns(ways, size.turns).items()}
    what = f"a cluster of 2, {n:,} trajectories × 1000 epochs"
    return times_the_time(what, "2 workers", taken["cluster"], taken["workers"], at_most(1.15, 1.05))


def costs_of_a_batch(size, address, scheduler, folder):
    """Yield the CPU seconds that a batch takes of the scheduler, and of the process that owns the store."""
    import distributed

    few, many = 10, size.of(1000)
    found = {"scheduler": [], "parent": [], "large": []}
    with distributed.Client(address, set_as_default=False) as client:

        def cpu_of(config):
            shutil.rmtree(folder / "results", ignore_errors=True)
            before = process_seconds(scheduler), time.process_time()
            program.run(config, client=client, results=folder / "results", report=False)
            return np.subtract((process_seconds(scheduler), time.process_time()), before)

        cpu_of(small_batches(few))
        for _ in range(size.turns):
            beyond = (cpu_of(small_batches(few + many)) - cpu_of(small_batches(few))) / many
            found["scheduler"].append(float(beyond[0]))
            found["parent"].append(float(beyond[1]))
            replicates = size.of(100)
            _, parent = cpu_of(over_init_range(44, replicates)) - cpu_of(small_batches(few))
            found["large"].append(float(parent) / (4400 * replicates))
    yield alone("the scheduler, CPU a batch", "s", found["scheduler"])
    yield alone("the parent, CPU a batch, of 8 trajectories of one epoch", "s", found["parent"])
    yield alone("the parent, CPU a trajectory with its curve, in large batches", "s", found["large"])


def loops(size):
    """Yield what the parent's own loop takes a batch, of few workers and of many: those of a simulated cluster."""
    for n_workers in (2, MANY):
        n = max(size.of(20_000), 4 * n_workers)
        taken = [simulated(n_workers, n) / n for _ in range(size.turns)]
        yield alone(f"the parent's loop, CPU a batch, {n_workers:,} workers simulated", "s", taken)


def small_batches(n):
    """Return a config of so many batches: one for each number of neurons."""
    return article(
        neurons={"linear": [1, n], "num": n}, learning_rate={"log": [0.001, 0.1], "num": 8}, epochs=1
    )


def process_seconds(process):
    times = process.cpu_times()
    return times.user + times.system


@contextmanager
def two_workers(folder):
    """Give the address of a scheduler with two workers of one thread, and its process."""
    started = []

    def start(*arguments):
        log = (folder / f"{len(started)}.log").open("w")
        with log:
            command = [sys.executable, "-m", "dask", *arguments, "--no-dashboard"]
            # in a session each, as workers of this machine are: systems share out processors by sessions
            started.append(
                subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
            )

    def said(number, text):
        while text not in (found := (folder / f"{number}.log").read_text()):
            time.sleep(0.05)
        return found.partition(text)[2].split()[0]

    try:
        start("scheduler", "--port", "0")
        address = said(0, "Scheduler at:")
        for number in (1, 2):
            start("worker", address, "--nthreads", "1", "--no-nanny")
            said(number, "Registered to:")
        yield address, psutil.Process(started[0].pid)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def simulated(n_workers, n_batches):
    """Return the CPU seconds of the loop for so many batches, where workers answer at once and nothing is sent."""
    from sweep.dispatch.cluster.brief import brief_of
    from sweep.dispatch.cluster.crew import ClusterCrew
    from sweep.dispatch.tasks import Queue
    from sweep.training.network.kind import NetworkTraining

    with closing(Simulated(n_workers)) as client:
        brief = brief_of(NetworkTraining(), (), None)
        where = Cluster(client, "simulated", n_workers, n_workers)
        started = time.process_time()
        with closing(ClusterCrew(Queue(batches(n_batches)), where, brief, print)) as crew:
            client.likeness = crew.mine
            n = sum(1 for _ in crew.outcomes())
        assert n == n_batches
        return time.process_time() - started


def batches(n):
    for number in range(n):
        yield Batch(
            keys=np.full(1, b"k" * 16, dtype="V16"),
            replicates=np.array([number]),
            fixed={},
            varying={},
            steps=(0,),
            curve_steps=(),
            seed=0,
            keep=frozenset(),
            seconds=0.0,
        )


class Simulated:
    """As much of a client as the loop needs."""

    status = "running"

    def __init__(self, n_workers):
        self._workers = {
            f"tcp://{number}": {"nthreads": 1, "status": "running", "host": number}
            for number in range(n_workers)
        }
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.loop = SimpleNamespace(asyncio_loop=self._loop)
        self.scheduler = SimpleNamespace(identity=self._identity)

    async def _identity(self, **_):
        return {"workers": self._workers}

    def submit(self, _function, note=None, **_):
        return SimpleNamespace(note=note, done=lambda: False)

    async def gather(self, future, **_):
        if not isinstance(future.note, Order):
            return self.likeness
        return Answer(((future.note.task.batch, outcome_of(future.note.task.batch)),))

    async def cancel(self, *_, **__):
        pass

    run = cancel

    def sync(self, function, *arguments, **_):
        return asyncio.run_coroutine_threadsafe(function(*arguments), self._loop).result()

    def subscribe_topic(self, *_):
        pass

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def outcome_of(batch):
    return Outcome(
        keys=batch.keys,
        replicates=batch.replicates,
        steps=np.array([0]),
        metrics={"value": np.zeros((1, 1))},
        status=np.full(1, Status.OK, dtype=np.uint8),
        ended_at=np.zeros(1, dtype=np.int64),
        seconds=0.0,
    )
