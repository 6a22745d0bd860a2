"""The way to a cluster: a client of Dask's, made of an address or given, and what is there now."""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from sweep.errors import InputError, WorkersError, error_line
from sweep.terms.surroundings import Surroundings

SECONDS_TO_CONNECT = 10.0
"""So long a scheduler has to answer."""
SECONDS_TO_CLOSE = 2.0

INSTALL = "pip install 'sweep[dask]'"


@dataclass(frozen=True)
class Cluster:
    """A cluster, by the client that speaks with it: `workers` with `threads` in all were there when it was asked.

    `used` is called with the surroundings of each worker that is used.
    """

    client: Any
    address: str
    workers: int
    threads: int
    used: Callable[[Surroundings], None] = lambda _: None

    @property
    def lost(self) -> str:
        """What is told of a scheduler that does not answer any more."""
        return (
            f"the Dask scheduler {self.address} is lost: what had finished is stored; once it runs again, the same "
            "command goes on"
        )

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'s' * (self.threads != 1)}"
        workers = f"{self.workers} worker{'s' * (self.workers != 1)}"
        return f"on {threads} of {workers} of the cluster {self.address}"


def cluster_of(client: Any) -> Cluster:
    """Return the cluster of a client. Raises an `InputError` if it is no client, `WorkersError` if nobody answers."""
    distributed = _distributed("a client")
    if not isinstance(client, distributed.Client) or client.asynchronous:
        raise InputError(
            f"`client` must be a dask.distributed.Client that is not asynchronous, got {client!r}"
        )
    if client.status != "running":
        raise InputError(f"`client` is {client.status}: make another one, of a scheduler that runs")
    try:
        found = client.sync(client.scheduler.identity, n_workers=0, callback_timeout=SECONDS_TO_CONNECT)
    except Exception as error:
        raise WorkersError(f"the scheduler of `client` does not answer ({error_line(error)})") from error
    return Cluster(client, str(found["address"]), int(found["n_workers"]), int(found["total_threads"]))


@contextmanager
def beside(cluster: Cluster) -> Iterator[Cluster]:
    """Give a cluster by a client of our own, beside one that may have other tasks and be told of other things.

    Raises `WorkersError` if the scheduler does not answer.
    """
    distributed = _distributed("a client")
    theirs = cluster.client
    options = {"security": theirs.security, "loop": theirs.loop, "timeout": SECONDS_TO_CONNECT}
    try:
        client = distributed.Client(theirs.scheduler.address, set_as_default=False, name="sweep", **options)
    except Exception as error:  # what is raised depends on the kind of the address
        raise WorkersError(cluster.lost) from error
    try:
        yield replace(cluster, client=client)
    finally:
        with suppress(Exception):
            client.close(timeout=SECONDS_TO_CLOSE)


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Give a client of the scheduler at an address. Raises `InputError` or `WorkersError` if there is no way to it."""
    distributed = _distributed("--scheduler")
    if not address.strip():
        raise InputError("the address of a scheduler is empty: write one such as tcp://HOST:8786")
    for name in list(logging.Logger.manager.loggerDict):
        if name.partition(".")[0] == "distributed":  # what is to be told is told in a line, and not in a log
            logging.getLogger(name).setLevel(logging.CRITICAL)
    # what matters of that is compared, and told, for each worker by itself
    warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
    try:
        client = distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False, name="sweep")
    except ValueError as error:
        raise InputError(
            f"{address} is no address of a scheduler, such as tcp://HOST:8786: {error_line(error)}"
        ) from error
    except TypeError as error:
        raise InputError(
            f"{address} needs certificates: name them in Dask's configuration, under distributed.comm.tls "
            "(ca-file, client.cert and client.key)"
        ) from error
    except Exception as error:  # what is raised depends on the kind of the address
        raise WorkersError(
            f"no Dask scheduler answers at {address} ({error_line(error)}): start one by `dask scheduler`, or look at "
            "the address that it prints"
        ) from error
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=SECONDS_TO_CLOSE)


def _distributed(wanted: str) -> Any:
    try:
        import distributed
    except ImportError as error:
        raise InputError(f"{wanted} needs Dask, which is not installed: {INSTALL}") from error
    return distributed
