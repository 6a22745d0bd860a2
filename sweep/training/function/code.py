"""The code that results depend on, as one fingerprint for each part of it: comments and docstrings left out.

A part is a file of the user's that was imported, by its path below the folder of the function, or, of a function that
lives in no file, the function itself and whatever it refers to.
"""

import ast
import functools
import hashlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any, TypeAlias

import numpy as np

Code: TypeAlias = Mapping[str, str]
"""By the name of each part its fingerprint."""

_PACKAGE = Path(__file__).parents[2]

LONGEST_TEXT = 60
"""A value whose text is not longer stands for itself, and needs no fingerprint."""

LOST = "is gone"
"""The fingerprint of a file that is not there."""


def fingerprint(text: str) -> str:
    """Return what changes with the meaning of a Python text: not with comments, docstrings and the like.

    >>> fingerprint("x = 1  # one") == fingerprint("x = (1)"), fingerprint("x = 1") == fingerprint("x = 2")
    (True, False)
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return _hash(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            body[:] = body[1:] or [ast.Pass()]
    return _hash(ast.dump(tree))


def fingerprint_of_file(path: Path) -> str:
    """Return the fingerprint of a file as it is now."""
    try:
        return fingerprint(path.read_text(encoding="utf-8"))
    except OSError:
        return LOST
    except UnicodeDecodeError:
        return _hash(repr(path.read_bytes()))


def imported_packages(text: str) -> tuple[str, ...]:
    r"""Return the packages that a Python text imports anywhere, without those of Python itself.

    >>> imported_packages("import os, numpy as np\nfrom sklearn.svm import SVC\nfrom . import mine")
    ('numpy', 'sklearn')
    """
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError):
        return ()
    named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    roots = {name.partition(".")[0] for name in named} - {"", *sys.stdlib_module_names}
    return tuple(sorted(roots))


def imported_from(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of every file in a folder or below it that this process has imported; no libraries."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith(".py"):
            path = Path(file)
            if path.is_relative_to(folder) and not _is_library(path):
                yield path.relative_to(folder).as_posix(), path


def code_of(function: Callable[..., Any]) -> dict[str, str]:
    """Return the fingerprints of a function at hand, and of the functions, classes and values that it refers to."""
    parts = _Parts()
    parts.add(function, getattr(function, "__qualname__", type(function).__name__))
    return parts.found


@dataclass
class _Parts:
    """Collects fingerprints by name, from one object to those that it refers to; libraries are left out.

    `found` has the fingerprints, and `seen`, by identity, the objects that were looked into, which are kept alive.
    """

    found: dict[str, str] = field(default_factory=dict)
    seen: dict[int, object] = field(default_factory=dict)

    def add(self, value: Any, name: str) -> None:
        """Add what a name stands for, if that is anything that results can depend on and that can be told apart."""
        if name in self.found or id(value) in self.seen:
            return
        if (text := _plain_text(value)) is not None:
            self.found[name] = text if len(text) <= LONGEST_TEXT else _hash(text)
            return
        self.seen[id(value)] = value
        if isinstance(value, functools.partial):
            self.add(value.func, getattr(value.func, "__qualname__", name))
            for place, one in enumerate(value.args):
                self.add(one, f"{name}[{place}]")
        elif isinstance(value, MethodType):
            self.add(value.__func__, value.__func__.__qualname__)
            self.add(value.__self__, f"{name}.__self__")
        elif isinstance(value, type):
            self._add_class(value, name)
        elif isinstance(function := inspect.unwrap(value) if callable(value) else value, FunctionType):
            self._add_function(function, name)
        elif not _is_of_library(type(value)):
            self.add(type(value), type(value).__qualname__)
            for inner, one in getattr(value, "__dict__", {}).items():
                self.add(one, f"{name}.{inner}")

    def _add_function(self, function: FunctionType, name: str) -> None:
        if _is_library(Path(function.__code__.co_filename)):
            return
        self.found[name] = _fingerprint_of(function)
        for other, referred in _referred(function):
            self.add(referred, other)

    def _add_class(self, kind: type, name: str) -> None:
        if _is_of_library(kind):
            return
        for inner, one in vars(kind).items():
            function = one.fget if isinstance(one, property) else getattr(one, "__func__", one)
            if isinstance(function, FunctionType) or not inner.startswith("__"):
                self.add(function, f"{name}.{inner}")
        for base in kind.__bases__:
            self.add(base, base.__qualname__)


def _referred(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield the globals and the closed-over values that a function names."""
    names = _names_in(function.__code__)
    yield from ((name, function.__globals__[name]) for name in names if name in function.__globals__)
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    for name, cell in cells:
        try:
            yield name, cell.cell_contents
        except ValueError:  # not bound yet
            continue


def _names_in(code: CodeType) -> list[str]:
    inner = [name for part in code.co_consts if isinstance(part, CodeType) for name in _names_in(part)]
    return [*code.co_names, *inner]


def _fingerprint_of(function: FunctionType) -> str:
    try:
        return fingerprint(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError):
        return _hash(_compiled(function.__code__))


def _is_of_library(kind: type) -> bool:
    if kind.__module__ == "__main__":
        return False
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return not file or _is_library(Path(file))


def _compiled(code: CodeType) -> str:
    constants = [_compiled(part) if isinstance(part, CodeType) else repr(part) for part in code.co_consts]
    return repr((code.co_code, constants, code.co_names, code.co_varnames))


def _plain_text(value: object) -> str | None:
    """Return a text that tells a plain value from all others; None if it is none."""
    if value is None or type(value) in (str, bytes, bool, int, float, complex, range):
        return repr(value)
    if isinstance(value, np.ndarray) and value.dtype != object:
        return _hash(f"{value.dtype} {value.shape} {value.tobytes().hex()}")
    if isinstance(value, np.generic):
        return repr(value)
    items: list[object] = []
    if isinstance(value, list | tuple | set | frozenset) and type(value) in (list, tuple, set, frozenset):
        items = list(value)
    elif type(value) is dict:
        items = [part for pair in value.items() for part in pair]
    else:
        return None
    texts = [_plain_text(item) for item in items]
    known = [text for text in texts if text is not None]
    if len(known) < len(texts):
        return None
    return (
        f"{type(value).__name__}({', '.join(sorted(known) if isinstance(value, set | frozenset) else known)})"
    )


def _is_library(path: Path) -> bool:
    parts = path.parts
    below = any(
        path.is_relative_to(root) for root in (sys.prefix, sys.base_prefix) if root not in ("/", "/usr")
    )
    below |= path.is_relative_to(_PACKAGE)
    return "site-packages" in parts or "dist-packages" in parts or below or str(path).startswith("<frozen")


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
