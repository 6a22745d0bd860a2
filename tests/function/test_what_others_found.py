"""What those who had not written it found: wrong results, and innocent runs that were blamed."""

import os
import sys
import time

import numpy as np
import pandas as pd
import pytest

import sweep
from sweep.cli import main
from sweep.training.function.returned import ReturnedError, numbers_in


def descend(rate, *, seed):
    w = np.random.default_rng(seed).normal()
    while True:
        w *= 1 - rate
        yield abs(w)


def test_curves_of_an_extended_sweep_are_those_of_one_that_was_trained_at_once(tmp_path):
    def swept(name, epochs, replicates):
        return sweep.run(
            descend,
            grid={"rate": [0.01, 0.1], "epochs": epochs},
            replicates=replicates,
            metrics={"e": "lower"},
            results=tmp_path / name,
            report=False,
        )

    swept("extended", [10, 100], 3)
    extended = swept("extended", [10, 50, 100, 120], 4)
    at_once = swept("at once", [10, 50, 100, 120], 4)

    pd.testing.assert_frame_equal(extended.cells, at_once.cells)
    pd.testing.assert_frame_equal(extended.curves.learning, at_once.curves.learning)
    assert set(extended.curves.learning["n_runs"]) == {4}


def forks(case, *, seed):
    child = os.fork() if case in (1, 2) else 1
    if not child and case == 1:
        return 999.0
    if not child:
        raise ValueError("the child")
    time.sleep(0.2 * (case in (1, 2)))  # the child is first
    return case + seed / 2**32


def test_a_forked_child_never_answers_for_a_run(tmp_path):
    found = sweep.run(
        forks,
        grid={"case": range(4)},
        replicates=4,
        metrics={"e": "lower"},
        results=tmp_path / "r",
        report=False,
    )
    assert (found.runs["status"] == "ok").all()
    np.testing.assert_array_equal(np.floor(found.runs["e"]), found.runs["case"])


def spoils(case, *, seed):
    if case == 1:
        sys.modules.pop("pickle")
        sys.path.clear()
    return case + seed / 2**32


def test_a_run_that_spoils_its_process_spoils_no_other(tmp_path):
    found = sweep.run(
        spoils,
        grid={"case": range(10)},
        replicates=1,
        metrics={"e": "lower"},
        results=tmp_path / "r",
        report=False,
        workers=1,
    )
    assert found.runs.loc[found.runs["status"] != "ok", "case"].tolist() in ([], [1])


@pytest.mark.parametrize(
    "value", [1 + 2j, np.complex128(1 + 2j), np.str_("1.5"), np.array(1 + 2j), np.bool_(1)]
)
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ReturnedError, match="expected a number"):
        numbers_in(value, ["e"])


def pools(a, *, seed):
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return sum(pool.map(abs, [a, seed % 7]))


def test_a_pool_of_spawned_processes_works_within_a_run(tmp_path):
    found = sweep.run(
        pools,
        grid={"a": [1]},
        replicates=1,
        metrics={"e": "lower"},
        results=tmp_path / "r",
        report=False,
        timeout_seconds=60,
    )
    assert found.runs["status"].tolist() == ["ok"], found.failures


def test_half_of_a_surrogate_pair_is_refused_before_anything_is_trained(tmp_path):
    with pytest.raises(sweep.InputError, match="no valid text"):
        sweep.run(descend, grid={"rate": ["\ud800"]}, metrics={"e": "lower"}, results=tmp_path / "r")


CONFIG = """
[function]
call = "t.py:train"
metrics = { y = "lower" }
[grid]
a = [1, 2, 3, 4, 5, 6, 7]
replicates = 2
"""
TRAIN = """
import h
def train(a, *, seed):
    return float(a * h.F) + (h.OF_THREE if a == 3 else 0)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.py").write_text(TRAIN)
    (tmp_path / "c.toml").write_text(CONFIG)
    helper(2)
    return tmp_path


def helper(factor, of_three=0, rest=""):
    with open("h.py", "w") as file:
        file.write(f"F = {factor}\nOF_THREE = {of_three}\n{rest}")


def values():
    return sweep.load("c.toml").runs.groupby("a")["y"].first().tolist()


def run(code=None):
    return sweep.run("c.toml", code=code, report=False)


@pytest.mark.usefixtures("folder")
def test_code_that_was_put_back_is_in_effect_and_what_was_rejected_does_not_come_back():
    run()
    helper(3)
    run("new")
    assert values() == [3, 6, 9, 12, 15, 18, 21]
    helper(2)
    run()
    helper(2, rest="UNUSED = 1\n")
    found = run("check")
    assert values() == [2, 4, 6, 8, 10, 12, 14]
    assert "were trained again" in found.remarks[0]
    helper(2, rest="UNUSED = 2\n")
    run("same")
    assert values() == [2, 4, 6, 8, 10, 12, 14]


@pytest.mark.usefixtures("folder")
def test_a_change_that_matters_for_one_value_of_an_axis_alone_is_found():
    run()
    helper(2, of_three=1)
    with pytest.raises(sweep.SweepError, match="the change matters: y of a = 3"):
        run("check")


@pytest.mark.usefixtures("folder")
def test_replay_says_where_it_differs_from_what_is_stored(capsys):
    run()
    helper(5)
    with pytest.raises(SystemExit):
        main(["replay", "c.toml", "--where", "a=1"])
    assert "(stored: 2.0)" in capsys.readouterr().out


def leaves(code):
    os._exit(code)


def test_the_heading_of_alike_failures_says_where_their_numbers_differ(tmp_path):
    stated = {"grid": {"code": [0, 1, 2]}, "metrics": {"e": "lower"}, "results": tmp_path / "r"}
    with pytest.raises(sweep.SweepError) as stopped:
        sweep.run(leaves, **stated, replicates=1, workers=1)
    found = sweep.load(leaves, **stated, replicates=1)
    heading = "its process ended itself with exit code 0, 1, ..."
    assert f"all 3 runs so far failed alike: {heading} Nothing else was tried" in str(stopped.value)
    assert found.failures["reason"].tolist() == [heading]


def raises_in_lines(a):
    raise ValueError(f"{a}\nb\nc")


def test_all_alike_are_told_by_the_type_of_what_they_raise(tmp_path):
    stated = {"grid": {"a": ["a"]}, "metrics": {"e": "lower"}, "results": tmp_path / "r"}
    with pytest.raises(
        sweep.SweepError, match=r"the only run so far failed alike: ValueError: a \.\.\. Nothing"
    ):
        sweep.run(raises_in_lines, **stated, replicates=1, workers=1)
