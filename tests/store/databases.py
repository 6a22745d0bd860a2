"""Outcomes, the databases of both formats that they are written to, and what is read from these."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from store.legacy_files import write_legacy

from sweep.store import Database, DatabaseWriter, everything
from sweep.terms.outcome import KEY, Curves, Outcome, Status

OBJECTIVE = "loss"


def make_outcome(seed, n=3, k=2, c=0, p=5, w=0):
    """Return an outcome: n trajectories, k step counts, curves of c points with p outputs, w weights.

    It is one that an older sweep could have written.
    """
    rng = np.random.default_rng(seed)
    losses = rng.random((n, k))
    losses[0, 0] = (np.inf, np.nan, -0.0)[seed % 3]
    curves = Curves(np.arange(c), {OBJECTIVE: rng.random((n, c))}) if c else None
    outputs = {"outputs": rng.random((n, p))} if c else {}
    ended_at = rng.integers(0, 2, n)
    return Outcome(
        keys=np.frombuffer(rng.bytes(16 * n), KEY),
        replicates=rng.integers(0, 1000, n),
        steps=100 * np.arange(1, k + 1),
        metrics={OBJECTIVE: losses},
        status=np.where(ended_at > 0, Status.DIVERGED, Status.OK).astype(np.uint8),
        ended_at=ended_at,
        seconds=float(rng.random()),
        curves=curves,
        extras={**outputs, **({"weights": rng.normal(size=(n, w))} if w else {})},
    )


def numbered_outcome(i):
    """Return an outcome that is told from others by its number: up to 300 trajectories, with curves and outputs."""
    n = 1 + i % 300
    return Outcome(
        keys=np.frombuffer(i.to_bytes(16) * n, KEY),
        replicates=np.arange(n),
        steps=np.arange(1, 4),
        metrics={OBJECTIVE: np.random.default_rng(i).random((n, 3))},
        status=np.full(n, Status.OK, np.uint8),
        ended_at=np.zeros(n, np.int64),
        seconds=1.0,
        curves=Curves(np.arange(20), {OBJECTIVE: np.full((n, 20), float(i))}),
        extras={"outputs": np.full((n, 11), -float(i))},
    )


def make_failure(reason, seed=0, n=3):
    """Return the outcome of n trajectories that failed for a reason."""
    outcome = make_outcome(seed, n=n)
    return Outcome.without_result(outcome.keys, outcome.replicates, Status.FAILED, reason)


def bits(outcome, without=()):
    """Return all bits of an outcome, but for those of the curves or extras in `without`."""
    arrays = {name: getattr(outcome, name) for name in ("keys", "replicates", "steps", "status", "ended_at")}
    arrays |= {("metrics", name): values for name, values in outcome.metrics.items()}
    arrays |= {("extras", name): values for name, values in outcome.extras.items() if name not in without}
    if outcome.curves is not None and "curves" not in without:
        arrays["curves"] = outcome.curves.steps
        arrays |= {("curves", name): values for name, values in outcome.curves.metrics.items()}
    found = {(name, array.dtype.str, array.shape, array.tobytes()) for name, array in arrays.items()}
    return outcome.seconds, frozenset(outcome.reasons.items()), frozenset(found)


@dataclass(frozen=True)
class Kind:
    """A format of a database: how one is written, and the tables and columns of it that the tests damage."""

    name: str
    write: Callable[..., None]
    outcomes: str
    columns: tuple[str, ...]
    values: str
    curves: str
    curve_values: str
    weights: str
    weight_values: str


def write_new(path, outcomes):
    with DatabaseWriter(path, OBJECTIVE) as store:
        for outcome in outcomes:
            store.append(outcome)


_COLUMNS = "trajectories seconds kept keys replicates steps status ended_at metrics metric_values reasons crc"
NEW = Kind(
    name="new",
    write=write_new,
    outcomes="outcomes",
    columns=tuple(_COLUMNS.split()),
    values="metric_values",
    curves="kept_curves",
    curve_values="content",
    weights="kept_weights",
    weight_values="content",
)
_OLD_COLUMNS = "trajectories seconds has_curves keys replicates epochs losses diverged_at crc"
LEGACY = Kind(
    name="legacy",
    write=write_legacy,
    outcomes="batches",
    columns=tuple(_OLD_COLUMNS.split()),
    values="losses",
    curves="curves",
    curve_values="outputs",
    weights="weights",
    weight_values="parameters",
)


def read(path, wanted=everything, use=Database.read):
    """Return what is stored, and what is told of damage; damage that a reader finds is there after the reading."""
    with use(path, OBJECTIVE) as database:
        return list(database.outcomes(wanted)), database.damage


def undamaged(path, wanted=everything):
    """Return the stored outcomes of a database in which nothing is damaged."""
    found, damage = read(path, wanted)
    assert damage == []
    return [stored.outcome for stored in found]


def execute(path, statement, *values):
    """Change a database behind the store's back."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement, values)
        connection.commit()


def format_and_tables(path):
    """Return the format of a database, and the names of its tables."""
    with closing(sqlite3.connect(path)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    return version, {name for (name,) in names}
