import itertools
from unittest.mock import patch

import numpy as np
import pytest
from experiments import axis, experiment, grid
from hypothesis import given
from hypothesis import strategies as st

from sweep.config.experiment import Axis
from sweep.errors import PlanError
from sweep.plan import make_batches, make_plan
from sweep.plan import plan as plan_module
from sweep.plan.batches import curve_steps
from sweep.plan.index import KeyIndex

RATES = st.lists(st.sampled_from([0.001, 0.01, 0.03, 0.1, 0.3]), min_size=1, max_size=4, unique=True)
NEURONS = st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True)
EPOCHS = st.lists(st.sampled_from([1, 5, 10, 20, 50]), min_size=1, max_size=3, unique=True)


@st.composite
def grids(draw):
    axes = [
        axis("learning_rate", *draw(RATES)),
        axis("neurons", *draw(NEURONS)),
        axis("epochs", *draw(EPOCHS)),
    ]
    if draw(st.booleans()):
        axes[1] = Axis(
            ("neurons", "activation"), tuple((n, "tanh" if n % 2 else "relu") for (n,) in axes[1].points)
        )
    exclude = ()
    if draw(st.booleans()):
        exclude = ({"learning_rate": (axes[0].points[0][0],), "epochs": (axes[2].points[0][0],)},)
    return grid(*draw(st.permutations(axes)), replicates=draw(st.integers(1, 4)), exclude=exclude)


def by_hand(an_experiment):
    """The planned runs, expanded the slow and obvious way."""
    runs = set()
    for one in an_experiment.grids:
        for points in itertools.product(*(a.points for a in one.axes)):
            values = dict(an_experiment.fixed)
            for one_axis, point in zip(one.axes, points, strict=True):
                values.update(zip(one_axis.names, point, strict=True))
            if any(all(values[f] in dropped for f, dropped in rule.items()) for rule in one.exclude):
                continue
            for replicate in range(one.replicates):
                runs.add((*sorted((f, v) for f, v in values.items() if f in an_experiment.axes), replicate))
    return runs


def planned(plan):
    runs = []
    for cell, replicates in enumerate(plan.cells.replicates):
        values = {f: plan.cells.levels[f][codes[cell]] for f, codes in plan.cells.codes.items()}
        point = sorted((f, v) for f, v in values.items() if f in plan.experiment.axes)
        runs += [(*point, replicate) for replicate in range(replicates)]
    return runs


def trained(plan, missing):
    """What the batches say they train: (key, replicate, epochs) of every run."""
    return [
        (key.tobytes(), int(replicate), count)
        for batch in make_batches(plan, missing)
        for key, replicate in zip(batch.keys, batch.replicates, strict=True)
        for count in batch.steps
    ]


@given(st.lists(grids(), min_size=1, max_size=3))
def test_exactly_the_planned_runs_are_planned_each_once(some_grids):
    an_experiment = experiment(*some_grids)
    if not by_hand(an_experiment):
        with pytest.raises(PlanError, match="nothing is left"):
            make_plan(an_experiment)
        return
    runs = planned(make_plan(an_experiment))
    assert len(runs) == len(set(runs))
    assert set(runs) == by_hand(an_experiment)


@given(st.lists(grids(), min_size=1, max_size=2), st.randoms(use_true_random=False))
def test_the_batches_train_exactly_the_missing_runs(some_grids, random):
    an_experiment = experiment(*some_grids)
    if not by_hand(an_experiment):
        return
    plan = make_plan(an_experiment)
    missing = np.array([random.random() < 0.5 for _ in range(plan.n_runs)])
    runs = trained(plan, missing)
    assert len(runs) == len(set(runs)) == missing.sum()
    for setting in range(plan.n_settings):
        schedule = plan.schedules[plan.schedule[setting]]
        for replicate in range(schedule.n_trajectories):
            numbers = plan.runs_of(np.array([setting]), np.array([replicate]), schedule.steps)[0]
            for count, number in zip(schedule.steps, numbers, strict=True):
                is_trained = (plan.keys[setting].tobytes(), replicate, count) in runs
                assert is_trained == (number >= 0 and bool(missing[number]))


@given(st.lists(grids(), min_size=1, max_size=2))
def test_the_runs_are_numbered_without_gaps(some_grids):
    if not by_hand(experiment(*some_grids)):
        return
    plan = make_plan(experiment(*some_grids))
    numbers = []
    for setting in range(plan.n_settings):
        schedule = plan.schedules[plan.schedule[setting]]
        replicates = np.arange(schedule.n_trajectories)
        numbers.append(plan.runs_of(np.full(len(replicates), setting), replicates, schedule.steps).T.ravel())
    numbers = np.concatenate(numbers)
    assert numbers[numbers >= 0].tolist() == list(range(plan.n_runs))


def test_a_training_serves_all_its_epoch_counts():
    plan = make_plan(experiment(grid(axis("epochs", 10, 100, 30), axis("neurons", 1, 2), replicates=5)))
    assert (plan.n_settings, plan.n_trajectories, plan.n_runs) == (2, 10, 30)
    (schedule,) = plan.schedules
    assert schedule.steps == (10, 30, 100)
    assert {batch.steps for batch in make_batches(plan, np.ones(30, dtype=bool))} == {(10, 30, 100)}


def test_a_training_goes_no_further_than_what_is_missing_of_it():
    plan = make_plan(experiment(grid(axis("epochs", 10, 100), replicates=1)))
    (batch,) = make_batches(plan, np.array([True, False]))
    assert batch.steps == (10,)


