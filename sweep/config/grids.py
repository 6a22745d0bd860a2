"""Grids: axes, which of them `zip` moves together, what `exclude` leaves out, and how many runs it makes."""

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sweep.config.axes import AxisReader, Limit, Values, check_each_once, checked_values
from sweep.config.experiment import Axis, Grid
from sweep.config.general import GridTable
from sweep.config.near_values import meant_value, nearest_value
from sweep.config.places import Mistakes, Place
from sweep.config.schema import Schema
from sweep.terms.text import code_list, nearest_word, times_text, toml_text, whole_text
from sweep.terms.values import Value, exactly

Levels = Mapping[str, Values]
"""The values of every axis by its field; () where they are mistaken."""

MOST_COMPARED = 10**9
"""As many times, at most, a combination of `exclude` is compared with a point of the grid: in seconds."""

N_WRONG = 20
"""After so many mistakes in `exclude` no more are looked for."""


def grid_size(grid: Grid) -> int:
    """Return the number of runs in a grid before `exclude`, by multiplication alone."""
    return math.prod(len(axis) for axis in grid.axes) * grid.replicates


def read_grid(
    found: object, place: Place, schema: Schema, max_runs: int, mistakes: Mistakes, remarks: list[str]
) -> tuple[Grid, int | None]:
    """Return a grid, its axes in canonical order, and its seed (None where the grid is silent about it).

    After a mistake the grid still names all its fields, but an axis may be empty. What the user should know of it is
    added to `remarks`.
    """
    stated = schema.check_table(found, "grid", place, mistakes)
    if not schema.training.repeats:
        stated = {"replicates": 1, **stated}
        _check_repeats(stated["replicates"], schema, place, mistakes)
    keys = GridTable.model_construct(None, **stated)
    table = found if isinstance(found, dict) else {}
    reader = AxisReader(schema, Limit(max_runs, keys.replicates), mistakes, remarks)
    levels = {
        name: reader.values(parameter, table[name], (*place, name))
        for name, parameter in schema.parameters.items()
        if name in table
    }
    zips, broken = _zips(table.get("zip", []), levels, (*place, "zip"), mistakes)
    zipped = broken.union(*zips)
    for name in levels:
        if name not in zipped:
            check_each_once(levels[name], (*place, name), mistakes)
    excludes = _Excludes(schema, levels, mistakes)
    exclude = excludes.read(table.get("exclude", []), (*place, "exclude"))
    levels |= dict.fromkeys(levels.keys() & broken, ())
    return Grid(_axes(levels, zips), keys.replicates, exclude), keys.seed if "seed" in stated else None


def _check_repeats(replicates: int, schema: Schema, place: Place, mistakes: Mistakes) -> None:
    """Note more replicates than one where they would all be the same."""
    if replicates > 1:
        remedy = "Give it a parameter `seed`, and start all its random numbers from that."
        told = f"must be 1, got {toml_text(replicates)}: {schema.training.name} takes no seed. {remedy}"
        mistakes.add((*place, "replicates"), told)


def _axes(levels: Levels, zips: Sequence[tuple[str, ...]]) -> tuple[Axis, ...]:
    """Return the axes in the order of their first fields."""
    together = {name: names for names in zips for name in names}
    groups = dict.fromkeys(together.get(name, (name,)) for name in levels)
    return tuple(Axis(names, tuple(zip(*(levels[name] for name in names), strict=True))) for names in groups)


def _zips(
    found: object, levels: Levels, place: Place, mistakes: Mistakes
) -> tuple[list[tuple[str, ...]], set[str]]:
    """Return the fields of each zip that is right, in canonical order, and all fields of the others."""
    groups = [found] if isinstance(found, list) and found and isinstance(found[0], str) else found
    if not isinstance(groups, list) or not all(_are_names(names) for names in groups):
        mistakes.add(
            place, f'must be lists of axes, such as [["function", "interval"]], got {toml_text(found)}.'
        )
        return [], set(levels)
    zips: list[tuple[str, ...]] = []
    used: set[str] = set()
    for index, names in enumerate(groups):
        before = len(mistakes)
        group_place = (*place, index) if groups is found else place
        _check_names(names, used, levels, group_place, mistakes)
        used.update(names)
        if len(mistakes) == before and all(levels[name] for name in names):
            _check_lengths(names, levels, group_place, mistakes)
        if len(mistakes) == before:
            zips.append(tuple(name for name in levels if name in names))
    return zips, used - {name for names in zips for name in names}


