"""A config that comes from Python: a dict of a config's shape, or a function and what is to be swept of it.

Either becomes the text of a config, which is checked, kept and shown as any other.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypedDict

import numpy as np

from sweep.arguments import path_of
from sweep.config.experiment import Source
from sweep.config.toml import read_text
from sweep.errors import InputError
from sweep.terms.text import nearest_word, printable
from sweep.training.function.at_hand import file_of, name_of

ConfigPath: TypeAlias = str | os.PathLike[str]
Config: TypeAlias = ConfigPath | Mapping[str, Any] | Callable[..., Any]
"""A path of a TOML file, a dict of the same shape, or a function."""

Spaced: TypeAlias = Mapping[str, Any]
"""An axis by its ends, as in a config: {"log": [low, high], "num": n}."""


class Stated(TypedDict, total=False):
    """What may be said of a function beside it; each key is as in a config, where its meaning stands.

    `grid`, `parameters`, `store` and `quick` are tables (`grid` may be a list of them), `claims` a list of tables; of
    the others `replicates`, `seed`, `zip` and `exclude` are keys of [grid], `confidence` and `most_replicates` of
    [claims], `title`, `source`, `note`, `figures` and `lang` stand at the top of a config, and the rest in [function].
    `name` is that of the results, by default the function's.
    """

    grid: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    parameters: Mapping[str, Any]
    metrics: Mapping[str, Literal["lower", "higher"]]
    claims: Sequence[Mapping[str, Any]]
    store: Mapping[str, Any]
    quick_values: Mapping[str, Any]
    replicates: int
    seed: int
    zip: Sequence[Any]
    exclude: Sequence[Mapping[str, Any]]
    confidence: float
    most_replicates: int
    name: str
    title: str
    source: str
    note: str
    figures: Sequence[str]
    lang: str
    timeout_seconds: float
    memory_gb: float
    retries: int
    version: str
    fresh_process: bool
    devices: Sequence[int]
    threads: int


_OF_GRID = ("replicates", "seed", "zip", "exclude")
_OF_CLAIMS = ("confidence", "most_replicates")
_OF_TOP = ("title", "source", "note", "figures", "lang")
_OF_FUNCTION = (
    *("metrics", "timeout_seconds", "memory_gb", "retries"),
    *("version", "fresh_process", "devices", "threads"),
)


@dataclass(frozen=True)
class Given:
    """A config as it was handed over: its text, its name, and the function if there is one."""

    source: Source
    name: str
    function: Callable[..., Any] | None = None


def log(low: float, high: float, num: int) -> Spaced:
    """Return an axis of `num` values from `low` to `high` in equal ratios, both ends included.

    >>> log(0.001, 1, 4)
    {'log': [0.001, 1], 'num': 4}
    """
    return {"log": [low, high], "num": num}


def linear(low: float, high: float, num: int) -> Spaced:
    """Return an axis of `num` values from `low` to `high` in equal steps, both ends included."""
    return {"linear": [low, high], "num": num}


def integers(low: int, high: int, step: int = 1) -> Spaced:
    """Return an axis of the whole numbers from `low` to `high`, both ends included."""
    return {"range": [low, high], "step": step}


def given_by(config: Config, stated: Mapping[str, Any]) -> Given:
    """Return a config as text. Raises `InputError` for an argument that does not fit, `ConfigError` for the file."""
    _check_names(stated)
    if isinstance(config, Mapping):
        _check_alone(stated, "a dict, which holds all of it", but={"name"})
        name = _name(stated.get("name", "sweep"))
        return Given(Source(name, _toml(config), is_file=False), name)
    if callable(config):
        name = _name(stated["name"] if "name" in stated else name_of(config))
        source = Source(name, _toml(_document(name, stated)), is_file=False, file=file_of(config))
        return Given(source, name, config)
    if not isinstance(config, str | os.PathLike):
        raise InputError(f"a sweep is of a config file, a dict or a function, got {config!r}")
    _check_alone(stated, "a config file, which holds all of it")
    path = path_of("config", config, "the path of a file")
    text = read_text(Path(config))
    is_piped = not path.is_file() or path.parts[1:2] in (("dev",), ("proc",))  # /dev/stdin may lead to a file
    source = Source(
        *(printable(str(config)), text),
        file=None if is_piped else path,
        folder=Path.cwd() if is_piped else path.parent,
    )
    return Given(source, _name_of_file(path))


def _name_of_file(path: Path) -> str:
    """Return the name of the sweep of a config file: the file's, without the ending."""
    return printable(path.stem if path.stem.strip(". ") else path.name)


