"""Whole sweeps, config to heatmap or table, each as a process of its own: what a user waits for."""

import importlib.util
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .table import Row, in_turns

ROOT = Path(__file__).parents[2]
SWEEP = "from sweep.cli import main; main()"
MEASURE = """
import os, sys, time
started = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)  # its own processes, which it has waited for, are counted in
print(time.perf_counter() - started, usage.ru_maxrss)
sys.exit(status != 0)
"""
"""Started between this process and the sweep: a process counts the memory of the one that started it as its own."""
SQUARE = ROOT / "configs" / "square.toml"
ARTICLE = """
[target]
function = "x**2"
interval = [0, 3]

[network]
neurons = 10

[training]
batch_rule = "printed"

[grid]
"""
MILLION = f"""{ARTICLE}
learning_rate = {{ log = [0.001, 1.0], num = 100 }}
init_range = {{ log = [0.05, 5.0], num = 100 }}
"""
BY_HAND = f"""{ARTICLE.replace("neurons = 10", "")}
learning_rate = [0.003, 0.01, 0.03, 0.1, 0.2]
neurons = [1, 2, 3, 5, 7, 10]
epochs = [100, 300, 1000]
replicates = 32
"""


def rows(turns: int, few: int) -> Iterator[tuple[str, object]]:
    """Yield titles and functions that measure a row; `few` divides the work."""
    yield "1 000 000 trajectories × 1000 epochs, to heatmap", lambda title: million(title, turns, few)
    yield "100 000 trajectories of one epoch, config to table", lambda title: overhead(title, turns, few)
    yield "epochs = [100, 200, ..., 1000] against [1000]", lambda title: epoch_list(title, turns, few)
    yield "two workers against one, 20 s of work", lambda title: two_workers(title, turns, few)
    yield "configs/square.toml, results deleted", lambda title: square(title, turns)
    for name in ("joblib", "pipefunc", "xyzpy", "optuna"):
        yield (
            f"x² to heatmap against {name} by hand",
            lambda title, name=name: against_hand(title, name, turns),
        )


def run(text_or_path, *options):
    """Run a sweep in an empty folder; return its seconds, and the peak memory of its largest process in GB."""
    with tempfile.TemporaryDirectory() as folder:
        config = text_or_path
        if isinstance(text_or_path, str):
            config = Path(folder, "config.toml")
            config.write_text(text_or_path)
        sweep = [sys.executable, "-c", SWEEP, "run", str(config), "--results", f"{folder}/results", *options]
        measured = subprocess.run(
            [sys.executable, "-S", "-c", MEASURE, *sweep],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        seconds, kilobytes = measured.stdout.split()[-2:]
        return float(seconds), float(kilobytes) / 1e6


def medians(turns, *arguments):
    return [
        statistics.median(values) for values in zip(*(run(*arguments) for _ in range(turns)), strict=True)
    ]


def million(title, turns, few):
    seconds, gigabytes = medians(min(turns, 3), MILLION + f"replicates = {100 // few}")
    detail = f"{1_000_000 // few:,} trajectories"
    return [
        Row(title, seconds, "s", 150, 60, detail, more=False),
        Row("its peak memory, largest process", gigabytes, "GB", 1.5, 0.6, detail, more=False),
    ]


def overhead(title, turns, few):
    grid = MILLION.replace("num = 100 }\ninit", "num = 10 }\ninit") + "epochs = 1\n"
    n, options = 100_000 // few, ("--no-report", "--workers", "1")
    seconds, _ = medians(turns, grid + f"replicates = {100 // few}", *options)
    start, _ = medians(turns, ARTICLE + "epochs = 1\nreplicates = 10", *options)
    detail = f"{1e6 * (seconds - start) / n:.2f} µs without the {start:.2f} s of a sweep of ten"
    return Row(title, 1e6 * seconds / n, "µs a run", 30, 5, detail, more=False)


def epoch_list(title, turns, few):
    grid = MILLION.replace("num = 100 }\ninit", "num = 10 }\ninit") + f"replicates = {100 // few}\n"
    counts = ", ".join(str(100 * i) for i in range(1, 11))
    ways = {
        "list": lambda: run(grid + f"epochs = [{counts}]", "--workers", "1", "--no-report"),
        "one": lambda: run(grid + "epochs = [1000]", "--workers", "1", "--no-report"),
    }
    seconds = in_turns(ways, turns)
    return Row(title, seconds["list"] / seconds["one"], "× time", 1.15, 1.05, told(seconds), more=False)


def two_workers(title, turns, few):
    grid = MILLION + f"replicates = {40 // min(few, 10)}\n"
    ways = {n: lambda n=n: run(grid, "--no-report", "--workers", n) for n in ("1", "2")}
    seconds = in_turns(ways, turns)
    return Row(title, seconds["1"] / seconds["2"], "× as fast", 1.8, 1.95, told(seconds))


def square(title, turns):
    run(SQUARE)
    seconds, _ = medians(turns, SQUARE)
    return Row(title, seconds, "s", 5, 2.5, "compiled code cached", more=False)


def against_hand(title, name, turns):
    if importlib.util.find_spec(name) is None:
        return f"{name} is not installed"
    turns = 1 if name == "optuna" else turns  # five minutes each
    sizes = {"batch_size=1": 1, "auto": "auto"} if name == "joblib" else {"": None}
    ways = {"sweep": lambda: run(BY_HAND)}
    ways |= {
        f"{name} {label}".strip(): lambda size=size: by_hand(name, size) for label, size in sizes.items()
    }
    seconds = in_turns(ways, turns)
    ours, *theirs = seconds.values()
    return Row(title, min(theirs) / ours, "× as fast", 4, 7, told(seconds))


def by_hand(name, size):
    call = f"from tests.benchmarks import by_hand; by_hand.by_{name}({'' if size is None else repr(size)})"
    subprocess.run(
        [sys.executable, "-c", f"if __name__ == '__main__':\n    {call}"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def told(seconds):
    return ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items())
