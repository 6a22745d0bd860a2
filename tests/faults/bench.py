"""Where trials are made: lanes side by side, each a warm process with a folder of its own, and the judge of a trial."""

import json
import random
import re
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults.sweeps import Sweep
from tests.faults.table import Tally
from tests.faults.warm import Lane
from tests.running import processes_of, saved, stored_runs

SECONDS = 60
"""A minute is enough for any of these sweeps."""
SECONDS_TO_CLEAR_UP = 2.5
"""So long after the end of its parent a worker may be there."""
SEMAPHORES = Path("/dev/shm")
IN_ONE_CHILD = 25
"""So many trials that need no process each are made in one."""


@dataclass(frozen=True)
class Reference:
    """What a sweep without faults gives: its tables, and all its files but the store."""

    tables: dict[str, object]
    files: dict[str, bytes]
    names: frozenset[str]


class Bench:
    """The lanes, and what sweeps give without faults. `seed` is that of every random number of the trials."""

    def __init__(self, folder: Path, lanes: int, seed: int) -> None:
        self.folder = folder
        self.seed = seed
        self.lanes = [Lane(folder / f"lane-{i}") for i in range(lanes)]
        self._beside: Lane | None = None
        self._references: dict[str, Reference] = {}
        self._lock = threading.Lock()

    def random(self, row: str, number: int) -> random.Random:
        return random.Random(f"{self.seed} {row} {number}")

    def each(self, trials: int, make: Callable[["Trial"], None]) -> Tally:
        """Make so many trials, each in an empty folder; a trial may count for several by `tally.trials`."""
        tally, numbers = Tally(), iter(range(trials))

        def work(lane: Lane) -> None:
            while True:
                with self._lock:
                    number = next(numbers, None)
                if number is None:
                    return
                trial = Trial(self, lane, number)
                make(trial)
                with self._lock:
                    tally.join(trial.tally)
                trial.clear()

        self._on_all_lanes(work)
        return tally

    def each_with_two(self, trials: int, make: Callable[["Trial", Lane], None]) -> Tally:
        """Make trials that need two processes side by side, one trial after the other; give each a second lane."""
        if len(self.lanes) == 1 and self._beside is None:
            self._beside = Lane(self.folder / "beside")
        second = self._beside or self.lanes[1]
        lanes, self.lanes = self.lanes, self.lanes[:1]
        try:
            return self.each(trials, lambda trial: make(trial, second))
        finally:
            self.lanes = lanes

    def spread(self, trials: int, function: str, *arguments: object, at_once: int = IN_ONE_CHILD) -> Tally:
        """Make trials that need no process each: `function` is given a tally, their numbers, the seed and arguments."""
        blocks = [list(range(at, min(at + at_once, trials))) for at in range(0, trials, at_once)]

        def make(trial: "Trial") -> None:
            numbers = blocks[trial.number]
            code = trial.lane.run(
                trial.place,
                "tests.faults.child:trials",
                function,
                numbers,
                self.seed,
                *arguments,
                at_most=10 * SECONDS,
            )
            if code == 0:
                trial.tally.join(Tally(**_tally(trial.place / "tally.json")))
                return
            trial.tally.trials += len(numbers)
            what = f"{function} {numbers[0]} to {numbers[-1]}: exit {code}, {trial.lane.told[-500:]}"
            trial.tally.add("hung" if code is None else "crashed", what)

        return self.each(len(blocks), make)

    def reference(self, sweep: Sweep, lane: Lane) -> Reference:
        """Return what a sweep gives without faults; it is run once."""
        with self._lock:
            known = " ".join(sweep.command)
            if known not in self._references:
                folder = self.folder / "references" / str(len(self._references))
                sweep.write(folder)
                code = lane.run(folder, "tests.faults.child:command", sweep.command, {})
                assert code == 0, lane.told
                self._references[known] = Reference(
                    saved(sweep.results(folder)),
                    files_of(sweep.results(folder)),
                    names_in(sweep.results(folder)),
                )
            return self._references[known]

    def close(self) -> None:
        for lane in (*self.lanes, *([self._beside] if self._beside else [])):
            lane.close()

    def _on_all_lanes(self, work: Callable[[Lane], None]) -> None:
        with ThreadPoolExecutor(len(self.lanes)) as threads:
            for future in [threads.submit(partial(work, lane)) for lane in self.lanes]:
                future.result()


