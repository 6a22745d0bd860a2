"""With what, and on what kind of machine, something was computed: no names of machines or people."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True)
class Surroundings:
    """What results may depend on beside the config.

    Attributes
    ----------
    versions
        Of the programs, by their names.
    processor, cores, system
        The processor as it calls itself, how many cores there are, and the system it runs.
    """

    versions: Mapping[str, str]
    processor: str
    cores: int
    system: str


UNKNOWN = Surroundings({}, "", 0, "")
"""Those of results that were stored before any were kept."""


def surroundings_here(version: str, packages: Iterable[str]) -> Surroundings:
    """Return those of this process: `version` is that of sweep, `packages` are what is imported to compute."""
    versions = {"sweep": version, platform.python_implementation(): platform.python_version()}
    versions |= dict(found for name in packages if (found := installed(name)) is not None)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Surroundings(versions, _processor(), cores, f"{platform.system()} ({platform.machine()})")


def installed(module: str) -> tuple[str, str] | None:
    """Return name and version of what a module was installed by; None if it was not installed."""
    with suppress(metadata.PackageNotFoundError):
        return module, metadata.version(module)
    for name in _distributions().get(module, ()):
        return name, metadata.version(name)
    return None


@cache
def _distributions() -> "dict[str, list[str]]":
    return {module: list(names) for module, names in metadata.packages_distributions().items()}


def _processor() -> str:
    with suppress(OSError):
        for line in _lines(Path("/proc/cpuinfo")):
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "Model"):
                return " ".join(value.split())
    return platform.processor() or platform.machine()


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        yield from file
