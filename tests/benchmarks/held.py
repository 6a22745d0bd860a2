"""Processes of their own that hold trainings and train them when told to.

So no rival's threads, settings or memory touch another, and neither imports nor the sending of samples are timed.
"""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from unittest.mock import patch

import numpy as np

from tests.benchmarks.tasks import some_of
from tests.benchmarks.turns import Turn, timed

FOLDER = "tests.benchmarks"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
COLUMNS = 5


class Held:
    """A task in one or more processes, each of which holds as many of its trainings.

    Parameters
    ----------
    trainer
        "module.function" in this folder. Called with a task, and with `options`, it returns a function without
        arguments that trains the task and returns its losses, of shape (n, k). Only the processes import it.
    processes
        In how many processes.
    one_thread
        Whether their libraries are held to one thread each.
    """

    def __init__(self, trainer, task, processes=1, one_thread=True, **options):
        n = len(task.learning_rate)
        self._work = n * int(task.record_epochs[-1])
        spawn = multiprocessing.get_context("spawn")
        parts = [some_of(task, lanes) for lanes in np.array_split(np.arange(n), processes)]
        self._pools = [
            ProcessPoolExecutor(1, spawn, initializer=_hold, initargs=(trainer, part, options))
            for part in parts
        ]
        with patch.dict(os.environ, ONE_THREAD if one_thread else {}):
            for pool in self._pools:
                pool.submit(len, _HELD).result()  # starts the process, and waits until it holds its part

    def __call__(self):
        """Train everything; seconds are per training and epoch, the outcome is some columns of the losses."""
        turn = timed(self._train)
        return Turn(turn.seconds / self._work, turn.outcome)

    def _train(self):
        futures = [pool.submit(_train) for pool in self._pools]
        return np.concatenate([future.result() for future in futures])

    def close(self):
        for pool in self._pools:
            pool.shutdown()


_HELD = []


def make(trainer, task, options):
    """Return the function that trains."""
    module, function = trainer.split(".")
    return getattr(import_module(f"{FOLDER}.{module}"), function)(task, **options)


def _hold(*arguments):
    _HELD.append(make(*arguments))


def _train():
    (train,) = _HELD
    return some_columns(train())


def some_columns(losses):
    """Return a few of the losses' columns, the last among them: sending all would take longer than to train."""
    k = losses.shape[1]
    return losses[:, np.unique(np.linspace(0, k - 1, min(k, COLUMNS)).astype(int))]
