"""A file that hangs or dies while it is imported stops the sweep, with a line that names it."""

import sys
import time

import pytest

import sweep
from sweep.dispatch import limits
from sweep.dispatch.limits import seconds_to_load
from sweep.training.batch import Isolation

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ends processes by signals")

CONFIG = """
[function]
call = "mine.py:train"
metrics = { error = "lower" }
timeout_seconds = 1
[grid]
rate = [0.1, 0.2, 0.3]
"""


@pytest.fixture
def stopped(tmp_path, monkeypatch):
    """What a sweep stops with whose file begins with these lines, loaded in at most 2 seconds."""
    monkeypatch.setattr(limits, "SECONDS_TO_LOAD", 2.0)

    def run(top, workers=1):
        (tmp_path / "mine.py").write_text(f"import os, time\n{top}\ndef train(rate):\n    return rate\n")
        (tmp_path / "mine.toml").write_text(CONFIG)
        with pytest.raises(sweep.SweepError) as error:
            sweep.run(tmp_path / "mine.toml", results=tmp_path / "results", workers=workers, report=False)
        return str(error.value)

    return run


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("top", ["time.sleep(1000)", "sum(range(10**13))"])
def test_an_import_that_hangs_is_ended_and_named(top, workers, stopped):
    began = time.monotonic()
    told = stopped(top, workers)
    assert told.startswith(
        "no worker gets to training: loading mine.py has taken 2 s and is at line 2. Let its"
    )
    assert "\n" not in told
    assert time.monotonic() - began < 20


def test_a_process_that_dies_while_it_imports_names_the_file(stopped):
    assert stopped("os._exit(9)") == (
        "no worker gets to training: 3 times in a row its process ended itself with exit code 9 while it was loading "
        "mine.py"
    )


def test_a_worker_that_hangs_after_others_have_trained_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "SECONDS_TO_LOAD", 2.0)
    top = "from pathlib import Path\nonce = Path(__file__).with_name('once')\n"
    top += "if not once.exists() and Path(__file__).with_name('begun').exists():\n    once.touch(); time.sleep(1000)\n"
    body = "    Path(__file__).with_name('begun').touch()\n    return rate\n"
    (tmp_path / "mine.py").write_text(f"import time\n{top}def train(rate):\n{body}")
    (tmp_path / "mine.toml").write_text(CONFIG.replace("[grid]", "fresh_process = true\n[grid]"))
    found = sweep.run(tmp_path / "mine.toml", results=tmp_path / "results", workers=1, report=False)
    assert (tmp_path / "once").exists()
    assert found.runs["status"].eq("ok").all()


def test_loading_may_take_a_minute_or_the_time_of_a_run_and_ten_minutes_without_a_limit():
    given = (Isolation(timeout_seconds=1), Isolation(timeout_seconds=90), Isolation())
    assert [seconds_to_load(one) for one in given] == [60, 90, 600]
