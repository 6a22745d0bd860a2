"""Clusters of Dask's for the tests, and a limit for each test: nothing hangs."""

import asyncio
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from itertools import count
from tempfile import TemporaryDirectory

import dask
import pytest

from sweep.progress import Silent

SECONDS = 120
"""The limit of a test, on a machine that is busy with others."""

dask.config.set(
    {
        "distributed.worker.daemon": False,
        "distributed.worker.multiprocessing-method": "forkserver",  # a worker is there after a moment
        "distributed.admin.log-format": "%(message)s",
        "logging": {"distributed": "critical"},
    }
)

import distributed  # noqa: E402 - it is configured as it is imported

PRELOADED = [
    "distributed",
    "distributed.nanny",
    "sweep.dispatch.cluster.on_worker",
    "sweep.training.function.trainer",
    "tests.cluster.warm",
]
distributed.utils.get_mp_context().set_forkserver_preload(PRELOADED)

QUIET = [
    "ignore:.*:ResourceWarning:distributed",
    "ignore:.*:ResourceWarning:tornado",
    "ignore:.*:pytest.PytestUnraisableExceptionWarning",
]
"""What Dask leaves open when a cluster is closed whose workers were killed."""


@contextmanager
def at_most(seconds=SECONDS):
    """Fail what takes longer, whatever it waits for."""

    def too_long(_number, _frame):
        raise AssertionError(f"took longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def local_cluster(**options):
    """Give a cluster of processes on this machine that Dask's nannies keep; two, unless it is said otherwise."""
    usual = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": None}
    with distributed.LocalCluster(**usual | options) as cluster:
        yield cluster


@contextmanager
def kept_cluster(n_workers=2, threads=1, **options):
    """Give the keeper of a cluster whose workers may be killed at any moment, and are there again at once.

    Dask's nannies give up a worker that is killed while it starts.
    """
    with local_cluster(n_workers=0) as cluster, TemporaryDirectory() as folder:
        keeper = Keeper(cluster, n_workers, {"nthreads": threads, "local_directory": folder} | options)
        try:
            yield keeper
        finally:
            keeper.close()


class Keeper:
    """Keeps so many workers of a cluster alive, each a process without a nanny."""

    def __init__(self, cluster, n_workers, options):
        self.cluster, self.n_workers, self.options = cluster, n_workers, options
        self.processes = {}
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._numbers, self._is_over = count(1), threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def up(self):
        """Return the process ids of the workers that are there."""
        there = {worker.name for worker in list(self.cluster.scheduler.workers.values())}
        return [
            process.pid
            for name, process in list(self.processes.items())
            if name in there and process.is_alive()
        ]

    def kill(self, pid):
        """Kill a worker, and wait until it is dead."""
        os.kill(pid, signal.SIGKILL)
        for process in list(self.processes.values()):
            if process.pid == pid:
                process.join()

    def close(self):
        self._is_over.set()
        self._thread.join()
        for process in self.processes.values():
            process.kill()
            process.join()

    def _keep(self):
        while not self._is_over.wait(0.02):
            gone = [name for name, process in self.processes.items() if not process.is_alive()]
            for name in gone:
                del self.processes[name]
            while len(self.processes) < self.n_workers:
                name = f"kept {next(self._numbers)}"
                told = (self.cluster.scheduler_address, name, self.options)
                self.processes[name] = self._context.Process(target=serve, args=told)
                self.processes[name].start()


def serve(address, name, options):
    """Be a worker of a cluster until it ends."""

    async def until_it_ends():
        async with distributed.Worker(
            address, name=name, memory_limit=None, dashboard=False, **options
        ) as worker:
            await worker.finished()

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    asyncio.run(until_it_ends())


@contextmanager
def client_of(cluster):
    with distributed.Client(cluster, set_as_default=False) as client:
        yield client


def workers_of(client):
    """Return the process of each worker, by its address; without those that are just being ended."""
    return client.run(os.getpid, on_error="ignore")


class Killer(Silent):
    """A reporter that kills a kept worker each time that so many more runs are done, so many times."""

    def __init__(self, keeper, times, runs):
        self.keeper, self.times, self.runs = keeper, times, runs
        self.n_done, self.killed = 0, set()

    @property
    def n_kills(self):
        return len(self.killed)

    def advance(self, n_runs):
        self.n_done += n_runs
        while self.n_kills < min(self.times, self.n_done // self.runs) and self._kill():
            pass

    def _kill(self):
        """Kill a worker that is there, the oldest one; return whether there was one, else it is for the next time."""
        for pid in self.keeper.up():
            if pid not in self.killed:
                self.keeper.kill(pid)
                self.killed.add(pid)
                return True
        return False


@contextmanager
def shell(*arguments, cwd, says, **variables):
    """Start a command of Dask's as in a shell, and give its process when it has said something."""
    log = cwd / f"{arguments[0]}-{time.monotonic_ns()}.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *map(str, arguments)],
            cwd=cwd,
            stdout=file,
            stderr=file,
            env=os.environ | variables,
        )
    try:
        while says not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


marks = [
    pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="nobody limits a test here"),
    *(pytest.mark.filterwarnings(text) for text in QUIET),
]
