"""The first stage: a TOML file becomes a checked `Experiment`. Nothing is expanded, trained or written here.

Read `read` (the way of a config, top down), `schema` (which tables and keys there are, for a kind of training) and
`general` (those that all kinds have), `grids` and `axes` (what is swept), and `experiment` (the records that come
out). Beside them, `toml` and `places` know the file, `together` checks all tables side by side, `quick` is the form
for a first look, and `key_list` is for the documents.
"""

from importlib.resources import files

from sweep.config.experiment import Axis, Experiment, Grid, Source
from sweep.config.grids import grid_size
from sweep.config.read import BothForms, parse_experiment, read_both, read_experiment

__all__ = [
    "Axis",
    "BothForms",
    "Experiment",
    "Grid",
    "Source",
    "example_config",
    "grid_size",
    "parse_experiment",
    "read_both",
    "read_experiment",
]


def example_config() -> str:
    """Return the text of a commented config to start from."""
    return files(__name__).joinpath("example.toml").read_text(encoding="utf-8")
