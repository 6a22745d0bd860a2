"""The code beside a config travels to each worker: small files, without results, environments and what is hidden."""

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from sweep.errors import InputError

LARGEST_FILE = 1_000_000
"""Bytes; what is larger is data, and stays where it is."""
MOST_BYTES = 8_000_000
"""Of all files together, packed: they go to every worker."""
MOST_FILES = 2000

LEFT = frozenset({"results", "__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"})
"""Folders that are left; so are those that are hidden, and environments by any name."""

_MOMENT = (1980, 1, 1, 0, 0, 0)
"""Stands for the time of every file: the same files are the same bytes."""


def pack(folder: Path) -> bytes:
    """Return the code in a folder and below it, packed. Raises `InputError` if it is too much to travel."""
    packed, n_files = io.BytesIO(), 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(folder):
            n_files += 1
            name = path.relative_to(folder).as_posix()
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), path.read_bytes(), zipfile.ZIP_DEFLATED)
            if n_files > MOST_FILES or packed.tell() > MOST_BYTES:
                raise InputError(
                    f"{folder} travels to each worker of the cluster, and has more than {MOST_FILES} files or "
                    f"{MOST_BYTES // 1_000_000} MB (without results, environments, and files over "
                    f"{LARGEST_FILE // 1_000_000} MB): give the function and its config a folder of their own"
                )
    return packed.getvalue()


def unpack(packed: bytes, folder: Path) -> None:
    """Write what was packed into a folder."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)


def contents(packed: bytes) -> dict[str, str]:
    """Return a fingerprint of each file that was packed, by its path."""
    if not packed:
        return {}
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: _fingerprint(archive.read(name)) for name in archive.namelist()}


def arrived(packed: bytes, folder: Path) -> dict[str, str]:
    """Return the same of the files as they are in a folder."""
    paths = {name: folder / name for name in contents(packed)}
    return {name: _fingerprint(path.read_bytes()) for name, path in paths.items() if path.is_file()}


def _fingerprint(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if _travels(Path(place, name)))
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and path.is_file() and path.stat().st_size <= LARGEST_FILE:
                yield path


def _travels(folder: Path) -> bool:
    is_environment = (folder / "pyvenv.cfg").exists()
    return not (folder.name in LEFT or folder.name.startswith(".") or is_environment)
