import weakref
from dataclasses import replace

import numpy as np
from experiments import axis, experiment, grid

from sweep.plan import make_batches, make_plan
from sweep.tables.cells import cells_table
from sweep.tables.collected import Collected
from sweep.tables.curves import make_curves, selected_settings
from sweep.training.network.batch import train_batch


def recordings_of(plan):
    for batch in make_batches(plan, np.ones(plan.n_runs, dtype=bool)):
        yield train_batch(batch)


def test_a_curve_is_the_median_and_the_middle_half_of_the_replicates():
    plan = make_plan(experiment(grid(axis("neurons", 1, 2), axis("epochs", 10), replicates=5)))
    (recording,) = [r for r in recordings_of(plan) if (r.keys == plan.keys[1]).all()]
    table = make_curves(plan, recordings_of(plan)).learning
    mine = table[table["neurons"] == 2]
    assert mine["epoch"].tolist() == list(range(1, 11))
    np.testing.assert_array_equal(mine["median"], np.median(recording.curves.metrics["final_loss"], axis=0))
    np.testing.assert_allclose(
        mine["upper_quartile"], np.quantile(recording.curves.metrics["final_loss"], 0.75, axis=0), rtol=1e-12
    )
    assert (mine["n_runs"] == 5).all()


def test_learned_functions_are_the_outputs_at_the_check_points_beside_the_target():
    plan = make_plan(experiment(grid(axis("epochs", 10), replicates=2)))
    (recording,) = recordings_of(plan)
    table = make_curves(plan, [recording]).functions
    assert table["replicate"].tolist() == [0] * 11 + [1] * 11
    np.testing.assert_array_equal(table["learned"], recording.extras["outputs"].ravel())
    np.testing.assert_allclose(table["target"], table["x"] ** 2)
    assert not table["diverged"].any()


def test_a_diverged_curve_counts_as_infinite():
    plan = make_plan(experiment(grid(axis("learning_rate", 1e200), axis("epochs", 10), replicates=2)))
    curves = make_curves(plan, recordings_of(plan))
    assert curves.learning["median"].iloc[-1] == np.inf
    assert curves.learning["n_diverged"].iloc[-1] == 2
    assert curves.functions["diverged"].all()


def test_each_target_is_one_smooth_line():
    zipped = [axis("function", "x", "x**2"), axis("neurons", 1, 2)]
    plan = make_plan(experiment(grid(*zipped, axis("epochs", 3), replicates=1)))
    targets = make_curves(plan, recordings_of(plan)).targets
    assert set(targets.columns) == {"function", "x", "target"}
    assert targets.groupby("function").size().tolist() == [301, 301]


def test_the_longest_recording_of_a_trajectory_counts():
    short = make_plan(experiment(grid(axis("epochs", 5), replicates=2)))
    plan = make_plan(experiment(grid(axis("epochs", 5, 20), replicates=2)))
    both = [*recordings_of(plan), *recordings_of(short)]
    for recordings in (both, both[::-1]):
        assert make_curves(plan, recordings).learning["epoch"].max() == 20


def test_strangers_and_replicates_beyond_the_plan_are_left_out():
    plan = make_plan(experiment(grid(axis("epochs", 5), replicates=2)))
    more = make_plan(experiment(grid(axis("epochs", 5), axis("neurons", 3, 4), replicates=6)))
    table = make_curves(plan, recordings_of(more)).learning
    assert table["n_runs"].unique().tolist() == [2]
    assert "neurons" not in table.columns


def test_of_many_settings_an_even_selection_is_shown():
    rates = [i / 1000 for i in range(1, 101)]
    plan = make_plan(
        experiment(grid(axis("learning_rate", *rates), axis("neurons", *range(1, 101)), replicates=1))
    )
    kept = selected_settings(plan, most=100)
    assert 25 <= kept.sum() <= 100
    shown = plan.setting_column("learning_rate")[kept]
    assert {0, 99} <= set(shown.tolist())
    assert selected_settings(plan, most=10_000).all()


def test_without_recordings_there_is_nothing_to_show():
    plan = make_plan(experiment(grid(replicates=1)))
    curves = make_curves(plan, [])
    assert curves.learning.empty
    assert curves.functions.empty


def test_the_learned_functions_count_as_many_diverged_runs_as_the_table_of_cells():
    plan = make_plan(
        experiment(
            grid(axis("learning_rate", 0.1, 1e5), axis("epochs", 50)),
            function="-x",
            interval=(0.0, 1.0),
            neurons=100,
            batch_size=10,
            batch_rule="mean",
        )
    )
    functions = make_curves(plan, recordings_of(plan)).functions
    collected = Collected(plan)
    for outcome in recordings_of(plan):
        collected.add(outcome)
    cells = cells_table(collected)
    shown = functions[functions["diverged"]].groupby("learning_rate")["replicate"].nunique()
    assert shown.to_dict() == {1e5: 3}
    assert cells["n_diverged"].tolist() == [0, 3]


def test_an_outcome_is_let_go_once_it_was_looked_at():
    plan = make_plan(
        experiment(grid(axis("learning_rate", 0.01, 0.02, 0.03), axis("epochs", 5), replicates=2))
    )
    (recording,) = recordings_of(plan)
    let_go = []

    def as_read():
        for row in range(6):
            buffer = recording.curves.steps.copy()
            let_go.append(weakref.ref(buffer))
            part = recording[row : row + 1]
            yield replace(part, curves=replace(part.curves, steps=buffer[:]))
            del part, buffer
            assert not any(one() is not None for one in let_go[:-1])

    assert len(make_curves(plan, as_read()).functions) == 66
