"""The benchmarks still run: each row that needs no rival, with as little work as can be."""

import pytest
from benchmarks import by_hand, rivals, sweeps, training
from benchmarks.table import Row, in_turns


def test_a_row_says_whether_what_was_wanted_is_reached():
    assert "≥ 5, aim 8: reached" in str(Row("speed", 6.0, "×", 5, 8, ""))
    assert "≤ 5, aim 2.5: aim reached" in str(Row("time", 2.0, "s", 5, 2.5, "", more=False))
    assert "≤ 5, aim 2.5: MISSED" in str(Row("time", 6.0, "s", 5, 2.5, "", more=False))


def test_ways_are_timed_in_turns():
    calls = []
    seconds = in_turns({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 3)
    assert calls == ["a", "b"] * 3
    assert seconds.keys() == {"a", "b"}


def test_the_numpy_loop_is_timed_only_after_it_has_trained_to_the_engines_losses():
    row = training.against_loop("loop", rivals.InNumpyLoop, 1, 2, turns=1, few=100)
    assert row.value > 1


@pytest.mark.parametrize("way", ["_by_matrices", "_by_vectors"])
def test_both_ways_to_write_the_loop_give_the_same_loss(way):
    task = rivals.make_task(n=8, epochs=10)
    loop = rivals.InNumpyLoop(task, 1)
    assert getattr(loop, way)(0) == pytest.approx(rivals.train_engine(task).losses[0, -1], rel=1e-9)


def test_a_rival_that_is_not_installed_is_left_out_with_a_word(monkeypatch):
    monkeypatch.setattr(rivals, "jax", None)
    assert training.against_jax("JAX", None, 1, 2, 1) == "JAX is not installed"
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert sweeps.against_hand("by hand", "xyzpy", 1) == "xyzpy is not installed"


def test_a_whole_sweep_is_measured_with_its_peak_memory():
    seconds, gigabytes = sweeps.run(sweeps.ARTICLE + "epochs = 5\nreplicates = 3", "--no-report")
    assert seconds > 0
    assert 0.05 < gigabytes < 1


def test_the_training_function_of_the_sweeps_by_hand_learns():
    assert by_hand.train(0.03, 5, 300, 0) < by_hand.train(0.03, 5, 1, 0) / 5
    assert len(by_hand.combinations()) == 2880
