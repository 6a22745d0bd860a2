"""The axes of a plan as columns of tables, and the one setting that values of them name."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sweep.errors import InputError
from sweep.plan import Plan
from sweep.tables.where import MOST_NAMED, check_name, known_words
from sweep.terms.arrays import Ints
from sweep.terms.values import TableValue, Value, table_values, value_words


def axis_columns(plan: Plan, cells: Ints, axes: Sequence[str] | None = None) -> dict[str, object]:
    """Return the values of the axes for the given cells, a column each, as a table shows them."""
    names = plan.cells.codes if axes is None else axes
    return {name: _levels(plan.cells.levels[name])[plan.cells.codes[name][cells]] for name in names}


def setting_values(plan: Plan, setting: int) -> dict[str, TableValue]:
    """Return the values of a setting's axes, as tables show them."""
    return {
        axis: table_values(plan.cells.levels[axis])[int(plan.setting_column(axis)[setting])]
        for axis in plan.setting_axes
    }


def setting_of(plan: Plan, where: Mapping[str, TableValue]) -> int:
    """Return the one setting that has these values in these axes, as tables show them.

    Raises
    ------
    InputError
        If a name is not an axis, a value is not on it, or several settings are left.
    """
    left = np.ones(plan.n_settings, dtype=bool)
    for axis, value in where.items():
        check_name("an axis", axis, plan.setting_axes)
        levels = table_values(plan.cells.levels[axis])
        codes = [i for i, level in enumerate(levels) if level == value]
        now = left & np.isin(plan.setting_column(axis), codes)
        if not now.any():
            there = [levels[code] for code in np.unique(plan.setting_column(axis)[left])]
            raise InputError(f"no setting has {axis} = {value!r}; {known_words(value, there)}")
        left = now
    settings = np.flatnonzero(left)
    if len(settings) > 1:
        raise InputError(_several_left(plan, settings))
    return int(settings[0])


def _several_left(plan: Plan, settings: NDArray[np.intp]) -> str:
    open_axis = next(
        axis for axis in plan.setting_axes if len(np.unique(plan.setting_column(axis)[settings])) > 1
    )
    codes = np.unique(plan.setting_column(open_axis)[settings])
    levels = table_values(plan.cells.levels[open_axis])
    there = ", ".join(value_words(levels[code]) for code in codes[:MOST_NAMED])
    there += ", ..." if len(codes) > MOST_NAMED else ""
    return (
        f"`{open_axis}` must be given, since what is trained belongs to one setting and {len(settings)} are left. "
        f"Name one of its values: {there}."
    )


def _levels(levels: Sequence[Value]) -> NDArray[np.generic]:
    values = table_values(levels)
    return np.array(values, dtype=object if isinstance(values[0], str) else None)
