"""Watching: looks at what is stored, again and again, and a page that shows it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sweep.api import folder_of, judgement_of, load_judgement
from sweep.claims.judgement import Judgement
from sweep.config.python import ConfigPath
from sweep.errors import SweepError
from sweep.results import Results
from sweep.store import ResultsFolder
from sweep.store.locking import holder_of
from sweep.watch.look import Pace, report_of, state_of
from sweep.watch.page import page_of
from sweep.watch.server import Server

SHORTEST_PAUSE = 0.5
"""Seconds between two looks at least."""

SHARE = 0.1
"""Looking takes at most so much of the time of one core: the sweep is hardly slower for being watched.

It is the processor's time that counts: on a busy machine a look lasts longer, and costs others no more.
"""

SECONDS_TO_SEE_THE_END = 3.0


def watch(
    config: ConfigPath,
    *,
    results: ConfigPath | None = None,
    quick: bool = False,
    max_runs: int | None = None,
    port: int = 0,
    on_address: Callable[[str], None] = print,
) -> str:
    """Show what is stored of a sweep in a browser, until the sweep that is running, or begins meanwhile, has ended.

    Parameters
    ----------
    config, results, quick, max_runs
        As for `sweep.run`.
    port
        Of the loopback address; one that is free if 0.
    on_address
        Is told the address once the page is there.

    Returns
    -------
    How it ended, in a sentence; at once and without an address if all is done already.

    Raises
    ------
    ConfigError, PlanError, ResultsError
        As `sweep.load` does; `SweepError` if the port is taken.
    """
    judgement = judgement_of(config, max_runs, quick)
    folder = folder_of(judgement.plan, results)
    if holder_of(folder) is None:
        found = load_judgement(judgement.among(1), folder.path)
        if found.is_complete:
            return _ending(found)
    experiment = judgement.plan.experiment
    try:
        server = Server(page_of(experiment.title or experiment.name), port)
    except OSError as error:
        raise SweepError(
            f"port {port} cannot be used: {error.strerror}. Choose another by --port."
        ) from error
    with server:
        on_address(server.address)
        return _look_until_the_end(judgement, folder, server)


def _look_until_the_end(judgement: Judgement, folder: ResultsFolder, server: Server) -> str:
    pace, before = Pace(), None
    has_run = False
    while True:
        began = time.process_time()
        # before looking: what it has stored until it ended is seen
        is_running = holder_of(folder) is not None
        has_run |= is_running
        seen = (folder.database_state(), is_running)
        if seen != before:
            before = seen
            found = load_judgement(judgement.among(1), folder.path)
            has_run |= found.is_complete
            state = state_of(found, pace, is_running=is_running)
            server.show({**state, "hasEnded": has_run and not is_running})
        if has_run and not is_running:
            break
        took = time.process_time() - began
        _pause(folder, max(SHORTEST_PAUSE, took / SHARE - took), is_running=is_running)
    server.wait_until_seen(SECONDS_TO_SEE_THE_END)
    return _ending(found)


def _ending(found: Results) -> str:
    if found.is_complete:
        report = report_of(found)
        return f"all {found.n_planned:,} runs are done" + (f"; the report is {report}" if report else "")
    return f"the sweep has ended with {found.n_stored:,} of {found.n_planned:,} runs; `sweep run` goes on with it"


def _pause(folder: ResultsFolder, seconds: float, *, is_running: bool) -> None:
    """Wait so long, or until a sweep begins or ends."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and (holder_of(folder) is not None) == is_running:
        time.sleep(0.1)


@contextmanager
def watching(config: ConfigPath, *arguments: str) -> Iterator[None]:
    """Show a sweep in a browser meanwhile, by a process of its own, which ends with the sweep."""
    command = [sys.executable, "-m", "sweep", "watch", str(config), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_SEE_THE_END + 2)
        process.terminate()
        process.wait()
