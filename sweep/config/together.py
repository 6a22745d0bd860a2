"""Checks what shows only with all tables side by side: parameters that contradict each other, or are missing.

What goes together is the training's own knowledge: it is handed the combinations of values that meet in a grid.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product

from sweep.config.experiment import Axis, Grid
from sweep.config.places import Mistakes, Place
from sweep.terms.values import Value
from sweep.training.kind import Training

N_TRIED = 1000
"""As many combinations of a grid are tried: a config has a handful, and a check may cost a tenth of a millisecond."""


@dataclass(frozen=True)
class Draft:
    """A config whose tables are checked one by one.

    `stated` has the place of every parameter that stands in its own table, `given` the values of those that are
    right. `grids` are by their places.
    """

    training: Training
    given: Mapping[str, Value]
    stated: Mapping[str, Place]
    grids: Mapping[Place, Grid]

    @property
    def in_every_grid(self) -> frozenset[str]:
        """The parameters that are an axis of every grid."""
        return frozenset.intersection(*(frozenset(grid.names) for grid in self.grids.values()))

    @property
    def places(self) -> tuple[tuple[str, Place], ...]:
        """Every parameter that is written somewhere, with each place where it is."""
        swept = ((name, (*place, name)) for place, grid in self.grids.items() for name in grid.names)
        return (*self.stated.items(), *swept)


def check_together(draft: Draft, mistakes: Mistakes) -> None:
    """Note what does not go together."""
    _check_used(draft, mistakes)
    _check_alternatives(draft, mistakes)
    for names in draft.training.checked_together:
        _check_values(draft, names, mistakes)


def _check_used(draft: Draft, mistakes: Mistakes) -> None:
    who = "[grid] has" if len(draft.grids) == 1 else "every [[grid]] has"
    for name, place in draft.stated.items():
        if name in draft.in_every_grid:
            mistakes.add(place, f"would never be used: {who} `{name}` as an axis. Remove one of the two.")


def _check_alternatives(draft: Draft, mistakes: Mistakes) -> None:
    written = {name for name, _ in draft.places}
    for alternative in draft.training.alternatives:
        for name, place in draft.places:
            if alternative.parameter in written and name in alternative.others:
                mistakes.add(place, alternative.message)


def _check_values(draft: Draft, names: tuple[str, ...], mistakes: Mistakes) -> None:
    """Hand the values of some parameters to the training as they meet, and note what it says, once at each place."""
    wrong = set()
    for grid_place, grid in draft.grids.items():
        for values in _met(draft, grid, names):
            for name, message in draft.training.check(values):
                place = _place_of(draft, grid_place, grid, name, values[name])
                if place is not None and place not in wrong:
                    wrong.add(place)
                    mistakes.add(place, message)


def _place_of(draft: Draft, grid_place: Place, grid: Grid, name: str, value: Value) -> Place | None:
    """Return where a value is written; None if it is a default."""
    for axis in grid.axes:
        if name in axis.names:
            column = [point[axis.names.index(name)] for point in axis.points]
            return (*grid_place, name, column.index(value))
    return draft.stated.get(name)


def _met(draft: Draft, grid: Grid, names: tuple[str, ...]) -> Iterator[dict[str, Value]]:
    """Yield the values that meet, and at last each value of an axis by itself, whatever is wrong with the others'."""
    meeting = list(islice(_meeting(draft, grid, names), N_TRIED))
    yield from meeting
    seen = {(name, value) for values in meeting for name, value in values.items()}
    for axis in grid.axes:
        for name in set(names) & set(axis.names):
            column = (point[axis.names.index(name)] for point in axis.points)
            yield from ({name: value} for value in column if (name, value) not in seen)
    for name in names:
        if name in draft.given and (name, draft.given[name]) not in seen:
            yield {name: draft.given[name]}


def _meeting(draft: Draft, grid: Grid, names: tuple[str, ...]) -> Iterator[dict[str, Value]]:
    """Yield the values of parameters that meet in a grid and are not excluded; one that is wrong is not among them."""
    parameters = draft.training.parameters
    silent = {name: parameters[name].default for name in names if name not in draft.stated}
    given = silent | {name: draft.given[name] for name in names if name in draft.given}
    axes = [axis for axis in grid.axes if not set(names).isdisjoint(axis.names)]
    swept_names = [name for axis in axes for name in axis.names]
    for points in product(*(axis.points for axis in axes)):
        swept = dict(zip(swept_names, chain.from_iterable(points), strict=True))
        if any(all(swept.get(name) in values for name, values in rule.items()) for rule in grid.exclude):
            continue
        found = given | {name: swept[name] for name in names if name in swept}
        yield {name: value for name, value in found.items() if value is not None}


def check_required(draft: Draft, mistakes: Mistakes, is_told: Callable[[str], bool]) -> None:
    """Note each parameter that must be given and is not, unless it was told already that it is misplaced."""
    for name, parameter in draft.training.parameters.items():
        is_there = name in draft.stated or name in draft.in_every_grid
        if parameter.default is None and not is_there and not is_told(name):
            advice = (
                parameter.advice
                or f"Write `{name} = ...` under [{parameter.table}], or as an axis of [grid]."
            )
            mistakes.add((parameter.table, name), f"is missing. {advice}")


def without_effect(training: Training, fixed: Mapping[str, Value], grids: Sequence[Grid]) -> Iterator[str]:
    """Yield a sentence for each parameter whose value is of no account where it stands."""
    for grid in grids:
        values: dict[str, tuple[Value, ...]] = {name: (value,) for name, value in fixed.items()}
        for axis in grid.axes:
            values |= {name: tuple(dict.fromkeys(column)) for name, column in _columns(axis)}
        for name, why in training.idle(values):
            n = len(values[name])
            all_same = f": its {n:_} values are trained each by itself, and give the same" if n > 1 else ""
            yield f"`{name}` has no effect {why}{all_same}."


def _columns(axis: Axis) -> Iterator[tuple[str, tuple[Value, ...]]]:
    yield from zip(axis.names, zip(*axis.points, strict=True), strict=True)
