"""Flipped bits and truncations: in the store, its log, its header, in tables and pages."""

import pickle
import random
import shutil
from pathlib import Path

from tests.faults.bench import Bench, Reference, Trial, judged
from tests.faults.child import here
from tests.faults.sweeps import QUICK, QUICK_REPORTED, Sweep
from tests.faults.table import Tally, row
from tests.running import stored_runs

STORE, LOG = "store.sqlite", "store.sqlite-wal"
HEADER_BYTES = 100
TABLES = ("runs.parquet", "cells.csv", "verdicts.csv", "config.toml")
PAGES = ("report.md", "report.html", "figures/heatmap.png", "figures/heatmap.svg")


def _prepare(bench: Bench, *, with_report: bool = False) -> str:
    """Write down what the trials begin with: a complete results folder, one in the midst of writing, the reference."""
    sweep = QUICK_REPORTED if with_report else QUICK
    at = bench.folder / f"begin-{with_report}"
    if at.exists():
        return str(at)

    def make(trial: Trial) -> None:
        reference = bench.reference(sweep, trial.lane)
        sweep.write(trial.place)
        code = trial.lane.run(trial.place, "tests.faults.flips:write_both", sweep.command)
        assert code == 0, trial.lane.told
        shutil.copytree(sweep.results(trial.place), at / "complete")
        shutil.copytree(trial.place / "live", at / "live")
        (at / "reference").write_bytes(pickle.dumps(reference))

    bench.each(1, make)
    return str(at)


def write_both(arguments: list[str]) -> None:
    """Run the command line, and keep a copy of the folder as a kill before the end of writing would leave it."""
    import sweep.store.writer
    from sweep.store.writer import DatabaseWriter

    usual = DatabaseWriter.close

    def close(writer: DatabaseWriter) -> None:
        writer.commit()
        shutil.copytree(writer.path.parent, "live", dirs_exist_ok=True)
        usual(writer)

    DatabaseWriter.close = close
    sweep.store.writer.COMMIT_SECONDS = 0.0  # a row a transaction, as in a sweep of some time
    code, told = here(arguments)
    assert code == 0, told


@row("flip-store", "a bit flipped in the store", trials=1000, few=8)
def _(bench: Bench, trials: int) -> Tally:
    return bench.spread(trials, "tests.faults.flips:in_store", _prepare(bench), "complete", STORE, "flip")


@row("flip-header", "a bit flipped in the first 100 bytes of the store, each in its turn", trials=1000, few=8)
def _(bench: Bench, trials: int) -> Tally:
    return bench.spread(trials, "tests.faults.flips:in_store", _prepare(bench), "complete", STORE, "header")


@row("flip-log", "a bit flipped in the log of a killed sweep's store", trials=1000, few=8)
def _(bench: Bench, trials: int) -> Tally:
    return bench.spread(trials, "tests.faults.flips:in_store", _prepare(bench), "live", LOG, "flip")


@row("cut-store", "the store or its log truncated", trials=200, few=4)
def _(bench: Bench, trials: int) -> Tally:
    half = trials // 2
    tally = bench.spread(half, "tests.faults.flips:in_store", _prepare(bench), "complete", STORE, "cut")
    tally.join(
        bench.spread(trials - half, "tests.faults.flips:in_store", _prepare(bench), "live", LOG, "cut")
    )
    return tally


@row("flip-tables", "a bit flipped in a table, or it is truncated or removed", trials=1000, few=8)
def _(bench: Bench, trials: int) -> Tally:
    return bench.spread(trials, "tests.faults.flips:in_files", _prepare(bench), list(TABLES), QUICK.command)


@row("flip-pages", "a bit flipped in a figure or page, or it is truncated or removed", trials=100, few=1)
def _(bench: Bench, trials: int) -> Tally:
    at = _prepare(bench, with_report=True)
    return bench.spread(
        trials, "tests.faults.flips:in_files", at, list(PAGES), QUICK_REPORTED.command, at_once=5
    )


