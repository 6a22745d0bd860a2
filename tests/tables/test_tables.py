import numpy as np
import pandas as pd
import pytest
from experiments import axis, experiment, grid
from hypothesis import given
from hypothesis import strategies as st

from sweep.plan import make_plan
from sweep.tables.cells import cells_table, pivoted
from sweep.tables.collected import Collected
from sweep.tables.duels import duels_table
from sweep.tables.files import repetitive, write_parquet
from sweep.tables.quantiles import group
from sweep.tables.runs import runs_in_parts, runs_table
from sweep.tables.shares import diverged_shares, shares_within
from sweep.terminal import table_text
from sweep.terms.columns import OF_OBJECTIVE
from sweep.terms.outcome import Outcome, Status
from sweep.terms.values import table_values

INF = np.inf


def collected_of(losses, diverged_at=None, failed=(), **changes):
    """One cell whose replicates have these losses after 20 epochs."""
    plan = make_plan(experiment(grid(axis("epochs", 20), replicates=len(losses)), **changes))
    collected = Collected(plan)
    kept = np.array([r for r in range(len(losses)) if r not in failed], dtype=np.int64)
    lost = np.zeros(len(losses), dtype=np.int64) if diverged_at is None else np.array(diverged_at)
    collected.add(
        outcome_of(
            np.repeat(plan.keys, len(kept)), kept, [20], np.array(losses, dtype=float)[kept, None], lost[kept]
        )
    )
    keys, replicates = np.repeat(plan.keys, len(failed)), np.array(failed, dtype=np.int64)
    collected.add(Outcome.without_result(keys, replicates, Status.FAILED, "it raised"))
    return collected


def outcome_of(keys, replicates, epochs, losses, diverged_at):
    diverged_at = np.array(diverged_at, dtype=np.int64)
    return Outcome(
        keys=keys,
        replicates=np.array(replicates, dtype=np.int64),
        steps=np.array(epochs, dtype=np.int64),
        metrics={"final_loss": np.array(losses, dtype=float)},
        status=np.where(diverged_at > 0, Status.DIVERGED, Status.OK).astype(np.uint8),
        ended_at=diverged_at,
        seconds=0.0,
    )


def cell(*args, **kwargs):
    (row,) = cells_table(collected_of(*args, **kwargs)).to_dict("records")
    return row


def test_the_statistics_of_finite_losses_are_numpys():
    losses = [3.0, 1.0, 2.0, 10.0]
    row = cell(losses)
    assert (row["n_runs"], row["n_diverged"], row["n_failed"]) == (4, 0, 0)
    assert row["median"] == np.median(losses)
    assert row["mean"] == np.mean(losses)
    assert row["lower_quartile"] == np.quantile(losses, 0.25)
    assert row["upper_quartile"] == np.quantile(losses, 0.75)
    assert (row["minimum"], row["maximum"]) == (1.0, 10.0)
    assert row["median_rms_error"] == np.median(np.sqrt(2 * np.array(losses) / 11))


def test_a_diverged_run_counts_as_infinite_in_every_statistic():
    row = cell([3.0, INF, 2.0, 1.0, 5.0])
    assert (row["n_runs"], row["n_diverged"]) == (5, 1)
    assert (row["minimum"], row["lower_quartile"], row["median"], row["upper_quartile"]) == (
        1.0,
        2.0,
        3.0,
        5.0,
    )
    assert (row["mean"], row["maximum"]) == (INF, INF)
    assert np.isfinite(row["median_rms_error"])


def test_the_median_is_infinite_when_half_of_the_runs_or_more_diverged():
    assert cell([1.0, INF])["median"] == INF
    assert cell([1.0, np.nan, INF])["median"] == INF
    assert cell([INF, INF])["minimum"] == INF


def test_a_failed_run_enters_the_counts_and_no_statistic():
    row = cell([1.0, 100.0, 3.0], failed=(1,))
    assert (row["n_runs"], row["n_failed"], row["median"]) == (3, 1, 2.0)


def test_a_cell_whose_runs_all_failed_has_no_statistics():
    row = cell([1.0, 2.0], failed=(0, 1))
    assert row["n_failed"] == 2
    assert all(np.isnan(row[name]) for name in (*OF_OBJECTIVE, "median_rms_error"))


