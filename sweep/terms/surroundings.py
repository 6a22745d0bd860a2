"""With what, and on what kind of machine, something was computed: no names of machines or people."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata


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
