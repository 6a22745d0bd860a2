"""How much memory a process may have: what can never fit is told before it is tried, and ends no process."""

import os
from pathlib import Path

import psutil

_CONTROL_GROUPS = Path("/sys/fs/cgroup")


def memory_limit() -> int:
    """Return the bytes that this process may have at most: by the machine, its limits and its container's."""
    found = [int(psutil.virtual_memory().total), *_of_this_process(), *_of_the_container()]
    return min(limit for limit in found if limit > 0)


def check_memory(needed: int) -> None:
    """Raise a MemoryError, in words, if a training needs more bytes than this process may have."""
    limit = memory_limit()
    if needed > limit:
        raise MemoryError(
            f"this needs at least {needed / 1e9:.1f} GB of memory, and a process may have {limit / 1e9:.1f} GB here"
        )


def _of_this_process() -> list[int]:
    try:
        import resource
    except ImportError:  # on Windows
        return []
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return [] if soft == resource.RLIM_INFINITY else [soft]


def _of_the_container() -> list[int]:
    """Return the limits of the control groups that this process is in, and of those above them."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        name = "memory.max" if not controllers else "memory.limit_in_bytes"
        folder = _CONTROL_GROUPS / controllers / path.lstrip("/")
        # within a container the path may be that outside of it: then the file at the top tells the limit
        for group in (folder, *folder.parents):
            if os.path.commonpath([group, _CONTROL_GROUPS]) == str(_CONTROL_GROUPS):
                found += _whole_number_in(group / name)
    return found


def _whole_number_in(path: Path) -> list[int]:
    try:
        return [int(path.read_text())]
    except (OSError, ValueError):  # there is none, or it is "max"
        return []
