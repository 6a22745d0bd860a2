"""The first stage: a TOML file becomes a checked `Experiment`. Nothing is expanded, trained or written here.

Read `read` (the way of a config, top down), `grids` and `axes` (what is swept), `fields` (every key, its
range, default and meaning) and `experiment` (the records that come out). Beside them, `toml` and `places`
know the file, `tables` and `together` check it, `wording` and `reference` speak to the user.
"""

from importlib.resources import files

from sweep.config.experiment import Axis, Experiment, Grid, Value
from sweep.config.fields import FIELDS, Field
from sweep.config.grids import grid_size
from sweep.config.read import parse_experiment, read_experiment
from sweep.config.reference import reference, reference_markdown

__all__ = [
    "FIELDS",
    "Axis",
    "Experiment",
    "Field",
    "Grid",
    "Value",
    "example_config",
    "grid_size",
    "parse_experiment",
    "read_experiment",
    "reference",
    "reference_markdown",
]


def example_config() -> str:
    """Return the text of a commented config to start from."""
    return files(__name__).joinpath("example.toml").read_text(encoding="utf-8")
