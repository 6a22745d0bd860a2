"""Ctrl-C, SIGTERM, SIGHUP: at random moments from the first millisecond on, to a parent alone or to its group."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.bench import Bench, Trial
from tests.faults.sweeps import HERE, OWN_FUNCTION, PROCESSES, REPORTED, Sweep
from tests.faults.table import Tally, row
from tests.running import COMMAND, SESSION, kill, processes_of

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_ANSWER = 1.0
SIGNALS_IN_A_ROW = 5
LONG = Sweep("long", HERE.tables | {"training": {"epochs": 10_000_000, "batch_size": 1000}}, 72)
"""Trainings of minutes in one process."""


def send(pid: int, number: int, *, to_group: bool) -> None:
    """Send a signal as a terminal does, to the whole group, or to the process alone; it may have gone."""
    if not to_group:
        kill(pid, number)
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


def check_answer(trial: Trial, number: int, code: int | None, seconds: float, told: str, what: str) -> None:
    """Judge the answer to a signal: the promised exit code within a second, and a line, without a traceback."""
    if code is None or seconds > SECONDS_TO_ANSWER:
        trial.add("hung", f"{what}: answered after {seconds:.1f} s")
    is_over = code == -number and "tables in" in told  # all is said, and a shell shows the same code
    if code is not None and not is_over and (code not in (0, 128 + number) or "Traceback" in told):
        trial.add("crashed", f"{what}: exit {code}: {told[-800:]}")
    elif code == 128 + number and "Stopped." not in told:
        trial.add("crashed", f"{what}: no word: {told[-300:]!r}")


def at_random_moments(bench: Bench, signals: int, sweep: Sweep, name: str, seconds: float) -> Tally:
    """Stop sweeps by signals again and again, going on each time, until so many signals were sent."""

    def make(trial: Trial) -> None:
        moments = trial.random(name)
        sweep.write(trial.place)
        for turn in range(min(SIGNALS_IN_A_ROW, signals - SIGNALS_IN_A_ROW * trial.number)):
            number = SIGNALS[(trial.number + turn) % len(SIGNALS)]
            to_group, moment = moments.random() < 0.5, moments.uniform(0, seconds)
            before = trial.stored(sweep)
            pid = trial.start(sweep)
            time.sleep(moment)
            send(pid, number, to_group=to_group)
            sent = time.monotonic()
            code = trial.wait(20)
            what = f"{signal.Signals(number).name} after {moment:.3f} s{' to the group' * to_group}"
            trial.tally.trials += 1
            check_answer(trial, number, code, time.monotonic() - sent, trial.lane.told, what)
            trial.check_alone(pid, what)
            trial.check_kept(sweep, before, what)
        trial.go_on(sweep, f"after {trial.tally.trials} signals")

    return bench.each(-(-signals // SIGNALS_IN_A_ROW), make)


@row(
    "signal-here",
    "Ctrl-C, SIGTERM, SIGHUP at random moments, in one process, up to the report",
    trials=200,
    few=3,
)
def _(bench: Bench, trials: int) -> Tally:
    return at_random_moments(bench, trials, REPORTED, "signal-here", 1.2)


@row("signal-processes", "Ctrl-C, SIGTERM, SIGHUP at random moments, in two processes", trials=200, few=1)
def _(bench: Bench, trials: int) -> Tally:
    return at_random_moments(bench, trials, PROCESSES, "signal-processes", 2.0)


@row("signal-own", "Ctrl-C, SIGTERM, SIGHUP at random moments, a function of one's own", trials=200, few=1)
def _(bench: Bench, trials: int) -> Tally:
    return at_random_moments(bench, trials, OWN_FUNCTION, "signal-own", 1.2)


@row("signal-long", "Ctrl-C, SIGTERM, SIGHUP during one training of minutes in one process", trials=20, few=1)
def _(bench: Bench, trials: int) -> Tally:
    def make(trial: Trial) -> None:
        number, moment = SIGNALS[trial.number % 3], trial.random("signal-long").uniform(0.3, 2)
        trial.tally.trials = 1
        LONG.write(trial.place)
        pid = trial.start(LONG)
        time.sleep(moment)
        kill(pid, number)
        sent = time.monotonic()
        code = trial.wait(10)
        what = f"{signal.Signals(number).name} after {moment:.3f} s of a long training"
        check_answer(trial, number, code, time.monotonic() - sent, trial.lane.told, what)
        trial.check_alone(pid, what)

    return bench.each(trials, make)


@row(
    "signal-start",
    "Ctrl-C, SIGTERM, SIGHUP while the program starts, from its first millisecond on",
    trials=200,
    few=2,
)
def _(bench: Bench, trials: int) -> Tally:
    def make(trial: Trial) -> None:
        number, moment = SIGNALS[trial.number % 3], trial.random("signal-start").uniform(0.001, 1.0)
        trial.tally.trials = 1
        HERE.write(trial.place)
        script = Path(sys.executable).with_name("sweep")
        command = [str(script)] if script.exists() else COMMAND
        process = subprocess.Popen(
            [*command, *HERE.command],
            cwd=trial.place,
            env=os.environ | {SESSION: "", "TMPDIR": str(trial.place)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        time.sleep(moment)
        kill(process.pid, number)
        sent = time.monotonic()
        what = f"{signal.Signals(number).name} {moment:.3f} s after the start"
        try:
            _, told = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            trial.add("hung", f"{what}: no end within 10 s")
            return
        seconds = time.monotonic() - sent
        if seconds > SECONDS_TO_ANSWER:
            trial.add("hung", f"{what}: answered after {seconds:.1f} s")
        # before Python has come to the program, a signal ends it as the kernel does: a shell shows the same exit code
        promised = (0, 128 + number, -number)
        is_ours = "sweep" in told or process.returncode not in promised
        if process.returncode not in promised or ("Traceback" in told and is_ours):
            trial.add("crashed", f"{what}: exit {process.returncode}: {told[-800:]}")
        if left := processes_of(process.pid):
            trial.add("left", f"{what}: {left}")

    return bench.each(trials, make)
