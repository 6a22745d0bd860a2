"""Trajectories of a table → outcomes, as a worker would have given them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sweep.elsewhere.layout import Layout
from sweep.terms.arrays import Bools, Floats, Ints, Keys, Statuses
from sweep.terms.outcome import Curves, Outcome, Status

WITHOUT_VALUE = "the table has no value of its objective"


@dataclass(frozen=True, eq=False)
class Trajectories:
    """What is recorded of the n trajectories of a layout, to the end of each.

    Attributes
    ----------
    layout
        Its rows are those that hold: up to where a training diverged, and before where it failed.
    metrics
        Shape (n_rows,) each, in the order of the layout.
    status, ended_at
        Shape (n,): as in an `Outcome`.
    """

    layout: Layout
    metrics: Mapping[str, Floats]
    status: Statuses
    ended_at: Ints

    @property
    def of_row(self) -> Ints:
        """Shape (n_rows,): the trajectory of each row."""
        return np.repeat(np.arange(len(self.layout)), np.diff(self.layout.first))


def trajectories_of(
    layout: Layout, metrics: Mapping[str, Floats], objective: str, missing: Status
) -> Trajectories:
    """Return the trajectories; one ends where its objective is not finite.

    `missing` is what has become of a training where its objective is NaN: `DIVERGED` or `FAILED`.
    """
    whole = Trajectories(layout, metrics, np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.int64))
    of_row, values = whole.of_row, metrics[objective]
    place = np.arange(len(values))
    last = np.full(len(layout), len(values))
    lost = np.flatnonzero(~np.isfinite(values))
    np.minimum.at(last, of_row[lost], lost)
    ended = np.flatnonzero(last < len(values))
    status = np.full(len(layout), Status.OK, dtype=np.uint8)
    status[ended] = np.where(np.isnan(values[last[ended]]), missing, Status.DIVERGED)
    ended_at = np.zeros(len(layout), dtype=np.int64)
    ended_at[ended] = layout.epoch[last[ended]]
    keeps_end = (status == Status.DIVERGED)[of_row]
    kept = (place < last[of_row]) | ((place == last[of_row]) & keeps_end)
    first = np.append(0, np.cumsum(np.bincount(of_row[kept], minlength=len(layout))))
    held = replace(layout, first=first, order=layout.order[kept], epoch=layout.epoch[kept])
    return Trajectories(held, {name: column[kept] for name, column in metrics.items()}, status, ended_at)


def common_epoch(trajectories: Trajectories) -> int | None:
    """Return the last epoch that is recorded of all trajectories which had not ended before; None if there is none."""
    epochs, code = np.unique(trajectories.layout.epoch, return_inverse=True)
    there = np.bincount(code, minlength=len(epochs))
    ended = np.sort(trajectories.ended_at[trajectories.status != Status.OK])
    # One that diverged is recorded where it ended, and not to be counted twice there.
    diverged = np.sort(trajectories.ended_at[trajectories.status == Status.DIVERGED])
    at_end = np.searchsorted(diverged, epochs, "right") - np.searchsorted(diverged, epochs, "left")
    of_all = there + np.searchsorted(ended, epochs, "right") - at_end == len(trajectories.layout)
    return int(epochs[of_all][-1]) if of_all.any() else None


def outcomes_of(
    trajectories: Trajectories, keys: Keys, steps: Sequence[int], *, curves: bool
) -> list[Outcome]:
    """Return the outcomes: a trajectory is in one of them, together with those that were recorded at its epochs.

    Parameters
    ----------
    trajectories
        All of them.
    keys
        Shape (n_settings,): the identities of the settings.
    steps
        The epochs at which the runs are read off.
    curves
        Whether the metrics are recorded along the training.
    """
    if not len(trajectories.layout):
        return []
    return [_outcome(trajectories, mine, keys, steps, curves=curves) for mine in _alike(trajectories)]


def _alike(trajectories: Trajectories) -> Iterator[Ints]:
    """Yield the trajectories in groups: those that were recorded at the same epochs, and ended in the same way."""
    layout = trajectories.layout
    epochs, code = np.unique(layout.epoch, return_inverse=True)
    # Sets of epochs are told apart by the sum of a random number for each of them: no loop over the trajectories.
    numbers = np.random.default_rng(0).integers(2**63, size=len(epochs), dtype=np.uint64)
    total = np.append(np.uint64(0), np.cumsum(numbers[code]))  # modulo 2**64, and so are the differences
    likeness = (total[layout.first[1:]] - total[layout.first[:-1]]) * np.uint64(8) + trajectories.status
    order = np.argsort(likeness, kind="stable")
    bounds = np.flatnonzero(np.append(True, np.diff(likeness[order]) != 0))
    yield from np.split(order, bounds[1:])


def _outcome(
    trajectories: Trajectories, mine: Ints, keys: Keys, steps: Sequence[int], *, curves: bool
) -> Outcome:
    """Return the outcome of trajectories that are alike."""
    layout = trajectories.layout
    begin, end = layout.first[mine[0]], layout.first[mine[0] + 1]
    epochs = layout.epoch[begin:end]
    rows = layout.first[mine][:, None] + np.arange(end - begin)
    status = trajectories.status[mine]
    diverged = status[0] == Status.DIVERGED
    read = np.array(
        [step for step in steps if step in epochs or (diverged and step > epochs[-1])], dtype=np.int64
    )
    along = {name: values[rows] for name, values in trajectories.metrics.items()}
    failed = status[0] == Status.FAILED
    return Outcome(
        keys=keys[layout.setting[mine]],
        replicates=layout.replicate[mine],
        steps=read,
        metrics={name: _at(values, epochs, read) for name, values in along.items()},
        status=status,
        ended_at=trajectories.ended_at[mine],
        seconds=0.0,
        reasons=dict.fromkeys(range(len(mine)), WITHOUT_VALUE) if failed else {},
        curves=Curves(epochs, along) if curves and len(epochs) else None,
    )


def _at(values: Floats, epochs: Ints, read: Ints) -> Floats:
    """Return the values at the epochs that are read off, of those recorded; NaN after the end of a training."""
    recorded: Bools = np.isin(read, epochs)
    found = np.full((len(values), len(read)), np.nan)
    found[:, recorded] = values[:, np.searchsorted(epochs, read[recorded])]
    return found
