"""Machine code that is kept on disk, and never trusted: one file for each function and the types it is called with.

It stands in the place of numba's own cache, whose index and code lie in several files that nothing holds together: of
two processes at once, the one's code could come to stand under the other's name, and a flipped bit went unnoticed.
Here a file's name says all that its code depends on, and it begins with a checksum. What is damaged counts as missing;
where nothing can be written, the code is compiled in each process anew. It lies in `NUMBA_CACHE_DIR`, or where numba
keeps its own: only the first use on a machine waits for the compiler.
"""

import hashlib
import os
import pickle
import stat
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core import caching, compiler, serialize
from numba.core.runtime.nrt import rtsys

from sweep.training.network.kernels import made_of

MAGIC = b"sweep kernel 1\n"
CHECKSUM_BYTES = 32
MOST_BYTES = 64 * 2**20
"""The code of a kernel takes some hundred thousand."""
SECONDS_TO_WRITE = 60.0
"""Whoever takes longer to write a file has been killed."""


# numba's own, and without types
FunctionCache: Any = caching.FunctionCache
CompileResult: Any = compiler.CompileResult
dumps: Any = serialize.dumps
runtime: Any = rtsys


def folder_of(function: Callable[..., Any]) -> Path | None:
    """Return where numba would keep a function's code; None if neither the package's nor the user's folder will do.

    It is `NUMBA_CACHE_DIR`, where that is set.
    """
    try:
        return Path(FunctionCache(function).cache_path)
    except (RuntimeError, OSError):
        return None


class KeptCode:
    """The kept code of one function; numba calls it as it would call its own `numba.core.caching.Cache`.

    Once `is_trusted` is false, for all functions, nothing is read any more in this process.
    """

    is_trusted = True

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder

    @property
    def cache_path(self) -> str:
        """The folder, for numba's statistics."""
        return str(self.folder)

    def flush(self) -> None:
        """Do nothing: what is kept is replaced when it is compiled anew."""

    def load_overload(self, types: Any, target: Any) -> Any:
        """Return the code for arguments of these types; None if there is none that is whole."""
        # All that compiled code needs; numba's own cache has everything imported that it may be compiled from.
        runtime.initialize(target)
        if not KeptCode.is_trusted:
            return None
        with suppress(Exception):  # whatever is wrong with a file, it is compiled anew
            content = _read(self._path(types, target))
            start = len(MAGIC) + CHECKSUM_BYTES
            if content[:start] == MAGIC + _checksum(content[start:]):
                found = CompileResult._rebuild(target, *pickle.loads(content[start:]))
                if found.signature.args == types:
                    return found
        return None

    def save_overload(self, types: Any, code: Any) -> None:
        """Keep code, in one step, unless that cannot be."""
        with suppress(OSError):
            self._remove_leftovers()
            path, content = self._path(types, code.target_context), dumps(code._reduce())
            file, partial = tempfile.mkstemp(prefix=f"{path.stem}-", suffix=".nbc.partial", dir=self.folder)
            try:
                with open(file, "wb") as opened:
                    opened.write(MAGIC + _checksum(content) + content)
                os.replace(partial, path)
            finally:
                Path(partial).unlink(missing_ok=True)

    def _remove_leftovers(self) -> None:
        """Remove what processes have left that were killed while they wrote."""
        for partial in self.folder.glob("*.nbc.partial"):
            if time.time() - partial.stat().st_mtime > SECONDS_TO_WRITE:
                partial.unlink(missing_ok=True)

    def _path(self, types: Any, target: Any) -> Path:
        depends_on = repr((self.name, made_of(), str(types), target.codegen().magic_tuple()))
        of_all = hashlib.blake2b(depends_on.encode(), digest_size=12).hexdigest()
        return self.folder / f"{self.name.partition('-')[0]}-{of_all}.nbc"


def _read(path: Path) -> bytes:
    """Return what is in a file; b"" of what is no file, which might have no end, or is far too large."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        found = os.fstat(file.fileno())
        return file.read() if stat.S_ISREG(found.st_mode) and found.st_size <= MOST_BYTES else b""


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=CHECKSUM_BYTES).digest()
