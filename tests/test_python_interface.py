"""What Python users hold in their hands."""

import re

import numpy as np
import pandas as pd
import pytest
from running import SMALL, bits, write_config

import sweep


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("python")


@pytest.fixture(scope="module")
def config(folder):
    axes = {"neurons": [2, 3, 5], "learning_rate": [0.03, 0.1], "epochs": [10, 20], "replicates": 3}
    tables = {"title": "x² <small>", "training": {"batch_size": 3}, "grid": axes}
    return write_config(folder / "small.toml", SMALL | tables)


@pytest.fixture(scope="module")
def found(config, folder):
    return sweep.run(config, results=folder / "results", workers=1, report=False)


def test_runs_is_a_table_of_every_run_in_canonical_order(found):
    runs = found.runs
    assert list(runs) == [
        *("neurons", "learning_rate", "epochs"),
        *("replicate", "final_loss", "rms_error", "status", "diverged_at"),
    ]
    assert len(runs) == found.n_planned == found.n_stored == 36
    order = runs[["neurons", "learning_rate", "epochs", "replicate"]]
    assert order.equals(order.sort_values(list(order)))
    np.testing.assert_allclose(runs["rms_error"], np.sqrt(2 * runs["final_loss"] / 11))
    assert (runs["status"] == "ok").all()
    assert runs["diverged_at"].isna().all()
    assert runs["diverged_at"].dtype == "Int64"


def test_cells_is_a_table_of_statistics_over_the_replicates(found):
    one = found.cells.iloc[0]
    losses = found.runs.query("neurons == 2 and learning_rate == 0.03 and epochs == 10")["final_loss"]
    assert len(found.cells) == 12
    assert (one["neurons"], one["learning_rate"], one["epochs"]) == (2, 0.03, 10)
    assert (one["n_runs"], one["n_diverged"], one["n_failed"]) == (3, 0, 0)
    assert one["median"] == losses.median()
    assert one["upper_quartile"] == pytest.approx(losses.quantile(0.75))
    assert (one["minimum"], one["maximum"]) == (losses.min(), losses.max())


def test_what_was_trained_can_be_loaded_again(found, config, folder):
    loaded = sweep.load(config, results=folder / "results")
    assert bits(loaded.runs) == bits(found.runs)
    assert bits(loaded.cells) == bits(found.cells)
    assert loaded.messages == ()


def test_loading_what_was_never_trained_gives_empty_tables(config, folder):
    empty = sweep.load(config, results=folder / "nothing")
    assert empty.n_stored == 0
    assert list(empty.runs)[:4] == ["neurons", "learning_rate", "epochs", "replicate"]
    assert len(empty.runs) == len(empty.cells) == 0
    assert "0 of 36 runs" in repr(empty)
    assert empty._repr_html_()
    assert not (folder / "nothing").exists()


def test_a_pivot_is_a_statistic_over_two_axes(found):
    table = found.pivot("neurons", "learning_rate", epochs=20)
    assert table.shape == (3, 2)
    assert (table.index.name, table.columns.name) == ("neurons", "learning_rate")
    cell = found.cells.query("neurons == 5 and learning_rate == 0.1 and epochs == 20")
    assert table.loc[5, 0.1] == cell["median"].item()
    smallest = found.pivot("neurons", "learning_rate", "minimum", epochs=20)
    assert (smallest <= table).all(axis=None)


def test_a_pivot_leaves_no_axis_out_in_silence(found):
    table = found.pivot("neurons", "learning_rate")
    assert table.index.names == ["epochs", "neurons"]
    assert table.shape == (6, 2)


@pytest.mark.parametrize(
    ("arguments", "where", "message"),
    [
        (("neuron", "epochs"), {}, "'neuron' is not an axis of this sweep: did you mean 'neurons'?"),
        (
            ("neurons", "batch"),
            {},
            "'batch' is not an axis of this sweep: choose from neurons, learning_rate, epochs",
        ),
        (
            ("neurons", "epochs", "medain"),
            {},
            "'medain' is not a statistic of this sweep: did you mean 'median'?",
        ),
        (("neurons", "neurons"), {}, "a pivot needs two different axes, got 'neurons' twice"),
        (("neurons", "epochs"), {"learning_rates": 0.1}, "did you mean 'learning_rate'?"),
        (("neurons", "epochs"), {"learning_rate": 0.2}, "no cell has learning_rate = 0.2; it has 0.03, 0.1"),
    ],
)
def test_a_mistake_in_a_pivot_is_told_with_what_was_meant(arguments, where, message, found):
    with pytest.raises(sweep.InputError, match=re.escape(message)):
        found.pivot(*arguments, **where)


