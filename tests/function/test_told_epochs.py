"""A generator that takes `epochs` is told how long to train: each count is trained by itself, to its last yield."""

import numpy as np
import pytest

import sweep

METRICS = {"error": "lower"}


def annealed(rate, epochs, *, seed):
    for epoch in range(1, epochs + 1):
        yield rate * epoch / epochs + 100 * epochs + epoch + seed % 2


def endless(rate, epochs=3, *, seed):  # noqa: ARG001 - it does not look at what it is told
    epoch = 0
    while True:
        epoch += 1
        yield rate + epoch


@sweep.batched("rate", "seed")
def many(rate, epochs, *, seed):  # noqa: ARG001 - the sweep wants a seed of it
    for epoch in range(1, epochs + 1):
        yield np.where(rate > 1, np.inf, rate + 100 * epochs + epoch)


def run(function, tmp_path, **options):
    options = {"grid": {"rate": [1.0, 2.0], "epochs": [2, 5]}, "replicates": 2} | options
    return sweep.run(function, metrics=METRICS, results=tmp_path, report=False, **options)


def test_each_count_is_trained_by_itself_and_its_last_yield_is_what_came_of_it(tmp_path):
    runs = run(annealed, tmp_path).runs
    assert runs["status"].eq("ok").all()
    assert (runs["error"] - runs["rate"] - 101 * runs["epochs"]).isin([0, 1]).all()


def test_one_that_yields_for_ever_is_ended_after_as_many_epochs(tmp_path):
    runs = run(endless, tmp_path, grid={"rate": [1.0, 2.0]}).runs
    assert runs["error"].eq(runs["rate"] + 3).all()
    assert run(endless, tmp_path, grid={"rate": [1.0, 2.0]}).replay(rate=2.0) == {"error": 5.0}


def test_many_at_once_are_told_as_well(tmp_path):
    runs = run(many, tmp_path).runs
    well = runs.query("rate == 1.0")
    assert well["error"].eq(1 + 101 * well["epochs"]).all()
    assert runs.query("rate == 2.0")["status"].eq("diverged").all()


def test_no_epochs_are_told_as_a_mistake(tmp_path):
    found = run(annealed, tmp_path, grid={"rate": [1.0], "epochs": [0, 1]}, replicates=1)
    assert found.runs["status"].tolist() == ["failed", "ok"]
    assert "0 epochs are no whole number from 1 on" in found.failures["reason"][0]


def test_batches_of_different_lengths_are_refused(tmp_path):
    function = sweep.batched("epochs", "seed")(annealed)
    with pytest.raises(sweep.ConfigError, match="cannot name `epochs` where a function yields"):
        run(function, tmp_path)
    del function.__sweep_batched__
