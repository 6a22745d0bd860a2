"""Whole sweeps by the command line: from the start of the process to the last file that it writes."""

import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import numpy as np
from pyarrow.parquet import read_metadata

from sweep import api
from sweep.plan import make_batches
from sweep.progress import Reporter
from sweep.store import ResultsFolder
from sweep.training.network.batch import train_batch
from tests.benchmarks import programs
from tests.benchmarks.configs import over_init_range
from tests.benchmarks.table import alone, at_least, at_most, times_as_fast, times_the_time
from tests.benchmarks.turns import Turn, in_turns, seconds
from tests.running import COMMAND, write_config

SQUARE = programs.ROOT / "configs" / "square.toml"
ALL_EPOCHS = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]
TABLES_ONLY = "--no-report"


def million(size):
    """Yield the time of a sweep of a million trainings, config to heatmap, and its peak memory."""
    replicates = size.of(100)
    with sweeps() as sweep:
        turn = sweep(over_init_range(size.of(100), replicates), n_runs=100 * size.of(100) * replicates)
    n = f"{100 * size.of(100) * replicates:,} trajectories × 1000 epochs, config to report"
    yield alone(n, "s", [turn.seconds], at_most(150, 60))
    yield alone("its peak memory, largest process", "B", [turn.outcome], at_most(1.5e9, 0.6e9))


def ten_million(size):
    """Yield the time of a sweep of ten million short trainings, config to report, and its peak memory."""
    n = 100 * size.of(1000) * size.of(100)
    with sweeps() as sweep:
        turn = sweep(over_init_range(size.of(1000), size.of(100), epochs=5), n_runs=n)
    yield alone(f"{n:,} trajectories × 5 epochs, config to report", "s", [turn.seconds], at_most(36, 25))
    yield alone("its peak memory, largest process", "B", [turn.outcome], at_most(0.7e9, 0.5e9))


def overhead(size):
    """Yield what everything but training costs, per run, of trainings of one epoch."""
    n = 100 * 10 * size.of(100)
    with sweeps() as sweep:
        many = over_init_range(10, size.of(100), epochs=1)
        hundred = over_init_range(10, 1, epochs=1, n_learning_rates=10)
        ways = {
            "many": lambda: sweep(many, TABLES_ONLY, n_runs=n),
            "hundred": lambda: sweep(hundred, TABLES_ONLY, n_runs=100),
        }
        taken = {name: seconds(turns) for name, turns in in_turns(ways, size.turns).items()}
    goal, what = at_most(30e-6, 5e-6), f"{n:,} trajectories of one epoch, config to table, per run"
    yield alone(what, "s", [t / n for t in taken["many"]], goal)
    beyond = [(t - h) / (n - 100) for t, h in zip(taken["many"], taken["hundred"], strict=True)]
    yield alone("the same, beyond what the first 100 take", "s", beyond, goal)


def epochs(size):
    """Yield ten epoch counts beside the largest alone, config to tables."""
    n = 100 * 10 * size.of(160)
    with sweeps() as sweep:
        ten = over_init_range(10, size.of(160), epochs=ALL_EPOCHS)
        one = over_init_range(10, size.of(160), epochs=ALL_EPOCHS[-1:])
        ways = {
            "ten": lambda: sweep(ten, TABLES_ONLY, n_runs=n * len(ALL_EPOCHS)),
            "one": lambda: sweep(one, TABLES_ONLY, n_runs=n),
        }
        taken = {name: seconds(turns) for name, turns in in_turns(ways, size.turns).items()}
    what = f"epochs = [100, 200, ..., 1000], {n:,} trajectories"
    yield times_the_time(what, "epochs = [1000]", taken["ten"], taken["one"], at_most(1.15, 1.05))


def workers(size):
    """Yield two workers beside one, on about 20 seconds of work for one."""
    n = 100 * 44 * size.of(100)
    config = over_init_range(44, size.of(100))
    with sweeps() as sweep:
        ways = {
            count: lambda count=count: sweep(config, TABLES_ONLY, "--workers", count, n_runs=n)
            for count in (1, 2)
        }
        taken = {count: seconds(turns) for count, turns in in_turns(ways, size.turns).items()}
    ways = {count: lambda count=count: training_alone(config, count) for count in (1, 2)}
    trained = {count: seconds(turns) for count, turns in in_turns(ways, size.turns).items()}
    ways = {count: lambda count=count: engine_alone(config, count) for count in (1, 2)}
    engines = {count: seconds(turns) for count, turns in in_turns(ways, size.turns).items()}
    what = f"2 workers, {n:,} trajectories × 1000 epochs"
    yield times_as_fast(what, "1 worker", taken[2], taken[1], at_least(1.85, 1.95))
    yield times_as_fast(
        f"{what}, training alone, per run", "1 worker", trained[2], trained[1], at_least(1.95, 1.98)
    )
    yield times_as_fast(f"{what}, the engine alone, per run", "1 process", engines[2], engines[1])


def square(size):
    """Yield configs/square.toml when its code has been compiled, and its results are deleted each time."""
    with sweeps() as sweep:
        sweep(SQUARE)
        taken = [sweep(SQUARE).seconds for _ in range(size.turns)]
    yield alone("sweep run configs/square.toml, compiled before", "s", taken, at_most(5, 2.5))


def engine_alone(config, n) -> Turn:
    """Train some batches of a config in so many processes side by side, without a parent, and return the seconds a run.

    It is what the machine itself allows.
    """
    with ProcessPoolExecutor(n, get_context("spawn")) as pool:
        return Turn(fmean(pool.map(seconds_of_a_run, [config] * n)) / n)


def seconds_of_a_run(config):
    plan = api.judgement_of(config).plan
    batches = list(islice(make_batches(plan, np.ones(plan.n_runs, dtype=bool)), 8))
    train_batch(batches[0])
    started = time.perf_counter()
    for batch in batches:
        train_batch(batch)
    return (time.perf_counter() - started) / sum(batch.n_runs for batch in batches)


class Pace(Reporter):
    """Notes when runs come back."""

    def begin(self, n_runs, already_done):  # noqa: ARG002 - it is a Reporter
        self.came = [(time.perf_counter(), 0)]

    def advance(self, n_runs):
        self.came.append((time.perf_counter(), n_runs))

    def end(self):
        pass


def training_alone(config, workers) -> Turn:
    """Run a config, given as tables, and return the seconds a run from where each worker has given its first ones."""
    pace = Pace()
    with TemporaryDirectory() as folder:
        api.run(config, results=folder, workers=workers, report=False, reporter=pace)
    started = min(workers, len(pace.came) - 2)
    n_runs = sum(n for _, n in pace.came[started + 1 :])
    return Turn((pace.came[-1][0] - pace.came[started][0]) / n_runs)


@contextmanager
def sweeps():
    """Give a function that runs a config without results of before, and checks how many runs came of it."""
    with TemporaryDirectory() as folder:
        yield lambda config, *options, n_runs=None: sweep_in(Path(folder), config, *options, n_runs=n_runs)


def sweep_in(folder, config, *options, n_runs=None) -> Turn:
    """Run a config, given as tables or a path, in a folder; its results are in `results` there."""
    results = folder / "results"
    shutil.rmtree(results, ignore_errors=True)
    path = config if isinstance(config, Path) else write_config(folder / "config.toml", config)
    turn = programs.run(*COMMAND, "run", path, "--results", results, *options, cwd=folder)
    stored = read_metadata(ResultsFolder(results).runs).num_rows
    if n_runs not in (None, stored):
        raise AssertionError(f"expected {n_runs} runs, got {stored}")
    return turn