def test_a_heatmap_is_a_figure(found):
    from matplotlib.figure import Figure

    assert isinstance(found.heatmap(), Figure)
    assert (
        found.heatmap()._repr_png_().startswith(b"\x89PNG")
    )  # what a notebook asks the last line of a cell for
    assert isinstance(found.heatmap("epochs", "neurons", "mean", learning_rate=0.1), Figure)


@pytest.mark.parametrize(
    ("arguments", "where", "message"),
    [
        (("neuron", "epochs"), {}, "neurons, learning_rate, epochs"),
        (("neurons", "epochs", "medain"), {}, "median, mean, lower_quartile"),
        (("neurons", "neurons"), {}, "neurons"),
        (("neurons", "epochs"), {"learning_rate": 0.2}, "no cell has learning_rate = 0.2; it has 0.03, 0.1"),
    ],
)
def test_a_mistake_in_a_heatmap_is_told_with_what_there_is(arguments, where, message, found):
    with pytest.raises(sweep.InputError, match=re.escape(message)):
        found.heatmap(*arguments, **where)


def test_results_show_themselves_as_a_table(found, folder):
    text = repr(found)
    assert text.startswith(f"x² <small>: 36 runs in 12 cells, in {folder / 'results'}\n")
    assert "median" in text
    page = found._repr_html_()
    assert "<table" in page
    assert "x² &lt;small&gt;: 36 runs" in page
    assert "<small>" not in page


def test_a_preview_trains_and_writes_nothing(config, folder):
    preview = sweep.preview(config, results=folder / "planned", workers=1)
    assert preview.results.n_planned == 36
    assert preview.results.n_stored == 0
    assert 0 < preview.seconds < 0.1
    assert 1 < preview.wall_seconds < 2  # reading, tables and the report as well
    assert "runs" in str(preview)
    assert not (folder / "planned").exists()


def test_a_preview_of_what_is_done_has_nothing_left(found, config):
    preview = sweep.preview(config, results=found.folder)
    assert (preview.n_batches, preview.seconds) == (0, 0)
    assert preview.results.n_stored == 36


def test_paths_may_be_text(config, folder):
    found = sweep.run(str(config), results=str(folder / "text"), workers=1, report=False)
    assert isinstance(found.runs, pd.DataFrame)
    assert (folder / "text" / "cells.csv").exists()


def test_a_limit_goes_before_that_of_the_config(config, folder):
    with pytest.raises(sweep.ConfigError, match="asks for 36 runs"):
        sweep.run(config, results=folder / "limited", max_runs=35)
    assert not (folder / "limited").exists()


def test_mistakes_in_a_config_are_an_exception_with_all_of_them(folder):
    wrong = write_config(folder / "wrong.toml", SMALL | {"training": {"learning_rates": 0.1, "epochs": 0}})
    with pytest.raises(sweep.ConfigError) as caught:
        sweep.run(wrong)
    assert [mistake.key for mistake in caught.value.mistakes] == [
        "training.learning_rates",
        "training.epochs",
    ]
    assert [mistake.line for mistake in caught.value.mistakes] == [5, 6]
    assert isinstance(caught.value, sweep.SweepError)


@pytest.mark.parametrize("workers", [0, -1])
def test_a_senseless_number_of_workers_is_refused(workers, config, folder):
    with pytest.raises(sweep.InputError, match="workers"):
        sweep.run(config, results=folder / "senseless", workers=workers)
    assert not (folder / "senseless").exists()


def test_curves_hold_every_recorded_epoch_and_every_learned_function(found):
    learning, functions = found.curves.learning, found.curves.functions
    assert {"neurons", "learning_rate", "epoch", "median"} <= set(learning)
    assert learning["epoch"].max() == 20
    assert len(functions) == 6 * 3 * 11
    at_the_end = learning.query("neurons == 5 and learning_rate == 0.1 and epoch == 20")["median"].item()
    assert at_the_end == found.pivot("neurons", "learning_rate", epochs=20).loc[5, 0.1]
    assert np.isfinite(functions["learned"]).all()


def rated(rate, *, seed):
    while True:
        yield rate + seed % 3


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    stated = {"grid": {"rate": [0.1, 0.2], "epochs": [2, 4]}, "replicates": 2, "metrics": {"e": "lower"}}
    stated["results"] = tmp_path_factory.mktemp("swept")
    return sweep.run(rated, **stated, workers=1, report=False), stated


