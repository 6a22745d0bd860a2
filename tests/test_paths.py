"""A path is a path, whatever it looks like; what stands in a file's place is told, and never waited for."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from running import COMMAND, SMALL, SMALL_RESULTS, files, saved, stored_runs, sweep, write_config

import sweep as program
from sweep.errors import SweepError
from sweep.store import ResultsFolder

STRANGE = [
    *(
        "lr:0.1",
        "s3:try",
        "file:try",
        "file://try",
        "gs://a/b",
        "-x",
        "a b",
        "%41%",
        "?mode=ro",
        "#1",
        "a\nb",
        "*",
        "&<b>",
    ),
    *(
        os.fsdecode(b"caf\xe9"),
        "ü" * 127,
        "x" * 255,
        "a\\b",
        ":memory:",
        "COM1",
        "x/" * 120 + "y",
        "./a/../b",
    ),
]


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = {"neurons": [2], "learning_rate": [0.1, 0.2], "replicates": 3}
    write_config(Path("small.toml"), {"figures": ["curves"], **SMALL, "grid": grid})


@pytest.fixture
def rate_function():
    Path("rated.py").write_text("def train(rate, *, seed):\n    return {'loss': rate + seed % 7}\n")
    return {
        "function": {"call": "rated.py:train", "metrics": {"loss": "lower"}},
        "grid": {"rate": [1, 2], "replicates": 2},
    }


@pytest.mark.parametrize("name", STRANGE)
def test_a_results_folder_may_be_called_anything(name):
    sweep("run", "small.toml", "--no-report")
    whole = saved(SMALL_RESULTS)
    text = sweep("run", "small.toml", "--no-report", "--results", name)
    assert text.splitlines()[-1].startswith("tables in ")
    assert saved(Path(name)) == whole
    for command in ("table", "plan"):
        sweep(command, "small.toml", "--results", name)
    assert len(program.load("small.toml", results=name).curves.learning)
    found = {path for path in Path().iterdir() if path.name not in ("results", "small.toml", "b")}
    assert len(found) <= 1


@pytest.mark.parametrize(
    "name", [os.fsdecode(b"caf\xe9.toml"), "...toml", ".toml", "a\nb.toml", "x" * 250 + ".toml", "lr:0.1"]
)
def test_a_config_may_be_called_anything(name, tmp_path):
    Path("small.toml").rename(name)
    before = {*tmp_path.iterdir()}
    sweep("run", "--", name)
    assert {*tmp_path.iterdir()} - before == {tmp_path / "results"}
    (folder,) = Path("results").iterdir()
    assert len(stored_runs(folder)) == 6
    assert (folder / "config.toml").read_bytes() == Path(name).read_bytes()
    for command in ("table", "plan", "report", "claims", "failures"):
        sweep(command, "--", name)
    Path(name).write_text("[")
    assert sweep("run", "--", name, code=2).isprintable() or "\n" in sweep("run", "--", name, code=2)


def test_a_name_that_is_not_utf_8_is_printed_to_a_terminal_of_any_kind():
    name = os.fsdecode(b"caf\xe9")
    Path("small.toml").rename(f"{name}.toml")
    for command in (("run",), ("table",), ("plan",), ("report",), ("run", "--no-report", "--results", name)):
        done = subprocess.run([*COMMAND, *command, f"{name}.toml"], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stderr == b""
        done.stdout.decode()


@pytest.mark.parametrize("name", ["~", "~/try", "~root/try"])
def test_a_home_folder_that_no_shell_has_put_in_is_told_before_anything_is_trained(name, tmp_path):
    before = files(tmp_path)
    told = sweep("run", "small.toml", "--results", name, code=2)
    assert told == (
        f"Error: `results` begins with a ~ that no shell has replaced: write {os.path.expanduser(name)}, "
        f"or ./{name} for a folder of that name\n"
    )
    assert files(tmp_path) == before
    sweep("run", "small.toml", "--no-report", "--results", f"./{name}")
    assert saved(Path(f"./{name}"))


@pytest.mark.parametrize("value", ["", "a\0b"])
def test_what_can_be_no_path_is_told(value):
    with pytest.raises(SweepError, match="`results` must be the path of a folder"):
        program.run("small.toml", results=value)
    with pytest.raises(SweepError, match="`config` must be the path of a file"):
        program.run(value)


@contextmanager
def within(seconds):
    """Fail if it takes longer, also if it waits for a file for ever."""

    def fail(*_):
        raise AssertionError(f"it takes longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


PLACES = (
    "sweep.json",
    "store.sqlite",
    "store.sqlite-wal",
    "store.stamps.json",
    "store.lock",
    "store.owner.json",
)
MADE = ("runs.parquet", "cells.csv", "config.toml", "verdicts.csv", "report.md", "report.html", "code.json")


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "link to nothing"])
@pytest.mark.parametrize("name", [*PLACES, *MADE, "figures"])
def test_what_stands_in_the_place_of_a_file_is_told_and_not_waited_for(name, kind):
    if (name, kind) == ("figures", "folder"):
        return
    sweep("run", "small.toml", "--no-report")
    path = SMALL_RESULTS / name
    path.unlink(missing_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "device":
            path.symlink_to("/dev/zero")
        case _:
            path.symlink_to("nowhere")
    for command in ("run", "plan"):
        with within(30):
            told = sweep(command, "small.toml", code=1)
        assert told.startswith(f"Error: results/small/{name} is ")
        assert len(told.splitlines()) == 1
        assert "move it away, or choose another folder by --results DIR" in told
    assert not Path("nowhere").exists()


def test_figures_that_are_linked_go_where_the_link_leads():
    Path("article").mkdir()
    Path("article/mine.png").write_text("mine")
    SMALL_RESULTS.mkdir(parents=True)
    (SMALL_RESULTS / "figures").symlink_to(Path("article").absolute())
    (SMALL_RESULTS / "sweep.json").write_text('{"made_by": "sweep", "format": 1}')
    sweep("run", "small.toml")
    assert (SMALL_RESULTS / "figures").is_symlink()
    drawn = {path.name for path in Path("article").iterdir()}
    assert {"mine.png", "curves.png"} < drawn
    write_config(Path("small.toml"), {"figures": ["functions"], **SMALL})
    sweep("run", "small.toml")
    assert {path.name for path in Path("article").iterdir()} == {"mine.png", "functions.png", "functions.svg"}


def test_results_may_be_a_link_to_a_folder_elsewhere():
    Path("disk").mkdir()
    Path("results").symlink_to("disk")
    assert "tables in results/small;" in sweep("run", "small.toml", "--no-report")
    assert saved(Path("disk/small"))
    sweep("run", "small.toml", "--no-report")


def test_a_link_that_leads_nowhere_is_told():
    Path("results").mkdir()
    SMALL_RESULTS.symlink_to("nowhere")
    told = sweep("run", "small.toml", code=1)
    assert told.startswith("Error: results/small is a link to nothing, expected a folder for the results")


def test_what_is_read_later_is_read_from_where_it_was_written(tmp_path, monkeypatch):
    Path("elsewhere").mkdir()
    found = program.run("small.toml", report=False)
    loaded = program.load("small.toml", results="results/small")
    same = program.load("small.toml")
    monkeypatch.chdir("elsewhere")
    assert len(found.curves.learning) == len(loaded.curves.learning) > 0
    program.write_report(same)
    assert ResultsFolder(tmp_path / SMALL_RESULTS).page.exists()
    assert list(Path().iterdir()) == []
    assert found.folder == tmp_path / SMALL_RESULTS


def test_a_function_that_leaves_the_folder_takes_no_results_with_it(tmp_path):
    def train(rate, *, seed, folder):
        os.chdir("/")
        Path(folder, "kept").write_text("x")
        return {"loss": rate + seed % 7}

    found = program.run(
        train,
        grid={"rate": [1, 2]},
        metrics={"loss": "lower"},
        replicates=1,
        results="mine",
        report=False,
        workers=1,
    )
    assert found.is_complete
    assert len(list((tmp_path / "mine" / "folders").iterdir())) == 2
    assert Path.cwd() == tmp_path


# Configs that can be read only once


def piped(*arguments, config, code=0):
    """Call the command line with a config that comes through a pipe."""
    command = [*COMMAND, *map(str, arguments)]
    done = subprocess.run(
        command, input=config.read_text(), capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def piped_here(command, *arguments, config):
    """Call it in this process, with a config from a pipe of its own."""
    end, start = os.pipe()
    try:
        os.write(start, config.read_bytes())
        os.close(start)
        return sweep(command, f"/dev/fd/{end}", *arguments)
    finally:
        os.close(end)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no such folder")
def test_every_command_takes_a_config_from_a_pipe():
    claim = {"sentence": "s", "form": "better", "axis": "learning_rate", "value": 0.1, "over": ["neurons"]}
    config = write_config(
        Path("small.toml"), {"figures": ["curves"], **SMALL, "claim": [claim], "quick": {"replicates": 2}}
    )
    there = ("--results", "r")
    assert "to be trained" in piped_here("plan", *there, config=config)
    piped_here("run", *there, config=config)
    assert Path("r/config.toml").read_bytes() == config.read_bytes()
    assert config.read_text().strip() in Path("r/report.md").read_text()
    for command in ("run", "plan", "table", "claims", "report", "failures"):
        told = piped_here(command, *there, config=config)
        assert command != "table" or "learning_rate" in told
    piped_here("run", "--results", "q", "--quick", config=config)
    piped_here("replay", *there, "--where", "neurons=2", "--where", "learning_rate=0.1", config=config)
    piped_here("check", config=config)
    piped_here("run", *there, "--until-decided", config=config)


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="no such file")
def test_a_function_of_a_config_from_a_pipe_is_looked_for_in_the_current_folder(rate_function):
    config = write_config(Path("any.toml"), rate_function)
    piped("run", "/dev/stdin", "--results", "r", config=config)
    assert len(pd.read_parquet("r/runs.parquet")) == 4


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="no such file")
def test_two_configs_from_pipes_do_not_share_a_folder_without_a_word():
    piped("run", "/dev/stdin", "--no-report", config=Path("small.toml"))
    whole = saved(Path("results/stdin"))
    write_config(Path("other.toml"), SMALL | {"target": {"function": "x**3", "interval": [0, 3]}})
    told = piped("run", "/dev/stdin", "--no-report", config=Path("other.toml"), code=1)
    assert "a config from a pipe has no name of its own: choose another folder by --results DIR" in told
    assert saved(Path("results/stdin")) == whole
    piped("run", "/dev/stdin", "--no-report", config=Path("small.toml"))


def test_a_config_that_is_edited_renamed_or_removed_meanwhile_is_kept_as_it_was_run(monkeypatch):
    text = Path("small.toml").read_bytes()
    real = program.api.make_plan

    def edit(*arguments):
        Path("small.toml").unlink(missing_ok=True)
        return real(*arguments)

    monkeypatch.setattr(program.api, "make_plan", edit)
    sweep("run", "small.toml")
    assert (SMALL_RESULTS / "config.toml").read_bytes() == text
    assert text.decode().strip() in (SMALL_RESULTS / "report.md").read_text()


def test_a_config_may_lie_in_its_results_folder():
    sweep("run", "small.toml", "--no-report")
    whole = saved(SMALL_RESULTS)
    sweep("run", SMALL_RESULTS / "config.toml", "--no-report", "--results", SMALL_RESULTS)
    assert saved(SMALL_RESULTS) == whole
    shutil.move("small.toml", SMALL_RESULTS / "small.toml")
    sweep("run", SMALL_RESULTS / "small.toml", "--no-report")
    assert saved(SMALL_RESULTS) == whole


def test_a_function_in_a_folder_that_is_not_utf_8_is_trained(rate_function):
    folder = Path(os.fsdecode(b"caf\xe9"))
    folder.mkdir()
    config = write_config(folder / "rated.toml", rate_function)
    Path("rated.py").rename(folder / "rated.py")
    subprocess.run([*COMMAND, "run", config, "--no-report"], check=True)
    assert len(pd.read_parquet("results/rated/runs.parquet")) == 4


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_a_python_file_that_is_none_is_told_and_not_waited_for(kind, rate_function):
    config = write_config(Path("rated.toml"), rate_function)
    Path("rated.py").unlink()
    match kind:
        case "pipe":
            os.mkfifo("rated.py")
        case "device":
            Path("rated.py").symlink_to("/dev/zero")
        case _:
            Path("rated.py").mkdir()
    with within(30):
        told = sweep("plan", config, code=2)
    expected = {
        "pipe": "which is no file",
        "device": "leads out of it",
        "folder": "which cannot be read (Is a directory)",
    }
    assert expected[kind] in told


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_only_be_read_is_read():
    sweep("run", "small.toml", "--no-report")
    SMALL_RESULTS.chmod(0o500)
    try:
        sweep("table", "small.toml")
        assert "cannot be written" in sweep("run", "small.toml", code=1)
    finally:
        SMALL_RESULTS.chmod(0o700)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a folder that is in use cannot be removed")
def test_a_current_folder_that_was_removed_is_told_in_one_line(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", 'cd gone; rmdir "$PWD"; exec "$@"', "sh", *COMMAND, "run", "small.toml"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 2
    assert (
        done.stderr
        == "Error: `config` is small.toml, in a folder that was removed: change to one that is there\n"
    )
