"""Trained networks that a sweep keeps: what is stored without them is trained again, and only that."""

import tomllib
from pathlib import Path

import pytest
from running import SMALL_RESULTS, change, saved, stored_runs, sweep, write_config

import sweep as package
from sweep.store import ResultsFolder, everything
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


def keep(**axes):
    """Write `small.toml` as `change` does, with weights kept."""
    change(**axes)
    write_config(
        Path("small.toml"), tomllib.loads(Path("small.toml").read_text()) | {"store": {"weights": True}}
    )


def stored_weights():
    """Return the stored weights by setting, replicate and epochs."""
    with ResultsFolder(SMALL_RESULTS).read("final_loss") as stored:
        return {
            (key.tobytes(), int(replicate), int(outcome.steps[-1])): weights
            for outcome in (each.outcome for each in stored.outcomes(everything))
            if "weights" in outcome.extras
            for key, replicate, weights in zip(
                outcome.keys, outcome.replicates, outcome.extras["weights"], strict=True
            )
        }


def test_weights_are_kept_only_if_they_are_asked_for():
    sweep("run", "small.toml", "--no-report")
    assert stored_weights() == {}
    keep(seed=1)
    sweep("run", "small.toml", "--no-report")
    assert len(stored_weights()) == 12


@pytest.mark.parametrize("epochs", [[20], [5, 20]])
def test_results_without_weights_are_missing_when_weights_are_asked_for(epochs, n_trained):
    change(epochs=epochs)
    sweep("run", "small.toml", "--no-report")
    before, once = saved(SMALL_RESULTS), stored_runs(SMALL_RESULTS)
    n_trained.clear()
    keep(epochs=epochs)
    assert package.load("small.toml").n_stored == 12 * (len(epochs) - 1)
    sweep("run", "small.toml", "--no-report")
    assert sum(n_trained) == 12  # the largest epoch count alone
    assert saved(SMALL_RESULTS) == before
    assert len(stored_weights()) == 12
    assert len(stored_runs(SMALL_RESULTS)) == len(once) + 12  # stored twice, which does no harm
    assert set(stored_runs(SMALL_RESULTS)) == set(once)
    n_trained.clear()
    sweep("run", "small.toml", "--no-report")
    change(epochs=epochs)
    sweep("run", "small.toml", "--no-report")
    assert n_trained == []
    assert saved(SMALL_RESULTS) == before


@pytest.mark.parametrize(
    ("first", "then", "n_new"),
    [
        ({"epochs": [20]}, {"epochs": [20, 30]}, 12),
        ({"epochs": [20, 30]}, {"epochs": [20]}, 12),  # the weights after 20 epochs are not there
        ({"epochs": [30]}, {"epochs": [20, 30]}, 12),
        ({"replicates": 2}, {"replicates": 4}, 8),
    ],
)
def test_of_a_sweep_that_changes_only_what_is_not_there_is_trained(first, then, n_new, n_trained):
    keep(**first)
    sweep("run", "small.toml", "--no-report")
    n_trained.clear()
    keep(**then)
    sweep("run", "small.toml", "--no-report")
    assert sum(n_trained) == n_new
    n_trained.clear()
    sweep("run", "small.toml", "--no-report")
    assert n_trained == []


def test_duplicates_change_neither_tables_nor_curves():
    sweep("run", "small.toml", "--no-report")
    plain = package.load("small.toml")
    keep()
    sweep("run", "small.toml", "--no-report")
    twice = package.load("small.toml")
    for table in ("learning", "functions"):
        assert getattr(twice.curves, table).equals(getattr(plain.curves, table))
    assert twice.runs.equals(plain.runs)


def test_a_failure_of_old_does_not_stand_in_for_a_result_without_weights(monkeypatch):
    def fail(_):
        raise RuntimeError("no")

    with monkeypatch.context() as failing:
        failing.setattr(kind, "train_batch", fail)
        sweep("run", "small.toml", "--no-report", code=1)
    sweep("run", "small.toml", "--no-report", "--retry-failed")
    keep()
    sweep("run", "small.toml", "--no-report")
    assert len(stored_weights()) == 12


def test_lost_weights_are_trained_again(n_trained):
    import sqlite3

    keep()
    sweep("run", "small.toml", "--no-report")
    kept = stored_weights()
    n_trained.clear()
    connection = sqlite3.connect(ResultsFolder(SMALL_RESULTS).database)
    connection.execute("UPDATE kept_weights SET content = zeroblob(length(content)) WHERE id = 1")
    connection.commit()
    connection.close()
    sweep("run", "small.toml", "--no-report")
    assert 0 < sum(n_trained) < 12
    again = stored_weights()
    assert again.keys() == kept.keys()
    assert all(again[run].tobytes() == kept[run].tobytes() for run in kept)


def test_claims_on_trained_networks_read_the_store_once_for_all_their_cells(monkeypatch):
    from sweep.store import Database

    keep()
    config = tomllib.loads(Path("small.toml").read_text())
    claim = {"sentence": "s", "form": "unlike", "rms_difference": 10.0}
    axes = [name for name in config["grid"] if name not in ("replicates", "epochs", "seed")]
    write_config(Path("small.toml"), config | {"claim": [claim | {"over": axes}]})
    sweep("run", "small.toml", "--no-report")
    n_read = []
    outcomes = Database.outcomes
    monkeypatch.setattr(
        Database, "outcomes", lambda self, *wanted: n_read.append(1) or outcomes(self, *wanted)
    )

    found = package.load("small.toml")

    assert len(found.judged) == 4
    assert len(n_read) == 4, "two looks, each once for the results and once for what four cells keep"
