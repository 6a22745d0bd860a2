"""The sweeps that are disturbed: small ones, in one process and in several, of networks and of a function."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.running import write_config

CLAIM = {
    "sentence": "a smaller learning rate is better",
    "form": "better",
    "axis": "learning_rate",
    "value": 0.02,
    "than": 0.1,
    "where": {"neurons": 3},
}
NETWORK = {
    "title": "A sweep that is disturbed",
    "figures": ["heatmap"],
    "target": {"function": "x**2", "interval": [0, 3]},
    "training": {"epochs": 40_000, "batch_size": 4},
    "grid": {"neurons": {"range": [1, 12]}, "learning_rate": [0.02, 0.05, 0.1], "replicates": 2},
    "claim": [CLAIM],
}
"""Twelve batches of some hundredths of a second, 72 runs."""

FUNCTION = {
    "figures": ["heatmap"],
    "function": {"call": "own.py:train", "metrics": {"error": "lower"}, "timeout_seconds": 60},
    "grid": {"rate": [0.1, 0.2, 0.3], "width": {"range": [1, 8]}, "epochs": [2, 4], "replicates": 2},
}
"""48 trainings, 96 runs."""

OWN = """
import time


def train(rate, width=3, *, seed):
    error = 1 + seed / 2**32
    while True:
        time.sleep(0.001)
        error *= 1 - rate / width
        yield {"error": error}
"""


@dataclass(frozen=True)
class Sweep:
    """A sweep: its config, what lies beside it, the arguments of `sweep run`, and constants that are changed for it."""

    name: str
    tables: Mapping[str, object]
    n_runs: int
    workers: int = 1
    arguments: tuple[str, ...] = ("--no-report",)
    files: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        return ["run", f"{self.name}.toml", "--workers", str(self.workers), *self.arguments]

    def write(self, folder: Path) -> None:
        """Write the config, and what it needs, into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        write_config(folder / f"{self.name}.toml", self.tables)
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")

    def results(self, folder: Path) -> Path:
        return folder / "results" / self.name


COMMIT_ALWAYS = {"sweep.store.writer.COMMIT_SECONDS": 0.0}
PROCESSES_ALWAYS = {"sweep.dispatch.pool.SECONDS_TO_START_WORKERS": 0.0}

HERE = Sweep("here", NETWORK, 72, constants=COMMIT_ALWAYS)
"""In one process, tables only."""
REPORTED = Sweep("reported", NETWORK, 72, arguments=(), constants=COMMIT_ALWAYS)
"""In one process, with figures and pages."""
PROCESSES = Sweep(
    "processes",
    NETWORK | {"training": {"epochs": 400_000, "batch_size": 4}},
    72,
    workers=2,
    constants=COMMIT_ALWAYS | PROCESSES_ALWAYS,
)
"""In two processes, some seconds in all."""
QUICK = Sweep(
    "quick",
    NETWORK
    | {
        "training": {"epochs": 300, "batch_size": 4},
        "grid": NETWORK["grid"] | {"neurons": {"range": [1, 6]}},
    },
    36,
)
"""In one process, in no time: for trials by the thousand."""
QUICK_REPORTED = Sweep("quick", QUICK.tables, 36, arguments=())
OWN_FUNCTION = Sweep("own", FUNCTION, 96, workers=2, files={"own.py": OWN}, constants=COMMIT_ALWAYS)


def warm_up(activation: str = "relu") -> None:
    """Have this process load all that a sweep needs: the kernel of an activation, and what draws figures and pages."""
    from sweep import api

    with tempfile.TemporaryDirectory() as folder:
        small = NETWORK | {"training": {"epochs": 10, "batch_size": 4}, "network": {"activation": activation}}
        api.run(small, results=Path(folder, "warm"), workers=1)
