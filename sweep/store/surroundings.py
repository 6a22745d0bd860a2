"""Where the results of a folder were trained: a small file beside them, with an entry for each kind of surroundings."""

import json
import os
import platform
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from sweep.store.folder import ResultsFolder
from sweep.terms.surroundings import UNKNOWN, Surroundings, installed


def surroundings_here(version: str, packages: Iterable[str]) -> Surroundings:
    """Return those of this process: `version` is that of sweep, `packages` are what is imported to compute."""
    versions = {"sweep": version, platform.python_implementation(): platform.python_version()}
    versions |= dict(found for name in packages if (found := installed(name)) is not None)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Surroundings(versions, _processor(), cores, f"{platform.system()} ({platform.machine()})")


def read_surroundings(folder: ResultsFolder) -> tuple[Surroundings, ...]:
    """Return those in which anything here was trained, in their order; nothing if that is not known."""
    try:
        found = json.loads(folder.surroundings.read_bytes())
        return tuple(
            Surroundings(
                {str(name): str(version) for name, version in one["versions"].items()},
                str(one["processor"]),
                int(one["cores"]),
                str(one["system"]),
            )
            for one in found
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def note_surroundings(folder: ResultsFolder, here: Surroundings, *, has_results: bool) -> None:
    """Keep that something is trained here; where there are results already, and nothing is known of them, that too."""
    known = read_surroundings(folder) or ((UNKNOWN,) if has_results else ())
    if here not in known:
        text = json.dumps([asdict(one) for one in (*known, here)], indent=1)
        folder.write(folder.surroundings, text + "\n")


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
