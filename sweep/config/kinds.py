"""Which kind of training a config is about: a function, if it has a table [function]; else the article's network."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sweep.config.experiment import Source
from sweep.config.places import Mistakes
from sweep.config.schema import Schema
from sweep.errors import ConfigError
from sweep.terms.metric import Metric
from sweep.terms.text import nearest_word, toml_text
from sweep.training.function.at_hand import at_hand
from sweep.training.function.declared import DeclaredError, function_in, isolation_of, metrics_of
from sweep.training.function.kind import FunctionTraining
from sweep.training.function.origin import Origin
from sweep.training.function.signature import Signature, SignatureError, signature_of
from sweep.training.kind import GRID_KEYS, Training, misnamed
from sweep.training.usual import usual_training

Function = Callable[..., Any]

_NOTHING = Signature({}, frozenset(), frozenset(), takes_any=False, is_generator=False, batched=())
_UNDECLARED = FunctionTraining(Origin("", ""), _NOTHING, (Metric("loss"),))
"""A function of which nothing is known yet: it knows the keys of its table."""


def training_in(
    document: Mapping[str, Any], source: Source, function: Function | None, mistakes: Mistakes
) -> Training:
    """Return what a config trains; `function` is the one at hand, if the config comes from Python.

    Raises `ConfigError` if the function cannot be used: nothing else of the config can be judged then.
    """
    _check_forgotten(document, mistakes)
    found = document.get("function")
    if found is None and not mistakes:
        return usual_training()
    if not isinstance(found, dict):
        raise ConfigError(source.path, mistakes.in_order())
    stated = _stated(found, function, mistakes)
    try:
        if not mistakes:
            return _function_training(document, stated, source.folder, function)
    except DeclaredError as error:
        mistakes.add(("function", error.key), str(error))
    raise ConfigError(source.path, mistakes.in_order())


def _check_forgotten(document: Mapping[str, Any], mistakes: Mistakes) -> None:
    """Note where a config speaks of a function, and has no table [function]."""
    found = document.get("function")
    if isinstance(found, dict):
        return
    below = 'write [function] in a line of its own, and below it `call = "digits.py:train"`'
    if found is not None:
        mistakes.add(("function",), f"must be a single table: {below}, got {toml_text(found)}.")
        return
    for name, table in document.items():
        if nearest_word(name, ["function"]) and isinstance(table, dict):
            mistakes.add((name,), "is not a table of a config; did you mean [function]?")
        elif name == "parameters" and not mistakes:
            mistakes.add((name,), f"belongs to a function, and the config names none: {below}.")


def _stated(found: dict[str, Any], function: Function | None, mistakes: Mistakes) -> dict[str, Any]:
    """Return the values under [function], and note what is wrong or missing."""
    written = {key: value for key, value in found.items() if key != "call" or function is None}
    schema = Schema(_UNDECLARED)
    stated = schema.check_table(written, "function", ("function",), mistakes)
    for name in ("call", "metrics") if function is None else ("metrics",):
        if name not in found:
            told = f"is missing: it must be {schema.keys['function'][name].range}."
            mistakes.add(("function", name), told)
    return stated


def _function_training(
    document: Mapping[str, Any], stated: Mapping[str, Any], folder: Path, function: Function | None
) -> FunctionTraining:
    if function is None:
        origin, signature = function_in(stated["call"], folder)
    else:
        name = str(document["function"]["call"])
        try:
            origin, signature = at_hand(function, name), signature_of(function)
        except SignatureError as error:
            raise DeclaredError("call", f"cannot use `{name}`: {error}.") from None
    training = FunctionTraining(
        origin,
        signature,
        metrics_of(stated["metrics"]),
        stated.get("version", "1"),
        isolation_of(stated),
        _others(document, signature) if signature.takes_any else (),
    )
    for role, name, what in misnamed(training):
        if role == "metric":
            raise DeclaredError("metrics", f"cannot have `{name}`, which is {what} too: choose another name.")
        raise DeclaredError(
            "call", f"cannot use `{origin.name}`: its parameter `{name}` is {what} too. Choose another name."
        )
    return training


def _others(document: Mapping[str, Any], signature: Signature) -> tuple[str, ...]:
    """Return the names that a config gives to a function that takes any, in the order of the alphabet."""
    grids = document.get("grid", {})
    tables = [document.get("parameters", {}), *(grids if isinstance(grids, list) else [grids])]
    written = [name for table in tables if isinstance(table, dict) for name in table]
    known = {*GRID_KEYS, *signature.defaults, *signature.handed}
    return tuple(sorted({name for name in written if name not in known}))
