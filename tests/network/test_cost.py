"""What a training costs: estimates that cut even batches."""

import numpy as np
import pytest
from experiments import DEFAULTS, experiment, grid

from sweep.plan import make_batches, make_plan
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
