"""The mark of a function that trains many at once: arrays in, arrays out."""

from collections.abc import Callable
from typing import Any, TypeVar

from sweep.errors import InputError
from sweep.training.function.signature import BATCHED

F = TypeVar("F", bound=Callable[..., Any])


def batched(*names: str) -> Callable[[F], F]:
    """Mark a function that takes arrays of shape (n,) for these parameters, and gives arrays of shape (n,).

    So a vectorised or `vmap`ped training is one call for many runs. All other parameters are the same within a call.
    What a run gives must not depend on those beside it.

    Parameters
    ----------
    *names
        Parameters of the function, and "seed" or "replicate" if it takes them.

    Examples
    --------
    >>> import numpy as np
    >>> @batched("learning_rate", "seed")
    ... def train(learning_rate, steps=10, *, seed):
    ...     start = np.array([np.random.default_rng(one).normal() for one in seed])
    ...     return start * (1 - learning_rate) ** steps
    >>> train(np.array([0.1, 0.5]), seed=[0, 0]).shape
    (2,)
    """
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError(
            '`sweep.batched` takes the names of parameters: @sweep.batched("learning_rate", "seed")'
        )

    def mark(function: F) -> F:
        setattr(function, BATCHED, names)
        return function

    return mark
