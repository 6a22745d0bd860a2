"""The whole sweep of `by_hand`, config to heatmap, beside those who do it with a library; after runs were compared."""

import shutil
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from sweep.store import ResultsFolder
from tests.benchmarks import programs
from tests.benchmarks.by_hand import grid
from tests.benchmarks.configs import article
from tests.benchmarks.rivals import is_installed, left_out
from tests.benchmarks.sweeps import sweep_in
from tests.benchmarks.table import at_least, times_as_fast
from tests.benchmarks.turns import in_turns, seconds

WAYS = {
    "joblib + pandas + seaborn": ("with_joblib", ["by_run", "by_cell"]),
    "the same, epochs read off": ("with_joblib", ["epochs_read_off"]),
    "pipefunc": ("with_pipefunc", [""]),
    "xyzpy": ("with_xyzpy", [""]),
    "Optuna": ("with_optuna", ["in_threads", "in_processes"]),
}
BUT_JOBLIB = {"pipefunc", "xyzpy", "Optuna"}
WITH_A_GOAL = "joblib + pandas + seaborn"
SWEEP = "sweep"


def by_hand(size):
    """Yield the sweep beside each library, in the faster of the ways to write it."""
    if not is_installed("seaborn"):
        yield left_out("seaborn")
        return
    rivals = {name: ways for name, ways in WAYS.items() if name not in BUT_JOBLIB or is_installed(name)}
    yield from (left_out(name) for name in WAYS if name not in rivals)
    replicates = size.of(grid.REPLICATES, 2)
    axes = {"learning_rate": grid.LEARNING_RATES, "neurons": grid.NEURONS, "epochs": grid.EPOCHS}
    # The heatmap and no other figure: nobody by hand draws more.
    config = {"figures": ["heatmap"]} | article(**axes, replicates=replicates)
    with TemporaryDirectory() as name:
        folder = Path(name)
        ways = {SWEEP: lambda: sweep_in(folder, config)}
        ways[SWEEP]()
        expected = losses_of(pd.read_parquet(ResultsFolder(folder / "results").runs))
        ways |= {name: choose(folder, *ways, replicates, expected) for name, ways in rivals.items()}
        taken = {name: seconds(turns) for name, turns in in_turns(ways, size.turns).items()}
    what = f"config to heatmap, {len(expected):,} runs"
    for name in rivals:
        goal = at_least(4, 7) if name == WITH_A_GOAL else None
        yield times_as_fast(what, name, taken[SWEEP], taken[name], goal)


def choose(folder, program, ways, replicates, expected):
    """Return the faster way of a library's program; all must give the expected losses."""
    took = {}
    for way in ways:
        call = partial(run, folder, program, way, replicates)
        took[call] = call().seconds
        found = losses_of(pd.read_csv(folder / "runs.csv")).reindex(expected.index)
        np.testing.assert_allclose(found, expected, rtol=1e-6, err_msg=f"{program} {way}")
    return min(took, key=took.__getitem__)


def run(folder, program, way, replicates):
    """Run a library's program as a process of its own, without what it left behind before."""
    for left in ("runs.csv", "heatmap.png", "study.log"):
        (folder / left).unlink(missing_ok=True)
    shutil.rmtree(folder / "results", ignore_errors=True)
    module = f"tests.benchmarks.by_hand.{program}"
    return programs.run(programs.PYTHON, "-m", module, replicates, way, cwd=folder)


def losses_of(runs):
    return runs.set_index(grid.AXES)["final_loss"]
