"""Disks that fail: writes that are refused or cut short at the n-th operation, for every n, and disks that are full."""

import os
import resource
import subprocess
from pathlib import Path

from tests.faults import child
from tests.faults.bench import Bench, Trial
from tests.faults.killed import n_points
from tests.faults.points import IO_ERROR, NO_SPACE, SHORT
from tests.faults.sweeps import HERE, REPORTED
from tests.faults.table import Tally, row

FAULTS = (NO_SPACE, IO_ERROR, SHORT)


@row(
    "failing-writes",
    "an operation on files fails (no space, i/o error) or is short: each in its turn",
    trials=3000,
    few=4,
)
def _(bench: Bench, trials: int) -> Tally:
    n = n_points(bench, HERE)
    all_cases = [
        (at, fault, lasting) for at in range(1, n + 1) for fault in FAULTS for lasting in (False, True)
    ]
    cases = all_cases[:: max(1, -(-len(all_cases) // trials))]

    def make(trial: Trial) -> None:
        at, fault, lasting = cases[trial.number]
        trial.tally.trials = 1
        HERE.write(trial.place)
        trial.start(HERE, at=at, fault=fault, lasting=lasting)
        code, what = trial.wait(), f"{fault} {'from' if lasting else 'at'} operation {at} of {n} on"
        trial.check_told(code, {0, 1}, what)
        if code == 0:
            trial.judge(HERE, what, leftovers=False)
        elif code == 1 and "Error: " not in trial.lane.told:
            trial.add("crashed", f"{what}: no word: {trial.lane.told[-300:]!r}")
        trial.go_on(HERE, what)

    return bench.each(len(cases), make)


@row("full-disk", "a disk of 20 sizes that becomes full, then space is made", trials=20, few=1)
def _(bench: Bench, trials: int) -> Tally:
    notes = set()

    def make(trial: Trial) -> None:
        size = 16_384 + (1_000_000 - 16_384) * trial.number // trials
        trial.tally.trials = 1
        REPORTED.write(trial.place)
        results = trial.place / "results"
        results.mkdir()
        what = f"a disk of {size:,} bytes"
        if mounted(results, size):
            try:
                trial.start(REPORTED)
                code = trial.wait()
                _judge_full(trial, code, what)
                subprocess.run(["mount", "-o", "remount,size=100m", str(results)], check=True)
                trial.go_on(REPORTED, what)
            finally:
                subprocess.run(["umount", str(results)], check=True)
            return
        notes.add("no disk could be mounted: sizes of single files were limited instead")
        trial.lane.start(
            trial.place, "tests.faults.writes:limited", size, REPORTED.command, dict(REPORTED.constants)
        )
        _judge_full(trial, trial.wait(), what)
        trial.go_on(REPORTED, what)

    tally = bench.each(trials, make)
    tally.notes += sorted(notes)
    return tally


def _judge_full(trial: Trial, code: int | None, what: str) -> None:
    trial.check_told(code, {0, 1}, what)
    if code == 0:
        trial.judge(REPORTED, what, leftovers=False)
    elif code == 1 and "Error: " not in trial.lane.told:
        trial.add("crashed", f"{what}: no word: {trial.lane.told[-300:]!r}")


def mounted(folder: Path, size: int) -> bool:
    """Mount a small disk of memory; False where that is not allowed."""
    if os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "faults", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def limited(size: int, arguments: list[str], constants: dict[str, object]) -> None:
    """Run the command line where no file may become larger than `size` bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    child.command(arguments, constants)
