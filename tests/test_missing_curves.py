"""Curves that were not kept, or are damaged: figures say of how many replicates they are, the terminal says it too."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from click.testing import CliRunner

import sweep
from sweep.cli import main

CONFIG = """
[target]
function = "x**2"
[grid]
learning_rate = [0.03, 0.1]
epochs = [20]
replicates = {replicates}
[store]
curves = {curves}
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs a config and gives what is printed, and the report."""
    monkeypatch.chdir(tmp_path)

    def run(command="run", curves="true", replicates=6):
        (tmp_path / "a.toml").write_text(CONFIG.format(curves=curves, replicates=replicates))
        arguments = [command, "a.toml", *(["--workers", "1"] if command == "run" else [])]
        found = CliRunner().invoke(main, arguments)
        assert found.exit_code == 0, found.output
        return found.output, (tmp_path / "results/a/report.md").read_text()

    return run


def execute(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def test_curves_that_are_switched_on_later_are_those_of_some_replicates_and_it_is_said(run):
    run(curves="false", replicates=4)
    printed, report = run(replicates=4)
    assert "There are no learning curves: the results are stored without." in report
    assert "figures of learning curves show 0 of 4 replicates" in printed
    printed, report = run()
    assert (
        "figures of learning curves show 2 of 6 replicates: the others are stored without curves" in printed
    )
    assert "the median of 2 of 6 replicates (line)" in report
    assert "stored without learning curves: the picture shows 2 of 6, the tables have all" in report
    assert "stored without learned functions: the picture shows 2 of 6" in report
    assert set(sweep.load("a.toml").curves.learning["n_runs"]) == {2}


def test_all_curves_need_no_word(run):
    printed, report = run()
    assert "Warning" not in printed
    assert "the median of the replicates (line)" in report
    assert "stored without" not in report


def test_damaged_curves_are_told_where_figures_lack_them(run, tmp_path):
    run(replicates=4)
    run()
    execute(tmp_path / "results/a/store.sqlite", "UPDATE kept_curves SET crc = 1 WHERE id = 1")
    printed, report = run("report")
    lost = (
        "has a damaged row 1 in `kept_curves`: its 8 trajectories lose their curves, and keep their metrics"
    )
    assert lost in printed
    assert "figures of learning curves show 2 of 6 replicates" in printed
    assert "the median of 2 of 6 replicates" in report
    assert np.isfinite(sweep.load("a.toml").cells["median"]).all()


def test_results_in_python_say_what_was_found_when_curves_were_read(run, tmp_path):
    run()
    execute(tmp_path / "results/a/store.sqlite", "DROP TABLE kept_outputs")
    found = sweep.load("a.toml")
    found.curves  # noqa: B018 - it is read now
    assert any("kept_outputs" in message for message in found.messages)
