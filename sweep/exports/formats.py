"""The formats by their names, which file ending is which, and how a file comes to its place."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sweep.errors import InputError
from sweep.exports.sweep_runs import SweepRuns, needed
from sweep.exports.to_mlflow import to_mlflow
from sweep.exports.to_optuna import to_optuna
from sweep.exports.to_xarray import to_xarray, with_plain_names
from sweep.store.made import partial_beside, told_of
from sweep.store.place import shown

ENDINGS = {
    ".csv": "csv",
    ".parquet": "parquet",
    ".md": "markdown",
    ".tex": "latex",
    ".nc": "netcdf",
    ".db": "optuna",
}
"""The format that is meant by the ending of a file."""

FORMATS = (*ENDINGS.values(), "mlflow")
OF_RUNS = ("netcdf", "optuna", "mlflow")
"""Those that have every run; the others are of a table."""


def format_of(path: Path, named: str | None) -> str:
    """Return the format that is named, or else meant by the ending of a file. Raises `InputError` if there is none."""
    if named is not None:
        if named not in FORMATS:
            raise InputError(f"a format is one of {', '.join(FORMATS)}, got {named!r}")
        return named
    if path.suffix not in ENDINGS:
        endings = ", ".join(f"{ending} ({name})" for ending, name in ENDINGS.items())
        raise InputError(f"{path.name} says no format by its ending: end it in {endings}, or name the format")
    return ENDINGS[path.suffix]


@contextmanager
def in_its_place(path: Path) -> Iterator[Path]:
    """Give a path to write to, and put what is there into its place at last: the whole file or the old one.

    Raises `ResultsError` if it cannot be written.
    """
    partial = partial_beside(path)
    try:
        with told_of(path):
            yield partial
            os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_runs(sweep: SweepRuns, kind: str, path: Path) -> None:
    """Write all runs to a new file in the format of xarray, Optuna or MLflow.

    Raises `InputError` if a database is there already, or what it needs is not installed.
    """
    if kind == "netcdf":
        for module in ("xarray", "h5netcdf", "h5py"):
            needed(module, "xarray")
        dataset = with_plain_names(to_xarray(sweep))
        with in_its_place(path) as partial:
            dataset.to_netcdf(partial, engine="h5netcdf")
        return
    if os.path.lexists(path):
        raise InputError(
            f"{shown(path)} is there already, and nothing is added to it: remove it, or choose another name"
        )
    needed("optuna" if kind == "optuna" else "mlflow", kind)
    # built where no character of the path means something in an address
    with TemporaryDirectory() as folder, _without_syncing():
        built = Path(folder, "built.db")
        if kind == "optuna":
            to_optuna(sweep, f"sqlite:///{built.as_posix()}")
        else:
            to_mlflow(sweep, f"sqlite:///{built.as_posix()}")
        with in_its_place(path) as partial:
            shutil.copyfile(built, partial)


@contextmanager
def _without_syncing() -> Iterator[None]:
    """Let SQLite not wait for the disk at every row of a file that is built in one go: it takes a fifth of the time."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def hurry(connection: Any, _: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA journal_mode = MEMORY")

    event.listen(Engine, "connect", hurry)
    try:
        yield
    finally:
        event.remove(Engine, "connect", hurry)
