"""The benchmarks still run: small, mostly in this process, and with no rivals but those that are always installed."""

import json
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from running import sweep

from sweep.store import ResultsFolder
from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import cluster, held, libraries, programs, rivals, training
from tests.benchmarks.by_hand import grid, with_joblib
from tests.benchmarks.configs import article
from tests.benchmarks.table import alone, at_least, at_most, table_text, times_as_fast
from tests.benchmarks.tasks import make_task
from tests.benchmarks.turns import Size, Turn, timed

SMALL = Size(share=0.001, turns=2)


class HeldHere(held.Held):
    """Trains in this process, for want of time to start others."""

    def __init__(self, trainer, task, **_):
        self._work = len(task.learning_rate)
        self._call = held.make(trainer, task, {})

    def _train(self):
        return held.some_columns(self._call())

    def close(self):
        pass


def run_here(*command, **_):
    """Run a command of this program in this process."""
    arguments = command[command.index("run") :]
    return Turn(timed(lambda: sweep(*arguments)).seconds, outcome=1e9)


@pytest.fixture
def _small(monkeypatch):
    monkeypatch.setattr(training, "Held", HeldHere)
    monkeypatch.setattr(programs, "run", run_here)
    monkeypatch.setattr(rivals, "find_spec", lambda _: None)
    monkeypatch.setattr(rivals.shutil, "which", lambda _: None)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize(
    ("part", "missing"),
    [
        ("loops", "PyTorch"),
        ("activations", None),
        ("cores", "a C compiler"),
        ("overhead", None),
        ("epochs", None),
        ("workers", "a C compiler"),
        ("smallest", None),
    ],
)
def test_a_part_gives_rows_without_the_rivals(part, missing):
    rows, words = benchmarks.measure([part], SMALL)
    assert rows
    assert all(row.figure > 0 or part == "overhead" for row in rows)
    assert words == ([f"{missing} is not installed and left out"] if missing else [])


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_the_articles_case_in_c_trains_to_the_losses_of_the_engine():
    task = make_task(n=64, epochs=20, n_streams=4)
    c, engine = (held.make(name, task, {})() for name in ("c_networks.trainer", training.ENGINE))
    np.testing.assert_allclose(c, engine, rtol=1e-12)


def test_the_table_is_put_into_its_page(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmarks, "README", tmp_path / "README.md")
    benchmarks.README.write_text(f"before\n{benchmarks.BEGIN}\nan older table\n", encoding="utf-8")
    benchmarks.write("a table")
    assert benchmarks.README.read_text(encoding="utf-8") == f"before\n{benchmarks.BEGIN}\na table\n"


@pytest.mark.usefixtures("_small")
def test_rivals_that_are_not_installed_are_left_out_with_a_word():
    rows, words = benchmarks.measure(["article", "larger", "numerical", "by-hand"], SMALL)
    assert rows == []
    assert words == [f"{name} is not installed and left out" for name in ("JAX", "Node.js", "seaborn")]


def test_every_batch_comes_back_from_a_cluster_that_is_simulated():
    assert cluster.simulated(n_workers=3, n_batches=20) > 0


def test_a_rival_that_trains_to_other_losses_is_not_timed():
    engine = HeldHere(training.ENGINE, make_task(n=64, epochs=3))
    other = HeldHere(training.ENGINE, make_task(n=64, epochs=4))
    with pytest.raises(AssertionError, match="Mismatched elements"):
        training.side_by_side(engine, {"other": [other]}, turns=1)


def test_networks_held_by_processes_of_their_own_are_those_of_this_process():
    task = make_task(n=64, epochs=3)
    own = held.Held(training.ENGINE, task, processes=2)
    try:
        np.testing.assert_array_equal(own().outcome, HeldHere(training.ENGINE, task)().outcome)
    finally:
        own.close()


LARGE = "b'x' * 200_000_000"
STARTS_A_LARGE_ONE = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {LARGE!r}])"


@pytest.mark.parametrize("code", [LARGE, STARTS_A_LARGE_ONE], ids=["itself", "its process"])
def test_a_program_is_timed_and_the_memory_of_its_largest_process_told(code, tmp_path):
    turn = programs.run(sys.executable, "-c", code, cwd=tmp_path)
    assert turn.seconds > 0
    assert 200e6 < turn.outcome < 300e6


def test_a_program_that_fails_is_told(tmp_path):
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        programs.run(sys.executable, "-c", "1 / 0", cwd=tmp_path)


@pytest.fixture
def _tiny_grid(monkeypatch):
    monkeypatch.setattr(grid, "PROCESSES", 1)
    monkeypatch.setattr(grid, "LEARNING_RATES", [0.003, 0.05])
    monkeypatch.setattr(grid, "NEURONS", [1, 3])
    monkeypatch.setattr(grid, "EPOCHS", [5, 40])


@pytest.mark.usefixtures("_tiny_grid")
def test_the_sweep_by_hand_gives_the_losses_of_the_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = article(
        learning_rate=grid.LEARNING_RATES, neurons=grid.NEURONS, epochs=grid.EPOCHS, replicates=2
    )
    monkeypatch.setattr(programs, "run", run_here)
    libraries.sweep_in(tmp_path, config, "--no-report", n_runs=16)
    expected = libraries.losses_of(pd.read_parquet(ResultsFolder(tmp_path / "results").runs))
    for way in with_joblib.WAYS.values():
        runs = way(2)
        found = libraries.losses_of(runs).reindex(expected.index)
        np.testing.assert_allclose(found, expected, rtol=1e-9)
    grid.finish(runs)
    assert (tmp_path / "heatmap.png").stat().st_size > 10_000


def test_the_table_says_what_is_met():
    rows = [
        times_as_fast("training", "a rival", [1e-8, 2e-8, 1e-8], [6e-8, 6e-8, 6.5e-8], at_least(5, 8)),
        alone("everything", "s", [61.0], at_most(60, 30)),
        alone("memory", "B", [0.5e9], at_most(1.5e9, 0.6e9)),
        times_as_fast("training", "another", [0.002], [0.5]),
    ]
    assert table_text(rows, judged=True).splitlines() == [
        "| measure    | against |  ours | theirs | figure |     must |      aim |     met |",
        "|------------|---------|------:|-------:|-------:|---------:|---------:|--------:|",
        "| training   | a rival | 10 ns |  60 ns |     6× |     ≥ 5× |     ≥ 8× |    must |",
        "| everything |         |       |        |   61 s |   ≤ 60 s |   ≤ 30 s | NOT MET |",
        "| memory     |         |       |        | 0.5 GB | ≤ 1.5 GB | ≤ 0.6 GB |     aim |",
        "| training   | another |  2 ms | 500 ms |   250× |          |          |         |",
    ]


@pytest.mark.usefixtures("_small")
def test_every_turn_is_written_as_json(tmp_path, capsys):
    benchmarks.main(
        ["--quick", "--turns", "3", "--only", "activations", "--json", str(tmp_path / "measured.json")]
    )
    assert "so that nothing is judged" in capsys.readouterr().out
    rows = json.loads((tmp_path / "measured.json").read_text(encoding="utf-8"))["rows"]
    assert [(row["measure"], len(row["ours"]), len(row["theirs"])) for row in rows] == [
        ("tanh in the engine", 3, 3),
        ("sigmoid in the engine", 3, 3),
    ]
