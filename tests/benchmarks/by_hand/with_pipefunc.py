"""The sweep with pipefunc: a pipeline of one function, mapped over the product of its inputs."""

import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
from pipefunc import Pipeline, pipefunc

from tests.benchmarks.by_hand import grid


def mapped(n_replicates):
    """Make a call for each run; pipefunc cuts the calls into parts for the processes."""
    mapspec = "learning_rate[i], neurons[j], epochs[k], replicate[l] -> final_loss[i, j, k, l]"
    pipeline = Pipeline([pipefunc("final_loss", mapspec=mapspec)(grid.final_loss)])
    values = [grid.LEARNING_RATES, grid.NEURONS, grid.EPOCHS, list(range(n_replicates))]
    with ProcessPoolExecutor(grid.PROCESSES) as executor:
        results = pipeline.map(
            dict(zip(grid.AXES, values, strict=True)), executor=executor, storage="dict", show_progress=False
        )
    losses = np.asarray(results["final_loss"].output, dtype=float)
    index = pd.MultiIndex.from_product(values, names=grid.AXES)
    return pd.DataFrame({"final_loss": losses.ravel()}, index=index).reset_index()


if __name__ == "__main__":
    grid.finish(mapped(int(sys.argv[1])))
