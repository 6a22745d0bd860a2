"""Reads [[claim]]: each becomes a `Claim`, whose values are values on the axes of the grids.

Nothing is judged here; whether a combination of values is left by `exclude` is seen when the plan is there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.config.axes import Values
from sweep.config.claim import Better, Claim, Enough, Fails, Form, Monotone, Reaches, Unlike
from sweep.config.experiment import Grid
from sweep.config.levels import Axes, completed, is_determined, levels_of, meant_value, nearest_value, within
from sweep.config.places import Mistakes, Place
from sweep.config.schema import Schema
from sweep.terms.text import code_list, count_of, nearest_word, toml_text
from sweep.terms.values import Value

COMMON = ("sentence", "source", "form", "where", "over")
NEEDED = {
    "better": ("axis", "value"),
    "reaches": ("rms_error",),
    "fails": ("rms_error",),
    "monotone": ("axis", "direction"),
    "enough": ("axis", "value", "gain"),
    "unlike": ("rms_difference", "distance"),
}
"""The keys that a claim of each form must have, beside its sentence."""

ALLOWED = {
    "better": ("than", "by"),
    "reaches": ("share",),
    "fails": ("share",),
    "monotone": ("between",),
    "enough": (),
    "unlike": ("share",),
}
"""The keys that it may have beside those."""


def read_claims(
    found: object,
    grids: Sequence[Grid],
    fixed: Mapping[str, Value],
    keep_weights: bool,
    schema: Schema,
    mistakes: Mistakes,
) -> tuple[Claim, ...]:
    """Return the claims of a config; those with a mistake, which is noted, are left out.

    `keep_weights` says whether the trained networks are kept: `unlike` compares them.
    """
    if found == []:
        return ()
    if not isinstance(found, list):
        hint = "each claim begins with [[claim]], in double brackets."
        mistakes.add(("claim",), f"must be a list of tables: {hint}")
        return ()
    axes = completed(grids, fixed)
    read = (
        _Reader(
            table,
            schema.check_table(table, "claim", ("claim", i), mistakes),
            ("claim", i),
            axes,
            keep_weights,
            schema,
            mistakes,
        )
        for i, table in enumerate(found)
    )
    claims = [reader.claim() for reader in read]
    return tuple(claim for claim in claims if claim is not None)


@dataclass
class _Reader:
    """Reads one claim from those of its keys that are right in themselves."""

    written: object
    stated: dict[str, Any]
    place: Place
    axes: tuple[Axes, ...]
    keep_weights: bool
    schema: Schema
    mistakes: Mistakes

    def claim(self) -> Claim | None:
        before = len(self.mistakes)
        self._check_keys()
        where = self._where()
        self.all_axes, self.axes = self.axes, within(self.axes, where)
        self._check_over()
        self._check_once(where)
        form = self._form() if self._is_right_so_far and len(self.mistakes) == before else None
        if form is not None and len(self.mistakes) == before:
            self._check_named(where, form)
        if form is None or len(self.mistakes) > before:
            return None
        text, source, over = (self.stated.get(key, "") for key in ("sentence", "source", "over"))
        return Claim(text, source, form, where, tuple(over))

    @property
    def _is_right_so_far(self) -> bool:
        """Whether every key that is written is right in itself: what is not, has been told and is not in `stated`."""
        return isinstance(self.written, dict) and self.written.keys() <= self.stated.keys()

    def _note(self, key: str, message: str) -> None:
        self.mistakes.add((*self.place, key), message)

    def _check_keys(self) -> None:
        """Note the keys that are missing, and those of another form."""
        form = self.stated.get("form")
        needed = ("sentence", "form", *NEEDED.get(form or "", ()))
        for key in needed:
            if isinstance(self.written, dict) and key not in self.written:
                whose = "every claim" if key in COMMON else f'a claim of the form "{form}"'
                self._note(key, f"is missing: {whose} needs it, {self.schema.keys['claim'][key].range}.")
        if form is None:
            return
        for key in self.stated:
            if key not in (*COMMON, *NEEDED[form], *ALLOWED[form]):
                homes = [other for other in NEEDED if key in (*NEEDED[other], *ALLOWED[other])]
                self._note(key, f'belongs to the form {code_list(homes, "or")}, not to "{form}". Remove it.')

    def _where(self) -> dict[str, Value]:
        """Return the axes that are fixed, with their values in canonical types."""
        found = {}
        for name, value in self.stated.get("where", {}).items():
            if not self._is_axis("where", name):
                continue
            place = (*self.place, "where", name)
            meant = self._on_axis(name, value, place)
            if meant is not None:
                found[name] = meant
        return found

    def _on_axis(self, name: str, value: object, place: Place) -> Value | None:
        """Return the value on an axis that is meant by what was found, or None and a mistake."""
        try:
            wanted = self.schema.parameters[name].check(value)
        except ValueError as error:
            self.mistakes.add(place, str(error))
            return None
        level = levels_of(self.axes).get(name, ())
        meant = meant_value(wanted, level)
        if meant is None and level:
            near = toml_text(nearest_value(wanted, level))
            told = f"must be a value of the axis `{name}`, got {toml_text(wanted)}. The nearest one there is {near}."
            self.mistakes.add(place, told)
        return meant

    def _is_axis(self, key: str, name: object) -> bool:
        """Return whether the sweep has such an axis, and note a mistake if it has none."""
        levels = levels_of(self.axes)
        if name in levels:
            return True
        near = nearest_word(str(name), levels)
        hint = f"did you mean `{near}`?" if near else f"its axes are {code_list(levels)}."
        self._note(key, f"must name axes of the sweep, got {toml_text(name)}; {hint}")
        return False

    def _check_over(self) -> None:
        for name in self.stated.get("over", ()):
            self._is_axis("over", name)

    def _check_once(self, where: Mapping[str, Value]) -> None:
        named = [*where, *self.stated.get("over", ())]
        named += [self.stated["axis"]] if "axis" in self.stated else []
        for name in dict.fromkeys(name for name in named if named.count(name) > 1):
            key = "over" if name in self.stated.get("over", ()) else "where"
            self._note(
                key, f"must not name `{name}`, which stands elsewhere in this claim. Name an axis once."
            )

    def _check_named(self, where: Mapping[str, Value], form: Form) -> None:
        """Note the axes that have several values left: a verdict would mix them in silence."""
        named = [
            *where,
            *self.stated.get("over", ()),
            *([self.stated["axis"]] if "axis" in self.stated else []),
        ]
        for name, level in levels_of(self.axes).items():
            if name in named or len(level) <= 1 or is_determined(name, named, self.axes):
                continue
            if isinstance(form, Unlike) and name == "epochs":
                continue  # judged at the end of each training: there the weights are
            example = (
                f"`where = {{ {name} = {toml_text(level[0])} }}`, or name it in `over` for a verdict at each"
            )
            self._note(
                "where", f"must fix `{name}`, which has {count_of(len(level), 'value')}: write {example}."
            )

    def _form(self) -> Form | None:
        stated = self.stated
        match stated["form"]:
            case "better":
                return self._better()
            case "reaches":
                return Reaches(stated["rms_error"], stated.get("share", 0.5))
            case "fails":
                return Fails(stated["rms_error"], stated.get("share", 0.5))
            case "monotone":
                return self._monotone()
            case "enough":
                return self._enough()
        self._check_weights()
        return Unlike(stated["rms_difference"], stated["distance"], stated.get("share", 0.5))

    def _check_weights(self) -> None:
        """Note what keeps trained networks from being there: they are kept at the end of a training, if at all."""
        if not self.keep_weights:
            self._note(
                "form", 'needs the trained networks for "unlike": write `weights = true` under [store].'
            )
        last, fixed_at = levels_of(self.all_axes)["epochs"][-1:], self.stated.get("where", {}).get("epochs")
        if fixed_at is not None and (fixed_at,) != last:
            self._note("where", f'must have the largest `epochs` for "unlike", {last[0]}, got {fixed_at}.')

    def _level(self) -> Values:
        """Return the values of the claim's axis, rising; () after a mistake."""
        axis = self.stated["axis"]
        if not self._is_axis("axis", axis):
            return ()
        level = levels_of(self.axes)[axis]
        if len(level) == 1:
            self._note(
                "axis", f"must have two values or more to compare; `{axis}` has only {toml_text(level[0])}."
            )
        return level if len(level) > 1 else ()

    def _numbers(self) -> Values:
        """Return the values of the claim's axis, if they are numbers and so have an order."""
        level = self._level()
        if level and not self.schema.parameters[self.stated["axis"]].is_numeric:
            self._note(
                "axis", f"must be an axis of numbers, got `{self.stated['axis']}`, which has no order."
            )
            return ()
        return level

    def _better(self) -> Better | None:
        level = self._level()
        axis, than = self.stated["axis"], self.stated.get("than", ())
        value = self._on_axis(axis, self.stated["value"], (*self.place, "value")) if level else None
        others = tuple(self._others(axis, than, level)) if level else ()
        if value is not None and value in others and than != ():
            self._note("than", f"must list other values than {toml_text(value)} itself.")
        others = tuple(other for other in others if other != value)
        return Better(axis, value, others, self.stated.get("by", 0.0)) if value is not None else None

    def _others(self, axis: str, than: object, level: Values) -> Iterator[Value]:
        if than == ():
            yield from level
            return
        several = isinstance(than, list) and not self.schema.parameters[axis].holds_lists
        several = several or (isinstance(than, list) and any(isinstance(item, list) for item in than))
        for item in than if several else [than]:  # type: ignore[attr-defined]
            meant = self._on_axis(axis, item, (*self.place, "than"))
            if meant is not None:
                yield meant

    def _monotone(self) -> Monotone | None:
        level = self._numbers()
        low, high = self.stated.get("between") or (float("-inf"), float("inf"))
        values = tuple(value for value in level if low <= value <= high)  # type: ignore[operator]
        if level and len(values) < 2:
            self._note(
                "between", f"must hold two values or more of the axis, got {count_of(len(values), 'value')}."
            )
        return Monotone(self.stated["axis"], values, self.stated["direction"])

    def _enough(self) -> Enough | None:
        level = self._numbers()
        value = (
            self._on_axis(self.stated["axis"], self.stated["value"], (*self.place, "value"))
            if level
            else None
        )
        if value is None:
            return None
        further = tuple(other for other in level if other > value)  # type: ignore[operator]
        if not further:
            self._note(
                "value", f"must have larger values after it on the axis, got the largest, {toml_text(value)}."
            )
        return Enough(self.stated["axis"], value, further, self.stated["gain"])
