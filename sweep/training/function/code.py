"""The code that results depend on, as one fingerprint for each part of it: comments and docstrings left out.

A part is a file of the user's that was imported, by its path below the folder of the function, or, of a function that
lives in no file, the function itself and whatever it refers to.
"""

import ast
import hashlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, TypeAlias

Code: TypeAlias = Mapping[str, str]
"""By the name of each part its fingerprint."""

_PACKAGE = Path(__file__).parents[2]

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


def imported_from(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of every file in a folder or below it that this process has imported; no libraries."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith(".py"):
            path = Path(file)
            if path.is_relative_to(folder) and not _is_library(path):
                yield path.relative_to(folder).as_posix(), path


def code_of(function: Callable[..., Any]) -> dict[str, str]:
    """Return the fingerprints of a function at hand, and of the functions and plain values that it refers to."""
    found: dict[str, str] = {}
    _add(function, getattr(function, "__qualname__", type(function).__name__), found)
    return found


def _add(value: Any, name: str, found: dict[str, str]) -> None:
    if name in found:
        return
    function = inspect.unwrap(value) if callable(value) else value
    if isinstance(function, FunctionType):
        found[name] = _fingerprint_of(function)
        for other, referred in _referred(function):
            if isinstance(referred, FunctionType) and _is_library(Path(referred.__code__.co_filename)):
                continue
            if isinstance(referred, FunctionType | type) or _is_plain(referred):
                _add(referred, other, found)
    elif isinstance(value, type):
        if not _is_library(Path(_file_of(value))):
            found[name] = _source_of(value)
    elif _is_plain(value):
        found[name] = repr(value)


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


def _source_of(kind: type) -> str:
    try:
        return fingerprint(textwrap.dedent(inspect.getsource(kind)))
    except (OSError, TypeError):
        return kind.__qualname__


def _file_of(kind: type) -> str:
    return str(getattr(sys.modules.get(kind.__module__), "__file__", None) or "")


def _compiled(code: CodeType) -> str:
    constants = [_compiled(part) if isinstance(part, CodeType) else repr(part) for part in code.co_consts]
    return repr((code.co_code, constants, code.co_names, code.co_varnames))


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or type(value) in (str, bytes, bool, int, float)


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
