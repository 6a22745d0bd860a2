"""Checks what shows only with all tables side by side: fields that contradict each other, and the targets."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, product

from sweep.config.experiment import Axis, Grid, Value
from sweep.config.fields import FIELDS
from sweep.config.places import Mistakes, Place
from sweep.errors import TargetError
from sweep.training.network.expression import compile_expression
from sweep.training.network.target import Target

Interval = tuple[float, float]

N_TRIED = 1000
"""As many combinations of a grid are tried: a config has a handful, and a target costs a tenth of a millisecond."""


@dataclass(frozen=True)
class Draft:
    """A config whose tables are checked one by one.

    `stated` has the place of every field that stands in its own table, `given` the values of those that are
    right. `grids` are by their places.
    """

    given: Mapping[str, Value]
    stated: Mapping[str, Place]
    grids: Mapping[Place, Grid]

    @property
    def in_every_grid(self) -> frozenset[str]:
        """The fields that are an axis of every grid."""
        return frozenset.intersection(*(frozenset(grid.fields) for grid in self.grids.values()))

    @property
    def places(self) -> tuple[tuple[str, Place], ...]:
        """Every field that is written somewhere, with each place where it is."""
        swept = ((field, (*place, field)) for place, grid in self.grids.items() for field in grid.fields)
        return (*self.stated.items(), *swept)


def check_together(draft: Draft, mistakes: Mistakes) -> None:
    """Note what does not go together."""
    _check_used(draft, mistakes)
    _check_layers(draft, mistakes)
    _check_precision(draft, mistakes)
    _check_targets(draft, mistakes)


def _check_used(draft: Draft, mistakes: Mistakes) -> None:
    who = "[grid] has" if len(draft.grids) == 1 else "every [[grid]] has"
    for field, place in draft.stated.items():
        if field in draft.in_every_grid:
            mistakes.add(place, f"would never be used: {who} `{field}` as an axis. Remove one of the two.")


def _check_layers(draft: Draft, mistakes: Mistakes) -> None:
    if not any(field == "layers" for field, _ in draft.places):
        return
    for field, place in draft.places:
        if field in ("neurons", "hidden_layers"):
            remedy = "Describe every network of a config by `layers`, or none."
            mistakes.add(place, f"does not go with `layers`, which says the neurons of each layer. {remedy}")


def _check_precision(draft: Draft, mistakes: Mistakes) -> None:
    """Refuse numerical gradients in float32: a loss changes by less, on a small step, than it is rounded."""
    wrong = {"precision": "float32", "gradient": "numerical"}
    places = {
        (*place, "precision") if "precision" in grid.fields else draft.stated["precision"]
        for place, grid in draft.grids.items()
        if wrong in islice(_meeting(draft, grid, *wrong), N_TRIED)
    }
    for place in places:
        remedy = 'Use "float64", or the gradient "backprop".'
        mistakes.add(place, f'"float32" does not go with `gradient` "numerical". {remedy}')


def _check_targets(draft: Draft, mistakes: Mistakes) -> None:
    """Read each function, and try it on each interval that it meets; the first thing wrong with it counts."""
    wrong = set()
    for place, function, intervals in _functions(draft):
        if place in wrong:
            continue
        try:
            compile_expression(function)
            for interval in intervals:
                Target(function, interval)
        except TargetError as error:
            wrong.add(place)
            mistakes.add(place, f"cannot be used: {error}.")


def _functions(draft: Draft) -> Iterator[tuple[Place, str, list[Interval]]]:
    """Yield the functions of each grid with their places and the intervals that they meet in it."""
    for grid_place, grid in draft.grids.items():
        intervals = defaultdict(list)
        for function, interval in islice(_targets(draft, grid), N_TRIED):
            intervals[function].append(interval)
        swept = [value for axis in grid.axes for value in _level(axis, "function")]
        for index, value in enumerate(swept):
            yield (*grid_place, "function", index), str(value), intervals[str(value)]
        if "function" in draft.given and "function" not in grid.fields:
            function = str(draft.given["function"])
            yield draft.stated["function"], function, intervals[function]


def _level(axis: Axis, field: str) -> Iterator[Value]:
    if field in axis.fields:
        yield from (point[axis.fields.index(field)] for point in axis.points)


def _targets(draft: Draft, grid: Grid) -> Iterator[tuple[str, Interval]]:
    """Yield the functions of a grid with their intervals, as far as both are right and not excluded."""
    for values in _meeting(draft, grid, "function", "interval"):
        match values:
            case {"function": str(function), "interval": (float(low), float(high))}:
                yield function, (low, high)


def _meeting(draft: Draft, grid: Grid, *fields: str) -> Iterator[Mapping[str, Value | None]]:
    """Yield the values of fields that meet in a grid and are not excluded; one that is wrong is not among them."""
    default = {field: FIELDS[field].default for field in fields if field not in draft.stated}
    given = default | {field: draft.given[field] for field in fields if field in draft.given}
    axes = [axis for axis in grid.axes if not set(fields).isdisjoint(axis.fields)]
    names = [name for axis in axes for name in axis.fields]
    for points in product(*(axis.points for axis in axes)):
        swept = dict(zip(names, chain.from_iterable(points), strict=True))
        if any(all(swept.get(name) in values for name, values in rule.items()) for rule in grid.exclude):
            continue
        yield given | {field: swept[field] for field in fields if field in swept}
