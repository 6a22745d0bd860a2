import numpy as np
import pytest
from experiments import axis, experiment, grid

from sweep.plan import make_plan


def key(seed=0, **fixed):
    return make_plan(experiment(grid(), seed=seed, **fixed)).keys[0].tobytes()


@pytest.mark.parametrize(
    "change",
    [
        {"function": "x**3"},
        {"interval": (0.0, 2.0)},
        {"activation": "tanh"},
        {"output": "tanh"},
        {"neurons": 4},
        {"hidden_layers": 2},
        {"init_range": 0.25},
        {"learning_rate": 0.1},
        {"batch_size": 5},
        {"batch_rule": "mean"},
        {"gradient": "numerical"},
        {"difference_step": 1e-5},
        {"check_points": 5},
        {"precision": "float32"},
        {"networks": 2},
        {"round_epochs": 10},
        {"seed": 1},
    ],
)
def test_everything_that_a_result_depends_on_is_part_of_the_identity(change):
    assert key(**change) != key()


def test_the_number_of_epochs_is_not_part_of_the_identity():
    assert key(epochs=5) == key(epochs=500)


def test_a_network_is_the_same_however_its_layers_are_written():
    assert key(hidden_layers=2, neurons=10) == key(layers=(10, 10))
    assert key(layers=(10, 20)) != key(layers=(20, 10))


def test_a_fixed_value_and_an_axis_give_the_same_identity():
    plan = make_plan(experiment(grid(axis("learning_rate", 0.1, 0.03), axis("hidden_layers", 1, 2))))
    assert key(learning_rate=0.03) in {k.tobytes() for k in plan.keys}
    assert len({k.tobytes() for k in plan.keys}) == 4


def test_settings_are_found_by_their_keys():
    plan = make_plan(
        experiment(grid(axis("learning_rate", *[i / 100 for i in range(1, 50)]), axis("neurons", 1, 2)))
    )
    order = np.random.default_rng(0).permutation(plan.n_settings)
    np.testing.assert_array_equal(plan.settings_of(plan.keys[order]), order)
    strangers = make_plan(experiment(grid(axis("learning_rate", 5.0, 6.0)))).keys
    assert plan.settings_of(strangers).tolist() == [-1, -1]


def test_the_identity_of_a_setting_stays_what_it_is():
    # Stored results are found by it: a change here makes users train everything anew. Raise SEMANTICS_VERSION then.
    assert key().hex() == "9a6f00a9dca311d54b08730998d55b5c"
    assert key(layers=(64, 63), gradient="backprop").hex() == "f5dc4552d4c0547e8cd8617a7bdb8118"
    assert key(layers=(64, 64), gradient="numerical").hex() == "79ba21f3043503d5e74605072f998309"


def test_what_was_stored_of_wide_networks_before_their_arithmetic_was_fused_is_not_taken_for_theirs():
    assert key(layers=(64, 64), gradient="backprop").hex() != "57b79576b5e7d105aa7590dfcd8b6d39"
    by_neurons = key(neurons=64, hidden_layers=2, gradient="backprop")
    assert by_neurons == key(layers=(64, 64), gradient="backprop")
