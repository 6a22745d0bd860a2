"""How the engine's functions are compiled: the one place where numba's decorators are met, and given types."""

import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba import njit
from numba.extending import register_jitable

from sweep.training.network.engine.kept_code import KeptCode, folder_of

P = ParamSpec("P")
R = TypeVar("R")

# Lanes are registers, which plain Python has none of: what is set for debugging one's own functions is not for these.
numba.config.DISABLE_JIT = False  # type: ignore[attr-defined]  # numba makes its attributes at run time

KERNELS: list[Any] = []
"""All functions whose code is kept on disk."""


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function to machine code when it is first called, and keep the code on disk.

    There is no `fastmath`: every operation is rounded as IEEE 754 says, none are put in another order, and merged are
    those alone that the source merges.
    The interpreter's lock is released.
    """
    # Functions that differ in what they enclose alone have names that differ, in their machine code and on disk.
    enclosed = inspect.getclosurevars(function).nonlocals
    module = function.__module__.rpartition(".")[2]
    name = "-".join(
        [f"{module}.{function.__name__}", *(f"{key}={value}" for key, value in sorted(enclosed.items()))]
    )
    function.__qualname__ = name
    kernel: Any = njit(nogil=True, error_model="numpy")(function)
    folder = folder_of(function)
    if folder is not None:
        kernel._cache = KeptCode(name, folder)
        KERNELS.append(kernel)
    return cast(Callable[P, R], kernel)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function that becomes a part of each compiled function that calls it.

    An argument that is a constant there is one inside too: `if activation == RELU` costs nothing.
    """
    return cast(Callable[P, R], njit(nogil=True, error_model="numpy", forceinline=True)(function))


def inlined_or_plain(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as `inlined` does that is called from plain Python too: there nothing is compiled for it."""
    return register_jitable(nogil=True, error_model="numpy", forceinline=True)(function)
