"""[function] of a config: which function is trained, what it gives, and what its runs may take."""

import difflib
import io
import tokenize
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sweep.terms.keys import Table, as_tuple, key, keys_of
from sweep.terms.metric import Metric
from sweep.terms.text import toml_key
from sweep.training.batch import Isolation
from sweep.training.function.origin import Origin, in_file
from sweep.training.function.signature import Signature, SignatureError, signature_in

TABLE = "function"


def _is_call(text: str) -> str:
    path, colon, name = text.rpartition(":")
    if not colon and text.endswith(".py"):
        raise ValueError("Write a colon and the name of the function behind it.")
    if not colon:
        raise ValueError("Write the file and a colon before it.")
    if not path.endswith(".py"):
        file = path.replace(".", "/") or "digits"
        raise ValueError(f'Write the file before the colon, such as "{file}.py:{name}".')
    if not name.isidentifier():
        raise ValueError("Write no more than the name of a function behind the colon.")
    return text


def _are_metrics(found: object) -> object:
    if not isinstance(found, Mapping):
        name = next(
            (one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)), ""
        )
        raise ValueError(f'Write {{ {toml_key(name)} = "lower" }} if lower is better.' if name else "")
    for name, better in found.items():
        if not name.strip():
            raise ValueError("Give the metric a name.")
        if better not in ("lower", "higher"):
            raise ValueError(f'Say of {name} whether "lower" or "higher" is better.')
    return found


Metrics = Annotated[dict[str, Literal["lower", "higher"]], BeforeValidator(_are_metrics), Field(min_length=1)]
Devices = Annotated[tuple[Annotated[int, Field(ge=0)], ...], BeforeValidator(as_tuple)]


class FunctionTable(Table):
    """The keys of [function]."""

    call: Annotated[str, AfterValidator(_is_call)] = key(
        meaning="a Python file beside this config, or below it, and the function in it",
        range='a file and a function in it, such as "digits.py:train"',
    )
    metrics: Metrics = key(
        meaning="what the function returns, and whether lower or higher is better; the first is the objective",
        range='names with "lower" or "higher", such as { error = "lower" }',
    )
    timeout_seconds: float = key(
        0.0,
        unit="s",
        meaning="what one run may take; past it the run is ended, and no other; 0 is no limit",
        ge=0,
    )
    memory_gb: float = key(
        0.0,
        unit="GB",
        meaning="the memory that one run may take, with all its processes; 0 is no limit",
        ge=0,
    )
    retries: int = key(
        0,
        meaning="how often a run that failed, ran out of time or was killed is tried again, with the same seed",
        ge=0,
        le=100,
    )
    version: str = key("1", meaning="part of what a run is: raise it, and everything is trained anew")
    fresh_process: bool = key(False, meaning="a new process for each run, for functions that leak")
    devices: Devices = key(
        (),
        meaning="the i-th worker sees the i-th of these devices in CUDA_VISIBLE_DEVICES",
        range="a list of whole numbers from 0 on, such as [0, 1]",
    )
    threads: int = key(1, meaning="threads of BLAS and the like in each worker", ge=1, le=1024)


FUNCTION_KEYS = keys_of(FunctionTable, TABLE)


class DeclaredError(ValueError):
    """A key of [function] that cannot be used; the text reads on from the key's name."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def function_in(call: str, folder: Path) -> tuple[Origin, Signature]:
    """Return a function in a file beside a config, without running the file. Raises `DeclaredError`."""
    file, _, function = call.rpartition(":")
    text = _text_of(Path(file), folder)
    try:
        return in_file(folder, Path(file).as_posix(), text, function), signature_in(text, function)
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        raise DeclaredError(
            "call", f"names {file}, which is no valid Python ({where}{error.msg}). Repair it."
        ) from None
    except SignatureError as error:
        raise DeclaredError("call", f"cannot use {call}: {_ended(str(error))}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise DeclaredError("call", f"names {file}, which cannot be read ({error}).") from None


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


def _text_of(file: Path, folder: Path) -> str:
    if file.is_absolute() or ".." in file.parts:
        raise DeclaredError(
            "call", f"must name a file beside the config or below it, got {file}. Move it there."
        )
    path = folder / file
    try:
        if path.exists() and not path.resolve().is_relative_to(folder.resolve()):
            raise DeclaredError(
                "call", f"must name a file beside the config or below it; {file} leads out of it."
            )
        if path.exists() and not (
            path.is_file() or path.is_dir()
        ):  # whoever opened a pipe would wait for ever
            raise DeclaredError("call", f"names {file}, which is no file. Write the name of one.")
        return _decoded(path.read_bytes())
    except FileNotFoundError:
        raise DeclaredError("call", _ended(f"names {file}, which is not there{_meant(path)}")) from None
    except OSError as error:
        raise DeclaredError("call", f"names {file}, which cannot be read ({error.strerror}).") from None
    except (UnicodeDecodeError, SyntaxError, LookupError):
        raise DeclaredError("call", f"names {file}, which is no text in UTF-8. Save it as UTF-8.") from None


def _decoded(content: bytes) -> str:
    """Return a Python file's text, by its own coding line if it has one."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return io.TextIOWrapper(io.BytesIO(content), encoding).read()


def _meant(path: Path) -> str:
    there = [entry.name for entry in path.parent.glob("*.py")] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, there, n=1)
    return f"; did you mean {near[0]}?" if near else f" (looked for in {path.parent.absolute()})"


def metrics_of(stated: Mapping[str, str]) -> tuple[Metric, ...]:
    """Return the metrics that are declared."""
    return tuple(Metric(name, "lower" if better == "lower" else "higher") for name, better in stated.items())


def isolation_of(stated: Mapping[str, Any]) -> Isolation:
    """Return what runs may take, and how they are kept apart."""
    return Isolation(
        timeout_seconds=stated.get("timeout_seconds") or None,
        memory_gb=stated.get("memory_gb") or None,
        retries=stated.get("retries", 0),
        fresh_process=stated.get("fresh_process", False),
        devices=tuple(stated.get("devices", ())),
        threads=stated.get("threads", 1),
    )
