"""How fields and numbers are written, in figures and on pages: as a person would."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from numbers import Integral
from typing import TypeAlias

Level: TypeAlias = str | int | float
"""One value of an axis, as it stands in a table."""

_LONG_WORDS = {
    "neurons": "neurons per hidden layer",
    "layers": "neurons, layer by layer",
    "function": "target function",
    "output": "output activation",
    "init_range": "range of initial parameters",
    "median": "median final loss",
    "mean": "mean final loss",
    "lower_quartile": "lower quartile of the final loss",
    "upper_quartile": "upper quartile of the final loss",
    "minimum": "smallest final loss",
    "maximum": "largest final loss",
    "median_rms_error": "median rms error",
}
_ONE_AND_MANY = {
    "learning_rate": ("learning rate", "learning rates"),
    "neurons": ("number of neurons", "numbers of neurons"),
    "hidden_layers": ("number of hidden layers", "numbers of hidden layers"),
    "epochs": ("number of epochs", "numbers of epochs"),
    "function": ("target function", "target functions"),
    "activation": ("activation", "activations"),
    "batch_size": ("batch size", "batch sizes"),
}
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
_LONGEST_LABEL = 28


def words(name: str) -> str:
    """Return the words for a field or a statistic, in full: `learning_rate` is "learning rate"."""
    return _LONG_WORDS.get(name, short_words(name))


def short_words(name: str) -> str:
    """Return the words for a field where there is little room: `neurons` is "neurons"."""
    return name.replace("_", " ")


def one_value(name: str) -> str:
    """Return the words for one value of a field: "number of epochs"."""
    return _ONE_AND_MANY[name][0] if name in _ONE_AND_MANY else short_words(name)


def many_values(name: str) -> str:
    """Return the words for several values of a field: "numbers of epochs"."""
    return _ONE_AND_MANY[name][1] if name in _ONE_AND_MANY else f"values of {short_words(name)}"


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
    return power if mantissa == "1" else f"{mantissa}×{power}"


def cell_number(value: float) -> str:
    """Write a number into a square: two digits in six signs or less, 0.16, 8.0, 310, 1.2e3, 9e-4."""
    rounded = Decimal(f"{value:.1e}")
    if rounded == 0 or -3 <= rounded.adjusted() < 3:
        return f"{rounded:f}" if rounded else "0"
    mantissa, exponent = f"{rounded.normalize():e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def level(value: Level) -> str:
    """Write the value of an axis on its own: 0.03, 1000, 10⁻⁵; text as it is, shortened if very long."""
    return level_labels([value])[0]


def level_labels(levels: Sequence[Level]) -> list[str]:
    """Write each value of an axis: as short as can be, while different values stay different."""
    digits = next(d for d in range(2, 18) if d == 17 or _all_differ(levels, d))
    return [_level(value, digits) for value in levels]


def where(levels: Mapping[str, Level], join: str = ", ") -> str:
    """Write a place in the grid: "learning rate = 0.03, neurons = 10"."""
    return join.join(f"{short_words(axis)} = {level(value)}" for axis, value in levels.items())


def counted(n: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun: "1 run", "7680 runs"."""
    return f"{number(n)} {one if n == 1 else many or one + 's'}"


def listed(items: Sequence[str]) -> str:
    """Write a list in words: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def _all_differ(levels: Sequence[Level], digits: int) -> bool:
    return len({_level(value, digits) for value in levels}) == len(set(levels))


def _level(value: Level, digits: int) -> str:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_LABEL else value[: _LONGEST_LABEL - 1] + "…"
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