class Trial:
    """One trial, in an empty folder: a sweep is run and disturbed, gone on with, and judged."""

    def __init__(self, bench: Bench, lane: Lane, number: int) -> None:
        self.bench = bench
        self.lane = lane
        self.number = number
        self.tally = Tally()
        self.place = lane.folder / f"trial-{number}"
        self.place.mkdir(parents=True)
        self._pids: list[int] = []
        self._before = set(_semaphores())

    def clear(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)

    def random(self, row: str) -> random.Random:
        return self.bench.random(row, self.number)

    def start(self, sweep: Sweep, **points: object) -> int:
        """Start the sweep, with points at which something happens if any are told."""
        pid = self.lane.start(
            self.place, "tests.faults.child:command", sweep.command, dict(sweep.constants), points or None
        )
        self._pids.append(pid)
        return pid

    def wait(self, at_most: float = SECONDS) -> int | None:
        return self.lane.wait(at_most)

    def stored(self, sweep: Sweep) -> list[tuple[bytes, int, int]]:
        """Return every stored run, as often as it is stored."""
        return stored_runs(sweep.results(self.place))

    def add(self, column: str, what: str) -> None:
        self.tally.add(column, f"trial {self.number}: {what}")

    def check_told(self, code: int | None, promised: set[int], what: str) -> None:
        """Judge how a command ended: within its time, as is promised, and without a traceback."""
        if code is None:
            self.add("hung", f"{what}: no end")
        elif code not in promised or "Traceback" in self.lane.told:
            self.add("crashed", f"{what}: exit {code}, promised {promised}: {self.lane.told[-800:]}")

    def check_alone(self, pid: int, what: str) -> None:
        """Judge whether all processes of a child end soon after it."""
        until = time.monotonic() + SECONDS_TO_CLEAR_UP
        while (left := processes_of(pid)) and time.monotonic() < until:
            time.sleep(0.01)
        if left:
            self.add("left", f"{what}: {left}")

    def check_kept(self, sweep: Sweep, before: list[tuple[bytes, int, int]], what: str) -> None:
        """Judge whether all that was stored before is stored now."""
        gone = set(before) - set(self.stored(sweep))
        if gone:
            self.add("lost", f"{what}: {len(gone)} stored runs are gone")

    def go_on(self, sweep: Sweep, what: str, *, promised: set[int] | None = None) -> None:
        """Run the same command to its end, and judge all that is there then."""
        before = self.stored(sweep)
        self.start(sweep)
        code = self.wait()
        self.check_told(code, promised or {0}, f"{what}, then to the end")
        if code == 0:
            self.check_kept(sweep, before, what)
            self.judge(sweep, what)
        elif code is not None:
            self.add("lost", f"{what}: the sweep does not go on: {self.lane.told[-300:]}")

    def judge(self, sweep: Sweep, what: str, *, leftovers: bool = True) -> None:
        """Judge the results of a sweep that is complete: are they those without faults, and nothing else there?

        What is left over may be there if the next run takes it away.
        """
        for column, said in judged(sweep, sweep.results(self.place), self.bench.reference(sweep, self.lane)):
            if column != "left" or leftovers:
                self.add(column, f"{what}: {said}")
        if not leftovers:
            return
        left = [path.name for path in (self.place / "tmp").iterdir()]
        left += self._left_semaphores()
        if left:
            self.add("left", f"{what}: {left}")

    def _left_semaphores(self) -> list[str]:
        """Return the named semaphores of this trial's processes; former processes may have had the same numbers."""
        new = [name for name in _semaphores() if name not in self._before]
        return [name for name in new if any(f"-{pid}-" in name for pid in self._pids)]


def _semaphores() -> list[str]:
    return [path.name for path in SEMAPHORES.iterdir()] if SEMAPHORES.is_dir() else []


def judged(sweep: Sweep, results: Path, reference: Reference) -> list[tuple[str, str]]:
    """Return what is wrong with the results of a complete sweep, as columns with words."""
    found = []
    files = files_of(results)
    changed = sorted(name for name in reference.files if files.get(name) != reference.files[name])
    if changed or _tables(results) != reference.tables:
        found.append(("silent", f"other tables or files: {changed or 'runs.parquet'}"))
    runs = stored_runs(results)
    if len(runs) != len(set(runs)):
        found.append(("doubled", f"{len(runs) - len(set(runs))} runs are stored twice"))
    if len(set(runs)) < sweep.n_runs:
        found.append(("lost", f"{sweep.n_runs - len(set(runs))} runs have no result"))
    left = sorted(name for name in names_in(results) - reference.names if "damaged-" not in name)
    if left:
        found.append(("left", f"files: {left}"))
    return found


def _tables(results: Path) -> dict[str, object] | None:
    try:
        return saved(results)
    except Exception:  # whatever pyarrow says of a damaged file
        return None


_MADE = re.compile(rb'<div class="made">.*?</div>', re.DOTALL)
"""What the page says of how it was made, which differs from run to run: how long it took, and on which machine."""


def files_of(results: Path) -> dict[str, bytes]:
    """Return the files of a results folder that readers look at, which are the same after the same sweep.

    `sweep.json` tells whose folder it is, and `store.*` are the store's own.
    """
    return {
        str(path.relative_to(results)): _MADE.sub(b"", path.read_bytes())
        for path in sorted(results.rglob("*"))
        if path.is_file()
        and not path.name.startswith("store.")
        and path.name != "sweep.json"
        and path.suffix != ".parquet"
    }


def names_in(results: Path) -> frozenset[str]:
    """Return the names of all files in a results folder."""
    return frozenset(str(path.relative_to(results)) for path in results.rglob("*") if path.is_file())


def _tally(path: Path) -> dict[str, object]:
    found = json.loads(path.read_text(encoding="utf-8"))
    return found | {"found": [tuple(one) for one in found["found"]]}
