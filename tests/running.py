"""Running the whole program in tests: configs as TOML, the files that come out, and processes that may be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pandas as pd
from click.testing import CliRunner

from sweep.cli import main
from sweep.store import ResultsFolder

COMMAND = [sys.executable, "-c", "import sys; sys.argv[0] = 'sweep'; from sweep.__main__ import main; main()"]

SMALL = {
    "target": {"function": "x**2", "interval": [0, 3]},
    "training": {"epochs": 20, "batch_size": 3},
    "grid": {"neurons": [2, 3], "learning_rate": [0.03, 0.1], "replicates": 3},
}
"""Twelve runs in four cells, trained in no time."""

SMALL_RESULTS = Path("results", "small")


def write_config(path: Path, tables: Mapping[str, object]) -> Path:
    """Write a config; a list of tables becomes [[grid]], and later keys of `tables` come later in the file."""
    lines = [f"{key} = {_toml(value)}" for key, value in tables.items() if not _is_table(value)]
    for name, value in tables.items():
        for table in value if _is_table(value) and isinstance(value, list) else [value]:
            if isinstance(table, Mapping):
                lines.append(f"[[{name}]]" if isinstance(value, list) else f"[{name}]")
                lines += [f"{key} = {_toml(entry)}" for key, entry in table.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
    )


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def bits(table: pd.DataFrame) -> dict[str, object]:
    """Return the columns of a table so that they are equal only if they are to the last bit, NaN and -0.0 included."""
    return {name: (str(column.dtype), _column_bits(column)) for name, column in table.items()}


def _column_bits(column: pd.Series) -> object:
    values = column.to_numpy()
    return values.tobytes() if values.dtype.kind in "fiu" else [str(value) for value in values]


def saved(folder: Path) -> dict[str, object]:
    """Return the tables in a results folder: the bytes of the cells, and the bits of the runs."""
    paths = ResultsFolder(Path(folder))
    return {
        "cells": paths.cells.read_bytes(),
        "runs": bits(pd.read_parquet(BytesIO(paths.runs.read_bytes()))),
    }


def stored_runs(folder: Path) -> list[tuple[bytes, int, int]]:
    """Return setting, replicate and epochs of every run in the store, as often as it was trained."""
    with ResultsFolder(Path(folder)).read("final_loss") as stored:
        return [
            (key.tobytes(), int(replicate), int(count))
            for outcome in (each.outcome for each in stored.outcomes())
            for key, replicate in zip(outcome.keys, outcome.replicates, strict=True)
            for count in outcome.steps
        ]


def sweep(*arguments: object, code: int | None = 0) -> str:
    """Call the command line in this process and in the current folder, and return what it prints.

    It must end with the exit code, any if it is None, and without a traceback.
    """
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    assert code is None or done.exit_code == code, done.output
    return done.output


def change(**axes: object) -> None:
    """Write SMALL to `small.toml` in the current folder with other axes in its grid; None takes one away."""
    grid = {name: value for name, value in (SMALL["grid"] | axes).items() if value is not None}
    training = {name: value for name, value in SMALL["training"].items() if name not in grid}
    write_config(Path("small.toml"), SMALL | {"training": training, "grid": grid})


def files(folder: Path) -> dict[Path, bytes]:
    """Return the contents of all files below a folder."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def start(*arguments: object, cwd: Path, **options: object) -> subprocess.Popen[str]:
    """Start the command line as a terminal does, in a process group of its own, and return at once."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.Popen(command, cwd=cwd, start_new_session=True, **pipes, **options)


SESSION = "SWEEP_TEST_SESSION"
"""Stands in the environment of what is started by a process of a `Server`: the id of that process."""


def processes_of(session: int) -> dict[int, str]:
    """Return the living processes of a session and the commands they run (Linux).

    With those of a `Server` come their workers, which have sessions of their own.
    """
    found = {}
    mark = f"{SESSION}={session}\0".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, _, _, of_session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            is_worker = mark in (entry / "environ").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if (int(of_session) == session or is_worker) and state not in "ZX":
            found[int(entry.name)] = command
    return found


def seconds_until(
    condition: Callable[[], bool], at_most: float, told: Callable[[], str] = lambda: ""
) -> float:
    """Wait until the condition holds, and return how long that took; fail after `at_most` seconds with what is told."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < at_most, f"still not so after {at_most} s {told()}"
        time.sleep(0.01)
    return time.monotonic() - started


_SERVER = """
import importlib, json, os, sys, time
import pandas.io.parquet, pyarrow.parquet, tqdm
import sweep.__main__, sweep.api, sweep.cli, sweep.terminal, sweep.report.look.axis_choice
from loky import get_reusable_executor

for line in sys.stdin:
    folder, constants, arguments = json.loads(line)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.environ["SWEEP_TEST_SESSION"] = str(os.getpid())
        os.chdir(folder)
        for number, path in enumerate((os.devnull, "stdout", "stderr")):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
        for name, value in constants.items():
            module, _, constant = name.rpartition(".")
            assert hasattr(importlib.import_module(module), constant)
            setattr(importlib.import_module(module), constant, value)
        sys.argv = ["sweep", *arguments]
        sys.exit(sweep.__main__.main())
    while os.getsid(pid) != pid:  # signals are sent to its group
        time.sleep(0.001)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""

PROCESSES_ALWAYS = {"sweep.dispatch.pool.SECONDS_TO_START_WORKERS": 0.0}
COMMIT_ALWAYS = {"sweep.store.writer.COMMIT_SECONDS": 0.0}


class Server:
    """Starts the command line again and again without importing everything anew, one process at a time (POSIX).

    What a command prints goes to the files `stdout` and `stderr` of the folder that it is started in.
    """

    def __init__(self) -> None:
        self._folder = Path()
        self._running: int | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def start(self, *arguments: object, cwd: Path, constants: Mapping[str, object] | None = None) -> int:
        """Start a command and return its process id; `constants` of modules are changed for it."""
        if self._running is not None:  # a test has failed before it came to wait for it
            kill(self._running, signal.SIGKILL)
            self.wait()
        self._folder = cwd
        job = [str(cwd), constants or {}, [str(argument) for argument in arguments]]
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        self._running = int(self._process.stdout.readline())
        return self._running

    def wait(self) -> int:
        """Wait for what was started and return its exit code; -9 if it was killed."""
        self._running = None
        return int(self._process.stdout.readline())

    def run(self, *arguments: object, cwd: Path, constants: Mapping[str, object] | None = None) -> int:
        """Start a command, wait for it and return its exit code."""
        self.start(*arguments, cwd=cwd, constants=constants)
        return self.wait()

    @property
    def output(self) -> str:
        """What the last command printed, to both streams."""
        return "".join((self._folder / name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))

    def close(self) -> None:
        """End the server, and what it has started."""
        if self._running is not None:
            kill(self._running, signal.SIGKILL)
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@contextmanager
def server() -> Iterator[Server]:
    """Give a server, and end it afterwards."""
    it = Server()
    try:
        yield it
    finally:
        it.close()


def kill(pid: int, number: int) -> bool:
    """Send a signal; False if there is no such process any more."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
