"""What the program is compared with, as far as it is installed."""

import shutil
from importlib.util import find_spec

MODULES = {
    "Dask": "distributed",
    "joblib": "joblib",
    "JAX": "jax",
    "PyTorch": "torch",
    "Optuna": "optuna",
    "pipefunc": "pipefunc",
    "xyzpy": "xyzpy",
    "seaborn": "seaborn",
}
PROGRAMS = {"Node.js": "node", "a C compiler": "cc"}


def is_installed(rival):
    if rival in PROGRAMS:
        return shutil.which(PROGRAMS[rival]) is not None
    return find_spec(MODULES[rival]) is not None


def left_out(rival):
    """Return the word that is said of a rival that is not installed."""
    return f"{rival} is not installed and left out"
