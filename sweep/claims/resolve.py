"""Stated claims → claims: what is written becomes values on the axes of a plan, or a mistake with its line."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sweep.claims.candidates import candidates, combinations
from sweep.claims.claim import Claim
from sweep.config.near_values import meant_value, nearest_value
from sweep.config.places import Mistakes, Place
from sweep.config.stated_claims import StatedClaim
from sweep.errors import ConfigError
from sweep.plan import Plan
from sweep.terms.arrays import Ints
from sweep.terms.text import code_list, count_of, nearest_word, toml_text
from sweep.terms.values import Value, is_number


def resolve_claims(plan: Plan, other: Plan | None = None) -> tuple[Claim, ...]:
    """Return the claims of a plan's experiment; those of the config's other form are looked at as well.

    Raises
    ------
    ConfigError
        With all mistakes of all claims, in the order of their lines.
    """
    source = plan.experiment.read
    mistakes = source.mistakes()
    found = [_Resolver(stated, plan, mistakes).claim() for stated in plan.experiment.claims]
    if other is not None:
        for stated in other.experiment.claims:
            _Resolver(stated, other, mistakes).claim()
    if mistakes:
        raise ConfigError(source.path, mistakes.in_order())
    return tuple(claim for claim in found if claim is not None)


@dataclass
class _Resolver:
    """Resolves one claim; it is the `AxisFinder` of the claim's form."""

    stated: StatedClaim
    plan: Plan
    mistakes: Mistakes

    def claim(self) -> Claim | None:
        before = len(self.mistakes)
        self._check_over()
        self._check_once()
        self._check_kept()
        stated = self.stated
        form = None
        if len(self.mistakes) == before:
            form = stated.form.resolve(stated.stated, stated.metric, self)
        if form is not None and len(self.mistakes) == before:
            self._check_open()
        if form is None or len(self.mistakes) > before:
            return None
        return Claim(stated.sentence, stated.source, form, self.where, stated.over, stated.place)

    def note(self, key: str, message: str) -> None:
        """Note a mistake at a key of the claim."""
        self.mistakes.add((*self.stated.place, key), message)

    def values(self, axis: str) -> tuple[Value, ...]:
        """Return the values of an axis that a claim compares, rising; () after a mistake."""
        if not self.is_axis("axis", axis):
            return ()
        left = self._left(axis)
        if len(left) == 1:
            self.note(
                "axis", f"must have two values or more to compare; `{axis}` has only {toml_text(left[0])}."
            )
        return left if len(left) > 1 else ()

    def numbers(self, axis: str) -> tuple[Any, ...]:
        """Return them if they are numbers, and so have an order; () after a mistake."""
        values = self.values(axis)
        if values and not all(map(is_number, values)):
            self.note("axis", f"must be an axis of numbers, got `{axis}`, which has no order.")
            return ()
        return values

    def value(self, axis: str, found: object, key: str) -> Value | None:
        """Return the value on an axis that is meant by one in the config; None after a mistake."""
        return self._meant(axis, found, self._left(axis), (*self.stated.place, key))

    def several(self, axis: str, found: object) -> Sequence[object]:
        """Return the values that are written at a key: those of a list, or the one that it is."""
        if not isinstance(found, list):
            return [found]
        is_one = self.plan.training.parameters[axis].holds_lists and not any(
            isinstance(item, list) for item in found
        )
        return [found] if is_one else found

    @cached_property
    def where(self) -> dict[str, Value]:
        """The axes that are fixed, with their values; without those that are mistaken, which is noted."""
        found: dict[str, Value] = {}
        for axis, value in self.stated.where.items():
            if self.is_axis("where", axis):
                place = (*self.stated.place, "where", axis)
                meant = self._meant(axis, value, self.plan.cells.levels[axis], place)
                if meant is not None:
                    found[axis] = meant
        return found

    @cached_property
    def cells(self) -> Ints:
        """The cells that the claim is about."""
        form, steps = self.stated.form, self.plan.training.steps
        at_the_end = form.at_the_end and steps not in self.stated.over
        return candidates(self.plan, self.where, at_the_end=at_the_end)

    def _left(self, axis: str) -> tuple[Value, ...]:
        """Return the values of an axis among the claim's cells; all of them where `exclude` leaves no cell."""
        levels = self.plan.cells.levels[axis]
        if not len(self.cells):
            return levels
        return tuple(levels[code] for code in np.unique(self.plan.cells.codes[axis][self.cells]))

    def _meant(self, axis: str, found: object, levels: Sequence[Value], place: Place) -> Value | None:
        try:
            wanted = self.plan.training.parameters[axis].check(found)
        except ValueError as error:
            self.mistakes.add(place, str(error))
            return None
        meant = meant_value(wanted, levels)
        if meant is None:
            near = toml_text(nearest_value(wanted, levels))
            told = f"must be a value of the axis `{axis}`, got {toml_text(wanted)}. The nearest one there is {near}."
            self.mistakes.add(place, told)
        return meant

    def is_axis(self, key: str, name: str) -> bool:
        """Return whether the sweep has such an axis, and note a mistake at a key if it has none."""
        axes = self.plan.cells.levels
        if name in axes:
            return True
        near = nearest_word(name, axes)
        hint = (
            f"did you mean `{near}`?"
            if near
            else f"its axes are {code_list(axes)}."
            if axes
            else "it has none."
        )
        self.note(key, f"must name axes of the sweep, got {toml_text(name)}; {hint}")
        return False

    def _check_over(self) -> None:
        for name in dict.fromkeys(self.stated.over):
            self.is_axis("over", name)

    def _check_once(self) -> None:
        named = Counter([*self.where, *self.stated.over, *self.stated.axis])
        for name in (name for name, times in named.items() if times > 1):
            key = "over" if name in self.stated.over else "where"
            self.note(
                key, f"must not name `{name}`, which stands elsewhere in this claim. Name an axis once."
            )

    def _check_kept(self) -> None:
        """Note what keeps from being there what the form needs: it is kept at the end of a training, if at all."""
        form, steps = self.stated.form, self.plan.training.steps
        if form.needs and form.needs not in self.plan.experiment.keep:
            told = f'needs {form.needs_words} for "{form.name}": write `{form.needs} = true` under [store].'
            self.note("form", told)
        if form.at_the_end and steps in self.where and self.where[steps] != self.plan.cells.levels[steps][-1]:
            last, got = self.plan.cells.levels[steps][-1], self.where[steps]
            self.note("where", f'must have the largest `{steps}` for "{form.name}", {last}, got {got}.')

    def _check_open(self) -> None:
        """Note the axes that have several values left: a verdict would mix them in silence."""
        codes, named = self.plan.cells.codes, [*self.stated.over, *self.stated.axis]
        group, _ = combinations([codes[name][self.cells] for name in named], len(self.cells))
        for name in codes:
            left = self._left(name)
            if name in (*named, *self.where) or len(left) <= 1:
                continue
            pairs, _ = combinations([group, codes[name][self.cells]], len(self.cells))
            if len(np.unique(pairs)) == len(np.unique(group)):
                continue  # it moves together with those that are named
            example = (
                f"`where = {{ {name} = {toml_text(left[0])} }}`, or name it in `over` for a verdict at each"
            )
            self.note(
                "where", f"must fix `{name}`, which has {count_of(len(left), 'value')}: write {example}."
            )
