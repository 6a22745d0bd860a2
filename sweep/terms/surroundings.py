"""With what, and on what kind of machine, something was computed: no names of machines or people."""

from collections.abc import Mapping
from dataclasses import dataclass


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
