"""How fields and numbers are written, in figures and on pages: as a person would."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from numbers import Integral
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from sweep.report.look.shortened import shortened
from sweep.terms.columns import SHARE_DIVERGED, median_of
from sweep.terms.metric import SHARE, Metric
from sweep.terms.text import visible, whole_toml_text
from sweep.terms.values import TableValue
from sweep.training.kind import Training
from sweep.training.parameter import Parameter
from sweep.words import message, say, say_many, word

Level: TypeAlias = TableValue
"""One value of an axis, as it stands in a table."""

DIVERGED = Metric(SHARE_DIVERGED, unit=SHARE, label=message("share of runs that diverged"))

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_BLANK = re.compile(r'"?\s*"?')
_NONE: Mapping[str, Sequence[Level]] = MappingProxyType({})
_THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"


@dataclass(frozen=True)
class Labels:
    """The words for what is shown: parameters, metrics and their statistics; and how metrics are compared.

    `problems` are the parameters between whose values they are not; `shares` are shares of runs that are shown like
    statistics, by their names.
    """

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = (Metric("loss"),)
    problems: tuple[str, ...] = ()
    shares: Mapping[str, Metric] = field(default_factory=lambda: {SHARE_DIVERGED: DIVERGED})

    @staticmethod
    def of(training: Training) -> "Labels":
        """Return the words for what a kind of training takes and gives."""
        return Labels(training.parameters, training.metrics, training.display.problems)

    @property
    def objective(self) -> Metric:
        """The first metric."""
        return self.metrics[0]

    def full(self, name: str) -> str:
        """Return the words for a parameter or a statistic, in full: "neurons per hidden layer"."""
        label = self.parameters[name].label if name in self.parameters else self._statistics.get(name, "")
        return word(label) if label else short_words(name)

    def one(self, name: str) -> str:
        """Return the words for one value of a parameter: "number of epochs"."""
        said = self.parameters[name].one if name in self.parameters else ""
        return word(said) if said else short_words(name)

    def many(self, name: str) -> str:
        """Return the words for several values of a parameter: "numbers of epochs"."""
        said = self.parameters[name].many if name in self.parameters else ""
        return word(said) if said else say("values of {axis}", axis=short_words(name))

    def metric_of(self, statistic: str) -> Metric:
        """Return the metric that a statistic is of; a share is one by itself."""
        others = {median_of(metric.name): metric for metric in self.metrics[1:]}
        return {**others, **self.shares}.get(statistic, self.objective)

    @property
    def _statistics(self) -> Mapping[str, str]:
        what = self.objective.words
        others = {
            median_of(metric.name): say("median {metric}", metric=metric.words) for metric in self.metrics[1:]
        }
        return {
            "median": say("median {metric}", metric=what),
            "mean": say("mean {metric}", metric=what),
            "lower_quartile": say("lower quartile of the {metric}", metric=what),
            "upper_quartile": say("upper quartile of the {metric}", metric=what),
            "minimum": say("smallest {metric}", metric=what),
            "maximum": say("largest {metric}", metric=what),
            **{name: metric.words for name, metric in self.shares.items()},
            **others,
        }


PLAIN = Labels()
"""Words where nothing is known of what was trained."""


def short_words(name: str) -> str:
    """Return the words for a name where there is little room: `n_runs` is "n runs"."""
    return word(name.replace("_", " "))


def number(value: float, digits: int = 3) -> str:
    """Write a number in running text: rounded to `digits` significant digits, 0.158, 12 000 or 3×10⁻⁵."""
    if isinstance(value, Integral):
        return _grouped(str(value))
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
    rounded = Decimal(f"{value:.{digits - 1}e}").normalize()
    if rounded == 0 or -4 <= rounded.adjusted() < 6:
        return _grouped(f"{rounded:f}")
    mantissa, exponent = f"{rounded:e}".split("e")
    power = "10" + str(int(exponent)).translate(_SUPERSCRIPTS)
    return power if mantissa == "1" else f"{mantissa.replace('-', '−')}×{power}"


def cell_number(value: float, digits: int = 2) -> str:
    """Write a number into a square: so many digits, two of them in six signs or less: 0.16, 8.0, 310, 1.2e3, 9e-4."""
    rounded = Decimal(f"{value:.{digits - 1}e}")
    if rounded == 0 or -3 <= rounded.adjusted() < max(digits, 3):
        return f"{rounded:f}" if rounded else "0"
    mantissa, exponent = f"{rounded.normalize():e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def level(value: Level, among: Sequence[Level] = ()) -> str:
    """Write the value of an axis, unlike any `among`: 0.03, 1000, 10⁻⁵; a very long text is cut."""
    others = [other for other in among if other != value]
    return level_labels([value, *others])[0]


def level_labels(levels: Sequence[Level]) -> list[str]:
    """Write each value of an axis: as short as can be, while different values stay different."""
    texts = iter(shortened([_text(value) for value in levels if isinstance(value, str)]))
    digits = next(d for d in range(2, 18) if d == 17 or _all_differ(levels, d))
    return [next(texts) if isinstance(value, str) else _level(value, digits) for value in levels]


def _text(value: str) -> str:
    """Write a text that can be seen: one without a letter, or that looks like one, in quotes."""
    return whole_toml_text(value) if _BLANK.fullmatch(value) else visible(value)


def where(levels: Mapping[str, Level], join: str = ", ", among: Mapping[str, Sequence[Level]] = _NONE) -> str:
    """Write a place in the grid: "learning rate = 0.03, neurons = 10"; `among` has what else may stand on an axis."""
    return word(join).join(
        f"{short_words(axis)} = {level(value, among.get(axis, ()))}" for axis, value in levels.items()
    )


def held_words(held: Mapping[str, Level], among: Mapping[str, Sequence[Level]] = _NONE) -> list[str]:
    """Return a note on the place where the axes are held that a figure does not show; none if it shows all."""
    return [say("held at {place}", place=where(held, among=among))] if held else []


def wheres(places: Sequence[Mapping[str, Level]], join: str = ", ") -> list[str]:
    """Write places that stand side by side, such as the titles of panels: those that differ, differently."""
    among = {axis: [place[axis] for place in places if axis in place] for place in places for axis in place}
    labels = {axis: dict(zip(values, level_labels(values), strict=True)) for axis, values in among.items()}
    return [
        word(join).join(f"{short_words(axis)} = {labels[axis][value]}" for axis, value in place.items())
        for place in places
    ]


def is_truth(value: object) -> bool:
    """Whether a value is true or false: a number for Python, and none for a reader."""
    return isinstance(value, bool | np.bool_)


def count_words(n: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun: "1 run", "7680 runs"."""
    return say_many(n, f"{{n}} {one}", f"{{n}} {many or one + 's'}", n=number(n))


def list_words(items: Sequence[str]) -> str:
    """Write a list in words: "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return say("{some} and {last}", some=word(", ").join(items[:-1]), last=items[-1])


def _all_differ(levels: Sequence[Level], digits: int) -> bool:
    numbers = {value for value in levels if not isinstance(value, str)}
    return len({_level(value, digits) for value in numbers}) == len(numbers)


def _level(value: Level, digits: int) -> str:
    assert not isinstance(value, str)  # the caller has looked
    if is_truth(value):
        return str(value).lower()
    if isinstance(value, Integral):
        return number(value)
    # Twelve digits take away what binary fractions and logspace add (0.30000000000000004). What is short
    # then was meant exactly; the rest is a point between others, and is rounded.
    written = Decimal(f"{value:.11e}").normalize()
    n_digits = len(written.as_tuple().digits)
    return number(float(value), n_digits if n_digits <= 4 else digits)


def _grouped(plain: str) -> str:
    whole, point, rest = plain.partition(".")
    if len(whole.lstrip("-")) <= 4:
        return plain.replace("-", "−")
    return f"{int(whole):,}".replace(",", _THIN_SPACE).replace("-", "−") + point + rest
