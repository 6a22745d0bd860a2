"""What a training costs: estimates that cut even batches."""

import time

import numpy as np
import pytest
from experiments import DEFAULTS, axis, experiment, grid

from sweep.plan import Pace, make_batches, make_plan
from sweep.training.network import machine
from sweep.training.network.batch import train_batch
from sweep.training.network.cost import LANES, network_cost
from sweep.training.network.engine.lanes import lanes_of
from sweep.training.network.setting import NetworkSetting


def cost(**values):
    return network_cost(NetworkSetting.of(DEFAULTS | values))


def batches(*grids, **fixed):
    plan = make_plan(experiment(*grids, **fixed))
    return make_batches(plan, np.ones(plan.n_runs, dtype=bool))


@pytest.mark.parametrize("networks", [1, 3, 8, 1000])
def test_each_network_of_a_run_counts_in_a_batch(networks):
    alone, together = cost(epochs=1000), cost(epochs=1000, networks=networks)
    assert together.trajectories_in(1.0) == max(1, alone.trajectories_in(1.0) // networks)
    assert together.seconds(8, 1) - together.per_batch == pytest.approx(
        alone.seconds(8 * networks, networks) - alone.per_batch
    )


def test_all_runs_are_in_batches_however_many_networks_a_run_has():
    made = list(batches(grid(replicates=100), networks=3))
    assert sum(map(len, made)) == 100
    assert {batch.fixed["networks"] for batch in made} == {3}


def test_a_rounds_end_costs_time():
    seconds = [
        batches(grid(), networks=2, epochs=5000, round_epochs=round_epochs).seconds
        for round_epochs in (0, 1000, 1)
    ]
    assert seconds == sorted(seconds)
    assert seconds[2] > seconds[0] + 0.5


def test_of_networks_that_are_large_no_more_are_in_a_batch_than_fit():
    assert cost(layers=(10_000, 10_000)).trajectories_in(1e6) == 1
    assert cost(layers=(1000, 1000)).trajectories_in(1e6) == 4


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_a_batch_fills_the_lanes_of_the_engine(precision):
    made = list(batches(grid(replicates=100_000), precision=precision, epochs=1000))
    assert all(len(batch) % lanes_of(precision) == 0 for batch in made[:-1])
    assert LANES[precision] == lanes_of(precision)


def test_float32_takes_half_the_time_of_twice_as_many_at_once():
    double, single = (cost(neurons=10, epochs=1000, precision=precision) for precision in LANES)
    assert single.seconds(1600, 0) < 0.6 * double.seconds(1600, 0)
    assert single.seconds(1, 1) == single.seconds(16, 1) < single.seconds(17, 1)


@pytest.mark.parametrize(
    "fixed",
    [
        {"neurons": 10, "batch_size": 10, "epochs": 1000},
        {"neurons": 30, "hidden_layers": 2, "gradient": "numerical", "batch_size": 10, "epochs": 10},
        {"neurons": 10, "hidden_layers": 4, "activation": "tanh", "batch_size": 100, "epochs": 40},
        {"neurons": 100, "hidden_layers": 2, "batch_size": 100, "epochs": 40},
        {"neurons": 10, "batch_size": 100, "networks": 10, "round_epochs": 100, "epochs": 200},
    ],
    ids=["shallow", "numerical", "deep", "wide", "racing"],
)
def test_an_estimate_is_of_the_size_of_what_the_training_takes(fixed):
    rates = axis("learning_rate", *np.geomspace(1e-6, 1e-4, 3).tolist())
    plan = make_plan(experiment(grid(rates, replicates=3 if "hidden_layers" in fixed else 20), **fixed))
    missing = np.ones(plan.n_runs, dtype=bool)
    (batch,) = make_batches(plan, missing, pace=Pace(plan.training.slowness()))
    took = []
    for _ in range(3):
        started = time.process_time()
        train_batch(batch)
        took.append(time.process_time() - started)
    assert (
        batch.seconds / 3 < min(took) < batch.seconds * 3
    )  # a third is what is seen; other programs run as well


def test_few_wide_networks_take_no_longer_than_their_number_says():
    wide = cost(layers=(100, 100), epochs=1000)
    one, eight = wide.seconds(1, 1), wide.seconds(8, 1)
    assert eight == pytest.approx(8 * one, rel=0.1)


def test_at_another_pace_the_same_batches_take_longer():
    plan = make_plan(experiment(grid(replicates=1000), epochs=100_000))
    missing = np.ones(plan.n_runs, dtype=bool)
    here, slower = (make_batches(plan, missing, pace=Pace(slowness)) for slowness in (1.0, 3.0))
    assert [len(batch) for batch in here] == [len(batch) for batch in slower]
    assert len(here) > 1
    assert slower.seconds == pytest.approx(3 * here.seconds)


@pytest.mark.parametrize(
    ("matrices", "arrays", "slowness"), [(2.0, 1.0, 2.0), (1.0, 1.0, 1.0), (0.1, 0.8, 0.8), (3.0, 4.0, 4.0)]
)
def test_a_machine_is_slow_at_what_it_is_slowest_at(matrices, arrays, slowness, monkeypatch):
    took = iter([matrices * machine.MATRICES_SECONDS, arrays * machine.ARRAYS_SECONDS])
    monkeypatch.setattr(machine, "_seconds", lambda _: next(took))
    assert machine.slowness.__wrapped__() == pytest.approx(slowness)


def test_what_a_machine_takes_is_measured_once_and_in_no_time():
    started = time.process_time()
    found = machine.slowness.__wrapped__()
    assert time.process_time() - started < 0.1
    assert 0.1 < found < 100
    assert machine.slowness() == machine.slowness()
