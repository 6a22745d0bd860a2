"""Whether two machines give the same bits: by versions, code, and what small trainings give on each."""

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

import sweep
from sweep.dispatch.cluster.messages import Brief, Likeness
from sweep.terms.outcome import Outcome
from sweep.terms.surroundings import installed, surroundings_here
from sweep.training.batch import BatchTrainer, Desk
from sweep.training.checked import train_checked

MOST_NAMED = 3
"""Files, where more than these differ."""

_PACKAGE = Path(sweep.__file__).parent


def likeness(brief: Brief, trainer: BatchTrainer, code: Mapping[str, str]) -> Likeness:
    """Return the likeness of this process, which has code with these fingerprints."""
    versions = {
        "sweep": f"{sweep.__version__} ({_own_code()})",
        "Python": ".".join(platform.python_version_tuple()[:2]),
    }
    versions |= {name: _version(name) for name in sorted({"numpy", *brief.packages})}
    here = surroundings_here(sweep.__version__, brief.packages)
    return Likeness(versions, code, _bits(brief, trainer), surroundings=here)


def difference(mine: Likeness, theirs: Likeness) -> str:
    """Return what makes a worker useless, in words; "" if nothing does."""
    if theirs.obstacle:
        return theirs.obstacle
    for name, version in mine.versions.items():
        if (other := theirs.versions.get(name, "")) != version:
            return f"it has {name} {other or 'not installed'}, and here it is {version or 'not installed'}"
    if changed := [name for name, was in mine.code.items() if theirs.code.get(name) != was]:
        named = ", ".join(changed[:MOST_NAMED]) + (" and more" if len(changed) > MOST_NAMED else "")
        return f"its copy of {named} is another one"
    if mine.bits != theirs.bits:
        return (
            "its processor gives other bits (a small training came out differently): start the sweep on a machine like "
            "those of the cluster"
        )
    return ""


def _version(package: str) -> str:
    found = installed(package)
    return found[1] if found is not None else ""


@cache
def _own_code() -> str:
    """Return a hash of this package's own source."""
    digest = hashlib.blake2b(digest_size=4)
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _bits(brief: Brief, trainer: BatchTrainer) -> str:
    digest = hashlib.blake2b(digest_size=8)
    with np.errstate(all="ignore"):
        for batch in brief.examples:
            try:
                for outcome in train_checked(trainer, batch, Desk()):
                    digest.update(_bits_of(outcome))
            except Exception as error:  # the same on both sides, and told when it is trained
                digest.update(type(error).__name__.encode())
        if not brief.examples:
            digest.update(_bits_of_numpy())
    return digest.hexdigest()


def _bits_of(outcome: Outcome) -> bytes:
    arrays: Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = outcome.metrics
    return outcome.status.tobytes() + b"".join(arrays[name].tobytes() for name in sorted(arrays))


def _bits_of_numpy() -> bytes:
    """Return what functions give that numpy, and the BLAS under it, have written for each kind of processor."""
    x = np.linspace(0.01, 3.0, 101)
    found = [np.exp(x), np.log(x), np.sin(x), np.cos(x), np.tanh(x), np.float64(x @ np.sqrt(x))]
    return b"".join(one.tobytes() for one in found)
