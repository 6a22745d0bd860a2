"""Whole programs, each a process of its own: what a user waits for, and how much memory it takes.

    python -m tests.benchmarks.programs COMMAND...

runs a command and prints, as JSON, its seconds and the peak memory of the largest of its processes. The command is run
from such a small process since a process counts the memory of the one that started it as its own.
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.turns import Turn

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024


def run(*command, cwd):
    """Run a command in a folder; the outcome is its peak memory in bytes. It must succeed.

    Its Python imports what belongs to these benchmarks, whatever else is installed.
    """
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [PYTHON, "-m", "tests.benchmarks.programs", *map(str, command)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stderr}")
    told = json.loads(done.stdout)
    return Turn(told["seconds"], told["peak_bytes"])


def main():
    started = time.perf_counter()
    done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    peak_bytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * BYTES_PER_UNIT
    print(json.dumps({"seconds": seconds, "peak_bytes": peak_bytes}))
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