def test_a_run_whose_parameters_left_the_finite_numbers_before_its_epochs_diverged():
    table = runs_table(collected_of([1.0, 7.0, np.nan, 1.0], diverged_at=[0, 13, 20, 21]))
    assert table["status"].tolist() == ["ok", "diverged", "diverged", "ok"]
    assert table["final_loss"].tolist() == [1.0, INF, INF, 1.0]
    assert table["diverged_at"].fillna(0).tolist() == [0, 13, 20, 0]
    assert table["rms_error"].tolist()[1] == INF


def test_a_loss_that_overflows_while_the_parameters_are_finite_diverged_at_its_epoch():
    table = runs_table(collected_of([INF]))
    assert table["status"].tolist() == ["diverged"]
    assert table["diverged_at"].tolist() == [20]


def test_runs_without_a_result_are_in_no_table():
    collected = Collected(make_plan(experiment(grid(axis("neurons", 1, 2), replicates=2))))
    assert len(runs_table(collected)) == len(cells_table(collected)) == 0
    plan = collected.plan
    collected.add(outcome_of(plan.keys[:1], np.array([1]), [20], np.array([[4.0]]), np.array([0])))
    assert collected.missing.tolist() == [True, False, True, True]
    assert runs_table(collected)[["neurons", "epochs", "replicate", "final_loss"]].values.tolist() == [
        [1, 20, 1, 4.0]
    ]
    assert cells_table(collected)[["neurons", "n_runs"]].values.tolist() == [[1, 1]]


def test_a_loss_as_large_as_numbers_go_has_a_finite_rms_error():
    collected = Collected(make_plan(experiment(grid(replicates=3))))
    plan = collected.plan
    collected.add(
        outcome_of(plan.keys.repeat(3), np.arange(3), [20], np.full((3, 1), 1.7e308), np.zeros(3, dtype=int))
    )
    expected = np.sqrt(2.0) * np.sqrt(1.7e308 / 11)
    assert runs_table(collected)["rms_error"].to_numpy() == pytest.approx(expected)
    assert cells_table(collected)["median_rms_error"].to_numpy() == pytest.approx(expected)


def test_results_that_are_not_asked_for_are_passed_over():
    plan = make_plan(experiment(grid(axis("epochs", 10, 20), replicates=2)))
    stranger = make_plan(experiment(grid(), function="x**3")).keys
    collected = Collected(plan)
    collected.add(outcome_of(stranger, np.array([0]), [10, 20], np.ones((1, 2)), np.array([0])))
    collected.add(outcome_of(plan.keys, np.array([5]), [10, 20], np.ones((1, 2)), np.array([0])))
    collected.add(outcome_of(plan.keys, np.array([0]), [15], np.ones((1, 1)), np.array([0])))
    assert collected.missing.all()


def test_a_result_goes_before_a_failure_whatever_their_order():
    plan = make_plan(experiment(grid(axis("epochs", 10, 20), replicates=1)))
    for order in (0, 1):
        collected = Collected(plan)
        steps = [
            lambda c=collected: c.add(
                outcome_of(plan.keys, np.array([0]), [10], np.ones((1, 1)), np.array([0]))
            ),
            lambda c=collected: c.add(
                Outcome.without_result(plan.keys, np.array([0]), Status.FAILED, "it raised")
            ),
        ]
        for step in steps if order else reversed(steps):
            step()
        assert runs_table(collected)["status"].tolist() == ["ok", "failed"]


