"""When and on what a committed table was made."""

import os
import platform
import subprocess
from datetime import date
from pathlib import Path


def when_and_where(folder: Path) -> str:
    """Return the date, the commit that a folder is of, the machine and Python."""
    git = ["git", "-C", str(folder), "rev-parse", "--short", "HEAD"]
    commit = (
        subprocess.run(git, capture_output=True, encoding="utf-8", check=False).stdout.strip() or "unknown"
    )
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    return (
        f"{date.today():%Y-%m-%d}, commit {commit}, {processor()}, {os.cpu_count()} cores, "
        f"{system}, Python {platform.python_version()}"
    )


def processor() -> str:
    """Return the name of the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
