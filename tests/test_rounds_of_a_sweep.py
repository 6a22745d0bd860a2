"""Rounds as a sweep has them: axes like any other, paired, and in the same bits whatever the batches and workers."""

import numpy as np
import pytest
from running import saved, stored_runs, write_config

import sweep
from sweep.dispatch import pool
from sweep.training.kind import Cost

GRID = {"learning_rate": [0.03, 0.1, 1e60], "epochs": [1, 5, 12], "replicates": 5, "seed": 3}
ROUNDS = {"networks": [1, 3], "round_epochs": [0, 4]}
FIXED = {"target": {"function": "x**2", "interval": [0, 3]}, "training": {"batch_size": 3}}


def run(folder, grid, workers=1, **tables):
    config = write_config(folder / "config.toml", FIXED | tables | {"grid": grid})
    return sweep.run(config, results=folder / "results", workers=workers, report=False)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    found = run(folder, GRID | ROUNDS)
    assert len(found.runs) == found.n_planned == 3 * 3 * 5 * 4
    assert {"ok", "diverged"} == set(found.runs["status"])
    return found, saved(folder / "results")


def losses(runs, **where):
    for axis, value in where.items():
        runs = runs[runs[axis] == value]
    return runs.sort_values(["learning_rate", "epochs", "replicate"])["final_loss"].to_numpy()


def test_one_network_has_the_losses_that_it_has_without_rounds(undisturbed, tmp_path):
    plain = losses(run(tmp_path, GRID).runs)
    for round_epochs in (0, 4):
        np.testing.assert_array_equal(
            losses(undisturbed[0].runs, networks=1, round_epochs=round_epochs), plain
        )


def test_more_networks_are_never_worse_and_rounds_differ_only_when_one_has_ended(undisturbed):
    runs = undisturbed[0].runs
    alone, apart = (losses(runs, networks=n, round_epochs=0) for n in (1, 3))
    assert (apart <= alone).all()
    assert (apart < alone).any()
    for epochs, differ in ((1, False), (5, True), (12, True)):
        apart, rounds = (losses(runs, networks=3, round_epochs=each, epochs=epochs) for each in (0, 4))
        assert (apart != rounds).any() == differ


def test_what_was_stored_before_there_were_rounds_is_found(tmp_path):
    run(tmp_path, GRID)
    before = stored_runs(tmp_path / "results")
    run(tmp_path, GRID | {"networks": [1, 2]})
    runs = stored_runs(tmp_path / "results")
    assert len(runs) == len(set(runs)) == 2 * len(before)
    assert set(before) < set(runs)


@pytest.mark.parametrize("most", [1, 4, 7])
def test_any_size_of_batches_gives_the_same_bits(most, undisturbed, tmp_path, monkeypatch):
    monkeypatch.setattr(Cost, "trajectories_in", lambda *_: most)
    run(tmp_path, GRID | ROUNDS)
    assert saved(tmp_path / "results") == undisturbed[1]


def test_any_number_of_workers_gives_the_same_bits(undisturbed, tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "SECONDS_TO_START_WORKERS", 0.0)
    monkeypatch.setattr(pool, "in_process", None)  # so that it cannot be used
    run(tmp_path, GRID | ROUNDS, workers=2)
    assert saved(tmp_path / "results") == undisturbed[1]


def test_a_sweep_in_steps_is_the_same_as_one_at_once(undisturbed, tmp_path):
    run(tmp_path, GRID | ROUNDS | {"epochs": [5], "replicates": 2})
    run(tmp_path, GRID | ROUNDS)
    assert saved(tmp_path / "results") == undisturbed[1]


def test_rounds_may_be_fixed_in_their_own_table(undisturbed, tmp_path):
    found = run(tmp_path, GRID, rounds={"networks": 3, "round_epochs": 4})
    expected = losses(undisturbed[0].runs, networks=3, round_epochs=4)
    np.testing.assert_array_equal(losses(found.runs), expected)
