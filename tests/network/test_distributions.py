"""The sweep's own runs against independent runs of the articles' printed program: unseeded, 300 a condition."""

import json
from pathlib import Path

import numpy as np
import pytest
from experiments import axis, experiment, grid
from scipy import stats

from sweep.plan import make_batches, make_plan
from sweep.tables.collected import Collected
from sweep.training.network.batch import train_batch

CONDITIONS = json.loads((Path(__file__).parent / "printed_program_losses.json").read_text())
TARGETS = {"lin": ("x", (0.0, 1.0)), "quad": ("x*x", (0.0, 3.0)), "cubic": ("x*x*x - 2.5*x*x", (0.0, 3.0))}
NAMES = [f"{c['target']}-{c['activation']}-{c['neurons']}-{c['learning_rate']}" for c in CONDITIONS]


def final_losses(condition, gradient, replicates):
    function, interval = TARGETS[condition["target"]]
    same = ("learning_rate", "batch_size", "neurons", "activation", "difference_step")
    plan = make_plan(
        experiment(
            grid(axis("epochs", condition["epochs"]), replicates=replicates),
            seed=20,
            function=function,
            interval=interval,
            gradient=gradient,
            batch_rule="printed",
            check_points=condition["batch_size"] + 1,
            **{field: condition[field] for field in same},
        )
    )
    collected = Collected(plan)
    for batch in make_batches(plan, collected.missing):
        collected.add(train_batch(batch))
    return collected.objective


@pytest.mark.parametrize(("gradient", "replicates"), [("backprop", 600), ("numerical", 150)])
@pytest.mark.parametrize("condition", CONDITIONS, ids=NAMES)
def test_final_losses_come_from_the_printed_programs_distribution(condition, gradient, replicates):
    ours = final_losses(condition, gradient, replicates)
    # Fixed seeds on both sides: the test cannot fail by chance. Twelve tests of one hypothesis: 0.01 / 12 each.
    assert stats.ks_2samp(ours, condition["final_losses"]).pvalue > 0.01 / 12


def test_the_comparison_would_see_a_slightly_different_training():
    condition = next(c for c in CONDITIONS if c["target"] == "quad" and c["activation"] == "relu")
    ours = final_losses(condition | {"batch_size": condition["batch_size"] - 3}, "backprop", 600)
    scale = (condition["batch_size"] + 1) / (
        condition["batch_size"] - 2
    )  # the loss is a sum over check points
    assert stats.ks_2samp(ours * scale, condition["final_losses"]).pvalue < 0.01
    assert np.isfinite(ours).all()
