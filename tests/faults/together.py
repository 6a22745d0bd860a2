"""Two at once: sweeps that race for one folder, and readers beside a sweep that is just beginning or writing."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults.bench import Bench, Trial
from tests.faults.child import command, here
from tests.faults.sweeps import HERE
from tests.faults.table import Tally, row
from tests.faults.warm import Lane
from tests.running import stored_runs


@row("race", "two sweeps on one folder, started together", trials=50, few=1)
def _(bench: Bench, trials: int) -> Tally:
    def make(trial: Trial, second: Lane) -> None:
        trial.tally.trials = 1
        HERE.write(trial.place)
        delay = trial.random("race").uniform(0, 0.4) * (trial.number % 2)
        arguments = HERE.command, dict(HERE.constants)
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(trial.lane.run, trial.place, "tests.faults.child:command", *arguments)
            time.sleep(delay)
            beside = trial.place / "beside"
            beside.mkdir()
            other = second.run(beside, "tests.faults.together:run_above", *arguments)
            codes = [first.result(), other]
        told = trial.lane.told + second.told
        what = f"two sweeps, {delay:.3f} s apart"
        if None in codes:
            trial.add("hung", f"{what}: {codes}")
        elif 0 not in codes or not {*codes} <= {0, 1} or "Traceback" in told:
            trial.add("crashed", f"{what}: exit {codes}: {told[-500:]}")
        elif 1 in codes and "in use by" not in told:
            trial.add("crashed", f"{what}: no word who uses the folder: {told[-500:]}")
        trial.judge(HERE, what)
        trial.go_on(HERE, what)

    return bench.each_with_two(trials, make)


def run_above(arguments: list[str], constants: dict[str, object]) -> None:
    """Run the command line in the folder above."""
    os.chdir("..")
    command(arguments, constants)


@row(
    "readers", "readers beside a sweep: from before its first file on, and while it writes", trials=20, few=1
)
def _(bench: Bench, trials: int) -> Tally:
    def make(trial: Trial, second: Lane) -> None:
        trial.tally.trials = 1
        HERE.write(trial.place)
        beside = trial.place / "beside"
        beside.mkdir()
        second.start(beside, "tests.faults.together:read_above", HERE.name)
        pid = trial.start(HERE)
        code = trial.wait()
        (trial.place / "over").touch()
        what = "readers beside a sweep"
        trial.check_told(code, {0}, what)
        if second.wait(30) != 0:
            trial.add("crashed", f"{what}: {second.told[-800:]}")
            return
        found = json.loads((beside / "found.json").read_text(encoding="utf-8"))
        for column, said in found:
            trial.add(column, said)
        trial.check_alone(pid, what)
        trial.judge(HERE, what, leftovers=False)  # SQLite keeps its log while a reader looks
        trial.go_on(HERE, what)

    return bench.each_with_two(trials, make)


def read_above(name: str) -> None:
    """Read the results of the sweep in the folder above again and again, until it is over; write what was wrong."""
    os.chdir("..")
    found: list[tuple[str, str]] = []
    results, seen, turn = Path("results", name), set(), 0
    while not Path("over").exists():
        existed = results.exists()
        names = {path.name for path in results.iterdir()} if existed else set()
        try:
            now = set(stored_runs(results))
            if seen - now:
                found.append(("lost", f"a reader no longer finds {len(seen - now)} runs"))
            seen = now
        except Exception as error:
            found.append(("crashed", f"a reader meets {error!r}"))
        look = ("table", "plan", "claims")[turn % 3]
        code, told = here([look, f"{name}.toml"])
        if code not in (0, 1) or "damage" in told:
            found.append(("crashed", f"{look}: exit {code}: {told[-500:]}"))
        made = (
            {path.name for path in results.iterdir()} - names if not existed and results.exists() else set()
        )
        if made & {"store.sqlite.rebuilt"}:
            found.append(("left", f"a reader has made {made}"))
        turn += 1
    Path("beside/found.json").write_text(json.dumps(found), encoding="utf-8")
