"""The guard: a small process that ends the workers, with all that descend from them, when the parent has gone.

A parent that is killed with -9 cannot do it; a worker that is busy in compiled code does not notice; and what a run
has started outlives it.
"""

import os
import subprocess
import sys
from pathlib import Path

# At the end of its input, which is when the parent has gone or is done, it ends the sessions that it was told of, and,
# where there is /proc, all processes with the folder's name in their environment. The semaphores are loky's: it takes
# them away itself, unless its tracker was killed as well.
_CODE = """
import os, shutil, sys, time
folder, parent, alive = sys.argv[1], sys.argv[2], set()
for line in sys.stdin:
    (alive.add if line[0] == "+" else alive.discard)(int(line[1:]))

def marked():
    for pid in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc/self") else ()):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if os.fsencode(folder + os.sep) in file.read():
                    yield int(pid)
        except OSError:
            pass

if os.path.isdir(folder):
    for _ in range(20):
        found = alive.union(marked())
        for pid in found:
            for end in os.killpg, os.kill:
                try:
                    end(pid, 9)
                except OSError:
                    pass
        if not found:
            break
        alive = set()
        time.sleep(0.01)
    shutil.rmtree(folder, ignore_errors=True)
    for name in os.listdir("/dev/shm") if os.path.isdir("/dev/shm") else ():
        if name.startswith(f"sem.loky-{parent}-"):
            try:
                os.unlink(f"/dev/shm/{name}")
            except OSError:
                pass
"""


class Guard:
    """The guard of the workers of one dispatch, which have their files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _CODE, str(folder), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
            cwd=folder.anchor,
        )

    def watch(self, worker: int) -> None:
        """Answer for a worker from now on."""
        self._tell(f"+{worker}\n")

    def forget(self, worker: int) -> None:
        """Let go of a worker that has ended."""
        self._tell(f"-{worker}\n")

    def end(self) -> None:
        """End the guard; by now there is no worker, and no folder."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        try:
            if self._process.stdin is not None:
                self._process.stdin.write(line.encode())
        except BrokenPipeError:  # somebody has ended it
            pass
