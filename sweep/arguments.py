"""The arguments of Python calls, as far as no config says what they may be: a mistake is told in one line."""

import os
from collections.abc import Mapping
from pathlib import Path
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


def path_of(name: str, value: Any, what: str = "the path of a folder") -> Path:
    """Return a path in full, so that it means the same whatever becomes of the current folder. Raises `InputError`."""
    if not isinstance(value, str | os.PathLike):
        raise InputError(f"`{name}` must be {what}, got {value!r}")
    told = os.fsdecode(value)
    if not told or "\0" in told:
        raise InputError(f"`{name}` must be {what}, got {told!r}")
    meant = os.path.expanduser(told)
    if meant != told:
        raise InputError(
            f"`{name}` begins with a ~ that no shell has replaced: write {meant}, or ./{told} for a folder of that name"
        )
    try:
        return Path(told).absolute()
    except FileNotFoundError:
        raise InputError(
            f"`{name}` is {told}, in a folder that was removed: change to one that is there"
        ) from None


def check_where(where: Any) -> None:
    """Raise an `InputError` for what does not say values of axes by their names; None says none."""
    if where is not None and not isinstance(where, Mapping):
        raise InputError(f'`where` must be a dict of values by axes, such as {{"rate": 0.1}}, got {where!r}')