def test_values_are_shown_as_a_config_writes_them():
    plan = make_plan(experiment(grid(axis("interval", (0.0, 1.5)), axis("layers", (10, 20)), replicates=1)))
    collected = Collected(plan)
    collected.add(outcome_of(plan.keys, np.array([0]), [20], np.ones((1, 1)), np.array([0])))
    table = cells_table(collected)
    assert (table["interval"].tolist(), table["layers"].tolist()) == (["[0, 1.5]"], ["10-20"])


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from([0.5, 1.0, 2.0, 3.0, 1e300, INF, np.nan])),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]),
)
def test_quantiles_of_groups_are_those_of_each_group_alone(pairs, q):
    labels, values = (np.array(column) for column in zip(*pairs, strict=True))
    of_groups = group(values.astype(float), labels.astype(np.int64), 5).quantile(q)
    for label in range(5):
        mine = np.sort(values[(labels == label) & ~np.isnan(values)].astype(float))
        if not len(mine):
            assert np.isnan(of_groups[label])
            continue
        low, weight = divmod(q * (len(mine) - 1), 1)
        low, high = mine[int(low)], mine[min(int(low) + 1, len(mine) - 1)]
        expected = low if weight == 0 or low == high else low + weight * (high - low)
        assert of_groups[label] == pytest.approx(expected, rel=1e-12)


def test_a_pivot_has_the_order_of_the_config_and_counts_are_whole_numbers():
    of_text = axis("function", "x**2", "sin(x)", "exp(x)")
    plan = make_plan(
        experiment(
            grid(of_text, axis("layers", (20,), (5,), (100,)), axis("init_range", 0.5, 0.1)),
            grid(axis("function", "cos(x)"), axis("layers", (20,)), axis("init_range", 0.5)),
        )
    )
    collected = Collected(plan)
    n = plan.n_settings * 3
    settings, replicates = np.divmod(np.arange(n), 3)
    collected.add(outcome_of(plan.keys[settings], replicates, (20,), np.ones((n, 1)), np.zeros(n, dtype=int)))
    cells = cells_table(collected)
    levels = {name: table_values(values) for name, values in plan.cells.levels.items()}
    table = pivoted(cells, "function", "layers", "median", levels)
    assert table.columns.tolist() == ["20", "5", "100"]
    rows = [(0.1, each) for each in ("x**2", "sin(x)", "exp(x)")]
    rows += [(0.5, each) for each in ("x**2", "sin(x)", "exp(x)", "cos(x)")]
    assert table.index.tolist() == rows
    counts = pivoted(cells.assign(n_runs=1230), "function", "layers", "n_runs", levels)
    assert "1230" in table_text(counts)
    assert "1.23e" not in table_text(counts)
    assert "–" in table_text(counts)


def test_the_tables_are_the_same_however_many_runs_are_looked_at_once(monkeypatch):
    plan = make_plan(experiment(grid(axis("neurons", *range(1, 9)), axis("epochs", 5, 20), replicates=7)))
    collected, random = Collected(plan), np.random.default_rng(0)
    keys, replicates = np.repeat(plan.keys, 7), np.tile(np.arange(7), 8)
    losses = random.choice([0.5, 1.0, 2.0, np.inf], size=(56, 2))
    collected.add(outcome_of(keys, replicates, [5, 20], losses, np.zeros(56)))
    collected.status[random.random(plan.n_runs) < 0.2] = Status.MISSING

    def tables():
        shares = shares_within(collected, "final_loss", "below", 1.5), diverged_shares(collected)
        return cells_table(collected), duels_table(collected, ["neurons"]), pd.DataFrame(shares)

    whole = tables()
    monkeypatch.setattr("sweep.plan.plan.RUNS_AT_ONCE", 20)
    for part, at_once in zip(tables(), whole, strict=True):
        pd.testing.assert_frame_equal(part, at_once, check_exact=True)
    parts = pd.concat(runs_in_parts(collected, 9), ignore_index=True)
    pd.testing.assert_frame_equal(parts, runs_table(collected), check_exact=True)


def test_of_columns_whose_values_repeat_alone_a_dictionary_is_made():
    n = 3000
    table = pd.DataFrame({"rate": np.repeat([0.1, 0.2, 0.3], n // 3), "loss": np.linspace(0, 1, n)})
    assert repetitive(table.assign(status="ok", lost=np.inf)) == ["rate", "status", "lost"]
    assert repetitive(table[:0]) == ["rate", "loss"]


def test_a_file_of_a_single_run_has_the_categories_of_all_runs(tmp_path):
    runs = runs_table(collected_of([0.5]))
    write_parquet(runs, tmp_path / "runs.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "runs.parquet"), runs)
