"""The arguments of Python calls, as far as no config says what they may be: a mistake is told in one line."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from sweep.errors import InputError


def whole(name: str, value: Any, least: int, remark: str = "") -> int:
    """Return a whole number of at least so much. Raises `InputError`."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least:
        return int(value)
    raise InputError(f"`{name}` must be a whole number of at least {least}{remark}, got {value!r}")


def whole_or_none(name: str, value: Any, least: int) -> int | None:
    """Return a whole number of at least so much, or None. Raises `InputError`."""
    return None if value is None else whole(name, value, least)


def check_flags(**flags: Any) -> None:
    """Raise an `InputError` for what is neither True nor False."""
    for name, value in flags.items():
        if not isinstance(value, bool | np.bool_):
            raise InputError(f"`{name}` must be True or False, got {value!r}")


def check_path(name: str, value: Any) -> None:
    """Raise an `InputError` for what can be no path; None is one that is chosen elsewhere."""
    if value is not None and not isinstance(value, str | os.PathLike):
        raise InputError(f"`{name}` must be the path of a folder, got {value!r}")


def check_where(where: Any) -> None:
    """Raise an `InputError` for what does not say values of axes by their names; None says none."""
    if where is not None and not isinstance(where, Mapping):
        raise InputError(f'`where` must be a dict of values by axes, such as {{"rate": 0.1}}, got {where!r}')
