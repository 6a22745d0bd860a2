"""Variables and folders that are not as usual: the work is done, or one line says why not."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from running import COMMAND, SMALL, SMALL_RESULTS, write_config

import sweep


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The current folder: a new one with `small.toml` in it."""
    monkeypatch.chdir(tmp_path)
    write_config(tmp_path / "small.toml", SMALL)
    return tmp_path


def run(*arguments, **variables):
    environment = os.environ | variables
    return subprocess.run([*COMMAND, *arguments], capture_output=True, encoding="utf-8", env=environment)


@pytest.mark.parametrize("backend", ["none", "Agg", "module://no_such_module"])
def test_figures_are_drawn_whatever_backend_is_named(backend):
    write_config(Path("small.toml"), {"figures": ["heatmap"], **SMALL})
    done = run("run", "small.toml", MPLBACKEND=backend)
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(SMALL_RESULTS, "figures", "heatmap.png").exists()


def test_a_variable_that_forbids_compiling_is_for_the_users_own_functions():
    done = run("run", "small.toml", "--no-report", NUMBA_DISABLE_JIT="1")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["run", "small.toml"], 2, "`config` is small.toml, in a folder that was removed: change to one"),
        (["run", "$PLACE/small.toml", "--results", "$PLACE/r", "--no-report"], 0, ""),
        (
            ["run", "$PLACE/own.toml", "--results", "$PLACE/r"],
            1,
            "the working folder has been removed: go to another one",
        ),
    ],
    ids=["relative", "absolute", "processes"],
)
def test_a_working_folder_that_is_gone_is_named(folder, arguments, code, told):
    Path("gone").mkdir()
    Path("own.py").write_text("def train(a): return a")
    tables = {"function": {"call": "own.py:train", "metrics": {"loss": "lower"}}, "grid": {"a": [1, 2]}}
    write_config(Path("own.toml"), tables)
    command = [*COMMAND, *(part.replace("$PLACE", str(folder)) for part in arguments)]
    script = ["sh", "-c", 'cd gone && rmdir ../gone && exec "$@"', "sh"]
    done = subprocess.run([*script, *command], capture_output=True, encoding="utf-8")
    assert done.returncode == code
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == (1 if told else 0)


def test_a_small_sweep_is_trained_and_saved_where_no_thread_is_to_be_had(tmp_path, monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    config = tmp_path / "a.toml"
    config.write_text('[target]\nfunction = "x**2"\n[grid]\nepochs = [2]\nreplicates = 1_000\n')
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert sweep.run(config, results=tmp_path / "r", report=False).n_stored == 1_000
    assert (tmp_path / "r/runs.parquet").exists()
