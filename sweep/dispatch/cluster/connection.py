"""The way to a cluster: a client of Dask's, made of an address or given, and what is there now."""

import logging
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sweep.dispatch.interrupts import SECONDS_TO_HEAR
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
        if not self.workers:
            return f"as if on a thread of the cluster {self.address}, where no worker is now"
        threads = f"{self.threads} thread{'s' * (self.threads != 1)}"
        workers = f"{self.workers} worker{'s' * (self.workers != 1)}"
        return f"on {threads} of {workers} of the cluster {self.address}"


def cluster_of(client: Any) -> Cluster:
    """Return the cluster of a client. Raises an `InputError` if it is no client, `WorkersError` if nobody answers."""
    distributed = _distributed("a client")
    if not isinstance(client, distributed.Client) or client.asynchronous:
        raise InputError(
            f"`client` must be a dask.distributed.Client (of an address or a cluster) that is not asynchronous, got "
            f"{client!r}"
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
    theirs = cluster.client
    try:
        client = _client(theirs.scheduler.address, security=theirs.security, loop=theirs.loop)
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
    for name in list(logging.Logger.manager.loggerDict):
        if name.partition(".")[0] == "distributed":  # what is to be told is told in a line, and not in a log
            logging.getLogger(name).setLevel(logging.CRITICAL)
    # what matters of that is compared, and told, for each worker by itself
    warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
    _check_address(address)
    is_encrypted = address.startswith("tls://")
    if is_encrypted:
        _check_certificates(address)
    try:
        client = _client(address)
    except Exception as error:  # what is raised depends on the kind of the address
        remedy = "start one by `dask scheduler`, or look at the address that it prints"
        if is_encrypted:
            remedy += ", and whether its certificates are of the same authority"
        raise WorkersError(
            f"no Dask scheduler answers at {address} ({error_line(error)}): {remedy}"
        ) from error
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=SECONDS_TO_CLOSE)


def _client(address: str, **options: Any) -> Any:
    """Return a client. One that waits for a port that says nothing waits in a thread of its own, and is left there."""
    distributed = _distributed("a client")
    made: Future[Any] = Future()

    def make() -> None:
        try:
            made.set_result(
                distributed.Client(
                    address, timeout=SECONDS_TO_CONNECT, set_as_default=False, name="sweep", **options
                )
            )
        except BaseException as error:
            made.set_exception(error)

    threading.Thread(target=make, daemon=True, name="sweep connect").start()
    patience = time.monotonic() + SECONDS_TO_CONNECT + 1.0
    while not made.done() and time.monotonic() < patience:  # in steps, that a Ctrl-C can come between
        wait([made], SECONDS_TO_HEAR)
    if not made.done():
        raise TimeoutError(f"it has said nothing for {SECONDS_TO_CONNECT:g} s")
    return made.result()


def _check_address(address: str) -> None:
    """Raise an `InputError` if that is no address, a `WorkersError` if nobody knows the host."""
    if not address.strip():
        raise InputError("the address of a scheduler is empty: write one such as tcp://HOST:8786")
    try:
        host, port = _distributed("--scheduler").comm.get_address_host_port(address)
        if not 0 < port < 65536:
            raise ValueError("no such port")
    except Exception as error:
        raise InputError(
            f"{address} is no address of a scheduler, such as tcp://HOST:8786: {error_line(error)}"
        ) from error
    try:
        socket.getaddrinfo(host, port)
    except OSError as error:
        raise WorkersError(f"no Dask scheduler answers at {address}: nobody knows where {host} is") from error


def _check_certificates(address: str) -> None:
    """Raise an `InputError` if Dask's configuration names no certificates, or some that are not there."""
    import dask

    for name in ("ca-file", "client.cert", "client.key"):
        file = dask.config.get(f"distributed.comm.tls.{name}", None)
        if not file:
            raise InputError(
                f"{address} needs certificates: name them in Dask's configuration, under distributed.comm.tls "
                "(ca-file, client.cert and client.key)"
            )
        if "\n" not in file and not Path(file).is_file():  # else it is the certificate itself
            raise InputError(
                f"{file} is not there, which Dask's configuration names as distributed.comm.tls.{name}"
            )


def _distributed(wanted: str) -> Any:
    try:
        import distributed
    except ImportError as error:
        raise InputError(f"{wanted} needs Dask, which is not installed: {INSTALL}") from error
    return distributed