def _name(name: object) -> str:
    """Return the name of a sweep, which is also that of its folder. Raises `InputError` for what can be none."""
    is_usable = isinstance(name, str) and name.strip(". ") and name.isprintable()
    if isinstance(name, str) and is_usable and not {*name} & {*"/\\"}:
        return name
    raise InputError(
        f'`name` must be a text that a folder can be called by, without slashes, such as "digits", got {name!r}'
    )


def _check_names(stated: Mapping[str, Any]) -> None:
    known = Stated.__annotations__
    for name in stated:
        if name not in known:
            near = nearest_word(name, known)
            hint = f"did you mean `{near}`?" if near else f"there are {', '.join(known)}"
            raise InputError(f"`{name}` is no argument of a sweep: {hint}")


def _check_alone(stated: Mapping[str, Any], what: str, but: Set[str] = frozenset()) -> None:
    for name in stated.keys() - but:
        raise InputError(f"`{name}` goes with a function, not with {what}: write it there")


def _document(name: str, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stated of a function as a config has it."""
    grids = _tables(stated, "grid", '{"learning_rate": [0.01, 0.1]}')
    for_all = _some(stated, _OF_GRID)
    grid: Any = [{**one, **for_all} for one in grids]
    if isinstance(stated.get("grid", {}), Mapping):
        (grid,) = grid
    tables = {
        "function": {"call": name, **_some(stated, _OF_FUNCTION)},
        "parameters": stated.get("parameters", {}),
        "grid": grid,
        "store": stated.get("store", {}),
        "claims": _some(stated, _OF_CLAIMS),
        "claim": _tables(stated, "claims", '{"sentence": "...", "form": "better", ...}'),
        "quick": stated.get("quick_values", {}),
    }
    return {**_some(stated, _OF_TOP), **{key: table for key, table in tables.items() if table}}


def _tables(stated: Mapping[str, Any], name: str, example: str) -> list[Mapping[str, Any]]:
    """Return an argument that is a dict or a list of dicts as a list. Raises `InputError`."""
    found = stated.get(name, {} if name == "grid" else ())
    tables = [found] if isinstance(found, Mapping) else found
    if not isinstance(tables, list | tuple) or not all(isinstance(one, Mapping) for one in tables):
        raise InputError(f"`{name}` must be a dict, or a list of dicts, such as {example}, got {found!r}")
    return list(tables)


def _some(stated: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: stated[name] for name in names if name in stated}


def _toml(document: Mapping[str, Any]) -> str:
    import tomli_w

    return tomli_w.dumps(_plain(document, ""))


def _check_text(text: str, place: str) -> None:
    """Raise an `InputError` for a text with half of a surrogate pair, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"`{place}` is {text!a}, which is no valid text: take the surrogate out") from None


def _plain(value: Any, place: str) -> Any:
    """Return a value of Python as TOML can say it."""
    match value:
        case Mapping():
            return {
                str(key): _plain(one, f"{place}.{key}" if place else str(key)) for key, one in value.items()
            }
        case str():
            _check_text(value, place)
            return value
        case bool() | int() | float():
            return value
        case np.generic():
            return _plain(value.item(), place)
        case np.ndarray():
            return _plain(value.tolist(), place)
        case set() | frozenset():
            return _plain(sorted(value, key=lambda one: (type(one).__name__, repr(one))), place)
        case list() | tuple() | range() | Iterator():
            return [_plain(one, place) for one in value]
        case Path():
            return str(value)
        case None if place.partition(".")[0] not in ("grid", "parameters") or place == "grid.replicates":
            raise InputError(f"`{place.removeprefix('function.')}` is None: give it a value, or leave it out")
        case None:
            raise InputError(
                f"`{place}` is None, which no value of a sweep can be: leave it out for the function's own "
                'default, or give it a text such as "none" that the function knows'
            )
    if callable(value) and place == "function.call":
        called = getattr(value, "__name__", "train")
        raise InputError(
            f"`{place}` is a function: hand it over itself, `sweep.run({called}, grid=..., metrics=...)`"
        )
    if hasattr(value, "tolist"):  # a pandas Series, an array of another library
        return _plain(value.tolist(), place)
    found = f"of type {type(value).__name__}"
    if callable(value):
        found = "a class" if isinstance(value, type) else "a function"
    if place.startswith("function."):
        raise InputError(f"`{place.removeprefix('function.')}` is {found}: write a text or a number")
    raise InputError(
        f"`{place}` is {found}, and a value of a sweep is a text, true or false, a number, or a list of these: "
        "give it a name as text, and let the function look it up"
    )
