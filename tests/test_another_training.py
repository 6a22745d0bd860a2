"""Another kind of training goes through plan, dispatch, store, tables, claims and report as the network does."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from another_training import AnotherTraining

import sweep
from sweep.errors import InputError
from sweep.terms.keys import Table
from sweep.training.parameter import parameter, parameters_of

CONFIG = """
title = "Another training"
[grid]
a = ["low", "high", "middle"]
b = [1, 5, 20]
replicates = 24
[[claim]]
sentence = "high is more accurate than low"
form = "better"
axis = "a"
value = "high"
than = "low"
over = ["b"]
[[claim]]
sentence = "most are accurate enough"
form = "reaches"
metric = "accuracy"
above = 0.55
share = 0.5
over = ["a", "b"]
[[claim]]
sentence = "few errors are small"
form = "fails"
metric = "error"
below = 0.2
over = ["a", "b"]
[[claim]]
sentence = "the accuracy rises with b"
form = "monotone"
axis = "b"
direction = "rises"
over = ["a"]
"""


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """The folder of a config, and what its sweep has found."""
    folder = tmp_path_factory.mktemp("another")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("another.toml").write_text(CONFIG)
        return folder, run()


@pytest.fixture
def results(swept, monkeypatch):
    """What the sweep has found, in the folder of its config."""
    folder, found = swept
    monkeypatch.chdir(folder)
    return found


def run(**options):
    return sweep.run("another.toml", training=AnotherTraining(), workers=1, **options)


def test_its_runs_have_its_parameters_and_metrics_as_columns(results):
    assert results.runs.columns.tolist() == ["a", "b", "replicate", "accuracy", "error", "status"]
    assert len(results.runs) == 216
    np.testing.assert_allclose(results.runs["accuracy"] + results.runs["error"], 1)


def test_the_statistics_of_its_cells_are_those_of_its_objective(results):
    cell = results.cells.query("a == 'high' and b == 20").iloc[0]
    runs = results.runs.query("a == 'high' and b == 20")
    assert cell["median"] == runs["accuracy"].median()
    assert cell["median_error"] == runs["error"].median()


@pytest.mark.usefixtures("results")
def test_it_is_trained_once():
    trained = []

    class Watching(AnotherTraining):
        def train(self, batch):
            trained.append(batch)
            return super().train(batch)

    sweep.run("another.toml", training=Watching(), workers=1)
    assert trained == []


def test_its_pairs_share_their_random_numbers(results):
    wide = results.runs.pivot(index="replicate", columns=["a", "b"], values="accuracy")
    np.testing.assert_allclose(wide["high"][1] - wide["low"][1], 0.2)


def test_claims_follow_the_direction_of_the_metric(results):
    verdicts = results.verdicts
    by_claim = {n: of_one["verdict"].tolist() for n, of_one in verdicts.groupby("claim")}
    assert by_claim[1] == ["supported"] * 3
    assert set(by_claim[4]) == {"supported"}
    reached = verdicts[verdicts["claim"] == 2].set_index(["a", "b"])["verdict"]
    assert reached["high", 20] == "supported"
    assert reached["low", 1] == "refuted"
    assert "has the larger accuracy" in verdicts["grounds"].iloc[0]


def test_the_report_speaks_of_its_metrics_and_has_no_sections_of_networks(results):
    report = (results.folder / "report.md").read_text()
    assert "median accuracy" in report
    assert "best cell" in report.lower()
    for word in ("loss", "network", "epoch", "Learned functions", "Learning curves"):
        assert word not in report.partition("## Config")[0], word


def test_its_best_cell_has_the_highest_median(results):
    best = results.cells.loc[results.cells["median"].idxmax()]
    assert (best["a"], best["b"]) == ("high", 20)
    assert "a = high, b = 20" in (results.folder / "report.md").read_text()


def test_its_tables_are_written(results):
    pd.testing.assert_frame_equal(
        pd.read_parquet(results.folder / "runs.parquet"), results.runs, check_dtype=False
    )
    assert (results.folder / "figures" / "heatmap.png").exists()


@pytest.mark.usefixtures("results")
def test_what_it_would_do_is_told_with_a_time_that_is_not_known():
    text = str(sweep.preview("another.toml", training=AnotherTraining(), results="elsewhere"))
    assert "not known" in text
    assert "216" in text


def test_it_is_trained_in_processes_too(results):
    again = sweep.run("another.toml", training=AnotherTraining(), workers=2, results="two")
    pd.testing.assert_frame_equal(again.runs, results.runs)


class ArgumentNames(Table):
    value: int = parameter(1, meaning="called like an argument of `pivot`")
    rows: int = parameter(1, meaning="another one")
    a: str = parameter("low", meaning="as before")
    b: int = parameter(1, meaning="as before")


class CalledLikeArguments(AnotherTraining):
    parameters = parameters_of(ArgumentNames)
    varying = frozenset(parameters)


def test_parameters_may_be_called_like_the_arguments_of_methods(tmp_path):
    config = tmp_path / "names.toml"
    config.write_text("[grid]\nvalue = [1, 2]\nrows = [3, 4]\nb = [1, 2]\nreplicates = 2\n")
    found = sweep.run(config, training=CalledLikeArguments(), results=tmp_path / "r", workers=1)
    table = found.pivot("rows", "value", "median", where={"b": 2})
    assert table.shape == (2, 2)
    assert found.heatmap("rows", "value", where={"b": 2})
    with pytest.raises(sweep.InputError, match="no cell has value = 9"):
        found.pivot("rows", "b", where={"value": 9})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _outcome: None, "must return an Outcome, got NoneType"),
        (
            lambda outcome: replace(outcome, keys=np.zeros_like(outcome.keys)),
            "the batch's `keys` as they are",
        ),
        (lambda outcome: replace(outcome, replicates=outcome.replicates + 1), "`replicates` as they are"),
        (lambda outcome: replace(outcome, steps=outcome.steps + 1), "the batch's `steps` as they are"),
        (
            lambda outcome: replace(outcome, metrics={}),
            "must return the metrics ['accuracy', 'error'], got []",
        ),
        (lambda outcome: replace(outcome, status=outcome.status * 77), "a status of 1 to 5, got [77]"),
        (lambda outcome: replace(outcome, status=outcome.status * 0), "a status of 1 to 5, got [0]"),
    ],
)
def test_an_outcome_that_is_not_the_batchs_is_a_failure_that_says_why_and_is_repaired(
    tmp_path, monkeypatch, change, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "another.toml").write_text(CONFIG)
    train = AnotherTraining.train
    monkeypatch.setattr(AnotherTraining, "train", lambda self, batch: change(train(self, batch)))

    failed = run(report=False)

    assert (failed.runs["status"] == "failed").all()
    assert message in failed.last_failure()
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert (run(retry_failed=True, report=False).runs["status"] == "ok").all()


@pytest.mark.usefixtures("results")
def test_a_training_that_is_none_is_refused_in_one_line():
    with pytest.raises(
        InputError, match=r"got <class .*AnotherTraining'>: write `training=AnotherTraining\(\)`"
    ):
        sweep.load("another.toml", training=AnotherTraining)
    with pytest.raises(InputError, match="must be an instance of a subclass of Training, got 'pi'"):
        sweep.load("another.toml", training="pi")


@pytest.mark.usefixtures("results")
def test_a_store_key_is_refused_by_a_training_that_keeps_nothing(tmp_path):
    (tmp_path / "another.toml").write_text(CONFIG + "[store]\nweights = true\n")
    with pytest.raises(sweep.ConfigError, match=r"\[store\] has no keys for another training: leave it out"):
        sweep.load(tmp_path / "another.toml", training=AnotherTraining())


def test_a_sweep_without_axes_and_one_of_a_single_axis_are_described_as_what_they_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "another.toml").write_text("[grid]\nreplicates = 4\n")
    run()
    text = (tmp_path / "results/another/report.md").read_text()
    assert "Median accuracy" in text
    assert "Best is" not in text
    assert "no axis of the sweep has two values" in text
    (tmp_path / "another.toml").write_text("[grid]\nb = [1, 5, 20]\nreplicates = 4\n")
    run()
    text = (tmp_path / "results/another/report.md").read_text()
    assert "Best is b = 20: median accuracy" in text
    assert "## Accuracy against b" in text
    assert (tmp_path / "results/another/figures/b.png").exists()
