"""What can never fit into memory fails with that reason, before it is tried."""

import numpy as np
import pytest
from experiments import experiment, grid

from sweep.plan import make_batches, make_plan
from sweep.training import memory
from sweep.training.network.batch import task_of, train_batch
from sweep.training.network.setting import NetworkSetting


def batch_of(**fixed):
    plan = make_plan(experiment(grid(), epochs=2, **fixed))
    return next(iter(make_batches(plan, np.ones(plan.n_runs, dtype=bool))))


def test_a_network_that_cannot_fit_says_what_it_needs_and_what_there_is(monkeypatch):
    monkeypatch.setattr(memory, "memory_limit", lambda: 3_000_000_000)
    with pytest.raises(MemoryError) as raised:
        train_batch(batch_of(layers=(10_000, 10_000, 10_000)))
    told = "this needs at least 6.4 GB of memory, and a process may have 3.0 GB here"
    assert str(raised.value) == told


def test_the_least_limit_counts(monkeypatch, tmp_path):
    (tmp_path / "above" / "mine").mkdir(parents=True)
    (tmp_path / "above" / "memory.max").write_text("1000000\n")
    (tmp_path / "above" / "mine" / "memory.max").write_text("max\n")
    monkeypatch.setattr(memory, "_CONTROL_GROUPS", tmp_path)
    monkeypatch.setattr("pathlib.Path.read_text", read_but("/proc/self/cgroup", "0::/above/mine\n"))
    assert memory.memory_limit() == 1_000_000


def test_in_a_container_the_limit_is_that_of_the_top(monkeypatch, tmp_path):
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("2000000\n")
    monkeypatch.setattr(memory, "_CONTROL_GROUPS", tmp_path)
    monkeypatch.setattr(
        "pathlib.Path.read_text", read_but("/proc/self/cgroup", "4:memory:/docker/abc\n1:cpu:/\n")
    )
    assert memory.memory_limit() == 2_000_000


def read_but(path, text):
    from pathlib import Path

    usual = Path.read_text
    return lambda self, *options: text if str(self) == path else usual(self, *options)


def test_one_long_training_is_cut_into_calls_of_a_tenth_of_a_second():
    batch = batch_of(layers=(100, 100))
    from dataclasses import replace

    for seconds, calls in ((0.05, 1), (1.0, 10), (1e9, 50)):
        one = replace(batch, seconds=seconds)
        chunks = list(task_of(one, NetworkSetting.of(one.fixed), np.array([50])).samples)
        assert len(chunks) == calls
        assert sum(map(len, chunks)) == 50
