"""What a plan says that a sweep will take, beside what it takes: six kinds of work, of some seconds each.

Of a function of one's own nobody knows it before some of its runs are there: so the plan is made after a tenth of them.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from sweep import api
from tests.benchmarks import programs
from tests.benchmarks.configs import over_init_range
from tests.benchmarks.sweeps import sweep_in
from tests.benchmarks.table import alone, at_most
from tests.running import COMMAND, write_config

RATES = {"log": [0.001, 0.01], "num": 20}
OWN = """
import numpy as np

def train(rate, *, seed):
    weights = np.random.default_rng(seed).normal(size=500)
    for _ in range(2000):
        weights -= rate * weights
    return {"loss": float((weights**2).mean())}
"""


def many(network, replicates, epochs, batch_size=10, **training):
    """Return a config of one kind of network over twenty learning rates."""
    return {
        "target": {"function": "x**2", "interval": [0, 3]},
        "network": {"activation": "relu"} | network,
        "training": {"batch_size": batch_size} | training,
        "grid": {"learning_rate": RATES, "epochs": epochs, "replicates": replicates},
    }


def works(size):
    """Return the kinds of work, each as a config."""
    deep = {"neurons": 10, "hidden_layers": 4, "activation": "tanh"}
    return {
        "the article's case": over_init_range(10, size.of(60)),
        "1-10-10-10-10-1 with tanh, M = 100": many(deep, size.of(40), 500, 100),
        "1-100-100-1, M = 100": many({"neurons": 100, "hidden_layers": 2}, size.of(4), 500, 100),
        "numerical gradients": many({"neurons": 10}, size.of(50), 10_000, gradient="numerical"),
        "100,000 short trainings": over_init_range(10, size.of(100), epochs=5),
    }


def estimates(size):
    """Yield by which factor a plan is off, either way."""
    for name, tables in works(size).items():
        with TemporaryDirectory() as folder:
            said = api.preview(tables, results=Path(folder, "results")).wall_seconds
            taken = [sweep_in(Path(folder), tables).seconds for _ in range(size.turns)]
        yield off(name, said, taken)
    yield from own(size)


def own(size):
    """Yield the same of a function of one's own."""
    few, all_of_them = size.of(20, 2), size.of(200, 20)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "own.py").write_text(OWN, encoding="utf-8")
        config, results = folder / "own.toml", folder / "results"
        tables = {
            "function": {"call": "own.py:train", "metrics": {"loss": "lower"}},
            "grid": {"rate": [0.001 * i for i in range(1, 11)], "replicates": few},
        }
        command = (*COMMAND, "run", config, "--results", results)
        write_config(config, tables)
        programs.run(*command, "--no-report", cwd=folder)
        write_config(config, tables | {"grid": tables["grid"] | {"replicates": all_of_them}})
        said = api.preview(config, results=results).wall_seconds
        taken = programs.run(*command, cwd=folder).seconds
    what = f"a function of one's own, {10 * all_of_them:,} runs, the first tenth of them done"
    yield off(what, said, [taken])


def off(name, said, taken):
    return alone(
        f"time by the plan: {name}", "×", [max(said / each, each / said) for each in taken], at_most(2, 1.3)
    )
