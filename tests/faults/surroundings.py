"""Other surroundings give the same files: locale, code page, time zone, umask, hash seed, clocks, optimisation."""

import os
import subprocess
import time

from tests.faults import child
from tests.faults.bench import Bench, Trial
from tests.faults.sweeps import QUICK_REPORTED
from tests.faults.table import Tally, row
from tests.running import COMMAND

ENVIRONMENTS = (
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "POSIX", "LANG": ""},
    {"LC_ALL": "C.UTF-8"},
    {"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"},
    {"LC_ALL": "tr_TR.UTF-8"},
    {"LC_ALL": "no_SUCH"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "cp932"},
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "utf-16"},
    {"TZ": "Pacific/Kiritimati"},
    {"TZ": "America/St_Johns"},
    {"TZ": "nonsense"},
    {"PYTHONHASHSEED": "1"},
    {"PYTHONHASHSEED": "2"},
    {"PYTHONOPTIMIZE": "2"},
    {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "error"},
    {"PYTHONDEVMODE": "1", "PYTHONWARNINGS": "default"},
    {"MPLBACKEND": "none"},
    {"MPLBACKEND": "TkAgg", "DISPLAY": ""},
    {"LOKY_MAX_CPU_COUNT": ""},
    {"COLUMNS": "20", "TERM": "dumb"},
    {"NO_COLOR": "1", "PAGER": "false", "EDITOR": "false"},
    {"HOME": "/nonexistent"},
)
UMASKS = (0o000, 0o007, 0o027, 0o077)
CLOCKS = ("at the epoch", "in the far future", "standing still", "going backwards", "jumping", "fast")


@row(
    "surroundings", "locale, code page, time zone, hash seed and the like: fresh processes", trials=24, few=1
)
def _(bench: Bench, trials: int) -> Tally:
    def make(trial: Trial) -> None:
        environment = ENVIRONMENTS[trial.number % len(ENVIRONMENTS)]
        trial.tally.trials = 1
        QUICK_REPORTED.write(trial.place)
        (trial.place / "tmp").mkdir()
        done = subprocess.run(
            [*COMMAND, *QUICK_REPORTED.command],
            cwd=trial.place,
            env=os.environ | environment,
            capture_output=True,
            check=False,
            timeout=120,
        )
        what = " ".join(f"{name}={value}" for name, value in environment.items())
        if done.returncode != 0 or b"Traceback" in done.stderr:
            trial.add("crashed", f"{what}: exit {done.returncode}: {done.stderr[-500:]!r}")
            return
        trial.judge(QUICK_REPORTED, what)

    return bench.each(trials, make)


@row("clocks", "clocks that stand still, jump or go backwards, and umasks", trials=10, few=1)
def _(bench: Bench, trials: int) -> Tally:
    kinds = [*CLOCKS, *UMASKS]

    def make(trial: Trial) -> None:
        kind = kinds[trial.number % len(kinds)]
        trial.tally.trials = 1
        QUICK_REPORTED.write(trial.place)
        trial.lane.start(trial.place, "tests.faults.surroundings:run_under", kind, QUICK_REPORTED.command)
        what = f"clock {kind}" if isinstance(kind, str) else f"umask {kind:o}"
        trial.check_told(trial.wait(), {0}, what)
        trial.judge(QUICK_REPORTED, what)

    return bench.each(trials, make)


def run_under(kind: str | int, arguments: list[str]) -> None:
    """Run the command line with a wrong clock, or another umask."""
    if isinstance(kind, int):
        os.umask(kind)
    else:
        _set_clock(kind)
    child.command(arguments, {})


def _set_clock(kind: str) -> None:
    real, start, monotonic = time.time, time.time(), time.monotonic
    readings = [0]

    def wrong() -> float:
        readings[0] += 1
        return {
            "at the epoch": 0.0,
            "in the far future": 2.0**33,
            "standing still": start,
            "going backwards": start - readings[0],
            "jumping": start + (readings[0] % 2) * 1e6,
            "fast": start + 1000 * (real() - start),
        }[kind]

    time.time = wrong
    if kind == "standing still":
        still = monotonic()
        time.monotonic = lambda: still
