"""A results folder that is moved, removed or replaced while its sweep is running: nothing is claimed then."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from running import SMALL_RESULTS, change, files, stored_runs

import sweep
from sweep import save
from sweep.errors import ResultsError
from sweep.progress import Silent
from sweep.store import writer

STORE = SMALL_RESULTS / "store.sqlite"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="where an open file is now is told by /proc")


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(writer, "COMMIT_SECONDS", 0.0)
    monkeypatch.setattr("sweep.plan.batches.SECONDS_PER_BATCH", 0.0)
    change(replicates=60)


class Meddler(Silent):
    """Does something to the folder when the first batch is stored."""

    def __init__(self, do):
        self.do = do
        self.n_done = 0

    def advance(self, n_runs):  # noqa: ARG002
        if not self.n_done:
            self.do()
        self.n_done += 1


def run_while(do):
    with pytest.raises(ResultsError) as caught:
        sweep.run("small.toml", workers=1, report=False, reporter=Meddler(do))
    told = str(caught.value)
    assert "\n" not in told
    return told


def save_while(monkeypatch, do):
    """Do something to the folder while the tables are written."""
    real = save._write_runs

    def write(*arguments):
        do()
        real(*arguments)

    monkeypatch.setattr(save, "_write_runs", write)
    with pytest.raises(ResultsError) as caught:
        sweep.run("small.toml", workers=1, report=False)
    return str(caught.value)


def test_a_folder_that_was_removed_is_told_and_not_made_again():
    told = run_while(lambda: shutil.rmtree(SMALL_RESULTS))
    assert told.startswith(
        "results/small/store.sqlite was removed while it was in use: what was stored in it is gone"
    )
    assert list(Path("results").iterdir()) == []


def test_a_folder_that_was_moved_has_what_was_finished_and_is_gone_on_with():
    told = run_while(lambda: SMALL_RESULTS.rename("elsewhere"))
    assert f"was moved to {Path('elsewhere/store.sqlite').absolute()} while it was in use" in told
    assert not SMALL_RESULTS.exists()
    n_stored = len(stored_runs(Path("elsewhere")))
    assert n_stored > 0
    assert not Path("elsewhere", "store.owner.json").exists()

    found = sweep.run("small.toml", workers=1, report=False, results="elsewhere")
    assert found.is_complete
    assert len(stored_runs(Path("elsewhere"))) == len({*stored_runs(Path("elsewhere"))}) == found.n_planned


def test_a_folder_that_was_put_in_its_place_is_left_alone():
    def replace():
        SMALL_RESULTS.rename("elsewhere")
        SMALL_RESULTS.mkdir()
        for name in ("store.sqlite", "store.sqlite-wal", "store.lock", "store.owner.json", "cells.csv"):
            (SMALL_RESULTS / name).write_text("of somebody else")

    told = run_while(replace)
    assert "was moved to" in told
    assert told.endswith("What stands in its place is left as it is.")
    assert {*files(SMALL_RESULTS).values()} == {b"of somebody else"}
    assert len(files(SMALL_RESULTS)) == 5


def test_a_store_that_was_removed_alone_is_told():
    told = run_while(STORE.unlink)
    assert told.startswith("results/small/store.sqlite was removed")


def test_a_store_that_was_renamed_has_everything_that_was_committed():
    told = run_while(lambda: STORE.rename("kept.sqlite"))
    assert f"was moved to {Path('kept.sqlite').absolute()}" in told
    shutil.rmtree(SMALL_RESULTS)
    SMALL_RESULTS.mkdir()
    Path("kept.sqlite").rename(STORE)
    assert len(stored_runs(SMALL_RESULTS)) > 0


def test_a_lock_that_was_removed_is_told_and_nothing_is_lost():
    told = run_while(lambda: (SMALL_RESULTS / "store.lock").unlink())
    assert told.startswith(
        "results/small/store.lock was removed while it was in use: another sweep may have been at"
    )
    assert sweep.load("small.toml").is_complete


@pytest.mark.parametrize("removed", [SMALL_RESULTS, STORE])
def test_what_is_removed_while_the_tables_are_written_is_told(removed, monkeypatch):
    remove = shutil.rmtree if removed == SMALL_RESULTS else os.unlink
    told = save_while(monkeypatch, lambda: remove(removed))
    assert told.startswith(f"{removed} was removed")
    assert not removed.exists()


def test_a_folder_that_is_replaced_while_the_tables_are_written_is_left_alone(monkeypatch):
    def replace():
        SMALL_RESULTS.rename("elsewhere")
        SMALL_RESULTS.mkdir()
        (SMALL_RESULTS / "cells.csv").write_text("of somebody else")

    told = save_while(monkeypatch, replace)
    assert told.startswith(f"results/small was moved to {Path('elsewhere').absolute()}")
    assert files(SMALL_RESULTS) == {Path("cells.csv"): b"of somebody else"}


def test_ctrl_c_claims_nothing_of_a_folder_that_was_removed():
    def remove_and_stop():
        shutil.rmtree(SMALL_RESULTS)
        raise KeyboardInterrupt

    assert run_while(remove_and_stop).startswith("results/small/store.sqlite was removed")


def test_curves_of_a_store_that_is_gone_are_not_taken_for_none():
    found = sweep.run("small.toml", workers=1, report=False)
    STORE.unlink()
    with pytest.raises(ResultsError, match="is not there any more"):
        found.curves  # noqa: B018 - read when it is asked for
