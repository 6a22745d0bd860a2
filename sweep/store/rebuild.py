"""A new database is made from the whole rows of a damaged one; a kill at any moment loses none of them.

The new file is finished under another name. Once it is called `store.sqlite.rebuilt` it is the one that
counts, and whoever opens the database to write it next completes the exchange. Only a whole database of ours counts,
whatever the name says.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweep.errors import ResultsError
from sweep.store.database import Database
from sweep.store.formats import insert, lay_out
from sweep.store.header import is_sound, may_have_log
from sweep.store.log import log_of
from sweep.store.outcomes import columns_of
from sweep.store.sqlite import create, damage_in
from sweep.store.stored import everything
from sweep.terms.outcome import KEY, WITHOUT_RESULT, Outcome


def rebuild(path: Path, objective: str) -> list[str]:
    """Replace the database by one of the newest format with all outcomes that are whole, or create an empty one.

    Returns a line for everything that was lost, and where the damaged file is kept. Raises `ResultsError` if
    the new file cannot be written; the old one is untouched then.
    """
    building, existed = _beside(path, ".rebuilding"), path.exists()
    try:
        _remove_leftovers(path)
        with Database.read(path, objective) as old, closing(create(building)) as new:
            saved = _copy(old, new)
        os.replace(building, _rebuilt(path))
        kept = _exchange(path)
    except sqlite3.Error as error:
        raise ResultsError(f"{building} cannot be written: {damage_in(building, error)}") from error
    except OSError as error:
        raise ResultsError(f"{path} cannot be written: {error.strerror}") from error
    if existed:
        kept_as = f"the damaged file is kept as {kept.name}"
        old.note_damage(f"was rebuilt with the {saved} trajectories that are whole; {kept_as}")
    return old.damage


def tidy(path: Path) -> list[str]:
    """Complete a rebuilding that was cut off, and put away what has the name of a part of the database and is none.

    Returns a line for everything that is put away. What holds nothing is removed.
    """
    told = []
    try:
        _remove_leftovers(path)
        rebuilt, log = _rebuilt(path), log_of(path)
        if is_sound(rebuilt):
            _exchange(path)
        else:
            told += _put_away(rebuilt, "is no whole database of sweep")
        if not path.exists() or not may_have_log(path):
            told += _put_away(log, f"is not of {path.name} as it is")
        if not path.exists():
            told += _put_away(_beside(path, "-journal"), f"is not of {path.name} as it is")
        if not log.exists():
            _beside(path, "-shm").unlink(missing_ok=True)
    except OSError as error:
        raise ResultsError(f"{path} cannot be replaced: {error.strerror}") from error
    return told


def _exchange(path: Path) -> Path:
    """Put the rebuilt database into its place, and return where the damaged one is kept."""
    kept = _free_name(path)
    # these go first: beside a database that they do not belong to, they would be replayed into that
    for suffix in ("-wal", "-journal"):
        beside = _beside(path, suffix)
        if beside.exists() and beside.stat().st_size:
            os.replace(beside, _beside(kept, suffix))
    for suffix in ("-wal", "-journal", "-shm"):
        _beside(path, suffix).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        os.replace(path, kept)
    os.replace(_rebuilt(path), path)
    return kept


def _put_away(found: Path, why: str) -> list[str]:
    """Keep a file under another name, remove it if it is empty."""
    if not os.path.lexists(found):
        return []
    if found.is_file() and not found.stat().st_size:
        found.unlink()
        return []
    kept = _free_name(found)
    os.replace(found, kept)
    return [f"{found} {why}: it is kept as {kept.name}"]


def _free_name(path: Path) -> Path:
    """Return the first name for a damaged file under which none is kept, be it alone or with what is beside it."""
    number = 1
    while os.path.lexists(kept := _beside(path, f".damaged-{number}")) or any(
        os.path.lexists(_beside(kept, suffix)) and _beside(path, suffix).exists()
        for suffix in ("-wal", "-journal")
    ):
        number += 1
    return kept


def _remove_leftovers(path: Path) -> None:
    """Remove what a rebuilding has left that was cut off before it was complete."""
    for suffix in (".rebuilding", ".rebuilding-journal"):
        _beside(path, suffix).unlink(missing_ok=True)


def _copy(old: Database, new: sqlite3.Connection) -> int:
    """Copy all whole outcomes under new ids, without gaps; return the number of trajectories that have a result."""
    results: list[NDArray[np.void]] = [np.empty(0, _NAME)]
    new.execute("BEGIN IMMEDIATE")
    for i, stored in enumerate(old.outcomes(everything), start=1):
        columns = columns_of(stored.outcome)
        lay_out(new, columns)
        insert(new, i, columns)
        results.append(_with_result(stored.outcome))
    new.execute("COMMIT")
    return len(np.unique(np.concatenate(results)))


_NAME = np.dtype([("key", KEY), ("replicate", np.int64)])


def _with_result(outcome: Outcome) -> NDArray[np.void]:
    """Return the names of those trajectories that have a result; one may have been trained more than once."""
    names = np.empty(len(outcome), _NAME)
    names["key"], names["replicate"] = outcome.keys, outcome.replicates
    return names[~np.isin(outcome.status, WITHOUT_RESULT)]


def _rebuilt(path: Path) -> Path:
    return _beside(path, ".rebuilt")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
