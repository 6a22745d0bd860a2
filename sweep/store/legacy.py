"""Rows that older sweeps have written: they are read as outcomes, and stay where they are.

Databases of the formats 1 and 2 hold networks: a row of `batches` for those trained by one call, beside it their
learning curves and outputs in `curves`, and their parameters in `weights` (format 2); a row of `failures` for those
that could not be trained. They do not name their metric, which is the objective of what is trained. Nothing here is
ever written.
"""

import numpy as np

from sweep.store.rows import Row, Section, Table, floats_of, ints_of, is_whole
from sweep.store.stored import CURVES_NAME, Parts, Stored
from sweep.terms.outcome import KEY, Curves, Outcome, Status

BATCHES = Table(
    "batches",
    (
        "trajectories INTEGER",
        "seconds REAL",
        "has_curves INTEGER",
        "keys BLOB",
        "replicates BLOB",
        "epochs BLOB",
        "losses BLOB",
        "diverged_at BLOB",
    ),
)
CURVES = Table("curves", ("trajectories INTEGER", "epochs BLOB", "losses BLOB", "outputs BLOB"))
FAILURES = Table("failures", ("trajectories INTEGER", "keys BLOB", "replicates BLOB", "reason TEXT"))
WEIGHTS = Table("weights", ("trajectories INTEGER", "parameters BLOB"))

TABLES = {1: (BATCHES, CURVES, FAILURES), 2: (BATCHES, CURVES, FAILURES, WEIGHTS)}
"""The tables by the format of the database. It had format 1 until weights were stored."""
OUTPUTS_NAME, WEIGHTS_NAME = "outputs", "weights"
_BESIDE = {CURVES_NAME: CURVES, OUTPUTS_NAME: CURVES, WEIGHTS_NAME: WEIGHTS}


def sections(objective: str, has_weights: bool) -> tuple[Section, Section]:
    """Return the tables of outcomes in the order in which they are read; their metric gets the objective's name."""
    batches = Section(
        BATCHES,
        lambda row: _batch_of(row, objective),
        _BESIDE.__getitem__,
        lambda table, row: _curves_of(row, objective) if table is CURVES else _weights_of(row),
        frozenset({WEIGHTS_NAME} if has_weights else ()),
    )
    return batches, Section(FAILURES, _failure_of, _BESIDE.__getitem__, lambda *_: None)


def _batch_of(row: Row, objective: str) -> Stored | None:
    if not is_whole(BATCHES, row):
        return None
    _, n, seconds, has_curves, keys, replicates, epochs, losses, diverged_at, _ = row
    try:
        ended_at = ints_of(diverged_at)
        outcome = Outcome(
            keys=np.frombuffer(keys, KEY),
            replicates=ints_of(replicates),
            steps=ints_of(epochs),
            metrics={objective: floats_of(losses).reshape(n, -1)},
            status=np.where(ended_at > 0, Status.DIVERGED, Status.OK).astype(np.uint8),
            ended_at=ended_at,
            seconds=seconds,
        )
    except ValueError:  # one in four billion damaged rows has the right CRC
        return None
    return Stored(outcome, frozenset({CURVES_NAME, OUTPUTS_NAME} if has_curves else ()))


def _curves_of(row: Row, objective: str) -> Parts | None:
    if not is_whole(CURVES, row):
        return None
    _, n, epochs, losses, outputs, _ = row
    try:
        curves = Curves(ints_of(epochs), {objective: floats_of(losses).reshape(n, -1)})
        return {CURVES_NAME: curves, OUTPUTS_NAME: floats_of(outputs).reshape(n, -1)}
    except ValueError:
        return None


def _weights_of(row: Row) -> Parts | None:
    if not is_whole(WEIGHTS, row):
        return None
    _, n, parameters, _ = row
    try:
        return {WEIGHTS_NAME: floats_of(parameters).reshape(n, -1)}
    except ValueError:
        return None


def _failure_of(row: Row) -> Stored | None:
    if not is_whole(FAILURES, row):
        return None
    _, _, keys, replicates, reason, _ = row
    try:
        found = np.frombuffer(keys, KEY), ints_of(replicates), Status.FAILED, reason.decode("utf-8")
        return Stored(Outcome.without_result(*found), frozenset())
    except ValueError:
        return None
