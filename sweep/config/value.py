"""What a field of a run can hold: the type that all other records of a config share."""

Value = str | int | float | tuple[float, float] | tuple[int, ...]
"""A field's value: text, a number, an interval `(low, high)` or the `layers` of a network."""
