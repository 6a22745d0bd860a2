"""Tables of any kind of training: higher is better, runs that end in several ways, some with results before."""

import numpy as np
import pytest
from another_training import AnotherTraining
from experiments import axis, experiment, grid

from sweep.config import parse_experiment
from sweep.errors import InputError
from sweep.plan import make_batches, make_plan
from sweep.tables.cells import cells_table
from sweep.tables.collected import Collected
from sweep.tables.quantiles import group
from sweep.tables.runs import runs_table
from sweep.terms.keys import Table
from sweep.terms.metric import Metric
from sweep.terms.outcome import Outcome, Status
from sweep.training.parameter import parameter, parameters_of

ENDS = [Status.FAILED, Status.TIMEOUT, Status.KILLED]


def another_plan():
    text = '[grid]\na = ["low", "high"]\nreplicates = 4\n'
    return make_plan(parse_experiment(text, "another", training=AnotherTraining()))


def trained(plan):
    (batch, *others) = make_batches(plan, np.ones(plan.n_runs, dtype=bool))
    outcomes = [plan.training.train(one) for one in (batch, *others)]
    collected = Collected(plan)
    for outcome in outcomes:
        collected.add(outcome)
    return collected


def test_a_plan_without_steps_has_a_run_for_each_trajectory():
    plan = another_plan()
    assert (plan.n_runs, plan.n_trajectories, len(plan.cells)) == (8, 8, 2)
    assert list(plan.cells.levels) == ["a"]
    assert plan.cells.steps.tolist() == [0, 0]


def test_without_any_axis_there_is_one_cell():
    plan = make_plan(parse_experiment("[grid]\nreplicates = 3\n", "none", training=AnotherTraining()))
    assert (len(plan.cells), plan.n_runs) == (1, 3)
    assert len(cells_table(trained(plan))) == 1


def test_settings_of_different_kinds_have_different_keys():
    class Other(AnotherTraining):
        version = "2"

    text = "[grid]\nb = [1, 2]\n"
    one, other = (
        make_plan(parse_experiment(text, "t", training=kind)).keys for kind in (AnotherTraining(), Other())
    )
    assert not set(one.tolist()) & set(other.tolist())


def test_where_higher_is_better_a_diverged_run_is_minus_infinity():
    plan = another_plan()
    collected = trained(plan)
    outcome = Outcome(
        keys=plan.keys[:1],
        replicates=np.array([0]),
        steps=np.array([0]),
        metrics={"accuracy": np.array([[np.nan]]), "error": np.array([[0.5]])},
        status=np.array([Status.OK], dtype=np.uint8),
        ended_at=np.zeros(1, dtype=np.int64),
        seconds=0.0,
    )
    collected.add(outcome)
    cells, runs = cells_table(collected), runs_table(collected)
    assert cells["n_diverged"].sum() == 1
    lost = cells[cells["n_diverged"] == 1].iloc[0]
    assert (lost["minimum"], lost["mean"]) == (-np.inf, -np.inf)
    assert np.isfinite(lost["median"])
    assert runs["accuracy"].min() == -np.inf
    assert collected.values("error").max() == np.inf, "it is the worst in every metric"
    assert runs.loc[runs["accuracy"] == -np.inf, "error"].tolist() == [0.5], "which is shown as it was given"


@pytest.mark.parametrize("q", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_quantiles_of_values_and_of_their_opposites_are_opposite(q):
    values = np.array([-np.inf, -np.inf, 0.5, 0.7, 0.9])
    labels = np.zeros(5, dtype=np.int64)
    (low,), (high,) = group(values, labels, 1).quantile(q), group(-values, labels, 1).quantile(1 - q)
    assert low == pytest.approx(-high)


@pytest.mark.parametrize("status", ENDS)
def test_a_run_without_a_result_says_how_it_ended(status):
    plan = another_plan()
    collected = Collected(plan)
    collected.add(Outcome.without_result(plan.keys[:1], np.array([2]), status, "no"))
    assert runs_table(collected)["status"].tolist() == [status.name.lower()]
    assert cells_table(collected)["n_failed"].tolist() == [1]
    assert collected.missing.sum() == plan.n_runs - 1


def test_what_was_read_before_a_training_failed_holds():
    plan = make_plan(experiment(grid(axis("epochs", 10, 20), replicates=1)))
    collected = Collected(plan)
    collected.add(
        Outcome(
            keys=plan.keys,
            replicates=np.array([0]),
            steps=np.array([10, 20]),
            metrics={"final_loss": np.array([[0.5, np.nan]])},
            status=np.array([Status.FAILED], dtype=np.uint8),
            ended_at=np.array([15]),
            seconds=0.0,
            reasons={0: "it raised in epoch 15"},
        )
    )
    assert [Status(s).name for s in collected.status] == ["OK", "FAILED"]
    assert collected.objective[0] == 0.5


class Clash(Table):
    median: float = parameter(1.0, meaning="a name that is a column of the cells")


def test_a_parameter_that_is_called_like_a_column_is_refused_in_one_line():
    class Clashing(AnotherTraining):
        name = "mine"
        parameters = parameters_of(Clash)

    with pytest.raises(
        InputError, match=r"mine: no parameter may be called 'median', since that is a column"
    ):
        parse_experiment("[grid]\nmedian = [1.0]\n", "t", training=Clashing())


def test_a_metric_that_is_called_like_a_parameter_is_refused():
    class Clashing(AnotherTraining):
        metrics = (Metric("a"),)

    with pytest.raises(InputError, match="no metric may be called 'a', since that is a parameter"):
        parse_experiment("[grid]\nb = [1]\n", "t", training=Clashing())
