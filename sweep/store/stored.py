"""What comes out of the store: an outcome, and the names of what is kept beside it.

The learning curves, the extras and the code of an outcome are its parts: each is kept by a name, in rows of its own,
and read only where it is asked for.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweep.terms.outcome import Curves, Outcome

CURVES_NAME = "curves"
"""Under this name the curves are kept beside the extras."""

CODE_NAME = "code"
"""Under this name it is kept which code made an outcome."""

Code: TypeAlias = Mapping[str, str]
Part: TypeAlias = Curves | NDArray[Any] | Code
Parts: TypeAlias = Mapping[str, Part]
"""Curves and code by their names, and arrays (n, ...) by those of the extras."""


@dataclass(frozen=True, eq=False)
class Stored:
    """An outcome as it was stored.

    Attributes
    ----------
    outcome
        With those of its curves and extras that were asked for.
    kept
        The names of what is kept beside it: "curves", "code", and those of its extras. Of these, what was asked for has
        been read and is whole; what was not asked for has not been looked at.
    """

    outcome: Outcome
    kept: frozenset[str]


Wanted: TypeAlias = Callable[[Stored], Collection[str]]
"""Tells of an outcome what is to be read beside it: some of the names in `kept`; others are passed over.

It is given the outcome without curves and extras.
"""


def nothing(stored: Stored) -> Collection[str]:  # noqa: ARG001 - it is a `Wanted`
    """Ask for none of what is kept."""
    return ()


def everything(stored: Stored) -> Collection[str]:
    """Ask for all that is kept."""
    return stored.kept


def parts_of(outcome: Outcome) -> dict[str, Part]:
    """Return what is to be kept beside an outcome."""
    curves = {} if outcome.curves is None else {CURVES_NAME: outcome.curves}
    code = {CODE_NAME: outcome.code} if outcome.code else {}
    return {**outcome.extras, **curves, **code}


def with_parts(outcome: Outcome, parts: Parts) -> Outcome:
    """Return the outcome with these curves and extras. Raises ValueError if they are of other trajectories."""
    extras = {name: part for name, part in parts.items() if isinstance(part, np.ndarray)}
    curves, code = parts.get(CURVES_NAME), parts.get(CODE_NAME)
    return replace(
        outcome,
        curves=curves if isinstance(curves, Curves) else None,
        code=code if isinstance(code, Mapping) else {},
        extras=extras,
    )
