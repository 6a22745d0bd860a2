"""A function at hand, in a script or a notebook: its name, and how it gets to the workers."""

import functools
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from sweep.errors import InputError
from sweep.training.function.code import code_of
from sweep.training.function.origin import Origin


def name_of(function: Callable[..., Any]) -> str:
    """Return the name of a function. Raises `InputError` for a lambda, which has none."""
    inner = _inner(function)
    name = str(getattr(inner, "__name__", type(inner).__name__))
    if name == "<lambda>":
        raise InputError('a lambda has no name: give it one, `name="..."`, which is also that of its results')
    return name


def file_of(function: Callable[..., Any]) -> Path | None:
    """Return the file in which a function was defined, if there is one: what a notebook runs has none."""
    try:
        source = Path(inspect.getsourcefile(inspect.unwrap(_inner(function))) or "")
    except (TypeError, OSError):
        return None
    return source.absolute() if source.is_file() else None


def at_hand(function: Callable[..., Any], name: str) -> Origin:
    """Return the origin of a function: by its module where a worker can import that, else by value.

    Raises `InputError` if it cannot be handed to another process.
    """
    import cloudpickle

    module = sys.modules.get(getattr(_inner(function), "__module__", None) or "")
    by_name = module is not None and _is_importable(module)
    if module is not None and not by_name and module.__name__ != "__main__":
        cloudpickle.register_pickle_by_value(module)
    try:
        pickled = cloudpickle.dumps(function)
    except Exception as error:  # whatever the objects raise that it refers to
        what = f"{type(error).__name__}: {error}"
        raise InputError(
            f"`{name}` cannot be handed to a worker process ({what}): make what it refers to inside of it"
        ) from None
    finally:
        if module is not None and not by_name and module.__name__ != "__main__":
            cloudpickle.unregister_pickle_by_value(module)
    parts = tuple(code_of(function).items())
    return Origin(name, str(_folder_of(_inner(function), module, by_name)), pickled=pickled, parts=parts)


def _inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function in a partial one."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _is_importable(module: ModuleType) -> bool:
    """Tell whether another process finds the same module by its name."""
    if module.__name__ == "__main__":
        return False
    try:
        spec = importlib.util.find_spec(module.__name__)
    except (ImportError, ValueError):
        return False
    origin, file = getattr(spec, "origin", None), getattr(module, "__file__", None)
    is_found = (
        any(Path(file).is_relative_to(Path(entry).absolute()) for entry in sys.path if entry)
        if file
        else False
    )
    return spec is not None and (file is None or (origin == file and is_found))


def _folder_of(function: Callable[..., Any], module: ModuleType | None, by_name: bool) -> Path:
    """Return the folder of the code around a function: that of its file, or of the package that it is in."""
    if by_name and module is not None and (file := getattr(module, "__file__", None)):
        depth = module.__name__.count(".") + (Path(file).name == "__init__.py")
        return Path(file).absolute().parents[depth]
    source = file_of(function)
    return Path(os.getcwd()) if source is None else source.parent
