"""The trained networks of a sweep in Python's hands."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from running import SMALL, write_config

import sweep

GRID = {"neurons": [2, 3], "learning_rate": [0.03, 0.1], "epochs": [3, 9], "replicates": 5}


def run(folder, grid=GRID, **tables):
    training = {"batch_size": 3}
    config = write_config(
        Path(folder) / "small.toml",
        SMALL | {"training": training, "grid": grid, "store": {"weights": True}} | tables,
    )
    return sweep.run(config, results=Path(folder) / "results", workers=1, report=False)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return run(tmp_path_factory.mktemp("kept"))


def loss(network, points=11):
    x = np.linspace(0, 3, points)
    return np.sum((network(x) - x**2) ** 2) / 2


def losses(found, **where):
    runs = found.runs
    for axis, value in where.items():
        runs = runs[runs[axis] == value]
    return runs.set_index("replicate")["final_loss"]


def test_a_network_is_the_one_whose_loss_is_in_the_table(found):
    for row in found.runs[found.runs["epochs"] == 9].itertuples():
        network = found.network(row.replicate, neurons=row.neurons, learning_rate=row.learning_rate)
        assert network.layer_sizes == (1, row.neurons, 1)
        np.testing.assert_allclose(loss(network), row.final_loss, rtol=1e-12)


def test_the_networks_of_a_setting_come_by_replicate(found):
    networks = found.networks(neurons=3, learning_rate=0.1)
    assert list(networks) == [0, 1, 2, 3, 4]
    expected = losses(found, neurons=3, learning_rate=0.1, epochs=9)
    for replicate, network in networks.items():
        np.testing.assert_allclose(loss(network), expected[replicate], rtol=1e-12)
        one = found.network(replicate, neurons=3, learning_rate=0.1)
        for mine, other in zip(one.weights, network.weights, strict=True):
            np.testing.assert_array_equal(mine, other)


def test_only_the_end_of_a_training_is_kept_but_earlier_ends_stay(tmp_path):
    first = run(tmp_path, GRID | {"epochs": [3]})
    early = first.network(1, neurons=2, learning_rate=0.03)
    later = run(tmp_path)
    np.testing.assert_array_equal(
        later.network(1, epochs=3, neurons=2, learning_rate=0.03).weights[0], early.weights[0]
    )
    assert later.networks(epochs=5, neurons=2, learning_rate=0.03) == {}


def test_activation_and_layers_are_those_of_the_setting(tmp_path):
    grid = {"layers": [[2, 3], [4]], "activation": ["tanh", "relu"], "epochs": 5, "replicates": 1}
    found = run(tmp_path, grid)
    network = found.network(layers="2-3", activation="tanh")
    assert network.layer_sizes == (1, 2, 3, 1)
    assert (network.activation, network.output) == ("tanh", "identity")


def test_the_weights_of_rounds_are_the_best_networks(tmp_path):
    found = run(tmp_path, GRID, rounds={"networks": 3, "round_epochs": 4})
    expected = losses(found, neurons=3, learning_rate=0.1, epochs=9)
    for replicate, network in found.networks(neurons=3, learning_rate=0.1).items():
        np.testing.assert_allclose(loss(network), expected[replicate], rtol=1e-12)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"neurons": 3}, r"`learning_rate` must be given, .* 2 are left. Name one of its values: 0.03, 0.1"),
        ({"neurons": 4, "learning_rate": 0.1}, "no cell has neurons = 4; it has 2, 3"),
        ({"neuron": 3}, "'neuron' is not an axis of this sweep: did you mean 'neurons'"),
        ({"neurons": 3, "learning_rate": 0.1, "replicate": 5}, "`replicate` must be .* from 0 to 4, got 5"),
        (
            {"neurons": 3, "learning_rate": 0.1, "replicate": -1},
            "`replicate` must be a whole number of at least 0, got -1",
        ),
        ({"neurons": 3, "learning_rate": 0.1, "epochs": 3}, "no network of it is stored after 3 epochs"),
    ],
)
def test_what_is_not_there_is_told(found, where, message):
    with pytest.raises(sweep.InputError, match=message):
        found.network(**where)


@pytest.mark.parametrize("ask", ["network", "networks", "portraits", "weights_figure"])
def test_without_kept_weights_the_key_is_named(tmp_path, ask):
    found = run(tmp_path, store={})
    with pytest.raises(
        sweep.InputError, match=r"`store.weights` must be true .*`weights = true` under \[store\]"
    ):
        getattr(found, ask)(neurons=3, learning_rate=0.1)


@pytest.mark.parametrize(
    ("replicates", "roles"), [(1, {"best"}), (2, {"best", "worst"}), (5, {"best", "median", "worst"})]
)
def test_portraits_are_of_the_best_the_median_and_the_worst(tmp_path, replicates, roles):
    found = run(tmp_path, GRID | {"replicates": replicates})
    where, portraits = found.portraits(neurons=3, learning_rate=0.1)
    assert where == {"neurons": 3, "learning_rate": 0.1}
    expected = np.sort(losses(found, neurons=3, learning_rate=0.1, epochs=9))
    place = {"best": 0, "median": 2, "worst": -1}
    assert {portrait.role for portrait in portraits} == roles
    for portrait in portraits:
        assert portrait.value == expected[place[portrait.role]]
        network = found.network(portrait.replicate, neurons=3, learning_rate=0.1)
        np.testing.assert_array_equal(portrait.inside.weights[0], network.weights[0])
        np.testing.assert_array_equal(portrait.inside.output, network(portrait.inside.x))
        np.testing.assert_array_equal(portrait.inside.target, portrait.inside.x**2)


def test_portraits_are_of_the_setting_with_the_smallest_median(found):
    cells = found.cells[found.cells["epochs"] == 9]
    best = cells.iloc[int(cells["median"].argmin())]
    where, portraits = found.portraits()
    assert where == {"neurons": best["neurons"], "learning_rate": best["learning_rate"]}
    assert len(portraits) == 3


def test_diverged_networks_are_no_portraits(tmp_path):
    found = run(tmp_path, {"learning_rate": [1e60, 0.03], "epochs": 30, "replicates": 3})
    assert (losses(found, learning_rate=1e60) == np.inf).all()
    assert found.portraits(learning_rate=1e60)[1] == []
    assert len(found.networks(learning_rate=1e60)) == 3
    assert found.portraits()[0] == {"learning_rate": 0.03}


def test_the_report_of_kept_weights_has_their_figure_and_the_same_bytes_again(tmp_path):
    tables = SMALL | {"store": {"weights": True}}
    config = write_config(tmp_path / "small.toml", tables)
    found = sweep.run(config, results=tmp_path / "results", workers=1)
    figures = tmp_path / "results" / "figures"
    once = {path.name: path.read_bytes() for path in figures.iterdir()}
    assert {"weights.png", "weights.svg"} <= once.keys()
    sweep.api.write_report(found)
    assert {path.name: path.read_bytes() for path in figures.iterdir()} == once


def test_what_is_trained_again_for_lost_weights_counts_once(tmp_path):
    grid = GRID | {"epochs": [3]}
    before = run(tmp_path, grid)
    with closing(sqlite3.connect(tmp_path / "results/store.sqlite")) as connection:
        connection.execute("DELETE FROM kept_weights WHERE id = 1")
        connection.commit()
    after = run(tmp_path, grid)
    assert any("lose their weights" in message for message in after.messages)
    assert f"rebuilt with the {before.n_planned} trajectories" in after.messages[-1]
    loaded = sweep.load(tmp_path / "small.toml", results=tmp_path / "results")
    for found in (after, loaded):
        assert found.n_stored == found.n_planned == before.n_planned
        pd.testing.assert_frame_equal(found.runs, before.runs)
        pd.testing.assert_frame_equal(found.cells, before.cells)
        assert set(found.curves.learning["n_runs"]) == {5}
        assert len(found.curves.functions) == len(before.curves.functions)
        assert list(found.networks(neurons=3, learning_rate=0.1)) == [0, 1, 2, 3, 4]
    with closing(sqlite3.connect(tmp_path / "results/store.sqlite")) as connection:
        connection.execute("UPDATE outcomes SET seconds = 1e9 WHERE id = 1")
        connection.commit()
    again = run(tmp_path, grid)
    assert f"rebuilt with the {before.n_planned} trajectories" in again.messages[-1]
    assert again.n_stored == again.n_planned
