"""Clusters of Dask's for the tests, and a limit for each test: nothing hangs."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import dask
import pytest

from sweep.progress import Silent

SECONDS = 120
"""The limit of a test, on a machine that is busy with others."""

dask.config.set(
    {
        "distributed.worker.daemon": False,
        "distributed.worker.multiprocessing-method": "forkserver",  # a worker is there again after a moment
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
    """Give a cluster of processes on this machine; two, unless it is said otherwise."""
    usual = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": None}
    with distributed.LocalCluster(**usual | options) as cluster, refilled(cluster):
        yield cluster


@contextmanager
def refilled(cluster):
    """Replace workers that a cluster has given up: one that is killed while it starts is not started again by Dask."""
    wanted, is_over = len(cluster.worker_spec), threading.Event()

    def refill():
        while not is_over.wait(0.5):
            if len(cluster.worker_spec) < wanted:
                cluster.scale(wanted)

    thread = threading.Thread(target=refill, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@contextmanager
def client_of(cluster):
    with distributed.Client(cluster, set_as_default=False) as client:
        yield client


def workers_of(client):
    """Return the process of each worker, by its address; without those that are just being ended."""
    return client.run(os.getpid, on_error="ignore")


class Killer(Silent):
    """A reporter that kills a worker of a cluster each time that so many more runs are done, so many times."""

    def __init__(self, cluster, times, runs):
        self.cluster, self.times, self.runs = cluster, times, runs
        self.n_done, self.killed = 0, set()

    @property
    def n_kills(self):
        return len(self.killed)

    def advance(self, n_runs):
        self.n_done += n_runs
        while self.n_kills < min(self.times, self.n_done // self.runs) and self._kill():
            pass

    def _kill(self):
        """Kill a worker that is up, each in its turn; return whether there was one, else it is for the next time.

        One that is killed while it is starting is given up by its nanny.
        """
        up = [nanny for nanny in self.cluster.workers.values() if nanny.status == distributed.Status.running]
        there = [nanny for nanny in up if nanny.worker_address in self.cluster.scheduler.workers]
        pids = {nanny.pid for nanny in there} - {None} - self.killed
        with suppress(ProcessLookupError, ValueError):
            os.kill(min(pids), signal.SIGKILL)
            self.killed.add(min(pids))
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
