"""What a parameter can hold, how values are told apart and ordered, and how a table shows them."""

from collections.abc import Hashable, Iterable, Sequence
from enum import Enum
from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from sweep.terms.text import visible, whole_toml_text


class OwnDefault(Enum):
    """The value of a parameter that nobody has given: the training's own default, which only the training knows."""

    OWN_DEFAULT = "default"

    def __repr__(self) -> str:
        return self.value

    __str__ = __repr__


OWN_DEFAULT = OwnDefault.OWN_DEFAULT

Value: TypeAlias = str | bool | int | float | tuple[Any, ...] | OwnDefault
"""A parameter's value: text, a truth value, a number, or a row of such, as an interval or the layers of a network."""

Setting: TypeAlias = dict[str, Value]
"""The value of each parameter, by its name."""

TableValue: TypeAlias = str | bool | int | float
"""A value as it stands in a table."""

_RANKS: dict[type, int] = {OwnDefault: 0, bool: 1, int: 2, float: 2, str: 3, tuple: 4}


def exactly(value: Value) -> Hashable:
    """Return what is the same for the same value only: for Python, 1, 1.0 and True are equal.

    >>> exactly(1) == exactly(1.0), exactly((1, 2)) == exactly((1, 2))
    (False, True)
    """
    if isinstance(value, tuple):
        return "tuple", tuple(map(exactly, value))
    return type(value).__name__, value


def place_of(value: Value, level: Sequence[Value]) -> int:
    """Return the place of a value among others; 1, 1.0 and true are three values.

    >>> place_of(1.0, (True, 1, 1.0))
    2
    """
    return [exactly(other) for other in level].index(exactly(value))


def in_order(value: Value) -> tuple[Any, ...]:
    """Return a key to sort values by: truth values, then numbers, texts and rows, each ascending.

    >>> sorted(["b", 2.5, (1, 2), 1, True, "a", 1.0], key=in_order)
    [True, 1.0, 1, 2.5, 'a', 'b', (1, 2)]
    """
    rank = _RANKS[type(value)]
    if isinstance(value, tuple):
        return rank, tuple(map(in_order, value))
    return (rank, 0) if isinstance(value, OwnDefault) else (rank, value, type(value).__name__)


def ordered(values: Iterable[Value]) -> list[Value]:
    """Return values in the order in which they are shown: numbers ascending, all else as it stands.

    >>> ordered([0.3, 0.1]), ordered(["tanh", "relu"]), ordered([(20,), (5,)])
    ([0.1, 0.3], ['tanh', 'relu'], [(20,), (5,)])
    """
    listed = list(values)
    return sorted(listed, key=in_order) if all(map(is_number, listed)) else listed


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether a value is a number, and so has an order and distances; a truth value is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fits(value: Value) -> bool:
    return isinstance(value, int) and -(2**63) <= value < 2**63


def array_of(values: Sequence[Value]) -> NDArray[Any]:
    """Return values as an array of shape (n,), of their own type if all have the same plain one, and else of objects.

    >>> array_of([1, 2]).dtype.kind, array_of([1.0, 2]).dtype.kind, array_of([True]).dtype.kind
    ('i', 'O', 'b')
    """
    kinds = {type(value) for value in values}
    if kinds <= {float} or kinds <= {bool} or (kinds <= {int} and all(map(_fits, values))):
        return np.array(values)
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def table_value(value: Value) -> TableValue:
    """Return a value as a table shows it: an interval as "[0, 3]", layers as "10-20-10", all else as it is.

    Ends that 12 digits do not tell apart have as many as do.

    >>> table_value((0.0, 3.0)), table_value((10, 20, 10)), table_value(("a", 1)), table_value(0.03)
    ('[0, 3]', '10-20-10', '["a", 1]', 0.03)
    >>> table_value((1.0, 1.00000000000001))
    '[1, 1.00000000000001]'
    """
    if isinstance(value, OwnDefault):
        return str(value)
    if not isinstance(value, tuple):
        return value
    if value and all(isinstance(part, float) for part in value):
        rounded, exact = ([f"{part:.{digits}g}" for part in value] for digits in (12, 17))
        texts = (
            rounded
            if len(set(rounded)) == len(set(exact))
            else [f"{part!r}".removesuffix(".0") for part in value]
        )
        return "[" + ", ".join(texts) + "]"
    if value and all(isinstance(part, int) and not isinstance(part, bool) for part in value):
        return "-".join(str(part) for part in value)
    return whole_toml_text(list(value))


def table_values(level: Sequence[Value]) -> list[TableValue]:
    """Return the values of an axis as a table shows them: where their types differ, all as text; each differently.

    >>> table_values((1, "a", True)), table_values((1, "1")), table_values((0.1, 3)), table_values((1, 2**70))
    (['1', 'a', 'true'], ['1', '"1"'], [0.1, 3], ['1', '1180591620717411303424'])
    >>> table_values(((1, 2), "1-2"))
    ['[1, 2]', '"1-2"']
    """
    shown = [table_value(value) for value in level]
    are_alike = all(map(is_number, shown)) or len({type(value) for value in shown}) <= 1
    if are_alike and len(set(shown)) == len(shown) and all(map(_fits_column, shown)):
        return shown
    texts = [value if isinstance(value, str) else whole_toml_text(value) for value in shown]
    exact = [whole_toml_text(list(value) if isinstance(value, tuple) else value) for value in level]
    told = [long if texts.count(text) > 1 else text for text, long in zip(texts, exact, strict=True)]
    return list(told if len(set(told)) == len(told) else exact)


def _fits_column(value: TableValue) -> bool:
    """Whether a column of whole numbers can hold a value, if it is one."""
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def value_words(value: Value) -> str:
    """Return a value as a sentence says it: "true", and else as a table shows it.

    >>> value_words(True), value_words((0.0, 3.0)), value_words(0.03)
    ('true', '[0, 3]', '0.03')
    """
    return str(value).lower() if isinstance(value, bool) else visible(str(table_value(value)))
