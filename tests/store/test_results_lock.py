import json
import os
import socket
import subprocess
import sys

import pytest

from sweep.errors import ResultsError
from sweep.store import ResultsFolder, lock

HOLDER = """
import sys
from pathlib import Path
from sweep.store import ResultsFolder, lock
with lock(ResultsFolder(Path(sys.argv[1])), "sweep run configs/square.toml"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path):
    folder = ResultsFolder(tmp_path / "square")
    folder.prepare()
    return folder


@pytest.fixture
def holder(folder):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_second_one_is_refused_with_the_owner_named(folder, holder, tree):
    before = tree(folder.path)
    with pytest.raises(ResultsError) as caught, lock(folder):
        pass
    message = str(caught.value)
    assert message.startswith(
        f"{folder.path} is in use by process {holder.pid} on {socket.gethostname()}, since "
    )
    assert message.endswith(" (sweep run configs/square.toml); wait for it or stop it")
    assert tree(folder.path) == before


def test_the_lock_is_free_after_its_holder_was_killed(folder, holder):
    holder.kill()
    holder.wait()
    assert folder.owner.exists()
    with lock(folder):
        assert json.loads(folder.owner.read_text())["process"] == os.getpid()


def test_the_lock_is_free_after_its_holder_has_ended(folder, holder):
    holder.communicate(b"")
    assert not folder.owner.exists()
    with lock(folder):
        pass
    with lock(folder):
        pass


def test_the_lock_is_refused_within_one_process_too(folder):
    with (
        lock(folder, "first"),
        pytest.raises(ResultsError, match=r"in use by .*\(first\)"),
        lock(folder, "second"),
    ):
        pass


def test_the_lock_is_freed_by_an_exception(folder):
    with pytest.raises(KeyboardInterrupt), lock(folder):
        raise KeyboardInterrupt
    with lock(folder):
        pass


@pytest.mark.parametrize("owner", [None, "", "{", "[]", '{"process": 1}', '{"since": "soon"}'])
def test_an_owner_that_cannot_be_read_is_not_named(folder, owner):
    with lock(folder):
        folder.owner.unlink()
        if owner is not None:
            folder.owner.write_text(owner)
        with pytest.raises(ResultsError, match="in use by another process; wait"), lock(folder):
            pass


def test_a_folder_that_cannot_be_locked_is_told(tmp_path):
    (tmp_path / "none").touch()
    with (
        pytest.raises(ResultsError, match=r"store\.lock cannot be locked"),
        lock(ResultsFolder(tmp_path / "none")),
    ):
        pass
