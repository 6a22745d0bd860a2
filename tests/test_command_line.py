"""The command line: what it prints, what it writes, and its exit codes."""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from loky import cpu_count
from running import COMMAND, SMALL, SMALL_RESULTS, change, files, saved, stored_runs, sweep, write_config

from sweep.store import ResultsFolder


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The current folder: a new one with `small.toml` in it."""
    monkeypatch.chdir(tmp_path)
    write_config(tmp_path / "small.toml", SMALL)
    return tmp_path


# Help


@pytest.mark.parametrize("command", [[], ["run"], ["plan"], ["table"], ["report"], ["init"]], ids=str)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(command, option):
    text = sweep(*command, option)
    assert text.startswith(f"Usage: main {' '.join(command)}".rstrip())
    assert len(text.splitlines()) > 5


def test_the_version_is_told():
    assert re.search(r"\d+\.\d+\.\d+$", sweep("--version").strip())


def test_a_command_that_does_not_exist_is_a_mistake():
    assert "No such command 'rnu'" in sweep("rnu", "small.toml", code=2)


# sweep plan


def test_plan_tells_what_would_be_done_and_writes_nothing(folder):
    change(epochs=[10, 20], neurons={"range": [2, 4]})
    before = files(folder)
    text = sweep("plan", "small.toml", "--workers", 2)
    assert files(folder) == before
    assert not Path("results").exists()
    lines = {
        line.split("  ")[1].strip(): " ".join(line.split())
        for line in text.splitlines()
        if line.startswith(" ")
    }
    assert lines["neurons"] == "neurons 3 2, 3, 4"
    assert lines["learning_rate"] == "learning_rate 2 0.03, 0.1"
    assert lines["epochs"] == "epochs 2 10, 20"
    assert lines["cells"] == "cells 12 3 replicates each"
    assert lines["trajectories"] == "trajectories 18 of 6 settings"
    assert re.fullmatch(r"runs 36 .*\b360 epochs\b.*\b540\b.*\b1\.5 times.*", lines["runs"])
    assert lines["stored already"] == "stored already 0 in results/small"
    assert lines["to be trained"] == "to be trained 36 in 3 batches"
    assert lines["estimated time"] == "estimated time 2 s in this process"


def test_plan_promises_no_more_processes_than_a_machine_can_bear():
    change(learning_rate={"log": [1e-9, 1.0], "num": 10_000}, epochs=[1_000_000], replicates=10)
    told = sweep("plan", "small.toml", "--workers", 100_000)
    (n,) = re.findall(r"in (\d+) processes", told)
    assert 1 < int(n) <= 16 * cpu_count()


def test_plan_leaves_stored_results_as_they_are(folder):
    sweep("run", "small.toml", "--no-report")
    before = files(folder)
    text = sweep("plan", "small.toml")
    assert files(folder) == before
    assert re.search(r"stored already +12", text)
    assert re.search(r"to be trained +0", text)


def test_what_was_perhaps_not_meant_is_told_by_plan_and_run():
    change(difference_step=[1e-3, 1e-4], neurons={"log": [1, 3], "num": 5})
    for text in (sweep("plan", "small.toml"), sweep("run", "small.toml", "--no-report")):
        assert "\n`neurons` has 3 of 5 values, since they are rounded to whole numbers.\n" in text
        assert '\n`difference_step` has no effect with `gradient` "backprop": its 2 values' in text


# sweep run


def test_run_writes_the_tables_and_says_where():
    text = sweep("run", "small.toml", "--no-report")
    assert text.splitlines()[0] == "small: 12 runs in 4 cells, 0 diverged, 0 failed"
    last = "tables in results/small; `sweep report small.toml` writes figures and report"
    assert text.splitlines()[-1] == last
    assert "lowest median final loss:" in text
    assert set(saved(SMALL_RESULTS)) == {"cells", "runs"}


def test_run_writes_the_report_too_and_does_so_again_only_if_something_changed():
    change(neurons=[2], learning_rate=[0.1])
    assert sweep("run", "small.toml").splitlines()[-1] == "tables, figures and report in results/small"
    paths = ResultsFolder(SMALL_RESULTS)
    assert paths.report.exists()
    assert paths.page.exists()
    assert any(paths.figures.iterdir())
    written = {path: path.stat().st_mtime_ns for path in (paths.report, paths.page, paths.runs, paths.cells)}
    sweep("run", "small.toml")
    assert {path: path.stat().st_mtime_ns for path in written} == written


def test_run_leaves_only_what_is_needed_in_the_folder():
    change(neurons=[2], learning_rate=[0.1])
    sweep("run", "small.toml")
    found = {path.name for path in SMALL_RESULTS.iterdir()}
    tables = {"runs.parquet", "cells.csv", "cells.parquet", "config.toml"}
    pages = {"figures", "report.md", "report.html"}
    store = {"store.sqlite", "store.lock", "store.stamps.json", "store.trained.json"}
    assert found == tables | pages | store | {"sweep.json"}


def test_results_may_go_anywhere():
    name = "ünder a 'new' \"folder\" # 100%?"
    config = write_config(Path("con fig ü.toml"), SMALL)
    for command in (("run", "--no-report"), ("plan",), ("table",)):
        sweep(command[0], config, "--results", Path(name, "x"), *command[1:])
    assert len(stored_runs(Path(name, "x"))) == 12
    sweep("run", config, "--no-report")
    assert len(stored_runs(Path("results", "con fig ü"))) == 12


def test_the_smallest_sweep_there_is():
    tables = {
        "target": {"function": "3"},
        "training": {"epochs": 1, "batch_size": 1},
        "grid": {"replicates": 1},
    }
    write_config(Path("small.toml"), tables)
    assert sweep("run", "small.toml").startswith("small: 1 run in 1 cell,")
    assert len(stored_runs(SMALL_RESULTS)) == 1
    sweep("table", "small.toml")


def test_a_sweep_in_which_everything_diverges_is_told_as_such():
    write_config(Path("small.toml"), SMALL | {"network": {"init_range": 1e200}})
    text = sweep("run", "small.toml")
    assert text.startswith("small: 12 runs in 4 cells, 12 diverged, 0 failed")
    assert "lowest median" not in text
    assert "inf" in sweep("table", "small.toml")


# Mistakes


def test_all_mistakes_of_a_config_are_told_at_once():
    wrong = {
        "target": {"function": "foo(x)"},
        "network": {"activation": "relo"},
        "training": {"learning_rates": 0.1, "epochs": 1.5},
        "grid": {"neurons": [1, 2, 2]},
    }
    write_config(Path("wrong.toml"), wrong)
    for command in ("run", "plan", "table", "report"):
        head, *lines = sweep(command, "wrong.toml", code=2).splitlines()
        assert head == "Error:"
        assert [line.split(" `")[0] for line in lines] == [f"wrong.toml: line {n}:" for n in (2, 4, 6, 7, 9)]
        assert "did you mean `learning_rate`?" in lines[2]
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "Missing argument 'CONFIG'"),
        (["run", "missing.toml"], "missing.toml: there is no such file"),
        (["run", "smal.toml"], "did you mean `small.toml`?"),
        (["run", ""], "a path that is empty names nothing: write one, such as configs/square.toml"),
        (["init", ""], "a path that is empty names nothing"),
        (["reproduce", ""], "a path that is empty names nothing"),
        (["run", "some.py"], "run it by `python some.py`, or name its function"),
        (["table", "results/small"], "is a folder of results: name the config that they were made with"),
        (["run", "."], "is a folder, expected a config file"),
        (["run", "small.toml", "--workers", "0"], "Invalid value for '--workers'"),
        (["run", "small.toml", "--workers", "two"], "Invalid value for '--workers'"),
        (
            ["run", "small.toml", "--max-runs", "11"],
            "asks for 12 runs (2 x 2 x 3), more than `max_runs` = 11",
        ),
        (["run", "small.toml", "--retry"], "No such option"),
        (["table", "small.toml", "--pivot", "neurons"], "Option '--pivot' requires 2 arguments"),
        (["table", "small.toml", "--where", "neurons"], "--where takes AXIS=VALUE, got 'neurons'"),
        (["table", "small.toml", "--where", "neuron=2"], "did you mean 'neurons'?"),
        (["table", "small.toml", "--where", "neurons=9"], "no cell has neurons = 9"),
        (["table", "small.toml", "--pivot", "neurons", "learning_rte"], "did you mean 'learning_rate'?"),
        (["table", "small.toml", "--pivot", "neurons", "neurons"], "a pivot needs two different axes"),
        (["table", "small.toml", "--pivot", "neurons", "epochs", "--value", "meen"], "did you mean 'mean'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_in_the_arguments_is_told_in_one_line(arguments, message):
    sweep("run", "small.toml", "--no-report")
    Path("some.py").write_text("def train(): ...")
    before = saved(SMALL_RESULTS)
    told = sweep(*arguments, code=2)
    assert message in told.splitlines()[-1]
    assert saved(SMALL_RESULTS) == before


def test_a_config_that_is_no_toml_or_no_text_is_told_with_the_line():
    Path("bad.toml").write_text("[target]\nfunction = x**2\n")
    assert sweep("run", "bad.toml", code=2).startswith("Error: bad.toml: line 2: is not valid TOML")
    Path("bytes.toml").write_bytes(b"title = 'x'\n\xff\xfe")
    assert sweep("run", "bytes.toml", code=2).startswith("Error: bytes.toml: line 2: must be UTF-8 text")


@pytest.mark.parametrize("command", [("run",), ("plan",), ("table",), ("report",)], ids=str)
def test_a_folder_of_somebody_else_is_refused_untouched(command, folder):
    Path("photos").mkdir()
    Path("photos", "cells.csv").write_text("mine")
    Path("a file").write_text("mine too")
    before = files(folder)
    told = sweep(*command, "small.toml", "--results", "photos", code=1)
    assert told.startswith("Error: photos is not a results folder (it holds cells.csv")
    assert "a file is a file" in sweep(*command, "small.toml", "--results", "a file", code=1)
    assert files(folder) == before


# sweep table


def test_table_prints_every_cell():
    assert sweep("table", "small.toml") == "No results yet: `sweep run small.toml` trains them.\n"
    assert not Path("results").exists()
    sweep("run", "small.toml", "--no-report")
    head, *rows = sweep("table", "small.toml").splitlines()
    assert head.split()[:6] == ["neurons", "learning_rate", "epochs", "n_runs", "n_diverged", "n_failed"]
    assert [row.split()[:4] for row in rows] == [
        ["2", "0.03", "20", "3"],
        ["2", "0.1", "20", "3"],
        ["3", "0.03", "20", "3"],
        ["3", "0.1", "20", "3"],
    ]


@pytest.mark.parametrize("condition", ["neurons=3", " neurons = 3 ", "neurons=3.0"])
def test_table_keeps_what_is_asked_for(condition):
    sweep("run", "small.toml", "--no-report")
    _, *rows = sweep(
        "table", "small.toml", "--where", condition, "--where", "learning_rate=1e-1"
    ).splitlines()
    assert [row.split()[:2] for row in rows] == [["3", "0.1"]]


def test_table_takes_several_values_of_one_axis_together():
    sweep("run", "small.toml", "--no-report")
    both = sweep("table", "small.toml", "--where", "neurons=2", "--where", "neurons=3")
    assert both == sweep("table", "small.toml")
    one = sweep("table", "small.toml", "--where", "learning_rate=0.10000000001", "--where", "neurons=2")
    assert [row.split()[:2] for row in one.splitlines()[1:]] == [["2", "0.1"]]
    assert "no cell has neurons = 4" in sweep(
        "table", "small.toml", "--where", "neurons=2", "--where", "neurons=4", code=2
    )
    told = sweep("replay", "small.toml", "--where", "neurons=2", "--where", "neurons=3", code=2)
    assert "--where names 2 values of neurons, and a run has one" in told


def test_table_is_pivoted_by_two_axes_if_asked():
    change(epochs=[10, 20])
    sweep("run", "small.toml", "--no-report")
    lines = sweep(
        "table", "small.toml", "--pivot", "neurons", "learning_rate", "--where", "epochs=20"
    ).splitlines()
    assert lines[0].split() == ["learning_rate", "0.03", "0.1"]
    assert [line.split()[0] for line in lines[2:]] == ["2", "3"]
    assert [len(line.split()) for line in lines[2:]] == [3, 3]
    counts = sweep("table", "small.toml", "--pivot", "neurons", "epochs", "--value", "n_runs").splitlines()
    assert [line.split()[-2:] for line in counts[2:]] == [["3", "3"]] * 4


def test_table_knows_intervals_layers_and_words():
    grid = {"interval": [[0, 1], [-1, 2.5]], "layers": [[2], [3, 2]], "activation": ["relu", "tanh"]}
    tables = {"target": {"function": "x"}, "training": {"epochs": 5}, "grid": grid | {"replicates": 2}}
    write_config(Path("small.toml"), tables)
    sweep("run", "small.toml", "--no-report")
    where = ("--where", "interval=[-1, 2.5]", "--where", "layers=3-2", "--where", "activation=tanh")
    assert len(sweep("table", "small.toml", *where).splitlines()) == 2
    assert "3-2" in sweep("table", "small.toml", "--pivot", "layers", "interval")


# sweep init


def test_init_writes_an_example_that_can_be_planned():
    assert "sweep plan new.toml" in sweep("init", "new.toml")
    assert re.search(r"runs +660 ", sweep("plan", "new.toml"))
    assert not Path("results").exists()


def test_init_leaves_an_existing_file_alone():
    Path("mine.toml").write_text("mine")
    assert "exists already" in sweep("init", "mine.toml", code=1)
    assert "cannot be written" in sweep("init", Path("no", "folder.toml"), code=1)
    assert Path("mine.toml").read_text() == "mine"


# sweep report


def test_report_is_made_of_what_there_is():
    assert sweep("report", "small.toml") == "No results yet: `sweep run small.toml` trains them.\n"
    assert not Path("results").exists()
    change(neurons=[2])
    sweep("run", "small.toml", "--no-report")
    change()
    text = sweep("report", "small.toml")
    assert text == "tables, figures and report of 6 of 12 runs in results/small\n"
    assert "6 of 12" in ResultsFolder(SMALL_RESULTS).report.read_text(encoding="utf-8")


# Pipes


@pytest.mark.skipif(sys.platform == "win32", reason="a shell with pipes")
@pytest.mark.parametrize("command", ["table small.toml", "plan small.toml", "--help"])
def test_a_pipe_that_is_closed_early_is_no_error(command):
    change(learning_rate={"log": [0.001, 0.1], "num": 300}, replicates=1)  # more than a pipe holds
    sweep("run", "small.toml", "--no-report")
    with subprocess.Popen(
        [*COMMAND, *command.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_output_that_cannot_be_written_is_told_without_a_traceback():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "plan", "small.toml"], stdout=full, stderr=subprocess.PIPE, encoding="utf-8"
        )
    assert done.returncode == 1
    assert done.stderr == "Error: the output cannot be written (No space left on device)\n"


def test_a_module_of_pythons_own_is_no_file_of_the_current_folder(tmp_path):
    for name in ("random", "typing", "json", "queue", "signal", "numpy", "click"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a script of my own')")
    write_config(tmp_path / "small.toml", SMALL)
    command = [sys.executable, "-m", "sweep", "plan", "small.toml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


# sweeps with very many cells


def test_of_very_many_cells_a_table_shows_the_first_and_says_where_all_are(monkeypatch):
    sweep("run", "small.toml", "--no-report")
    whole = sweep("table", "small.toml")
    monkeypatch.setattr("sweep.terminal.MOST_SHOWN", (3, 1))
    monkeypatch.setattr("sweep.terminal.FIRST_SHOWN", 1)
    head, row, last = sweep("table", "small.toml").splitlines()
    assert row.split() == whole.splitlines()[1].split()
    assert head.split() == whole.splitlines()[0].split()
    assert last == "... 3 more rows; results/small/cells.parquet has all"
    assert len(pd.read_parquet("results/small/cells.parquet")) == 4
    pivot = sweep("table", "small.toml", "--pivot", "neurons", "learning_rate").splitlines()
    assert pivot[-1] == (
        "... 1 more columns; all of it: sweep export small.toml --to table.csv --pivot neurons learning_rate"
    )
    change(neurons=[2, 3, 4, 5])  # what is on the disk is not all of it then
    sweep("export", *pivot[-1].split("sweep export ")[1].split())
    assert pd.read_csv("table.csv").shape == (2, 3)
    monkeypatch.setattr("sweep.terminal.MOST_SHOWN", (1, 1))
    Path("results/small/cells.parquet").write_bytes(b"")
    told = sweep("table", "small.toml").splitlines()[-1]
    assert told == "... 3 more rows; all of it: sweep export small.toml --to table.csv"


def test_very_many_cells_are_written_as_parquet_alone(monkeypatch):
    sweep("run", "small.toml", "--no-report")
    cells = pd.read_csv(SMALL_RESULTS / "cells.csv")
    assert pd.read_parquet(SMALL_RESULTS / "cells.parquet").equals(cells)
    monkeypatch.setattr("sweep.save.MOST_CELLS_AS_CSV", 3)
    change(learning_rate=[0.03, 0.1, 0.2])
    told = sweep("run", "small.toml", "--no-report")
    assert "its 6 cells are in cells.parquet alone; `sweep export` writes CSV" in told
    assert not (SMALL_RESULTS / "cells.csv").exists()
    assert len(pd.read_parquet(SMALL_RESULTS / "cells.parquet")) == 6


def test_a_folder_of_an_earlier_sweep_gets_what_it_had_not():
    sweep("run", "small.toml", "--no-report")
    (SMALL_RESULTS / "cells.parquet").unlink()
    sweep("run", "small.toml", "--no-report")
    assert len(pd.read_parquet(SMALL_RESULTS / "cells.parquet")) == 4
