"""What a function takes and how it gives: read off the syntax tree of a file, or off a function at hand.

A file is never run for that: what would be shown of a sweep, planned or judged must not train anything.
"""

import ast
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sweep.terms.text import code_list, nearest_word
from sweep.terms.values import OWN_DEFAULT, Value

HANDED = ("seed", "replicate", "folder")
"""What is handed to a parameter of that name: these are no parameters of a config."""

TOLD_STEPS = "epochs"
"""The parameter by which a function is told how long it shall train: then each count is trained by itself."""

BATCHED = "__sweep_batched__"
"""The attribute of a function that takes arrays: the names of these parameters."""


MOST_NAMES = 8
"""So many functions of a file are listed where the one that is asked for is not there."""

ASYNC = "it is `async`: write a plain `def`"
CLASS = "it is a class: write a `def` that makes one, and returns numbers"


class SignatureError(ValueError):
    """A function that cannot be swept; the text reads on from "cannot use digits.py:train: "."""


@dataclass(frozen=True)
class Signature:
    """What is known of a function without calling it.

    Attributes
    ----------
    defaults
        By parameter, in their order: its default, `OWN_DEFAULT` if that is no plain value, None if it has none.
    whole
        The parameters that are meant for whole numbers, by their annotation or default.
    handed
        Which of `HANDED` it takes.
    takes_any
        Whether it takes any other name too (`**parameters`).
    is_generator
        Whether it yields its metrics, epoch by epoch.
    batched
        The parameters, and the seed or replicate, for which it takes arrays; () if it trains one by one.
    """

    defaults: Mapping[str, Value | None]
    whole: frozenset[str]
    handed: frozenset[str]
    takes_any: bool
    is_generator: bool
    batched: tuple[str, ...]

    @property
    def repeats(self) -> bool:
        """Whether its replicates can differ: whether it is told which one it is."""
        return not self.handed.isdisjoint(("seed", "replicate"))


def signature_in(text: str, function: str) -> Signature:
    """Return the signature of a function that the text of a file defines at its top level.

    Raises SyntaxError if it is no Python, and `SignatureError` if there is no such function, or it cannot be swept.
    """
    tree = ast.parse(text)
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    node = next((node for node in reversed(found) if node.name == function), None)
    if node is None:
        names = [node.name for node in found if not node.name.startswith("_")]
        raise SignatureError(_instead(tree, function, names))
    if isinstance(node, ast.AsyncFunctionDef):
        raise SignatureError(ASYNC)
    given = _defaults_in(node.args)
    annotated = {
        arg.arg: ast.unparse(arg.annotation).strip("\"'") for arg in _arguments(node.args) if arg.annotation
    }
    return _signature(
        given,
        annotated,
        positional_only=[arg.arg for arg in node.args.posonlyargs],
        takes_any=node.args.kwarg is not None,
        is_generator=any(_own_yields(node)),
        batched=_batched_in(node, _marks_in(tree)),
    )


