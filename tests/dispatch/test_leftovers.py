"""What a sweep that was killed together with its guard has left is removed by the next one, and nothing else is."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from filelock import FileLock

from sweep import at_once
from sweep.dispatch.leftovers import held_folder, remove_leftovers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders in use stay there by themselves")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The system's temporary folder, and where semaphores are."""
    (tmp_path / "semaphores").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(at_once, "SEMAPHORES", str(tmp_path / "semaphores"))
    return tmp_path


def ended():
    """Return the id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_folder_and_semaphores_of_a_dead_sweep_are_removed(temporary):
    owner = ended()
    (temporary / "sweep-dead").mkdir()
    (temporary / "sweep-dead" / f"held-by-{owner}").touch()
    (temporary / "sweep-dead" / "training").write_text("left")
    semaphores = [temporary / "semaphores" / f"sem.loky-{pid}-abc" for pid in (owner, os.getpid())]
    for semaphore in semaphores:
        semaphore.touch()
    remove_leftovers()
    assert not (temporary / "sweep-dead").exists()
    assert [semaphore.exists() for semaphore in semaphores] == [False, True]


def test_what_a_living_sweep_holds_stays(temporary):
    with held_folder() as mine:
        (mine / "training").touch()
        remove_leftovers()
        assert (mine / "training").exists()
    theirs = temporary / "sweep-of-another-process"
    theirs.mkdir()
    with FileLock(theirs / "held-by-1"):
        remove_leftovers()
        assert theirs.exists()
    assert not mine.exists()


def test_what_is_no_folder_of_a_sweep_stays(temporary):
    (temporary / "sweep-data").mkdir()
    (temporary / "sweep-data" / "mine.csv").touch()
    (temporary / "sweep-new").mkdir()
    (temporary / "sweep-file").touch()
    for path in temporary.iterdir():
        if path.name != "sweep-new":
            os.utime(path, (time.time() - 3600,) * 2)
    remove_leftovers()
    assert {path.name for path in temporary.glob("sweep-*")} == {"sweep-data", "sweep-new", "sweep-file"}


def test_an_empty_folder_that_nobody_came_to_hold_is_removed(temporary):
    path = Path(temporary, "sweep-empty")
    path.mkdir()
    os.utime(path, (time.time() - 3600,) * 2)
    remove_leftovers()
    assert not path.exists()


def test_a_folder_whose_owner_is_about_to_lock_it_is_left(temporary):
    mine = temporary / "sweep-mine"
    mine.mkdir()
    lock = mine / f"held-by-{os.getpid()}"
    lock.touch()
    remove_leftovers()
    assert mine.exists()
    old = time.time() - 3600
    os.utime(mine, (old, old))
    remove_leftovers()
    assert not mine.exists(), "another process has its number by now"
