"""Clusters of Dask's for the tests, and a limit for each test: nothing hangs."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import dask
import pytest

SECONDS = 60
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

multiprocessing.get_context("forkserver").set_forkserver_preload(
    ["distributed", "distributed.nanny", "sweep.dispatch.cluster.there", "sweep.training.network.engine"]
)

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
    with distributed.LocalCluster(**usual | options) as cluster:
        yield cluster


@contextmanager
def client_of(cluster):
    with distributed.Client(cluster, set_as_default=False) as client:
        yield client


def workers_of(client):
    """Return the process of each worker, by its address; without those that are just being ended."""
    return client.run(os.getpid, on_error="ignore")


@contextmanager
def killing(client, times, seconds_between=0.1):
    """Kill a worker so many times meanwhile, each in its turn; yield what counts the kills."""
    kills, ended, last = [], threading.Event(), {}

    def kill():
        while len(kills) < times and not ended.wait(seconds_between):
            for address, pid in workers_of(client).items():
                if address not in last and len(kills) < times and not ended.is_set():
                    last[address] = pid
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        kills.append(address)
                    break

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield kills
    finally:
        ended.set()
        thread.join()


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
