"""Hostile paths, of results folders and configs: what belongs there is there, and nothing anywhere else."""

import os
import pickle
from pathlib import Path

from tests.faults.bench import Bench, Trial, judged
from tests.faults.child import here
from tests.faults.sweeps import NETWORK, QUICK
from tests.faults.table import Tally, row
from tests.running import write_config

PATHS = (
    "s3:try", "s3://bucket/try", "gs://try", "hdfs://try", "file:try", "file:///try", "http://try/x",
    "lr:0.1", "~/try", "~", "-dash", "--", "a b", " leading", "trailing ", "tab\there", "new\nline",
    "quote'", 'double"', "back`tick`", "$HOME", "${HOME}", ";rm -rf x", "a&b", "a|b", "a>b", "%s%d%n",
    "a%20b", "a?b=c", "a#b", "a?mode=ro", "back\\slash", "名前", "ünï", "e\u0301", "\u202ertl", "👩‍👩‍👧",
    os.fsdecode(b"caf\xe9"), "a" * 200, "deep/" * 30 + "x", ".hidden", "...", "a.b.c", "./x/../y", "CON",
    "<script>", "[0]", "*", "{a,b}", "\x01control",
)  # fmt: skip


@row("hostile-paths", "hostile paths, as results folder and as config", trials=80, few=6)
def _(bench: Bench, trials: int) -> Tally:
    def prepare(trial: Trial) -> None:
        (bench.folder / "paths-reference").write_bytes(pickle.dumps(bench.reference(QUICK, trial.lane)))

    bench.each(1, prepare)
    return bench.spread(
        trials, "tests.faults.hostile_paths:use_paths", str(bench.folder / "paths-reference"), at_once=10
    )


def use_paths(tally: Tally, numbers: list[int], _seed: int, reference: str) -> None:
    """Run, read and report with a hostile path: all of it is there, and nothing anywhere else."""
    wanted = pickle.loads(Path(reference).read_bytes())
    top = Path.cwd()
    for number in numbers:
        name = PATHS[number // 2 % len(PATHS)]
        place = top / f"place-{number}"
        home = place / "home"
        home.mkdir(parents=True)
        work = place / "work"
        work.mkdir()
        os.environ["HOME"] = str(home)
        os.chdir(work)
        _use_path(tally, name, as_config=number % 2 == 1, wanted=wanted)
        if strays := [str(path) for path in home.rglob("*") if path.is_file()]:
            tally.add("left", f"path {name!r}: {strays}")
        os.chdir(top)


def _use_path(tally: Tally, name: str, *, as_config: bool, wanted: object) -> None:
    tally.trials += 1
    config, results = (f"{name}.toml", "results-here") if as_config else ("quick.toml", name)
    what = f"{'config' if as_config else 'results folder'} {name!r}"
    try:
        Path(config).parent.mkdir(parents=True, exist_ok=True)
        write_config(Path(config), NETWORK | QUICK.tables)
    except OSError:
        return  # no such file can be
    options = (
        [f"--results={results}", "--", config] if name.startswith("-") else [config, "--results", results]
    )
    code, told = here(["run", "--no-report", "--workers", "1", *options])
    if code == -1:
        tally.add("crashed", f"{what}: {told[-500:]}")
        return
    if code != 0:
        if not told.startswith("Error: ") or told.count("\n") > 1:
            tally.add("crashed", f"{what}: exit {code}: {told[-500:]}")
        return
    folder = Path.cwd() / results
    if not folder.is_dir():
        tally.add("silent", f"{what}: there is no such folder")
        return
    for column, said in judged(QUICK, folder, wanted):
        tally.add(column, f"{what}: {said}")
    for command in ("table", "claims"):
        code, told = here([command, *options])
        if code not in (0, 1) or "No results" in told or "Traceback" in told:
            tally.add("crashed", f"{what}: {command}: exit {code}: {told[-500:]}")
    top = {Path(config).parts[0], Path(results).parts[0]}
    if strays := set(os.listdir()) - top - {"x", "y"}:
        tally.add("left", f"{what}: {strays}")
