"""Which kernel of the engine trains a network, and which have been seen to be right here: known without the compiler.

A process that trains nothing itself need not load the compiler, which takes 0.7 s and 100 MB, only to have a kernel
looked at that was seen to be right on this machine before. Whoever trains by it looks at it all the same.
"""

import hashlib
import os
import platform
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from sweep.training.network.fused import is_wide

ENGINE = Path(__file__).parent / "engine"


class Kind(NamedTuple):
    """What tells which kernel trains a network, and what it is told of the activation; no kernel knows sizes."""

    is_alone: bool
    is_deep: bool
    gradient: str
    activation: str
    precision: str

    @classmethod
    def of(cls, layer_sizes: tuple[int, ...], gradient: str, activation: str, precision: str) -> "Kind":
        """Return the kind of networks with these layers."""
        return cls(is_wide(layer_sizes, gradient), len(layer_sizes) > 3, gradient, activation, precision)


def was_right(kind: Kind) -> bool:
    """Tell whether this engine's kernel was seen to be right on this machine, and its code may be kept."""
    return _note(kind).exists()


def note_right(kind: Kind) -> None:
    """Note, where code is kept, that a kernel was seen to be right, unless that cannot be."""
    with suppress(OSError):
        if not was_right(kind):
            _note(kind).touch()


def _note(kind: Kind) -> Path:
    """Return the empty file that says it by its name."""
    folder = os.environ.get("NUMBA_CACHE_DIR") or ENGINE / "__pycache__"
    depends_on = repr((kind, made_of(), platform.node()))
    return Path(folder) / f"{hashlib.blake2b(depends_on.encode(), digest_size=12).hexdigest()}.right"


@cache
def made_of() -> tuple[str, ...]:
    """Return what machine code depends on: versions, and all sources of the engine, whose functions call each other."""
    digest = hashlib.blake2b()
    for path in sorted(ENGINE.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest(), version("numba"), version("llvmlite"), sys.version, platform.machine()
