"""The code beside a config travels to each worker: small files, without results, environments and what is hidden."""

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sweep.errors import InputError
from sweep.training.function.code import imported_packages

LARGEST_FILE = 1_000_000
"""Bytes; what is larger is data, and stays where it is."""
MOST_BYTES = 8_000_000
"""Of all files together, packed: they go to every worker."""
MOST_FILES = 2000

LEFT = frozenset({"results", "__pycache__", "node_modules", "site-packages"})
"""Folders that are left; so are those that are hidden, and environments by any name."""

_MOMENT = (1980, 1, 1, 0, 0, 0)
"""Stands for the time of every file: the same files are the same bytes."""


@dataclass(frozen=True)
class Archive:
    """Code that travels.

    Attributes
    ----------
    packed
        The files, as they travel.
    packages
        What Python files among them import, without what is Python's own or theirs.
    too_large
        Files that stay where they are, since they are too large.
    """

    packed: bytes = b""
    packages: tuple[str, ...] = ()
    too_large: tuple[str, ...] = ()


def pack(folder: Path) -> Archive:
    """Return the code in a folder and below it, packed. Raises `InputError` if it is too much to travel."""
    packed, n_files = io.BytesIO(), 0
    packages, too_large = set[str](), list[str]()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(folder):
            name = path.relative_to(folder).as_posix()
            if path.stat().st_size > LARGEST_FILE:
                too_large.append(name)
                continue
            n_files += 1
            content = path.read_bytes()
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED)
            if path.suffix == ".py":
                packages.update(imported_packages(content.decode(errors="replace")))
            if n_files > MOST_FILES or packed.tell() > MOST_BYTES:
                raise InputError(
                    f"{folder} travels to each worker of the cluster, and has more than {MOST_FILES} files or "
                    f"{MOST_BYTES // 1_000_000} MB (without results, environments, and files over "
                    f"{LARGEST_FILE // 1_000_000} MB): give the function and its config a folder of their own"
                )
    return Archive(packed.getvalue(), tuple(sorted(packages)), tuple(too_large))


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
    """Yield what travels; what cannot be read or named there cannot be imported here."""
    for place, folders, names in os.walk(folder, followlinks=True):
        above = [Path(place), *Path(place).parents]
        above = above[: above.index(folder) + 1]
        folders[:] = sorted(name for name in folders if _travels(Path(place, name), above))
        for name in sorted(names):
            path = Path(place, name)
            if _is_named(name) and path.is_file() and os.access(path, os.R_OK):
                yield path


def _travels(folder: Path, above: list[Path]) -> bool:
    is_environment = (folder / "pyvenv.cfg").exists()
    if not _is_named(folder.name) or folder.name in LEFT or is_environment:
        return False
    return not folder.is_symlink() or _has_code(folder, above)


def _has_code(link: Path, above: list[Path]) -> bool:
    """Tell whether a link leads to Python files, and not to one of the folders that it is in."""
    is_loop = os.path.realpath(link) in map(os.path.realpath, above)
    return not is_loop and any(link.glob("*.py"))


def _is_named(name: str) -> bool:
    """Tell whether a file's name is none that is hidden, and text at all."""
    return not name.startswith(".") and name.isprintable()
