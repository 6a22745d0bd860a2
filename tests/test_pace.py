"""What a plan says of the time that is left: by this machine's speed, and by what was trained on it so far."""

from dataclasses import replace

import numpy as np
import pytest
from experiments import axis, experiment, grid
from running import SMALL, write_config

import sweep
from sweep import pace
from sweep.pace import pace_beforehand, pace_so_far
from sweep.plan import make_batches, make_plan
from sweep.store import ResultsFolder
from sweep.tables.collected import Collected
from sweep.training.network.kind import NetworkTraining


@pytest.fixture(autouse=True)
def _usual_speed(monkeypatch):
    monkeypatch.setattr(NetworkTraining, "slowness", lambda _: 2.0)


@pytest.fixture(scope="module")
def stored():
    """A plan, and the outcomes of a half of its runs."""
    plan = make_plan(experiment(grid(axis("learning_rate", 0.01, 0.02), replicates=8)))
    missing = np.zeros(plan.n_runs, dtype=bool)
    missing[::2] = True
    return plan, [plan.training.train(batch) for batch in make_batches(plan, missing)]


def collected(plan, outcomes, slowness):
    """Return outcomes that took so many times as long as was said."""
    found = Collected(plan)
    for outcome in outcomes:
        found.add(outcome)
    said = make_batches(plan, ~found.missing).seconds
    found = Collected(plan)
    for outcome in outcomes:
        found.add(replace(outcome, seconds=slowness * said / len(outcomes)))
    return found


def test_what_was_trained_so_far_tells_how_long_the_rest_takes(stored, monkeypatch):
    monkeypatch.setattr(pace, "SECONDS_PER_BATCH", 1e-6)
    found = pace_so_far(collected(*stored, slowness=5.0))
    assert found.is_measured
    assert found.slowness == pytest.approx(5.0)


def test_too_little_tells_nothing_and_neither_does_what_took_no_time(stored, monkeypatch):
    plan, outcomes = stored
    few = collected(plan, outcomes, slowness=5.0)
    assert pace_so_far(few) == pace_beforehand(few) == replace(pace_beforehand(few), slowness=2.0)
    monkeypatch.setattr(pace, "SECONDS_PER_BATCH", 1e-6)
    assert pace_so_far(collected(plan, outcomes, slowness=0.0)).slowness == 2.0
    assert pace_so_far(Collected(plan)).slowness == 2.0


def test_what_a_plan_does_not_ask_for_does_not_count(stored, monkeypatch):
    monkeypatch.setattr(pace, "SECONDS_PER_BATCH", 1e-6)
    plan, outcomes = stored
    smaller = make_plan(experiment(grid(axis("learning_rate", 0.01), replicates=8)))
    everything = collected(plan, outcomes, slowness=5.0)
    found = Collected(smaller)
    for outcome in outcomes:
        found.add(replace(outcome, seconds=everything.seconds / len(outcomes)))
    assert found.seconds == pytest.approx(everything.seconds)
    assert found.planned_seconds == pytest.approx(found.seconds / len(plan.keys))


@pytest.fixture
def half(tmp_path):
    """The config of a sweep of which a half is trained, and its folder."""
    config = write_config(tmp_path / "half.toml", SMALL | {"grid": {"neurons": [2], "replicates": 2}})
    sweep.run(config, results=tmp_path / "results", workers=1, report=False)
    write_config(config, SMALL | {"grid": {"neurons": [2], "replicates": 4}})
    return config, tmp_path / "results"


def test_a_plan_says_by_what_it_knows_the_time(half, monkeypatch):
    config, folder = half
    monkeypatch.setattr(pace, "SECONDS_PER_BATCH", 1e-6)
    here = sweep.preview(config, results=folder, workers=1)
    assert here.is_measured
    assert "by what was trained so far" in str(here)
    surroundings = ResultsFolder(folder).surroundings
    surroundings.write_text(surroundings.read_text().replace('"processor": "', '"processor": "another '))
    elsewhere = sweep.preview(config, results=folder, workers=1)
    assert not elsewhere.is_measured
    assert "by what was trained so far" not in str(elsewhere)


def test_a_slow_machine_is_told_of(half, monkeypatch):
    config, _ = half
    usual = sweep.preview(config, results=config.parent / "new", workers=1)
    monkeypatch.setattr(NetworkTraining, "slowness", lambda _: 20.0)
    slow = sweep.preview(config, results=config.parent / "new", workers=1)
    assert slow.seconds == pytest.approx(10 * usual.seconds)
    assert slow.n_batches == usual.n_batches
