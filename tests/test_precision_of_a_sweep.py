"""float32 from the config to the tables: as an axis, paired with float64, and leaving what float64 gives as it is."""

import numpy as np
import pytest
from running import saved, stored_runs, write_config

import sweep
from sweep.training.kind import Cost

TABLES = {
    "target": {"function": "x**2", "interval": [0, 3]},
    "grid": {
        "activation": ["relu", "tanh"],
        "learning_rate": [0.03, 1e30],  # with the second many diverge
        "epochs": [5, 20],
        "replicates": 12,
    },
}


def with_precision(value):
    return TABLES | {"grid": TABLES["grid"] | {"precision": value}}


def run(folder, tables):
    return sweep.run(write_config(folder / "a.toml", tables), results=folder / "results", report=False).runs


def test_float32_is_paired_with_float64_and_leaves_it_as_it_is(tmp_path):
    plain = run(tmp_path, TABLES)
    both = run(tmp_path, with_precision(["float64", "float32"]))
    stored = stored_runs(tmp_path / "results")
    assert len(stored) == len(set(stored)) == len(both) == 2 * len(plain), "a run was trained twice"

    double, single = (
        both[both["precision"] == precision].reset_index(drop=True) for precision in ("float64", "float32")
    )
    np.testing.assert_array_equal(double["final_loss"], plain["final_loss"])
    learned = (single["status"] == "ok") & (double["status"] == "ok")
    assert learned.sum() >= len(plain) / 2
    assert (single["final_loss"] != double["final_loss"])[learned].any()
    np.testing.assert_allclose(
        single["final_loss"][learned], double["final_loss"][learned], rtol=1e-3, atol=1e-6
    )


@pytest.mark.parametrize("most", [1, 3])
def test_in_float32_any_size_of_batches_gives_the_same_bits(most, tmp_path, monkeypatch):
    run(tmp_path, with_precision("float32"))
    undisturbed = saved(tmp_path / "results")
    monkeypatch.setattr(Cost, "trajectories_in", lambda *_: most)
    other = tmp_path / "other"
    other.mkdir()
    run(other, with_precision("float32"))
    assert saved(other / "results") == undisturbed