def test_the_order_of_axes_values_and_grids_has_no_influence():
    rates, neurons, epochs = axis("learning_rate", 0.1, 0.03), axis("neurons", 5, 1), axis("epochs", 10, 5)
    plan = make_plan(experiment(grid(rates, neurons, epochs), grid(axis("learning_rate", 0.5))))
    other = make_plan(
        experiment(
            grid(axis("learning_rate", 0.5)),
            grid(axis("epochs", 5, 10), axis("neurons", 1, 5), axis("learning_rate", 0.03, 0.1)),
        )
    )
    assert planned(plan) == planned(other)
    assert (plan.keys == other.keys).all()


def test_a_cell_of_several_grids_gets_the_most_replicates_any_of_them_asks_for():
    plan = make_plan(
        experiment(grid(axis("neurons", 1, 2), replicates=2), grid(axis("neurons", 2), replicates=7))
    )
    assert plan.cells.replicates.tolist() == [2, 7]


def test_batches_come_replicate_by_replicate_over_the_whole_grid():
    values = [i / 1000 for i in range(1, 1001)]
    plan = make_plan(
        experiment(grid(axis("learning_rate", *values), axis("neurons", 1, 2), replicates=3), epochs=500_000)
    )
    first = [int(batch.replicates[0]) for batch in make_batches(plan, np.ones(plan.n_runs, dtype=bool))]
    assert first == sorted(first)
    assert len(set(first)) == 3


def test_the_last_batches_are_smaller_so_that_workers_end_together():
    values = [i / 1000 for i in range(1, 1001)]
    some = grid(axis("learning_rate", *values), replicates=100)
    plan = make_plan(experiment(some, epochs=1000, batch_size=10))
    missing = np.ones(plan.n_runs, dtype=bool)
    by_one, by_two = (list(make_batches(plan, missing, workers)) for workers in (1, 2))
    assert sum(map(len, by_two)) == sum(map(len, by_one)) == plan.n_trajectories
    beginning = [batch.seconds for batch in by_two if batch.seconds > 0.4]
    assert beginning == [batch.seconds for batch in by_two][: len(beginning)]
    end = [batch.seconds for batch in by_two][len(beginning) :]
    assert 0.5 < sum(end) < 3.0
    assert max(end[-4:]) < 0.06 < 0.4 < min(batch.seconds for batch in by_one[:-1])
    in_lanes = [len(batch) for batch in by_two if len(batch) % 8]
    assert len(in_lanes) <= 4


def test_a_curve_is_recorded_at_the_asked_epochs_and_in_between():
    epochs = curve_steps((300, 1000))
    assert epochs[0] == 1
    assert epochs[-1] == 1000
    assert 300 in epochs
    assert 40 < len(epochs) < 60
    assert list(epochs) == sorted(set(epochs))


def test_values_that_are_no_numbers_keep_the_order_of_the_config():
    plan = make_plan(
        experiment(
            grid(
                axis("activation", "tanh", "relu", "sigmoid"),
                axis("layers", (20,), (5,), (10, 10)),
                axis("learning_rate", 0.3, 0.1),
            )
        )
    )
    assert plan.cells.levels["activation"] == ("tanh", "relu", "sigmoid")
    assert plan.cells.levels["layers"] == ((20,), (5,), (10, 10))
    assert plan.cells.levels["learning_rate"] == (0.1, 0.3)


@given(st.lists(grids(), min_size=1, max_size=2), st.randoms(use_true_random=False), st.integers(1, 9))
def test_the_batches_are_the_same_however_many_trajectories_are_looked_at_once(some_grids, random, at_once):
    an_experiment = experiment(*some_grids)
    if not by_hand(an_experiment):
        return
    plan = make_plan(an_experiment)
    missing = np.array([random.random() < 0.5 for _ in range(plan.n_runs)])
    with patch.object(plan_module, "RUNS_AT_ONCE", at_once):
        in_parts = trained(plan, missing)
    assert sorted(in_parts) == sorted(trained(plan, missing))


@given(st.lists(grids(), min_size=1, max_size=2), st.integers(1, 9), st.integers(0, 20), st.integers(0, 20))
def test_each_run_is_in_one_stretch_of_the_cells_and_knows_its_cell(some_grids, at_once, start, stop):
    if not by_hand(experiment(*some_grids)):
        return
    plan = make_plan(experiment(*some_grids))
    cell_of = np.repeat(np.arange(len(plan.cells)), plan.cells.replicates)
    with patch.object(plan_module, "RUNS_AT_ONCE", at_once):
        stretches = list(plan.stretches())
    assert np.concatenate([cell_of[runs] for _, runs in stretches]).tolist() == cell_of.tolist()
    assert all({*cell_of[runs].tolist()} == {*range(cells.start, cells.stop)} for cells, runs in stretches)
    assert all(
        cells.stop - cells.start == 1 or runs.stop - runs.start <= at_once for cells, runs in stretches
    )
    some = slice(start, stop)
    assert plan.cells_of(some).tolist() == cell_of[some].tolist()
    assert plan.cells_of(np.arange(plan.n_runs)[some]).tolist() == cell_of[some].tolist()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**64 - 1)), min_size=1, unique=True), st.data())
def test_settings_are_found_by_their_keys_and_by_no_others(halves, data):
    spread = [(low << 62 | low, high) for low, high in halves]
    asked = data.draw(st.lists(st.sampled_from([*spread, (1, 1), (2**64 - 1, 0)])))
    keys, wanted = (
        np.array(each, dtype=np.uint64).reshape(-1, 2).view("V16")[:, 0] for each in (spread, asked)
    )
    found = KeyIndex.of(keys).settings_of(wanted)
    assert found.tolist() == [spread.index(each) if each in spread else -1 for each in asked]
