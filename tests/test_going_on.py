"""A sweep that goes on from what is stored: complete, extended, damaged, or with runs that failed."""

import random
from pathlib import Path

import pytest
from running import SMALL_RESULTS, change, saved, stored_runs, sweep, write_config

from sweep import api
from sweep.store import Database, ResultsFolder
from sweep.training.network import kind
from sweep.training.network.batch import train_batch


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The current folder: a new one with `small.toml` in it."""
    monkeypatch.chdir(tmp_path)
    change()


@pytest.fixture
def n_trained(monkeypatch):
    """The number of runs of each batch that is trained from now on."""
    counts = []

    def train(batch):
        counts.append(batch.n_runs)
        return train_batch(batch)

    monkeypatch.setattr(kind, "train_batch", train)
    return counts


def test_a_complete_sweep_trains_nothing(n_trained):
    first = sweep("run", "small.toml", "--no-report")
    assert sum(n_trained) == 12
    n_trained.clear()
    tables = saved(SMALL_RESULTS)
    assert sweep("run", "small.toml", "--no-report") == first
    assert n_trained == []
    assert saved(SMALL_RESULTS) == tables


@pytest.mark.parametrize(
    ("more", "n_new"),
    [
        ({"learning_rate": [0.03, 0.05, 0.1]}, 6),
        ({"neurons": [3, 2, 1]}, 6),
        ({"replicates": 5}, 8),
        ({"replicates": 4, "neurons": [1, 2, 3]}, 12),
        ({"seed": 1}, 12),
        ({"init_range": [0.5]}, 0),
        ({"layers": [[2], [3]], "neurons": None}, 0),
    ],
    ids=str,
)
def test_only_what_is_new_is_trained(more, n_new, n_trained):
    sweep("run", "small.toml", "--no-report")
    n_trained.clear()
    change(**more)
    sweep("run", "small.toml", "--no-report")
    assert sum(n_trained) == n_new


def test_what_is_taken_away_is_hidden_and_comes_back_untrained(n_trained):
    sweep("run", "small.toml", "--no-report")
    whole, stored = saved(SMALL_RESULTS), stored_runs(SMALL_RESULTS)
    n_trained.clear()
    change(neurons=[3], replicates=2)
    assert sweep("run", "small.toml", "--no-report").startswith("small: 4 runs in 2 cells")
    assert stored_runs(SMALL_RESULTS) == stored
    change()
    sweep("run", "small.toml", "--no-report")
    assert saved(SMALL_RESULTS) == whole
    assert n_trained == []


# Damage


def flip(path, position):
    content = bytearray(path.read_bytes())
    content[position] ^= 1 << position % 8
    path.write_bytes(content)


def flip_in_a_loss(path):
    with Database.read(path, "final_loss") as database:
        losses = next(database.outcomes()).outcome.metrics["final_loss"]
    flip(path, path.read_bytes().index(losses.tobytes()[:64]) + 30)


def cut_off(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGES = {
    "a wrong number": flip_in_a_loss,
    "first byte": lambda path: flip(path, 0),
    "cut off": cut_off,
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "text": lambda path: path.write_text("mine" * 1000),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_reported_and_healed(damage):
    change(neurons={"range": [1, 8]}, replicates=20)
    sweep("run", "small.toml", "--no-report")
    whole, database = saved(SMALL_RESULTS), ResultsFolder(SMALL_RESULTS).database
    DAMAGES[damage](database)
    before = database.read_bytes()
    for command in ("plan", "table"):
        assert sweep(command, "small.toml").startswith(f"Warning: {database} ")
        assert database.read_bytes() == before, "looking at a damaged store has changed it"
    told = sweep("run", "small.toml", "--no-report")
    assert told.startswith(f"Warning: {database} ")
    assert "will be trained anew" in told
    assert saved(SMALL_RESULTS) == whole
    assert "Warning" not in sweep("run", "small.toml", "--no-report")


def test_no_flipped_bit_makes_a_wrong_number():
    change(neurons={"range": [1, 8]}, replicates=20)
    sweep("run", "small.toml", "--no-report")
    whole, database = saved(SMALL_RESULTS), ResultsFolder(SMALL_RESULTS).database
    positions = random.Random(0)
    for _ in range(10):
        flip(database, positions.randrange(database.stat().st_size))
        ResultsFolder(SMALL_RESULTS).cells.unlink()
        sweep("run", "small.toml", "--no-report")
        assert saved(SMALL_RESULTS) == whole


def test_tables_that_were_deleted_are_written_again(n_trained):
    sweep("run", "small.toml", "--no-report")
    whole = saved(SMALL_RESULTS)
    n_trained.clear()
    ResultsFolder(SMALL_RESULTS).cells.unlink()
    ResultsFolder(SMALL_RESULTS).runs.unlink()
    sweep("run", "small.toml", "--no-report")
    assert saved(SMALL_RESULTS) == whole
    assert n_trained == []


# Failed runs


def test_a_batch_that_fails_leaves_the_others_and_can_be_tried_again(monkeypatch, n_trained):
    def out_of_memory(batch):
        if batch.fixed["neurons"] == 3:
            raise MemoryError("cannot allocate 1 TiB")
        return train_batch(batch)

    with monkeypatch.context() as patch:
        patch.setattr(kind, "train_batch", out_of_memory)
        told = sweep("run", "small.toml", "--no-report", code=1)
    assert told.startswith("small: 12 runs in 4 cells, 0 diverged, 6 failed\n")
    assert "6 runs failed; `--retry-failed` trains them again" in told
    assert "MemoryError: cannot allocate 1 TiB" in told
    assert "Traceback" not in told
    failed = [row.split()[5] for row in sweep("table", "small.toml").splitlines()[1:]]
    assert failed == ["0", "0", "3", "3"]

    again = sweep("run", "small.toml", "--no-report", code=1)
    assert n_trained == [], "a failed run is a result until it is asked for again"
    assert "6 runs failed" in again

    assert sweep("run", "small.toml", "--no-report", "--retry-failed").startswith(
        "small: 12 runs in 4 cells, 0 diverged, 0 f"
    )
    assert sum(n_trained) == 6
    healed = saved(SMALL_RESULTS)
    assert "failed" not in sweep("run", "small.toml", "--no-report").replace("0 failed", "")
    sweep("run", "small.toml", "--no-report", "--results", "undisturbed")
    assert healed == saved(Path("undisturbed"))


def test_a_retry_that_fails_again_changes_nothing(monkeypatch):
    def no(_):
        raise ValueError("no")

    monkeypatch.setattr(kind, "train_batch", no)
    first = sweep("run", "small.toml", "--no-report", code=1)
    tables = saved(SMALL_RESULTS)
    assert sweep("run", "small.toml", "--no-report", "--retry-failed", code=1) == first
    assert saved(SMALL_RESULTS) == tables
    sweep("run", "small.toml", code=1)


KILLED_ONCE = """
import os, signal

def train(size, *, replicate):
    if size == 2 and not os.path.exists("healed"):
        os.kill(os.getpid(), signal.SIGKILL)
    if size == 3:
        os._exit(1)
    return size
"""


def test_the_next_run_tries_again_what_was_killed_from_outside_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(KILLED_ONCE)
    grid = {"size": [1, 2, 3], "replicates": 1}
    write_config(
        Path("own.toml"), {"function": {"call": "own.py:train", "metrics": {"y": "lower"}}, "grid": grid}
    )
    assert api.run("own.toml", report=False).runs["status"].tolist() == ["ok", "killed", "killed"]
    assert api.preview("own.toml").n_missing == 1
    Path("healed").touch()
    assert api.run("own.toml", report=False).runs["status"].tolist() == ["ok", "ok", "killed"]
    assert api.load("own.toml").runs["status"].tolist() == ["ok", "ok", "killed"]
