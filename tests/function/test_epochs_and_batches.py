"""Generators: epochs are free. Batched functions: the same numbers in fewer calls. And what becomes of failures."""

import math
import re

import numpy as np
import pytest

import sweep
from sweep.errors import RunsError

FILE = """
from pathlib import Path
import numpy as np
import sweep

def log(text):
    with open(Path(__file__).parent / "calls", "a") as file:
        file.write(text + "\\n")

def curve(rate, kind="fine", *, seed, replicate, folder):
    log(f"{rate} {kind} {replicate}")
    (folder / "kept").write_text(f"{rate} {kind} {replicate}")
    loss = 1.0 + np.random.default_rng(seed).uniform()
    for epoch in range(1, 100):
        loss *= 1 - rate
        if kind == "raises" and epoch == 4:
            raise ValueError("no more")
        if kind == "diverges" and epoch == 4:
            loss = float("nan")
        if kind == "ends" and epoch == 4:
            return
        if kind == "other keys" and epoch == 4:
            yield {"loss": loss, "acc": 0.5}
        yield {"loss": loss, "accuracy": float("inf") if kind == "odd" else 1 - loss}

def one(rate, power=2, *, seed, replicate):
    log(f"one {rate}")
    if rate == 0.5 and replicate == 1:
        raise ValueError("one half")
    return rate**power + np.random.default_rng(seed).uniform() + replicate

@sweep.batched("rate", "seed", "replicate")
def many(rate, power=2, *, seed, replicate):
    log(f"many {len(rate)}")
    if ((rate == 0.5) & (replicate == 1)).any():
        raise ValueError("one half")
    assert rate.shape == seed.shape == replicate.shape
    return rate**power + np.array([np.random.default_rng(s).uniform() for s in seed]) + replicate

def one_curve(rate, *, seed):
    for epoch in range(1, 100):
        yield float("nan") if rate == 2.0 and epoch >= 3 else rate * epoch + seed % 3

@sweep.batched("rate", "seed")
def many_curves(rate, *, seed):
    for epoch in range(1, 100):
        yield np.where((rate == 2.0) & (epoch >= 3), np.nan, rate * epoch + seed % 3)

def told_curve(rate, epochs, *, seed):
    log(f"told_curve {epochs}")
    for epoch in range(1, 1000):
        yield float("nan") if rate == 2.0 and epoch == 3 else rate * epoch / epochs

@sweep.batched("rate", "seed")
def told_curves(rate, epochs, *, seed):
    for epoch in range(1, epochs + 1):
        yield np.where((rate == 2.0) & (epoch == 3), np.nan, rate * epoch / epochs)

def told(rate, epochs, *, seed):
    log(f"told {epochs}")
    return rate * epochs
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("epochs")
    (folder / "train.py").write_text(FILE)
    return folder


def run(folder, function, grid, metrics='{ error = "lower" }', results=None):
    lines = "".join(f"{name} = {value}\n" for name, value in grid.items())
    config = folder / f"{results or function}.toml"
    config.write_text(f'[function]\ncall = "train.py:{function}"\nmetrics = {metrics}\n[grid]\n{lines}')
    (folder / "calls").unlink(missing_ok=True)
    return sweep.run(config, results=folder / (results or function), workers=1, report=False)


def calls(folder):
    path = folder / "calls"
    return path.read_text().splitlines() if path.exists() else []


TWO = '{ loss = "lower", accuracy = "higher" }'
KINDS = '["fine", "raises", "diverges", "ends", "other keys", "odd"]'


@pytest.fixture(scope="module")
def curves(folder):
    grid = {"rate": "[0.1]", "kind": KINDS, "epochs": "[2, 3, 10]", "replicates": 2}
    return run(folder, "curve", grid, TWO), calls(folder)


def test_three_epoch_counts_are_read_off_one_training(curves):
    found, called = curves
    kinds = ("fine", "raises", "diverges", "ends", "other keys", "odd")

    assert sorted(called) == sorted(f"0.1 {kind} {replicate}" for kind in kinds for replicate in (0, 1))
    fine = found.runs[found.runs["kind"] == "fine"].set_index(["epochs", "replicate"])
    for replicate in (0, 1):
        first = fine.loc[(2, replicate), "loss"] / 0.9**2
        assert 1 <= first <= 2
        assert fine.loc[(10, replicate), "loss"] == pytest.approx(first * 0.9**10)
        assert fine.loc[(10, replicate), "accuracy"] == 1 - fine.loc[(10, replicate), "loss"]
    assert fine.loc[(2, 0), "loss"] != fine.loc[(2, 1), "loss"]


@pytest.mark.parametrize("kind", ["raises", "ends", "other keys"])
def test_a_failure_keeps_the_epochs_before_it(curves, kind):
    found, _ = curves
    runs = found.runs[found.runs["kind"] == kind]

    assert runs[runs["epochs"] < 4]["status"].eq("ok").all()
    assert runs[runs["epochs"] < 4]["loss"].notna().all()
    assert runs[runs["epochs"] == 10]["status"].eq("failed").all()


def test_why_they_failed_is_told(curves):
    found, _ = curves
    reasons = found.failures.set_index("kind")["reason"].to_dict()

    assert reasons == {
        "raises": "ValueError: no more",
        "ends": "it yielded 3 epochs and ended, 10 were asked for",
        "other keys": "it returned no `accuracy`, which is one of its metrics; it returned loss, acc",
    }


def test_a_run_that_leaves_the_numbers_is_a_result(curves):
    found, _ = curves
    runs = found.runs[found.runs["kind"] == "diverges"]

    assert runs[runs["epochs"] < 4]["status"].eq("ok").all()
    late = runs[runs["epochs"] == 10]
    assert late["status"].eq("diverged").all()
    assert late["diverged_at"].eq(4).all()
    assert late["loss"].eq(math.inf).all()


def test_another_metric_may_be_infinite(curves):
    found, _ = curves
    odd = found.runs[found.runs["kind"] == "odd"]

    assert odd["status"].eq("ok").all()
    assert np.isinf(odd["accuracy"]).all()


def test_learning_curves_go_as_far_as_the_training_did(curves):
    found, _ = curves
    table = found.curves.learning
    last = table.groupby("kind")["epoch"].max()

    assert last["fine"] == 10
    assert table[table["kind"] == "fine"]["median"].is_monotonic_decreasing
    assert table[(table["kind"] == "raises") & table["median"].notna()]["epoch"].max() == 3


def test_each_run_has_a_folder_of_its_own(curves, folder):
    kept = sorted(path.read_text() for path in (folder / "curve").rglob("kept"))

    assert kept == sorted(curves[1])


def test_more_epochs_train_again_and_fewer_do_not(folder):
    grid = {"rate": "[0.1]", "epochs": "[2]", "replicates": 2}
    run(folder, "curve", grid, TWO, "more")
    first = calls(folder)
    more = run(folder, "curve", {**grid, "epochs": "[2, 5]"}, TWO, "more")
    second = calls(folder)
    run(folder, "curve", {**grid, "epochs": "[5]"}, TWO, "more")

    assert len(first) == len(second) == 2
    assert calls(folder) == []
    assert more.runs["status"].eq("ok").all()


def test_a_function_that_is_told_its_epochs_is_trained_for_each(folder):
    found = run(folder, "told", {"rate": "[0.5]", "epochs": "{ log = [1, 100], num = 3 }", "replicates": 1})

    assert sorted(calls(folder)) == ["told 1", "told 10", "told 100"]
    assert found.runs["error"].tolist() == [0.5, 5.0, 50.0]


def test_a_generator_that_is_told_its_epochs_is_trained_for_each(folder):
    grid = {"rate": "[0.5, 2.0]", "epochs": "[2, 4]", "replicates": 1}
    found = run(folder, "told_curve", grid)
    n_calls = sorted(calls(folder))
    batched = run(folder, "told_curves", grid)

    assert n_calls == ["told_curve 2", "told_curve 2", "told_curve 4", "told_curve 4"]
    assert found.runs["error"].tolist() == [0.5, 0.5, 2.0, math.inf]
    assert found.runs["status"].tolist() == ["ok", "ok", "ok", "diverged"]
    assert batched.runs["error"].tolist() == found.runs["error"].tolist()
    assert found.replay(0, where={"rate": 0.5, "epochs": 4}) == {"error": 0.5}


def test_batched_gives_the_same_and_one_that_raises_fails_alone(folder):
    grid = {"rate": "[0.1, 0.5, 0.7, 1.0]", "power": "[2, 3]", "replicates": 3}
    one = run(folder, "one", grid).runs
    n_one = len(calls(folder))
    many = run(folder, "many", grid).runs

    assert n_one == 24
    assert one.equals(many)
    assert one["status"].eq("failed").sum() == 2
    assert one[one["status"] == "failed"]["replicate"].tolist() == [1, 1]
    assert one[one["status"] == "failed"]["rate"].tolist() == [0.5, 0.5]


def test_batched_is_one_call_for_many_runs(folder):
    run(folder, "many", {"rate": "{ linear = [0.6, 1.0], num = 20 }", "replicates": 3}, results="at_once")

    assert len(calls(folder)) <= 6
    assert sum(int(line.split()[1]) for line in calls(folder)) == 60


def test_batched_curves_are_the_same(folder):
    grid = {"rate": "[0.1, 0.5, 2.0]", "epochs": "[2, 5]", "replicates": 3}
    one, many = run(folder, "one_curve", grid), run(folder, "many_curves", grid)

    assert one.runs.equals(many.runs)
    late = one.runs[(one.runs["rate"] == 2.0) & (one.runs["epochs"] == 5)]
    assert late["status"].eq("diverged").all()
    assert late["diverged_at"].eq(3).all()


def test_a_sweep_of_which_all_runs_fail_alike_stops(folder):
    (folder / "broken.py").write_text("import not_there\ndef train(rate, *, seed):\n    return rate\n")
    config = folder / "broken.toml"
    config.write_text(
        '[function]\ncall = "broken.py:train"\nmetrics = { error = "lower" }\n[grid]\nrate = [1, 2, 3]\nreplicates = 99'
    )

    with pytest.raises(RunsError) as error:
        sweep.run(config, results=folder / "broken", workers=1)

    told = str(error.value)
    assert "\n" not in told
    assert "failed alike: ModuleNotFoundError: No module named 'not_there'." in told
    assert "--retry-failed" in told


@sweep.batched("rate", "seed")
def of_wrong_shape(rate, *, seed):
    return np.array([rate.mean() + seed[0] % 3])


@sweep.batched("rate")
def of_one_alone(rate):
    return np.array([rate.item() ** 2])


@pytest.mark.parametrize(
    ("function", "replicates", "why"),
    [
        (
            of_wrong_shape,
            4,
            r"it returned float64 of shape \(1,\) for `e`, expected numbers of shape \(\d,\), one",
        ),
        (of_one_alone, 1, "ValueError: can only convert an array of size 1.*"),
    ],
)
def test_it_is_told_once_where_a_batched_function_serves_one_run_at_a_time(
    function, replicates, why, tmp_path
):
    stated = {"grid": {"rate": [0.1, 0.2, 0.3, 0.4]}, "replicates": replicates, "metrics": {"e": "lower"}}
    found = sweep.run(function, **stated, results=tmp_path / "r", workers=1, report=False)
    assert found.runs["status"].eq("ok").all()
    (message,) = found.messages
    assert re.fullmatch(f".* when it was trained alone, which is slower: .*{why}.*", message)
    assert sweep.run(function, **stated, results=tmp_path / "r", report=False).messages == ()
