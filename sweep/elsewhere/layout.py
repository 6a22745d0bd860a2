"""Rows of a table → trajectories: which rows are one training, and which trainings share their random numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.elsewhere.columns import Axis, Told
from sweep.terms.arrays import Bools, Floats, Ints
from sweep.terms.values import Value, table_value


@dataclass(frozen=True, eq=False)
class Settings:
    """The combinations of axes that occur, and for each row which of them it has.

    Attributes
    ----------
    points
        The values of the axes, a combination each.
    of_row
        Shape (n_rows,): the index of its combination.
    """

    points: Sequence[tuple[Value, ...]]
    of_row: Ints

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, eq=False)
class Layout:
    """The trajectories of a table, and its rows in their order.

    Attributes
    ----------
    settings
        The combinations of axes.
    setting, replicate
        Shape (n,): of each trajectory.
    first
        Shape (n + 1,): where its rows begin in `order`, and at last the number of rows.
    order
        Shape (n_rows,): the rows by trajectory, and in each of them by epoch.
    epoch
        Shape (n_rows,): of the rows in this order.
    n_replicates
        Shape (n_settings,): how many replicates a setting should have.
    unpaired
        Why no two trainings are known to share their random numbers; "" if they do.
    """

    settings: Settings
    setting: Ints
    replicate: Ints
    first: Ints
    order: Ints
    epoch: Ints
    n_replicates: Ints
    unpaired: str

    def __len__(self) -> int:
        return len(self.setting)


def settings_of(axes: Mapping[str, Axis]) -> Settings:
    """Return the combinations of values that occur."""
    rank = np.zeros(len(next(iter(axes.values())).codes), dtype=np.int64)
    for axis in axes.values():
        # Renumbered after every axis, so that the number stays below n_rows * levels.
        rank = np.unique(rank * len(axis.levels) + axis.codes, return_inverse=True)[1]
    _, example = np.unique(rank, return_index=True)
    columns = [[axis.levels[code] for code in axis.codes[example].tolist()] for axis in axes.values()]
    return Settings(list(zip(*columns, strict=True)), rank)


def lay_out(
    axes: Mapping[str, Axis], labels: tuple[str, Axis] | None, epochs: tuple[str, Ints] | None, told: Told
) -> Layout | None:
    """Return the layout of the rows; None if several are the same run, which is noted.

    `labels` and `epochs` are columns with their names: of replicates, and of epochs.
    """
    settings = settings_of(axes)
    epoch = epochs[1] if epochs else np.zeros_like(settings.of_row)
    replicate, n_replicates, unpaired = _replicates(settings, labels, has_epochs=epochs is not None)
    order = np.lexsort((epoch, replicate, settings.of_row))
    keys = [column[order] for column in (settings.of_row, replicate, epoch)]
    is_new = np.ones((3, len(order)), dtype=bool)
    for number, column in enumerate(keys):
        is_new[number, 1:] = column[1:] != column[:-1]
    same: Bools = np.logical_not(is_new.any(axis=0))
    if same.any():
        _tell_same(axes, labels, epochs, order, same, told)
        return None
    first = np.flatnonzero(is_new[:2].any(axis=0))
    ends = np.append(first, len(order))
    return Layout(settings, keys[0][first], keys[1][first], ends, order, keys[2], n_replicates, unpaired)


def _replicates(
    settings: Settings, labels: tuple[str, Axis] | None, *, has_epochs: bool
) -> tuple[Ints, Ints, str]:
    """Return the replicate of each row, how many each setting should have, and why they are no pairs."""
    n = len(settings)
    if labels is None:
        why = "needs `replicate`: the column that says which runs share their random numbers."
        number = np.zeros_like(settings.of_row) if has_epochs else _numbered(settings.of_row)
        return number, _most(number, settings), why
    name, axis = labels
    pairs = np.unique(settings.of_row * len(axis.levels) + axis.codes)
    if n == 1 or np.bincount(pairs % len(axis.levels)).max() > 1:
        return axis.codes, np.full(n, len(axis.levels)), ""
    # Labels of single runs, such as their names: they are no axis of all settings, but numbers within one.
    within = _numbered(pairs // len(axis.levels))
    number = within[np.searchsorted(pairs, settings.of_row * len(axis.levels) + axis.codes)]
    why = f"needs runs that share their random numbers, and no value of {name!r} occurs in two combinations."
    return number, _most(number, settings), why


def _numbered(groups: Ints) -> Ints:
    """Return for each row how many rows of its group stand before it."""
    order = np.argsort(groups, kind="stable")
    of_group = groups[order]
    begins = np.flatnonzero(np.append(True, of_group[1:] != of_group[:-1]))
    sizes = np.diff(np.append(begins, len(groups)))
    number = np.empty_like(groups)
    number[order] = np.arange(len(groups)) - np.repeat(begins, sizes)
    return number


def _most(number: Ints, settings: Settings) -> Ints:
    most = np.zeros(len(settings), dtype=np.int64)
    np.maximum.at(most, settings.of_row, number + 1)
    return most


def _tell_same(
    axes: Mapping[str, Axis],
    labels: tuple[str, Axis] | None,
    epochs: tuple[str, Ints] | None,
    order: Ints,
    same: Bools,
    told: Told,
) -> None:
    """Note that rows are the same run, with the first two of them."""
    place = int(same.argmax())
    one, other = int(order[place - 1]), int(order[place])
    columns = {**axes, **(dict([labels]) if labels else {})}
    said = [f"{name}={table_value(axis.levels[axis.codes[one]])!r}" for name, axis in columns.items()]
    said += [f"{epochs[0]}={int(epochs[1][one])}"] if epochs else []
    remedy = "Drop one of them, or name the column that tells them apart in `axes`"
    n = int(np.count_nonzero(same))
    more = f" {n:_} rows are there again in this way." if n > 1 else ""
    told.add(
        f"frame.iloc[{one}] and frame.iloc[{other}] are the same run: {', '.join(said)}.{more} "
        f"{remedy}{'' if labels else ' or `replicate`'}."
    )


def values_in_order(layout: Layout, metrics: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the metrics of the rows in the order of the layout."""
    return {name: values[layout.order] for name, values in metrics.items()}
