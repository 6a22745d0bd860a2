"""The articles' printed program under Node.js, with numbers given to it instead of drawn; one stream only."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.turns import Turn

PROGRAM = Path(__file__).with_suffix(".js")


class PrintedProgram:
    """A task for the program; calling it trains, and times that without the start of Node.js."""

    def __init__(self, task):
        self._numbers = tempfile.TemporaryDirectory()
        epochs, samples, _ = task.samples[0].shape
        n = len(task.learning_rate)
        self._work = n * epochs
        for name, values in (
            ("initial", task.initial),
            ("rates", task.learning_rate),
            ("samples", task.samples[0][:, :, 0]),
        ):
            np.ascontiguousarray(values).tofile(Path(self._numbers.name, name))
        arguments = (task.layer_sizes[1], epochs, samples, task.difference_step[0], task.divisor, n)
        self._command = ["node", PROGRAM, self._numbers.name, *map(str, arguments)]

    def __call__(self):
        answer = subprocess.run(self._command, check=True, capture_output=True, encoding="utf-8").stdout
        told = json.loads(answer)
        return Turn(told["ns"] / 1e9 / self._work, np.array(told["losses"])[:, None])

    def close(self):
        self._numbers.cleanup()
