"""A new database is made from the whole rows of a damaged one; a kill at any moment loses none of them.

The new file is finished under another name. Once it is called `store.sqlite.rebuilt` it is the one that
counts, and whoever opens the database next completes the exchange.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from sweep.errors import ResultsError
from sweep.store.database import Database
from sweep.store.formats import insert, lay_out
from sweep.store.outcomes import columns_of
from sweep.store.sqlite import create, damage_in
from sweep.store.stored import everything
from sweep.terms.outcome import WITHOUT_RESULT, Outcome


def rebuild(path: Path, objective: str) -> list[str]:
    """Replace the database by one of the newest format with all outcomes that are whole, or create an empty one.

    Returns a line for everything that was lost, and where the damaged file is kept. Raises `ResultsError` if
    the new file cannot be written; the old one is untouched then.
    """
    building, existed = _beside(path, ".rebuilding"), path.exists()
    try:
        for leftover in (building, _beside(path, ".rebuilding-journal")):
            leftover.unlink(missing_ok=True)
        with Database.read(path, objective) as old, closing(create(building)) as new:
            saved = _copy(old, new)
        os.replace(building, _rebuilt(path))
        kept = finish_rebuilding(path)
    except sqlite3.Error as error:
        raise ResultsError(f"{building} cannot be written: {damage_in(building, error)}") from error
    except OSError as error:
        raise ResultsError(f"{path} cannot be written: {error.strerror}") from error
    if existed:
        kept_as = f"the damaged file is kept as {kept.name}"
        old.note_damage(f"was rebuilt with the {saved} trajectories that are whole; {kept_as}")
    return old.damage


def finish_rebuilding(path: Path) -> Path:
    """Put a rebuilt database into its place, if there is one, and return where the damaged one is kept."""
    number = 1
    while (kept := _beside(path, f".damaged-{number}")).exists():
        number += 1
    if not _rebuilt(path).exists():
        return kept
    try:
        # the log goes first: beside a database that it does not belong to, it would be replayed into that
        log = _beside(path, "-wal")
        if log.exists() and log.stat().st_size:
            os.replace(log, _beside(kept, "-wal"))
        for leftover in (log, _beside(path, "-shm")):
            leftover.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            os.replace(path, kept)
        os.replace(_rebuilt(path), path)
    except OSError as error:
        raise ResultsError(f"{path} cannot be replaced: {error.strerror}") from error
    return kept


def _copy(old: Database, new: sqlite3.Connection) -> int:
    """Copy all whole outcomes under new ids, without gaps; return the number of trajectories that have a result."""
    n_trajectories = 0
    new.execute("BEGIN IMMEDIATE")
    for i, stored in enumerate(old.outcomes(everything), start=1):
        columns = columns_of(stored.outcome)
        lay_out(new, columns)
        insert(new, i, columns)
        n_trajectories += _n_results(stored.outcome)
    new.execute("COMMIT")
    return n_trajectories


def _n_results(outcome: Outcome) -> int:
    return len(outcome) - int(np.isin(outcome.status, WITHOUT_RESULT).sum())


def _rebuilt(path: Path) -> Path:
    return _beside(path, ".rebuilt")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
