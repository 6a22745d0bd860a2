"""Where a function comes from, and how a worker gets it: out of a file beside the config, or pickled by value."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from sweep.training.function.code import Code, fingerprint, fingerprint_of_file, imported_from


@dataclass(frozen=True)
class Origin:
    """A function, not loaded yet.

    Attributes
    ----------
    name
        Of the function, as a person calls it.
    folder
        The folder of the user's code: what is imported from it, or from below it, is part of what results depend on.
        Absolute; a worker finds modules in it first.
    file, text
        The path below the folder of the file that defines it, and its text as it was read, once.
    pickled
        The function by value, in place of a file.
    parts
        What of the code is known without loading it.
    """

    name: str
    folder: str
    file: str = ""
    text: str = field(default="", repr=False)
    pickled: bytes = field(default=b"", repr=False)
    parts: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.folder, self.file)

    def now(self, name: str) -> str:
        """Return the fingerprint of a part of the code as it is now; "" if there is no such part any more."""
        known = dict(self.parts)
        if name in known:
            return known[name]
        return fingerprint_of_file(Path(self.folder, name)) if name.endswith(".py") else ""

    def loaded_code(self) -> Code:
        """Return the fingerprints of all parts that this process has loaded."""
        return _loaded_code(self, len(sys.modules))

    def load(self) -> Callable[..., Any]:
        """Return the function. Raises whatever its file raises."""
        return _load(self)


def in_file(folder: Path, file: str, text: str, function: str) -> Origin:
    """Return the origin of a function in a file whose text has been read."""
    return Origin(function, str(folder.absolute()), file, text, parts=((file, fingerprint(text)),))


_read: dict[Origin, dict[str, str]] = {}
"""By origin the fingerprints of what this process has loaded, as they were when that was seen first."""


@lru_cache(maxsize=8)
def _load(origin: Origin) -> Callable[..., Any]:
    with _without_bytecode():
        function = _loaded(origin)
    origin.loaded_code()  # before the first run, which may take hours, and the user edits his files meanwhile
    return function


@contextmanager
def _without_bytecode() -> Iterator[None]:
    """Write no bytecode of what is imported: Python would take it for that of a file that is edited within a second."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _loaded(origin: Origin) -> Callable[..., Any]:
    if origin.folder not in sys.path:
        sys.path.insert(0, origin.folder)
    if origin.pickled:
        import cloudpickle

        found: Callable[..., Any] = cloudpickle.loads(origin.pickled)
        return found
    name = origin.path.stem
    if name in sys.modules or name in sys.stdlib_module_names:
        name = f"_sweep_{name}"  # nobody else's module is replaced
    module = ModuleType(name)
    module.__file__ = str(origin.path)
    sys.modules[name] = module
    try:
        exec(compile(origin.text, str(origin.path), "exec"), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    function: Callable[..., Any] = getattr(module, origin.name)
    return function


@lru_cache(maxsize=1)
def _loaded_code(origin: Origin, n_modules: int) -> Code:  # noqa: ARG001 - more modules, another answer
    known = _read.setdefault(origin, dict(origin.parts))  # what is edited later is not what was loaded
    for name, path in imported_from(Path(origin.folder)):
        if name not in known:
            known[name] = fingerprint_of_file(path)
    return dict(sorted(known.items()))
