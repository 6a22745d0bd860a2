"""Where batches are trained: in this process, or in slots, which are workers with a process of their own each."""

import multiprocessing
from collections.abc import Iterable
from dataclasses import dataclass

from sweep.dispatch.cluster.connection import Cluster
from sweep.errors import InputError
from sweep.training.batch import Batch, Isolation

SECONDS_TO_START_WORKERS = 1.0
"""About what it takes until worker processes are up and have imported numpy."""


@dataclass(frozen=True)
class Pool:
    """How many workers there are at most; `here` if the only one is this process, `note` if that needs a word.

    Those of a `cluster` are its own; its bits are those of this machine if these `examples` come out alike.
    """

    workers: int
    here: bool = False
    note: str = ""
    cluster: Cluster | None = None
    examples: tuple[Batch, ...] = ()


def in_process() -> Pool:
    """Return the pool that trains in this process: easy to debug, and the fastest for small sweeps."""
    return Pool(workers=1, here=True)


def processes(workers: int) -> Pool:
    """Return a pool of so many processes, started as there are batches for them."""
    return Pool(workers)


def on_cluster(cluster: Cluster, examples: Iterable[Batch]) -> Pool:
    """Return the pool of a cluster's workers, whoever is there."""
    return Pool(cluster.threads, cluster=cluster, examples=tuple(examples))


def choose_pool(workers: int, n_batches: int, seconds: float, isolation: Isolation | None = None) -> Pool:
    """Return the pool that is expected to finish first, for work that takes `seconds` on one core.

    Code that has to be isolated is never trained in this process. Raises an `InputError` where it would have to be,
    since this process may start no others.
    """
    may_start = not multiprocessing.current_process().daemon
    if isolation is not None:
        if not may_start:
            raise InputError(
                "runs have to be isolated in processes of their own, and a daemonic process (a worker of "
                "multiprocessing.Pool, for one) may start none: call this from another process"
            )
        return processes(max(1, min(workers, n_batches)))
    useful = min(workers, n_batches)
    saved = seconds - seconds / max(1, useful)
    if not saved > SECONDS_TO_START_WORKERS:  # nor where nobody knows: it is NaN
        return in_process()
    if not may_start:
        return Pool(
            1, here=True, note="trained in this process alone: a daemonic process may start no others"
        )
    return processes(useful)
