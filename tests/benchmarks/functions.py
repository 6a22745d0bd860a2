"""Sweeps of functions of one's own: what a run costs beside its work, and the sweep of `by_hand` by such a function.

What was learned, on two cores shared with others, medians of four turns:

    2000 runs of 1 ms, 2 workers: their work alone 1.02 s
        imported before    1.57 s, 1.54 times that (with report 1.70 s); joblib 1.06 s, pipefunc 1.11 s, Optuna 1.18 s
        imports too        2.48 s (with report 3.54 s);                  joblib 1.96 s, pipefunc 1.76 s, Optuna 2.06 s
    100 000 runs that do nothing: 5 microseconds a run beyond the first 100 (3.8 on a quiet machine)
    config to heatmap, 2880 runs of a numpy function, medians of five turns on a quiet machine
        one by one   14.0 s; joblib + pandas + seaborn 13.6 s
        batched       5.0 s, 2.75 times as fast; since batches are shares of all that is left, and not of all that is
                      alike, 3.6 to 4.2 s where joblib took 18.2 s and one by one 16.5 s (single runs, busy machine)

Later, with parts of a tenth of a second and no wait at the end, and 0.25 s until a worker trains: 1.43 s for the 2000
runs (with report 1.54 s), their work alone 1.01 s and joblib 1.07 s, medians of three turns.

So the goal of 1.25 is not met. What is left is fixed: a worker takes 0.17 s of processor time until it trains, mostly
the imports of numpy and loky, and each sweep starts its own, while joblib keeps its workers from call to call. With
"imports too" the parent's own imports come on top, 0.7 s, before any worker is started.
"""

import json
import os
import subprocess
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from tests.benchmarks import programs
from tests.benchmarks.by_hand import grid
from tests.benchmarks.libraries import choose, losses_of, run
from tests.benchmarks.rivals import is_installed, left_out
from tests.benchmarks.table import alone, at_least, at_most, times_as_fast, times_the_time
from tests.benchmarks.turns import Turn, in_turns, seconds

RIVALS = {"joblib": "joblib", "pipefunc": "pipefunc", "Optuna": "optuna"}
"""The name of each rival, and of its way in `by_hand.work`."""

JOBLIB = "joblib + pandas + seaborn"
PROGRAMS = {
    "one by one": ("with_functions", ["by_run"]),
    "batched": ("with_functions", ["batched"]),
    JOBLIB: ("with_joblib", ["by_run", "by_cell"]),
}


def functions(size):
    """Yield functions that work for a thousandth of a second, that do nothing, and that train networks."""
    yield from thousandth(size)
    yield from nothing(size)
    yield from square(size)


def thousandth(size):
    """Yield 2000 runs of a thousandth of a second beside their work alone, and beside the libraries."""
    n_runs = size.of(2000, 100)
    rivals = {name: way for name, way in RIVALS.items() if is_installed(name)}
    yield from (left_out(name) for name in RIVALS if name not in rivals)
    names = {"pure": "pure", "sweep": "sweep", "report": "sweep_with_report", **rivals}
    taken = in_turns({name: partial(work, way, n_runs) for name, way in names.items()}, size.turns)
    first, again = ({name: [t.outcome[i] for t in turns] for name, turns in taken.items()} for i in (0, -1))
    what = f"{n_runs:,} runs of 1 ms, 2 workers"
    goal, pure = at_most(1.25, 1.1), first["pure"]
    yield times_the_time(f"{what}, imported before", "their work alone", again["sweep"], pure, goal)
    yield times_the_time(
        f"{what}, with report, imported before", "their work alone", again["report"], pure, goal
    )
    yield times_the_time(f"{what}, imports too", "their work alone", first["sweep"], pure)
    yield times_the_time(f"{what}, with report, imports too", "their work alone", first["report"], pure)
    for name in rivals:
        yield times_as_fast(f"{what}, imported before", name, again["sweep"], again[name])
        yield times_as_fast(f"{what}, imports too", name, first["sweep"], first[name])


def nothing(size):
    """Yield what a run costs of a function that does nothing."""
    n_runs = size.of(100_000, 1000)
    turns = [work("nothing", n_runs).outcome for _ in range(size.turns)]
    beyond = [(many - hundred) / (n_runs - 100) for hundred, many in turns]
    what = f"{n_runs:,} runs that do nothing, config to tables, per run beyond the first 100"
    yield alone(what, "s", beyond, at_most(50e-6, 20e-6))


def square(size):
    """Yield the sweep of `by_hand`, config to heatmap, by the function that the libraries call and by a batched one."""
    if not is_installed("seaborn"):
        yield left_out("seaborn")
        return
    replicates = size.of(grid.REPLICATES, 2)
    with TemporaryDirectory() as name:
        folder = Path(name)
        run(folder, "with_joblib", "by_cell", replicates)
        expected = losses_of(pd.read_csv(folder / "runs.csv"))
        ways = {
            name: choose(folder, program, of_program, replicates, expected)
            for name, (program, of_program) in PROGRAMS.items()
        }
        taken = {name: seconds(turns) for name, turns in in_turns(ways, size.turns).items()}
    what = f"config to heatmap, {len(expected):,} runs of a numpy function"
    yield times_as_fast(what, JOBLIB, taken["one by one"], taken[JOBLIB], at_least(1, 1.1))
    yield times_as_fast(f"{what}, batched", JOBLIB, taken["batched"], taken[JOBLIB], at_least(5, 10))


def work(way, n_runs):
    """Make the runs by a program of their own; the outcome is what each of its calls took."""
    command = [programs.PYTHON, "-m", "tests.benchmarks.by_hand.work", way, str(n_runs)]
    paths = [str(programs.ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise RuntimeError(f"{way} failed:\n{done.stderr}")
    took = json.loads(done.stdout)
    return Turn(took[0], took)