def damaged(content: bytes, how: str, number: int, chance: random.Random) -> bytes:
    """Return a file's content with one bit flipped, anywhere or in the header, or truncated."""
    if how == "cut":
        return content[: chance.randrange(len(content))]
    bits = 8 * (HEADER_BYTES if how == "header" else len(content))
    bit = 101 * number % bits if how == "header" else chance.randrange(bits)
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def in_store(
    tally: Tally, numbers: list[int], seed: int, begin: str, state: str, name: str, how: str
) -> None:
    """Damage the store or its log; a reader sees no wrong number, and the same command ends with the same tables."""
    reference: Reference = pickle.loads(Path(begin, "reference").read_bytes())
    QUICK.write(Path())
    results = QUICK.results(Path())
    for number in numbers:
        chance = random.Random(f"{seed} {name} {how} {number}")
        _lay(Path(begin, state), results)
        pristine = set(stored_runs(results))
        _lay(Path(begin, state), results)
        before = (results / name).read_bytes()
        after = damaged(before, how, number, chance)
        where = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(after))
        what = f"{how} {number} in {name}, at byte {where} of {len(before)}"
        (results / name).write_bytes(after)
        (results / "store.sqlite-shm").unlink(missing_ok=True)  # the next who opens the store makes it anew
        tally.trials += 1
        _read(tally, pristine, what, may_end_early=how == "cut" and name == LOG)
        _go_on(tally, QUICK, results, reference, what)


def _lay(begin: Path, results: Path) -> None:
    shutil.rmtree(results, ignore_errors=True)
    shutil.copytree(begin, results)


def _read(tally: Tally, pristine: set[object], what: str, *, may_end_early: bool) -> None:
    """Judge what a reader sees: what is missing is told. A log that ends early is one that was killed earlier."""
    from sweep.errors import ResultsError
    from sweep.store import ResultsFolder

    try:
        with ResultsFolder(QUICK.results(Path())).read("final_loss") as stored:
            runs = {
                (key.tobytes(), int(replicate), int(count))
                for each in stored.outcomes()
                for key, replicate in zip(each.outcome.keys, each.outcome.replicates, strict=True)
                for count in each.outcome.steps
            }
            if runs < pristine and not stored.damage and not may_end_early:
                tally.add("silent", f"{what}: a reader misses {len(pristine - runs)} runs, and says nothing")
            if runs - pristine:
                tally.add("silent", f"{what}: a reader finds {len(runs - pristine)} runs that nobody stored")
    except ResultsError as refusal:
        tally.add("lost", f"{what}: a reader is refused: {refusal}")
    except Exception as error:
        tally.add("crashed", f"{what}: a reader meets {error!r}")


def _go_on(tally: Tally, sweep: Sweep, results: Path, reference: Reference, what: str) -> None:
    code, told = here(sweep.command)
    if code == -1:
        tally.add("crashed", f"{what}: {told[-800:]}")
    elif code != 0:
        tally.add("lost", f"{what}: the sweep does not go on: {told[-300:]}")
    else:
        for column, said in judged(sweep, results, reference):
            tally.add(column, f"{what}: {said}")


def in_files(
    tally: Tally, numbers: list[int], seed: int, begin: str, names: list[str], command: list[str]
) -> None:
    """Damage a table, page or figure: the same command makes it as it was."""
    reference: Reference = pickle.loads(Path(begin, "reference").read_bytes())
    QUICK.write(Path())
    results = QUICK.results(Path())
    for number in numbers:
        chance = random.Random(f"{seed} files {number}")
        _lay(Path(begin, "complete"), results)
        path = results / names[number % len(names)]
        how = ("flip", "flip", "flip", "flip", "cut", "remove")[number // len(names) % 6]
        if how == "remove":
            path.unlink()
        else:
            path.write_bytes(damaged(path.read_bytes(), how, number, chance))
        what = f"{how} {number} in {path.name}"
        tally.trials += 1
        _go_on(tally, QUICK if "--no-report" in command else QUICK_REPORTED, results, reference, what)