def _are_names(names: object) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _check_names(names: list[str], used: set[str], levels: Levels, place: Place, mistakes: Mistakes) -> None:
    if len(names) < 2:
        mistakes.add(place, f"must name two axes or more that move together, got {toml_text(names)}.")
    for name in names:
        if name not in levels:
            mistakes.add(place, f"names {_no_axis(name, levels)}")
    for name in dict.fromkeys(names):
        if name in used or names.count(name) > 1:
            mistakes.add(place, f"names `{name}` twice. An axis can move with one group of axes only.")


def _check_lengths(names: list[str], levels: Levels, place: Place, mistakes: Mistakes) -> None:
    lengths = ", ".join(f"`{name}` has {len(levels[name])}" for name in names)
    points = [exactly(point) for point in zip(*(levels[name] for name in names), strict=False)]
    if len({len(levels[name]) for name in names}) > 1:
        mistakes.add(place, f"moves axes together, so they must have equally many values, but {lengths}.")
    elif len(set(points)) < len(points):
        ((first, times),) = Counter(points).most_common(1)
        point = [levels[name][points.index(first)] for name in names]
        found = ", ".join(f"{name} = {toml_text(value)}" for name, value in zip(names, point, strict=True))
        mistakes.add(place, f"must give each combination once, got {found} {times_text(times)}.")


def _no_axis(name: str, levels: Levels) -> str:
    meant = nearest_word(name, levels)
    axes = f"Its axes: {code_list(levels)}." if levels else "It has none."
    return f"{toml_text(name)}, which is no axis of this grid. " + (
        f"Did you mean `{meant}`?" if meant else axes
    )


@dataclass(frozen=True, eq=False)
class _Excludes:
    """Reads which combinations of the axes' values are left out."""

    schema: Schema
    levels: Levels
    mistakes: Mistakes

    def read(self, found: object, place: Place) -> tuple[Mapping[str, Values], ...]:
        if not isinstance(found, list) or not all(isinstance(rule, dict) for rule in found):
            example = "[{ epochs = 10, neurons = [1, 2] }]"
            self.mistakes.add(
                place, f"must be a list of combinations, such as {example}, got {toml_text(found)}."
            )
            return ()
        rules, before = [], len(self.mistakes)
        for index, rule in enumerate(found):
            rules.append(self._rule(rule, (*place, index)))
            if len(self.mistakes) - before >= N_WRONG:  # the others are as wrong, as a rule
                break
        size = math.prod(max(1, len(level)) for level in self.levels.values())
        if size * len(rules) > MOST_COMPARED:
            told = f"lists {len(rules):_} combinations, too many for a grid of {whole_text(size)} points"
            self.mistakes.add(place, f"{told}: name several values in one, such as {{ epochs = [10, 20] }}.")
        return tuple(rules)

    def _rule(self, found: dict[str, Any], place: Place) -> dict[str, Values]:
        rule: dict[str, Values] = {}
        for name, values in found.items():
            if name not in self.levels:
                self.mistakes.add(place, f"names {_no_axis(name, self.levels)}")
                continue
            wanted = checked_values(self.schema.parameters[name], values, (*place, name), self.mistakes)
            rule[name] = self._meant(name, wanted, (*place, name)) if self.levels[name] else ()
        if all(
            self._there.get(name) and self._there[name].keys() <= set(map(exactly, rule.get(name, ())))
            for name in found
        ):
            what = f"lists every value of {code_list(found)}" if found else "is empty, and so fits everything"
            self.mistakes.add(place, f"leaves nothing of the grid: a combination {what}. Take it out.")
        return rule

    def _meant(self, name: str, wanted: Values, place: Place) -> Values:
        """Return the values of an axis that are meant, and note a mistake for each that is none."""
        there, level = self._there[name], self.levels[name]
        found = []
        for value in wanted:
            meant = there[exactly(value)] if exactly(value) in there else meant_value(value, level)
            if meant is None:
                self.mistakes.add(place, _not_there(name, value, level))
            else:
                found.append(meant)
        return tuple(found)

    @cached_property
    def _there(self) -> Mapping[str, Mapping[Hashable, Value]]:
        return {name: {exactly(value): value for value in level} for name, level in self.levels.items()}


def _not_there(name: str, value: Value, level: Sequence[Value]) -> str:
    near = toml_text(nearest_value(value, level))
    return f"must list values of the axis `{name}`, got {toml_text(value)}. The nearest one there is {near}."


def check_size(grids: Sequence[Grid], max_runs: int, place: Place, mistakes: Mistakes) -> None:
    """Note a mistake if the grids have more than `max_runs` runs together."""
    size = sum(grid_size(grid) for grid in grids)
    if size <= max_runs:
        return
    factors = [*(len(axis) for axis in grids[0].axes), grids[0].replicates]
    how = f" ({' x '.join(map(whole_text, factors))})" if len(grids) == 1 else ""
    mistakes.add(place, Limit(max_runs).refusal(size, how))
