"""What a parameter can hold, and how a table shows it."""

from typing import TypeAlias

Value: TypeAlias = str | int | float | tuple[float, ...] | tuple[int, ...]
"""A parameter's value: text, a number, or a row of numbers, such as an interval or the layers of a network."""

Setting: TypeAlias = dict[str, Value]
"""The value of each parameter, by its name."""

TableValue: TypeAlias = str | int | float
"""A value as it stands in a table."""


def table_value(value: Value) -> TableValue:
    """Return a value as a table shows it: an interval as "[0, 3]", layers as "10-20-10", all else as it is.

    >>> table_value((0.0, 3.0)), table_value((10, 20, 10)), table_value(0.03)
    ('[0, 3]', '10-20-10', 0.03)
    """
    if not isinstance(value, tuple):
        return value
    if value and isinstance(value[0], float):
        return "[" + ", ".join(f"{part:.12g}" for part in value) + "]"
    return "-".join(str(part) for part in value)


def value_words(value: Value) -> str:
    """Return a value as a sentence says it: "true", and else as a table shows it.

    >>> value_words(True), value_words((0.0, 3.0)), value_words(0.03)
    ('true', '[0, 3]', '0.03')
    """
    return str(value).lower() if isinstance(value, bool) else str(table_value(value))
