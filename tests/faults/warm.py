"""A process that has imported everything and compiled its kernel, and forks a child for each trial.

So a start costs hundredths of a second. `Lane` is the side of who asks: one child at a time.
"""

import atexit
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from tests.running import SESSION, kill, processes_of

OTHER_KERNEL = "FAULTS_OTHER_KERNEL"
"""Names in the environment the activation whose kernel is loaded, so that children have to load their own."""
SECONDS_TO_WARM_UP = 120
OUTPUTS = ("stdout", "stderr")


class Lane:
    """Runs functions of this package in children of a warm process, one at a time, each in a folder of its own.

    What a child prints goes to `told/stdout` and `told/stderr` in its folder, and its temporary files to `tmp`.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._environment = dict(environment or {})
        folder.mkdir(parents=True, exist_ok=True)
        self._pid: int | None = None
        self._place = folder

    @cached_property
    def _process(self) -> "subprocess.Popen[bytes]":
        """The warm process, from the first start on; a line that a buffer held would be waited for in vain."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd=Path(__file__).parents[2],
            env=os.environ | self._environment,
        )

    def start(
        self,
        place: Path,
        function: str,
        *arguments: object,
        environment: Mapping[str, str] | None = None,
    ) -> int:
        """Call a function, such as "tests.faults.child:command", in a new child; return its process id."""
        assert self._pid is None, "a child is running"
        (place / "tmp").mkdir(parents=True, exist_ok=True)
        (place / "told").mkdir(exist_ok=True)
        self._place = place
        job = [str(place), function, arguments, dict(environment or {})]
        self._tell(json.dumps(job))
        said = self._hear(SECONDS_TO_WARM_UP)
        assert said, "the warm process does not start"
        self._pid = int(said)
        return self._pid

    def wait(self, at_most: float) -> int | None:
        """Return the exit code of the child, negative if a signal ended it; None if it had to be ended for its time."""
        assert self._pid is not None
        said = self._hear(at_most)
        if said is None:
            for pid in [self._pid, *processes_of(self._pid)]:
                kill(pid, signal.SIGKILL)
            self._hear(60)
        self._pid = None
        return None if said is None else int(said)

    def run(self, place: Path, function: str, *arguments: object, at_most: float = 60) -> int | None:
        """Start a child and wait for it."""
        self.start(place, function, *arguments)
        return self.wait(at_most)

    @property
    def told(self) -> str:
        """What the last child printed."""
        return "".join(
            (self._place / "told" / name).read_text(encoding="utf-8", errors="replace") for name in OUTPUTS
        )

    def close(self) -> None:
        """End the warm process, and what it has started."""
        if self._pid is not None:
            self.wait(0)
        if "_process" not in self.__dict__:
            return
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _tell(self, line: str) -> None:
        self._process.stdin.write(f"{line}\n".encode())

    def _hear(self, at_most: float) -> str | None:
        ready, _, _ = select.select([self._process.stdout], [], [], at_most)
        return self._process.stdout.readline().decode().strip() if ready else None


def serve() -> None:
    """Fork a child for each line of stdin; say its process id once it is about to begin, and how it ended."""
    import pandas.io.parquet  # noqa: F401 - what a trial needs, imported once
    import pyarrow.parquet  # noqa: F401 - the same
    import tqdm  # noqa: F401 - the same

    import sweep.__main__
    import sweep.api
    import sweep.cli
    import sweep.report.look.axis_choice
    import sweep.terminal  # noqa: F401 - the same
    from tests.faults.sweeps import warm_up

    warm_up(os.environ.get(OTHER_KERNEL, "relu"))
    for line in sys.stdin:
        begun, begins = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(begun)
            _be_child(begins, *json.loads(line))
        os.close(begins)
        os.read(begun, 1)
        os.close(begun)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _be_child(
    begins: int, place: str, function: str, arguments: list[object], environment: dict[str, str]
) -> None:
    os.setsid()
    os.chdir(place)
    os.environ |= {SESSION: str(os.getpid()), "TMPDIR": os.path.join(place, "tmp"), **environment}
    tempfile.tempdir = None
    for number, path in enumerate((os.devnull, *(os.path.join("told", name) for name in OUTPUTS))):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
    module, _, name = function.partition(":")
    call = getattr(importlib.import_module(module), name)
    os.write(begins, b".")
    os.close(begins)
    _end(_code_of(call, arguments))


def _code_of(call: Callable[..., object], arguments: list[object]) -> int:
    """Call a function, and return the exit code with which a process that does no more would end."""
    try:
        code = call(*arguments)
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
        code = 1
    return code if isinstance(code, int) else 0 if code is None else 1


def _end(code: int) -> None:
    """End this process as Python does, but for what libraries in C++ do last.

    They wait for threads, and those of the process that this one was forked from are not here: now and then one of
    them ended it by `std::terminate`.
    """
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    serve()
