"""The sweep with xyzpy: a runner over all combinations, whose results are an xarray dataset."""

import sys

import xyzpy

from tests.benchmarks.by_hand import grid


def combined(n_replicates):
    """Make a call for each run."""
    values = [grid.LEARNING_RATES, grid.NEURONS, grid.EPOCHS, list(range(n_replicates))]
    runner = xyzpy.Runner(grid.final_loss, var_names="final_loss")
    runs = runner.run_combos(
        dict(zip(grid.AXES, values, strict=True)), parallel=True, num_workers=grid.PROCESSES, verbosity=0
    )
    return runs["final_loss"].to_dataframe().reset_index()


if __name__ == "__main__":
    grid.finish(combined(int(sys.argv[1])))
