"""Flipped bits and truncations in the compiled code that is kept on disk: it is compiled anew, or gives the same bits.

What is kept is taken as files, whatever their format. Compiling takes seconds; so most trials end where it begins,
which shows that the damage was seen, and a few go on to the end.
"""

import os
import pickle
import random
import shutil
import sys
from pathlib import Path

from tests.faults.bench import Bench, Trial, judged
from tests.faults.child import here
from tests.faults.sweeps import QUICK
from tests.faults.table import Tally, row
from tests.faults.warm import OTHER_KERNEL, Lane

ANEW = 77
"""The exit code of a child that began to compile."""
TO_THE_END = 100
"""One trial of so many is not ended where compiling begins."""
CACHE = "NUMBA_CACHE_DIR"


@row(
    "flip-cache",
    "a bit flipped in kept compiled code, or a file of it truncated or removed",
    trials=1000,
    few=0,
)
def _(bench: Bench, trials: int) -> Tally:
    folder = bench.folder / "cache"
    folder.mkdir()
    lanes, seen = bench.lanes, []
    caches = {f"cold-{i}": folder / f"cache-{i}" for i in range(len(lanes))}
    others: set[str] = set()

    def prepare(trial: Trial) -> None:
        """Compile another kernel, then the one that trials need, and write down what they begin with."""
        (folder / "reference").write_bytes(pickle.dumps(bench.reference(QUICK, trial.lane)))
        cache = caches["cold-0"]
        first = Lane(bench.folder / "cold", _with_cache(cache))
        try:
            assert first.run(trial.place, "tests.faults.cache:nothing") == 0
            others.update(str(path.relative_to(cache)) for path in cache.rglob("*"))
            QUICK.write(trial.place)
            code = first.run(trial.place, "tests.faults.cache:train", QUICK.command, True)
            assert code == 0, first.told
        finally:
            first.close()
        for copy in (folder / "pristine", *caches.values()):
            if copy != cache:
                shutil.copytree(cache, copy)

    def make(trial: Trial) -> None:
        cache = caches[trial.lane.folder.name]
        trial.tally.trials = 1
        what = damage(cache, others, trial.number, trial.random("flip-cache"))
        QUICK.write(trial.place)
        to_the_end = trial.number % TO_THE_END == TO_THE_END - 1
        code = trial.lane.run(trial.place, "tests.faults.cache:train", QUICK.command, to_the_end)
        shutil.rmtree(cache)
        shutil.copytree(folder / "pristine", cache)
        if code == ANEW:
            seen.append(trial.number)
        elif code is None:
            trial.add("hung", what)
        elif code != 0:
            trial.add("crashed", f"{what}: exit {code}: {trial.lane.told[-500:]}")
        else:
            reference = pickle.loads((folder / "reference").read_bytes())
            for column, said in judged(QUICK, QUICK.results(trial.place), reference):
                trial.add(column, f"{what}: {said}")

    bench.each(1, prepare)
    try:
        bench.lanes = [Lane(bench.folder / name, _with_cache(cache)) for name, cache in caches.items()]
        tally = bench.each(trials, make)
    finally:
        for lane in bench.lanes:
            lane.close()
        bench.lanes = lanes
    tally.notes.append(f"compiled anew in {len(seen)}")
    return tally


def _with_cache(cache: Path) -> dict[str, str]:
    return {CACHE: str(cache), OTHER_KERNEL: "tanh"}


def nothing() -> None:
    """Show that the warm process is ready."""


def damage(cache: Path, others: set[str], number: int, chance: random.Random) -> str:
    """Damage a file of the cache, the larger the likelier, and none of the others; return what was done."""
    files = sorted(
        path
        for path in cache.rglob("*")
        if path.is_file() and path.stat().st_size and str(path.relative_to(cache)) not in others
    )
    path = (
        chance.choices(files, [file.stat().st_size for file in files])[0]
        if number % 4
        else chance.choice(files)
    )
    content = path.read_bytes()
    if number % 10 == 9:
        cut = chance.choice((0, len(content) // 2, chance.randrange(len(content))))
        path.write_bytes(content[:cut])
        return f"{path.suffix} file cut to {cut} of {len(content)} bytes"
    bit = chance.randrange(8 * len(content))
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    path.write_bytes(changed)
    return f"bit {bit} of {8 * len(content)} flipped in a {path.suffix} file"


def train(arguments: list[str], to_the_end: bool) -> None:
    """Run the command line where no kernel is loaded yet, and leave where one would be compiled."""
    if not to_the_end:
        from numba.core import compiler

        def compile_extra(*_arguments: object, **_options: object) -> None:
            os._exit(ANEW)

        compiler.compile_extra = compile_extra
    code, told = here(arguments)
    print(told)
    sys.exit(code if code >= 0 else 3)
