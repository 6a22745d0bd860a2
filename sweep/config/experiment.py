"""The records that a config is turned into: what is to be swept, checked and complete, and nothing expanded yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from sweep.config.claim import Claim
from sweep.terms.values import Value

__all__ = ["Axis", "Experiment", "Grid", "Value"]


@dataclass(frozen=True)
class Axis:
    """One dimension of a grid: the field it moves, or the several fields that `zip` moves together.

    `points[i]` holds the i-th value of every field in `fields`, in their order.
    """

    fields: tuple[str, ...]
    points: tuple[tuple[Value, ...], ...]

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True)
class Grid:
    """The product of its axes, less what `exclude` drops, repeated `replicates` times.

    A combination is dropped if, for any mapping in `exclude`, each of its fields has one of the values listed there.
    """

    axes: tuple[Axis, ...]
    replicates: int
    exclude: tuple[Mapping[str, tuple[Value, ...]], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the grid names."""
        return tuple(field for axis in self.axes for field in axis.fields)


@dataclass(frozen=True)
class Experiment:
    """A config, checked: the union of `grids` over the values in `fixed`.

    `fixed` has a value for every field in `sweep.config.fields.FIELDS`, in that order (the default where the config is
    silent); an axis of a grid goes before it. `layers` is () where `neurons` and `hidden_layers` describe the network;
    where `layers` is set, fixed or as an axis, those two hold their defaults and do not count.

    `claims` are in the order of the config, and nothing that is trained depends on them. `confidence`, above 0.5 and
    below 1, is that of all their verdicts together; replicates are added up to `most_replicates` to decide them.

    `note` and `figures` are for the report; no figures are all that make sense. `is_quick` says whether the values
    under [quick] stand in the places of the usual ones.
    """

    name: str
    title: str
    source: str
    fixed: Mapping[str, Value]
    grids: tuple[Grid, ...]
    seed: int
    max_runs: int
    keep_curves: bool
    claims: tuple[Claim, ...] = ()
    confidence: float = 0.95
    most_replicates: int = 1024
    keep_weights: bool = False
    note: str = ""
    figures: tuple[str, ...] = ()
    is_quick: bool = False

    @property
    def axes(self) -> tuple[str, ...]:
        """The fields that any grid names, in the order of `FIELDS`: the columns of the tables."""
        named = {field for grid in self.grids for field in grid.fields}
        return tuple(field for field in self.fixed if field in named)
