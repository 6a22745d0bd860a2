"""How the engine's functions are compiled: the one place where numba's decorators are met, and given types."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from filelock import FileLock
from numba import config, njit
from numba.extending import register_jitable

from sweep.errors import SweepError

if getattr(config, "DISABLE_JIT", 0):
    raise SweepError(
        "networks are trained by compiled code, which NUMBA_DISABLE_JIT forbids: unset that variable"
    )

P = ParamSpec("P")
R = TypeVar("R")


def _fingerprint() -> str:
    """Return a short name for the present state of the engine's source files."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


_SOURCES = _fingerprint()


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function to machine code when it is first called, and keep the code on disk.

    There is no `fastmath`: every operation is rounded as IEEE 754 says, none are merged or put in another order.
    The interpreter's lock is released.
    """
    # Numba takes kept code for fresh as long as the file of the function itself has not changed, whatever became of
    # the functions it calls. With all sources in its name, code is kept for exactly these sources.
    function.__qualname__ = f"{function.__qualname__}-{_SOURCES}"
    try:
        kept = njit(cache=True, nogil=True, error_model="numpy")(function)
        _one_at_a_time(kept)
    except RuntimeError:  # there is no folder that code can be kept in: neither the package's nor the user's
        kept = njit(nogil=True, error_model="numpy")(function)
    return cast(Callable[P, R], kept)


def _one_at_a_time(kept: Any) -> None:
    """Let processes wait for each other where they keep the code of a function, or fetch it.

    Numba writes an index, and then the code into a file that the index names. Where two processes did so at once, the
    one's code could stand under the other's name from then on: networks with tanh would be trained with ReLU.
    """
    files = kept._cache
    save, load = files.save_overload, files.load_overload

    def save_alone(*what: object) -> None:
        with _lock_of(files.cache_path):
            save(*what)

    def load_alone(*what: object) -> object:
        with _lock_of(files.cache_path):
            return load(*what)

    files.save_overload, files.load_overload = save_alone, load_alone


def _lock_of(folder: str) -> FileLock:
    """Return a new lock each time: a process that is forked must not take up one of its parent's."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    return FileLock(Path(folder, "compiled.lock"))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function that becomes a part of each compiled function that calls it.

    An argument that is a constant there is one inside too: `if activation == RELU` costs nothing.
    """
    return cast(Callable[P, R], njit(nogil=True, error_model="numpy", forceinline=True)(function))


def inlined_or_plain(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as `inlined` does that is called from plain Python too: there nothing is compiled for it."""
    return register_jitable(nogil=True, error_model="numpy", forceinline=True)(function)
