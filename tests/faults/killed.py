"""kill -9: of the parent, of workers, of all at once; at random moments, and at every operation on files."""

import pickle
import signal
import time

from tests.faults.bench import Bench, Trial
from tests.faults.points import KILL
from tests.faults.signals import send
from tests.faults.sweeps import HERE, OWN_FUNCTION, PROCESSES, REPORTED, Sweep
from tests.faults.table import Tally, row
from tests.running import kill, processes_of

KILLS_IN_A_ROW = 10
"""A sweep that is killed is gone on with, and killed again, so many times at most."""


def workers_of(pid: int) -> list[int]:
    return [process for process, command in processes_of(pid).items() if "popen_loky" in command]


def again_and_again(bench: Bench, kills: int, sweep: Sweep, name: str, seconds: float, whom: str) -> Tally:
    """Kill sweeps at random moments of their first seconds, going on each time, until so many kills are made."""

    def make(trial: Trial) -> None:
        moments = trial.random(name)
        sweep.write(trial.place)
        for turn in range(min(KILLS_IN_A_ROW, kills - KILLS_IN_A_ROW * trial.number)):
            before = trial.stored(sweep)
            pid, moment = trial.start(sweep), moments.uniform(0, seconds)
            time.sleep(moment)
            what = f"kill {turn} of the {whom} after {moment:.3f} s"
            if whom == "group":
                send(pid, signal.SIGKILL, to_group=True)
            else:
                kill(pid, signal.SIGKILL)
            trial.tally.trials += 1
            trial.check_told(trial.wait(), {-signal.SIGKILL, 0}, what)
            trial.check_alone(pid, what)
            trial.check_kept(sweep, before, what)
        trial.go_on(sweep, f"after {trial.tally.trials} kills of the {whom}")

    return bench.each(-(-kills // KILLS_IN_A_ROW), make)


@row("kill-here", "kill -9 at random moments, in one process", trials=200, few=5)
def _(bench: Bench, trials: int) -> Tally:
    return again_and_again(bench, trials, HERE, "kill-here", 0.5, "process")


@row("kill-parent", "kill -9 of the parent of two processes", trials=200, few=0)
def _(bench: Bench, trials: int) -> Tally:
    return again_and_again(bench, trials, PROCESSES, "kill-parent", 1.5, "parent")


@row("kill-group", "kill -9 of the process group", trials=200, few=1)
def _(bench: Bench, trials: int) -> Tally:
    return again_and_again(bench, trials, PROCESSES, "kill-group", 1.5, "group")


@row("kill-own", "kill -9 of the parent of a function's processes", trials=100, few=1)
def _(bench: Bench, trials: int) -> Tally:
    return again_and_again(bench, trials, OWN_FUNCTION, "kill-own", 1.2, "parent")


@row("kill-own-group", "kill -9 of the process group of a function's parent", trials=100, few=0)
def _(bench: Bench, trials: int) -> Tally:
    return again_and_again(bench, trials, OWN_FUNCTION, "kill-own-group", 1.2, "group")


KILLS_OF_WORKERS = 4


def of_workers(bench: Bench, kills: int, sweep: Sweep, name: str) -> Tally:
    """Kill a random worker again and again while a sweep runs: it ends by itself, with all results."""

    def make(trial: Trial) -> None:
        moments = trial.random(name)
        sweep.write(trial.place)
        pid = trial.start(sweep)
        for _turn in range(min(KILLS_OF_WORKERS, kills - KILLS_OF_WORKERS * trial.number)):
            time.sleep(moments.uniform(0.3, 1.0))
            for worker in moments.sample(found := workers_of(pid), min(1, len(found))):
                kill(worker, signal.SIGKILL)
            trial.tally.trials += 1
        what = f"{trial.tally.trials} kills of workers"
        code = trial.wait()
        trial.check_told(code, {0, 1}, what)
        if code == 1:
            trial.add("blamed", f"{what}: {trial.lane.told[-300:]}")
        trial.check_alone(pid, what)
        trial.go_on(sweep, what)

    return bench.each(-(-kills // KILLS_OF_WORKERS), make)


@row("kill-worker", "kill -9 of a random worker, four times a sweep", trials=200, few=1)
def _(bench: Bench, trials: int) -> Tally:
    return of_workers(bench, trials, PROCESSES, "kill-worker")


@row("kill-own-worker", "kill -9 of a random worker of a function", trials=100, few=0)
def _(bench: Bench, trials: int) -> Tally:
    return of_workers(bench, trials, OWN_FUNCTION, "kill-own-worker")


def points_of(trial: Trial, sweep: Sweep) -> list[tuple[object, ...]]:
    """Return the operations on files of a whole undisturbed run, in their order."""
    place = trial.place / "counted"
    sweep.write(place)
    log = str(place / "points")
    code = trial.lane.run(place, "tests.faults.child:count", sweep.command, dict(sweep.constants), log)
    assert code == 0, trial.lane.told
    with open(log, "rb") as file:
        found: list[tuple[object, ...]] = pickle.load(file)
    return found


def n_points(bench: Bench, sweep: Sweep) -> int:
    """Return how many operations on files a run has."""
    counted = []

    def make(trial: Trial) -> None:
        counted.append(len(points_of(trial, sweep)))

    bench.each(1, make)
    return counted[0]


@row("kill-at-points", "kill -9 at every operation on files, with tables and report", trials=1000, few=2)
def _(bench: Bench, trials: int) -> Tally:
    n = n_points(bench, REPORTED)
    at = [1 + i * n // trials for i in range(trials)] if trials < n else list(range(1, n + 1))

    def make(trial: Trial) -> None:
        point = at[trial.number]
        trial.tally.trials = 1
        REPORTED.write(trial.place)
        trial.start(REPORTED, at=point, fault=KILL)
        what = f"kill at operation {point} of {n}"
        trial.check_told(trial.wait(), {-signal.SIGKILL, 0}, what)
        trial.go_on(REPORTED, what)

    return bench.each(len(at), make)


OTHER = Sweep(
    "reported",
    REPORTED.tables | {"grid": {"neurons": [1, 3], "learning_rate": [0.02, 0.1], "replicates": 1}},
    4,
    arguments=(),
)
"""The config of `REPORTED` after an edit."""


@row(
    "kill-saving",
    "killed while the files of an edited config are written, and the edit taken back",
    trials=70,
    few=1,
)
def _(bench: Bench, trials: int) -> Tally:
    def make(trial: Trial) -> None:
        trial.tally.trials = 1
        moment = trial.random("kill-saving").uniform(0, 1.2)
        REPORTED.write(trial.place)
        trial.start(REPORTED)
        trial.check_told(trial.wait(), {0}, "the first run")
        OTHER.write(trial.place)
        pid = trial.start(OTHER)
        time.sleep(moment)
        kill(pid, signal.SIGKILL if trial.number % 2 else signal.SIGINT)
        what = f"{'killed' if trial.number % 2 else 'Ctrl-C'} after {moment:.3f} s of the edited config"
        trial.check_told(trial.wait(), {-signal.SIGKILL, 130, 0}, what)
        REPORTED.write(trial.place)
        trial.go_on(REPORTED, what)

    return bench.each(trials, make)
