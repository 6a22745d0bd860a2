"""Runs as a dataset of xarray: a dimension for each axis and one for the replicates."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sweep.errors import InputError
from sweep.exports.sweep_runs import SweepRuns, needed

if TYPE_CHECKING:
    from xarray import Dataset

MOST_PLACES = 50_000_000


def to_xarray(sweep: SweepRuns) -> "Dataset":
    """Return the runs with a variable for each metric, of all axes and `replicate`.

    A metric is NaN where there is no run; `status` says "missing" there, `diverged_at` is NaN where none did.
    Raises `InputError` if the combinations are too many for a memory, or xarray is not installed.
    """
    xarray = needed("xarray", "xarray")
    runs = sweep.runs
    replicates = np.arange(int(runs["replicate"].max()) + 1 if len(runs) else 0)
    sizes = (*(len(values) for values in sweep.levels.values()), len(replicates))
    if np.prod(sizes, dtype=float) > MOST_PLACES:
        raise InputError(
            f"the axes and replicates have {np.prod(sizes, dtype=float):,.0f} combinations, of which {len(runs):,} "
            "have a run: too many for a grid, so take CSV or Parquet, or a part of the sweep"
        )
    places = [
        pd.Index(list(values)).get_indexer(pd.Index(runs[axis])) for axis, values in sweep.levels.items()
    ]
    at = (*places, runs["replicate"].to_numpy())
    dimensions = (*sweep.levels, "replicate")
    variables: dict[str, Any] = {}
    for metric in sweep.metrics:
        about = {"long_name": metric.words, "units": metric.unit or "1", "better": metric.better}
        grid = np.full(sizes, np.nan)
        grid[at] = runs[metric.name]
        variables[metric.name] = (dimensions, grid, about)
    status = np.full(sizes, "missing", dtype="<U8")
    status[at] = runs["status"].astype(str)
    variables["status"] = (dimensions, status, {"long_name": "how the run ended"})
    if "diverged_at" in runs:
        diverged_at = np.full(sizes, np.nan)
        diverged_at[at] = runs["diverged_at"].to_numpy(dtype=float, na_value=np.nan)
        variables["diverged_at"] = (
            dimensions,
            diverged_at,
            {"long_name": f"{sweep.steps} at which it diverged"},
        )
    coordinates = {**{axis: list(values) for axis, values in sweep.levels.items()}, "replicate": replicates}
    about = {"sweep": sweep.name, "title": sweep.title, "config": sweep.config_text}
    made: Dataset = xarray.Dataset(variables, coordinates, about)
    return made


def with_plain_names(dataset: "Dataset") -> "Dataset":
    """Return a dataset for netCDF, where a slash in a name is a group: `val/loss` becomes `val_loss`.

    What it was is kept as the attribute `name_in_sweep`.
    """
    names: dict[Any, str] = {}
    taken = {str(name) for name in dataset.variables}
    for name in sorted(name for name in taken if "/" in name):
        plain = name.replace("/", "_")
        while plain in taken:
            plain += "_"
        taken.add(plain)
        names[name] = plain
    renamed = dataset.rename(names)
    for name, plain in names.items():
        renamed[plain].attrs["name_in_sweep"] = name
    return renamed
