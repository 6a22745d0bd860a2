"""The sweep with joblib and pandas."""

import sys
from itertools import product

import pandas as pd
from joblib import Parallel, delayed

from tests.benchmarks.by_hand import grid


def by_run(n_replicates):
    """Make a call for each run."""
    runs = list(product(grid.LEARNING_RATES, grid.NEURONS, grid.EPOCHS, range(n_replicates)))
    losses = Parallel(n_jobs=grid.PROCESSES)(delayed(grid.final_loss)(*run) for run in runs)
    return pd.DataFrame(runs, columns=grid.AXES).assign(final_loss=losses)


def by_cell(n_replicates):
    """Make a call for each cell, which trains all its replicates."""
    cells = list(product(grid.LEARNING_RATES, grid.NEURONS, grid.EPOCHS))
    losses = Parallel(n_jobs=grid.PROCESSES)(delayed(_replicates)(*cell, n_replicates) for cell in cells)
    runs = [(*cell, replicate) for cell in cells for replicate in range(n_replicates)]
    return pd.DataFrame(runs, columns=grid.AXES).assign(final_loss=[loss for part in losses for loss in part])


def epochs_read_off(n_replicates):
    """Make a call for each training, which is to the largest epoch count and gives the losses of all."""
    trainings = list(product(grid.LEARNING_RATES, grid.NEURONS, range(n_replicates)))
    losses = Parallel(n_jobs=grid.PROCESSES)(
        delayed(grid.losses)(rate, neurons, grid.EPOCHS, replicate) for rate, neurons, replicate in trainings
    )
    rows = [
        (rate, neurons, epochs, replicate, loss)
        for (rate, neurons, replicate), of_epochs in zip(trainings, losses, strict=True)
        for epochs, loss in zip(grid.EPOCHS, of_epochs, strict=True)
    ]
    return pd.DataFrame(rows, columns=[*grid.AXES, "final_loss"])


def _replicates(learning_rate, neurons, epochs, n_replicates):
    return [grid.final_loss(learning_rate, neurons, epochs, r) for r in range(n_replicates)]


WAYS = {"by_run": by_run, "by_cell": by_cell, "epochs_read_off": epochs_read_off}

if __name__ == "__main__":
    grid.finish(WAYS[sys.argv[2]](int(sys.argv[1])))