@pytest.mark.parametrize(
    ("name", "mistaken"),
    [
        *(("workers", value) for value in ("2", True, 0, 1.5)),
        *(("max_runs", value) for value in ("3", 0, 2.5)),
        *((name, "no") for name in ("retry_failed", "report", "until_decided", "quick")),
        ("reporter", print),
        ("code", ["new"]),
        ("results", 5),
    ],
)
def test_an_argument_of_another_type_is_told_in_one_line(name, mistaken, swept):
    with pytest.raises(sweep.InputError, match=f"`{name}` must be ") as error:
        sweep.run(rated, **{**swept[1], name: mistaken})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda found: found.replay("a", rate=0.1),
            "`replicate` must be a whole number of at least 0, got 'a'",
        ),
        (
            lambda found: found.replay(-1, rate=0.1),
            "`replicate` must be a whole number of at least 0, got -1",
        ),
        (
            lambda found: found.replay(0, rate=0.1, epochs="a"),
            "`epochs` must be a whole number of at least 1",
        ),
        (
            lambda found: found.replay(0, rate=np.array([1, 2])),
            "`rate` must be one value of that axis, got array",
        ),
        (lambda found: found.stored(0, where=[1]), "`where` must be a dict of values by axes"),
        (lambda found: found.pivot(5, "rate"), "5 is not an axis of this sweep"),
        (
            lambda found: found.pivot("rate", "epochs", rate=[1]),
            "`rate` must be one value of that axis, got [1]",
        ),
        (lambda _: sweep.write_report(5), "`found` must be results"),
        (lambda found: sweep.write_report(found, 5), "`folder` must be the path of a folder"),
        (lambda _: sweep.reproduce(5), "`configs` must be the path of a folder"),
        (lambda _: sweep.reproduce(".", results=5), "`results` must be the path of a folder"),
        (lambda _: sweep.reproduce(".", on_result=5), "`on_result` must be a function"),
    ],
)
def test_an_argument_that_results_cannot_take_is_told_in_one_line(call, message, swept):
    with pytest.raises(sweep.InputError) as error:
        call(swept[0])
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_run_is_replayed_to_any_number_of_epochs(swept):
    assert swept[0].replay(np.int64(1), rate=0.1, epochs=3.0) == swept[0].replay(1, rate=0.1)


def test_verdicts_rest_on_all_that_is_stored_also_where_the_most_replicates_are_fewer_now(folder):
    claim = {"sentence": "3 neurons", "form": "better", "axis": "neurons", "value": 3, "than": 2}
    tables = SMALL | {"grid": {"neurons": [2, 3], "replicates": 3}, "claim": [claim]}

    def verdicts(most, act):
        config = write_config(folder / "fewer.toml", tables | {"claims": {"most_replicates": most}})
        return act(config, results=folder / "fewer").verdicts

    trained = verdicts(20, lambda *args, **named: sweep.run(*args, until_decided=True, report=False, **named))

    assert trained["replicates"].tolist() == [20]
    assert verdicts(3, sweep.load).equals(trained)
    assert verdicts(
        3, lambda *args, **named: sweep.run(*args, until_decided=True, report=False, **named)
    ).equals(trained)


def test_the_page_says_that_verdicts_rest_on_more_replicates_than_the_grid_has(folder):
    claim = {"sentence": "3 neurons", "form": "better", "axis": "neurons", "value": 3, "than": 2}
    tables = SMALL | {"claims": {"most_replicates": 20}, "claim": [claim], "figures": ["heatmap"]}
    config = write_config(folder / "page.toml", tables | {"grid": {"neurons": [2, 3], "replicates": 3}})
    sweep.run(config, results=folder / "page", until_decided=True)
    page = (folder / "page" / "report.md").read_text(encoding="utf-8")
    assert "For the verdicts up to 20 replicates of a cell were trained;" in page
    assert "2 cells over 2 numbers of neurons, 3 replicates each." in page


def test_a_sweep_that_was_run_until_decided_trains_nothing_more_when_it_is_run_so_again(folder):
    claim = {"sentence": "3 neurons", "form": "better", "axis": "neurons", "value": 3, "than": 2}
    tables = SMALL | {"claims": {"most_replicates": 20}, "claim": [claim]}
    short = write_config(folder / "again.toml", tables | {"grid": {"neurons": [2, 3], "replicates": 3}})
    whole = write_config(folder / "whole.toml", tables | {"grid": {"neurons": [2, 3], "replicates": 60}})

    for _ in range(2):
        sweep.run(short, results=folder / "again", until_decided=True, report=False)
        assert sweep.load(whole, results=folder / "again").n_stored == 40


@pytest.mark.parametrize("value", ["", "many"])
def test_the_cores_are_counted_also_where_a_variable_for_them_is_no_number(value, monkeypatch, tmp_path):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", value)
    monkeypatch.chdir(tmp_path)
    found = sweep.run(lambda x: x, name="line", grid={"x": [1, 2]}, metrics={"y": "lower"}, replicates=1)
    assert found.is_complete


def test_a_heatmap_of_a_part_does_not_call_what_was_left_out_not_run(found):
    figure = found.heatmap("neurons", "learning_rate", learning_rate=0.1, epochs=20)
    assert not any(text.get_text() == "not run" for legend in figure.legends for text in legend.get_texts())
    assert len(figure.axes[0].get_xticks()) == 1
