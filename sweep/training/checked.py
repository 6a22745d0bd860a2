"""What a training gives is looked at before it is stored: a mistake is told at once, and spoils no results."""

from collections.abc import Iterator

import numpy as np

from sweep.terms.outcome import Outcome, Status
from sweep.training.batch import Batch, BatchTrainer, Desk


def train_checked(training: BatchTrainer, batch: Batch, desk: Desk) -> Iterator[Outcome]:
    """Train a batch in parts, as `Training.train_in_parts` does.

    Raises what the training raises, and a ValueError if it gives anything but outcomes of the batch.
    """
    done = 0
    for outcome in training.train_in_parts(batch, desk):
        n = len(outcome) if isinstance(outcome, Outcome) else 0
        mistake = _mistake(outcome, training, batch[done : done + n] if n else batch[done:])
        if mistake:
            raise ValueError(f"{training.name}: `train` {mistake}")
        done += n
        yield outcome


def _mistake(outcome: object, training: BatchTrainer, batch: Batch) -> str:
    if not isinstance(outcome, Outcome):
        return f"must return an Outcome, got {type(outcome).__name__}"
    for name, found, asked in (
        ("keys", outcome.keys, batch.keys),
        ("replicates", outcome.replicates, batch.replicates),
        ("steps", outcome.steps, np.array(batch.steps)),
    ):
        if not np.array_equal(found, asked):
            return f"must return the batch's `{name}` as they are"
    if outcome.metrics.keys() != training.emitted:
        return f"must return the metrics {sorted(training.emitted)}, got {sorted(outcome.metrics)}"
    allowed = [status for status in Status if status != Status.MISSING]
    if not np.isin(outcome.status, allowed).all():
        return f"must give each trajectory a status of 1 to {max(allowed)}, got {np.unique(outcome.status).tolist()}"
    return ""