def _instead(tree: ast.Module, function: str, names: list[str]) -> str:
    """Return what is wrong with a name that is no function at the top level of a file."""
    if any(isinstance(node, ast.ClassDef) and node.name == function for node in tree.body):
        return CLASS
    inner = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    if function in inner:
        return f"`{function}` is defined inside of something else: `def` it at the top level of the file"
    assigned = [
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    imported = [
        one.asname or one.name for node in tree.body if isinstance(node, ast.ImportFrom) for one in node.names
    ]
    if function in (*assigned, *imported):
        return f"`{function}` is no `def` of this file: write one that calls it, at the top level"
    missing = f"there is no function `{function}` at the top level of the file"
    if near := nearest_word(function, names):
        return f"{missing}; did you mean `{near}`?"
    more = " and others" if len(names) > MOST_NAMES else ""
    there = f"it has {code_list(names[:MOST_NAMES])}{more}" if names else "it has none"
    return f"{missing}, {there}"


def signature_of(function: Callable[..., Any]) -> Signature:
    """Return the signature of a function at hand. Raises `SignatureError` if it cannot be swept."""
    if isinstance(function, type):
        raise SignatureError(CLASS)
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise SignatureError("its parameters cannot be read: wrap it in a `def` of your own") from None
    if any(
        inspect.iscoroutinefunction(face) or inspect.isasyncgenfunction(face) for face in _faces(function)
    ):
        raise SignatureError(ASYNC)
    kinds = {one.name: one.kind for one in parameters}
    empty = inspect.Parameter.empty
    return _signature(
        {
            one.name: None if one.default is empty else plain(one.default)
            for one in parameters
            if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
        },
        {
            one.name: one.annotation
            if isinstance(one.annotation, str)
            else getattr(one.annotation, "__name__", "")
            for one in parameters
            if one.annotation is not empty
        },
        positional_only=[name for name, kind in kinds.items() if kind is inspect.Parameter.POSITIONAL_ONLY],
        takes_any=inspect.Parameter.VAR_KEYWORD in kinds.values(),
        is_generator=any(map(inspect.isgeneratorfunction, _faces(function))),
        batched=next((getattr(face, BATCHED) for face in _faces(function) if hasattr(face, BATCHED)), ()),
    )


def plain(value: object) -> Value:
    """Return a default as a value of a config: rows as tuples; `OWN_DEFAULT` for what no config can say."""
    if isinstance(value, list | tuple):
        parts = tuple(plain(part) for part in value)
        return OWN_DEFAULT if OWN_DEFAULT in parts else parts
    is_own_type = type(value) in (str, bool, int, float)
    if isinstance(value, str | bool | int | float) and is_own_type and value == value:
        return value
    return OWN_DEFAULT


def _faces(function: Callable[..., Any]) -> Iterator[Any]:
    """Yield the function and what it wraps: of a partial the function in it, of an object its `__call__`."""
    while isinstance(function, functools.partial):
        yield function
        function = function.func
    yield function
    if not inspect.isroutine(function):
        yield type(function).__call__


def _signature(
    defaults: Mapping[str, Value | None],
    annotated: Mapping[str, str],
    *,
    positional_only: list[str],
    takes_any: bool,
    is_generator: bool,
    batched: tuple[str, ...],
) -> Signature:
    if positional_only:
        raise SignatureError(
            f"its parameter `{positional_only[0]}` cannot be given by name: take the `/` out of its parameters"
        )
    unknown = [name for name in batched if name not in defaults and not takes_any]
    if unknown:
        raise SignatureError(f"`sweep.batched` names `{unknown[0]}`, which is no parameter of it")
    handed = frozenset(defaults) & frozenset(HANDED)
    if batched and (alone := sorted(handed - {*batched})):
        raise SignatureError(f"`sweep.batched` must name `{alone[0]}` too: it differs within a batch")
    if is_generator and TOLD_STEPS in batched:
        raise SignatureError(
            f"`sweep.batched` cannot name `{TOLD_STEPS}` where a function yields: all runs of a call end together"
        )
    if "folder" in batched:
        raise SignatureError("`sweep.batched` cannot name `folder`, which belongs to one run: leave it out")
    whole = {
        name for name, default in defaults.items() if type(default) is int or annotated.get(name) == "int"
    }
    whole = whole - {name for name, kind in annotated.items() if kind == "float"} | {TOLD_STEPS}
    own = {name: default for name, default in defaults.items() if name not in HANDED}
    return Signature(own, frozenset(whole), handed, takes_any, is_generator, batched)


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _defaults_in(arguments: ast.arguments) -> dict[str, Value | None]:
    positional = [*arguments.posonlyargs, *arguments.args]
    without: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    given = zip(positional, [*without, *arguments.defaults], strict=True)
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return {
        argument.arg: None if default is None else _literal(default) for argument, default in (*given, *named)
    }


def _literal(node: ast.expr) -> Value:
    try:
        return plain(ast.literal_eval(node))
    except ValueError:
        return OWN_DEFAULT


def _own_yields(node: ast.AST) -> Iterator[bool]:
    """Yield True for each `yield` of the function itself, not of those that it defines."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Yield | ast.YieldFrom):
            yield True
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own_yields(child)


def _marks_in(tree: ast.Module) -> frozenset[str]:
    """Return the names that `sweep.batched` may have in a file."""
    imported = [
        one
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sweep"
        for one in node.names
    ]
    return frozenset({"batched", *(one.asname or one.name for one in imported if one.name == "batched")})


def _batched_in(node: ast.FunctionDef, marks: frozenset[str]) -> tuple[str, ...]:
    """Return what a decorator `sweep.batched("learning_rate", "seed")` names."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(called).split(".")[-1] in marks:
            named = decorator.args if isinstance(decorator, ast.Call) else []
            if not named or not all(isinstance(_literal(argument), str) for argument in named):
                raise SignatureError(
                    '`sweep.batched` must name parameters in quotes, such as @sweep.batched("learning_rate", "seed")'
                )
            return tuple(str(_literal(argument)) for argument in named)
    return ()
