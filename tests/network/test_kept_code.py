"""Machine code that is kept on disk is never trusted: what is wrong with it is compiled anew, or done without."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import numba
import pytest
from experiments import experiment, grid
from network.tasks import make_task

from sweep.errors import EngineError
from sweep.plan import make_plan
from sweep.training.network.engine import Kind, kept_code, train_engine, trust
from sweep.training.network.engine.activations import CODES
from sweep.training.network.engine.compiling import KERNELS, compiled
from sweep.training.network.engine.epochs import BACKPROPAGATION, SHALLOW, make_train
from sweep.training.network.engine.kept_code import folder_of
from sweep.training.network.kernels import note_right, was_right

RELU = """
import json
from network.tasks import make_task
from sweep.training.network.engine import train_engine
print(json.dumps(train_engine(make_task()).losses.tolist()))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where code is kept."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    kernels = list(KERNELS)
    yield tmp_path
    KERNELS[:] = kernels


def times(factor):
    """Return a function as a process has it that has just begun."""

    @compiled
    def times(x):
        return factor * x

    return times


def fetched(factor):
    """Return whether the code was there already; what it computes is right either way."""
    function = times(factor)
    assert function(7) == 7 * factor
    return bool(function.stats.cache_hits)


def file_in(folder):
    (path,) = folder.rglob("*.nbc")
    return path


@pytest.mark.usefixtures("folder")
def test_what_is_kept_is_used_by_the_next_process():
    assert [fetched(2), fetched(2)] == [False, True]


@pytest.mark.usefixtures("folder")
def test_functions_that_differ_in_what_they_enclose_have_files_of_their_own():
    assert [fetched(2), fetched(3), fetched(2), fetched(3)] == [False, False, True, True]


def cut(content):
    return content[: len(content) // 2]


def emptied(content):
    return content[:0]


def flipped(content):
    place = random.Random(1).randrange(1000, len(content))
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


def of_another_format(content):
    return b"\x80\x04" + content[2:]


def huge(path):
    with path.open("wb") as file:
        file.truncate(2**40)


@pytest.mark.parametrize("damage", [cut, emptied, flipped, of_another_format])
def test_a_damaged_file_is_compiled_anew_and_replaced(folder, damage):
    fetched(2)
    path = file_in(folder)
    path.write_bytes(damage(path.read_bytes()))
    assert [fetched(2), fetched(2)] == [False, True]


def test_a_folder_in_the_place_of_a_file_is_done_without(folder):
    fetched(2)
    path = file_in(folder)
    path.unlink()
    path.mkdir()
    assert not fetched(2)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="makes a pipe")
@pytest.mark.parametrize("replace", [os.mkfifo, lambda path: path.symlink_to("/dev/zero"), huge])
def test_what_has_no_end_is_not_read(folder, replace):
    fetched(2)
    path = file_in(folder)
    path.unlink()
    replace(path)
    assert [fetched(2), fetched(2)] == [False, True]


@pytest.mark.usefixtures("folder")
def test_where_nothing_can_be_written_it_is_done_without(monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    assert [fetched(2), fetched(2)] == [False, False]
    monkeypatch.setattr(kept_code, "FunctionCache", full)
    assert [fetched(2), fetched(2)] == [False, False]


def test_what_a_killed_process_has_left_is_removed(folder):
    fetched(2)
    old, new = (file_in(folder).with_name(f"times-{i}.nbc.partial") for i in range(2))
    for path in (old, new):
        path.touch()
    long_ago = time.time() - 3600
    os.utime(old, (long_ago, long_ago))
    fetched(3)
    assert not old.exists()
    assert new.exists()


def test_a_kernel_under_anothers_name_trains_nothing(tmp_path, monkeypatch):
    wanted, other = (train_engine(make_task(activation=name)).losses.tolist() for name in ("relu", "tanh"))
    kernels = [make_train(SHALLOW, BACKPROPAGATION, CODES[name]) for name in ("relu", "tanh")]
    relu, tanh = (kernel._cache._path(kernel.signatures[0], kernel.targetctx) for kernel in kernels)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    folder = folder_of(make_train.__wrapped__)
    shutil.copy(tanh, folder / relu.name)
    here = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", RELU],
        cwd=here.parent,
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(here)},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert not done.stderr
    assert json.loads(done.stdout) == wanted != other
    assert (folder / relu.name).read_bytes() != tanh.read_bytes()


def test_code_that_computes_wrong_numbers_is_refused(monkeypatch):
    trust = import_module("sweep.training.network.engine.trust")
    right = trust.train_in_groups

    def wrong(task):
        trained = right(task)
        trained.losses[1, 1] *= 1 + 1e-6
        return trained

    monkeypatch.setattr(trust, "KERNELS", [])
    monkeypatch.setattr(kept_code.KeptCode, "is_trusted", True)
    monkeypatch.setattr(trust, "train_in_groups", wrong)
    trust._trust.cache_clear()
    with pytest.raises(EngineError, match=r"does not compute what it should on this machine, numba \d"):
        trust.trust(Kind.of((1, 5, 1), "backprop", "relu", "float64"))


def test_what_was_right_before_is_not_looked_at_by_a_process_that_trains_nothing(tmp_path, monkeypatch):
    kind = Kind.of((1, 5, 1), "backprop", "relu", "float64")
    trust(kind)
    kept = folder_of(make_train.__wrapped__)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    for path in kept.glob("*.nbc"):  # else what is trusted below would be compiled
        shutil.copy(path, folder_of(make_train.__wrapped__))
    setting = make_plan(experiment(grid())).values(0)
    prepare = f"""
import sys
from sweep.training.network.kind import NetworkTraining
NetworkTraining().prepare([{setting!r}], here=%s)
print("numba" in sys.modules)
"""
    here = Path(__file__).parents[2]

    def loads_the_compiler(trains_here):
        done = subprocess.run(
            [sys.executable, "-c", prepare % trains_here], cwd=here, capture_output=True, text=True
        )
        assert not done.stderr
        return done.stdout == "True\n"

    assert loads_the_compiler(trains_here=False)
    assert not loads_the_compiler(trains_here=False)
    assert loads_the_compiler(trains_here=True)
    note_right(kind)
    assert was_right(kind)
    assert not was_right(kind._replace(activation="tanh"))
    monkeypatch.setattr("platform.node", lambda: "another machine")
    assert not was_right(kind)
