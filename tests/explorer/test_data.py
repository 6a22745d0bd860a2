import base64
import json
import re
import zlib
from dataclasses import replace

import numpy as np
import pytest
from explorer.sweeps import HOSTILE, network, of_five_axes, of_texts, of_two_axes

from sweep.report.explorer import data as data_module
from sweep.report.explorer import recorded
from sweep.report.explorer.columns import numbers, rounded, rounded_numbers, whole_numbers
from sweep.report.explorer.data import explorer_data
from sweep.report.explorer.fragment import explorer_fragment, explorer_page
from sweep.report.pages.report_page import build_report
from sweep.save import report_content
from sweep.tables.collected import Collected
from sweep.tables.importance import importance
from sweep.tables.run_arrays import RunArrays
from sweep.terms.outcome import Status

KINDS = {"Float64Array": "<f8", "Uint8Array": "u1", "Uint16Array": "<u2", "Uint32Array": "<u4"}


def read(column):
    """Return a column as a browser reads it."""
    kind, planes = np.dtype(KINDS[column["kind"]]), zlib.decompress(base64.b64decode(column["text"]))
    return np.frombuffer(planes, dtype=np.uint8).reshape(kind.itemsize, -1).T.copy().view(kind).reshape(-1)


def held(html):
    """Return the data that a page holds."""
    (text,) = re.findall(r'<script type="application/json" class="explorer-data">(.*?)</script>', html, re.S)
    return json.loads(text)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return network(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def data(found):
    return explorer_data(found.explored)


SPECIAL = [0.0, -0.0, 1.5, -2.25e-300, 5e-324, 1.7976931348623157e308, np.inf, -np.inf, np.nan]


def test_a_column_is_read_as_it_was_written():
    np.testing.assert_array_equal(read(numbers(np.array(SPECIAL))), SPECIAL)
    for largest in (3, 255, 256, 65535, 65536, 2**32 - 1):
        assert read(whole_numbers(np.array([0, largest]))).tolist() == [0, largest]
    assert read(whole_numbers(np.array([], dtype=np.int64))).tolist() == []


def test_rounded_numbers_have_seven_digits_at_any_size():
    values = np.concatenate([SPECIAL, 10.0 ** np.arange(-300, 300, 7), -np.pi * 10.0 ** np.arange(-300, 300)])
    near = rounded(values)
    normal = np.isfinite(values) & (np.abs(values) > 1e-300)
    np.testing.assert_allclose(near[normal], values[normal], rtol=6e-8)
    np.testing.assert_array_equal(near[~np.isfinite(values)], values[~np.isfinite(values)])
    assert len(rounded_numbers(np.random.default_rng(0).random(5000))["text"]) < 5000 * 4.8


def test_the_runs_are_those_of_the_table_with_every_digit(found, data):
    runs = found.runs
    for metric in ("final_loss", "rms_error"):
        column = data["runs"]["metrics"][metric]
        values = read(column) if "text" in column else None
        if values is None:
            source = read(data["runs"]["metrics"][column["of"]])
            values = column["factor"] * source ** column["power"]
        np.testing.assert_allclose(values, runs[metric], rtol=0 if "text" in column else 1e-12)
    names = [Status(code).name.lower() for code in read(data["runs"]["status"])]
    assert names == runs["status"].tolist()
    assert read(data["runs"]["endedAt"]).tolist() == runs["diverged_at"].fillna(0).tolist()
    assert (runs["status"] == "diverged").any()


def test_the_runs_of_a_cell_stand_together_in_the_order_of_the_table(found, data):
    order = found.runs.drop_duplicates(["neurons", "learning_rate", "epochs"])
    places = [[int(axis["levels"].index(str(v))) for axis, v in zip(data["axes"], row, strict=True)]
              for row in order[[axis["name"] for axis in data["axes"]]].itertuples(index=False)]  # fmt: skip
    sizes = [len(axis["levels"]) for axis in data["axes"]]
    assert np.ravel_multi_index(np.array(places).T, sizes).tolist() == list(range(len(found.cells)))
    assert data["cells"]["codes"] is None  # a whole grid: the page counts it out
    assert set(read(data["cells"]["replicates"]).tolist()) == {5}


def test_a_part_of_a_grid_has_the_place_of_each_cell():
    found = of_two_axes(3, 4)
    part = found.runs[(found.runs["down"] != 2) | (found.runs["across"] != 3)]
    import sweep

    data = explorer_data(
        sweep.from_table(
            part[["down", "across", "loss"]], axes=["down", "across"], metrics={"loss": "lower"}
        ).explored
    )
    down, across = (read(data["cells"]["codes"][axis]) for axis in ("down", "across"))
    assert (down + 1).tolist() == part["down"].tolist()
    assert (across + 1).tolist() == part["across"].tolist()


def test_the_curves_are_those_of_the_table(found, data):
    curves, table = data["curves"]["final_loss"], found.curves.learning
    first = read(curves["first"])
    assert len(first) - 1 == 12
    np.testing.assert_allclose(read(curves["median"]), table["median"], rtol=6e-8)
    np.testing.assert_array_equal(read(curves["step"]), table["epoch"])
    for axis in data["axes"]:
        if axis["name"] != "epochs":
            levels = np.array(axis["levels"])[read(curves["codes"][axis["name"]])]
            assert levels.tolist() == table[axis["name"]].astype(str).iloc[first[:-1]].tolist()


def test_the_functions_are_those_of_the_table(found, data):
    functions, table = data["functions"], found.curves.functions
    np.testing.assert_array_equal(read(functions["replicate"]), table["replicate"])
    np.testing.assert_array_equal(read(functions["x"]), table["x"])
    np.testing.assert_allclose(read(functions["learned"]), table["learned"], rtol=6e-8)
    assert len(read(functions["lines"]["x"])) == len(found.curves.targets)


def test_the_first_place_is_the_best_cell(found, data):
    best = found.cells.loc[found.cells["median"].idxmin()]
    for axis in data["axes"]:
        assert float(axis["levels"][data["start"]["place"][axis["name"]]]) == best[axis["name"]]


def test_the_first_bound_is_that_of_a_claim(data):
    assert {metric["name"]: metric["bound"] for metric in data["metrics"]} == {
        "final_loss": None,
        "rms_error": 0.8,
    }


def test_wild_values_leave_the_ordinary_ones_their_colours():
    data = explorer_data(of_two_axes(6, 6, wild=[1e198] * 8).explored)
    assert data["scales"]["loss"]["all"]["median"]["high"] < 1e4


def test_targets_have_colours_of_their_own(tmp_path):
    import sweep

    config = {
        "target": {"interval": [0, 1]},
        "training": {"epochs": 5},
        "grid": {"function": ["x", "1000*x"], "neurons": [2, 3], "replicates": 2},
    }
    data = explorer_data(sweep.run(config, results=tmp_path / "two").explored)
    each = {one["place"]["function"]: one["median"]["high"] for one in data["scales"]["final_loss"]["each"]}
    functions = next(axis["levels"] for axis in data["axes"] if axis["name"] == "function")
    assert each[functions.index("1000*x")] > 1e3 * each[functions.index("x")]


def test_the_same_results_give_the_same_bytes(found):
    assert explorer_fragment(found.explored) == explorer_fragment(found.explored)


def test_there_is_no_explorer_of_no_run(found):
    from dataclasses import replace

    nothing = replace(found.explored, runs=RunArrays.of(Collected(found.plan)))
    assert explorer_fragment(nothing) == ""
    assert explorer_fragment(None) == ""
    assert "No run has a result yet" in explorer_page(nothing)


def test_no_text_of_a_user_ends_the_script_or_stands_outside_of_the_data():
    found = of_texts()
    html = explorer_page(found.explored)
    data = held(html)
    assert data["title"] == HOSTILE[1]
    assert data["axes"][0]["levels"] == sorted(HOSTILE)
    outside = re.sub(r'<script type="application/json".*?</script>', "", html, flags=re.S)
    for text in HOSTILE:
        if "hacked" in text:
            assert text not in outside.replace("<title>" + text, "")
    assert html.count("<script") == 3 + html.count('"<script') + html.count("`<script")


def test_a_page_of_many_runs_holds_seven_digits_and_says_so(monkeypatch):
    monkeypatch.setattr(data_module, "EXACT_NUMBERS", 20)
    found = of_two_axes(5, 5)
    data = explorer_data(found.explored)
    np.testing.assert_allclose(read(data["runs"]["metrics"]["loss"]), found.runs["loss"], rtol=6e-8)
    assert data["notes"] == ["Numbers are held with seven digits."]


def test_a_page_of_too_many_runs_holds_the_statistics_of_cells_and_says_so(monkeypatch):
    monkeypatch.setattr(data_module, "MOST_RUN_BYTES", 300)
    found = of_two_axes(5, 5, 4, wild=[np.nan, np.inf])
    data = explorer_data(found.explored)
    assert data["runs"] is None
    assert data["notes"] == [
        "100 runs are too many for one page: it holds statistics of the cells, with seven digits."
    ]
    statistics = data["statistics"]
    np.testing.assert_allclose(
        read(statistics["metrics"]["loss"]["median"]), found.cells["median"], rtol=6e-8
    )
    for name in ("n_runs", "n_diverged", "n_failed"):
        assert read(statistics["counts"][name]).tolist() == found.cells[name].tolist()


def test_curves_that_do_not_fit_are_left_out_evenly_and_the_page_says_so(found, monkeypatch):
    monkeypatch.setattr(recorded, "MOST_NUMBERS", len(found.curves.learning) * 3 // 2)
    data = explorer_data(found.explored)
    assert data["notes"][0] == "Learning curves of 6 of 12 settings are in this page."
    assert len(read(data["curves"]["final_loss"]["first"])) - 1 == 6


@pytest.mark.parametrize("n_kept", [1, 2, 5, 11])
def test_the_curves_and_functions_of_the_best_cell_are_never_left_out(found, monkeypatch, n_kept):
    best = explorer_data(found.explored)["start"]["place"]
    n = {"curves": len(found.curves.learning) * 3, "functions": len(found.curves.functions)}
    for part, in_all in n.items():
        monkeypatch.setattr(recorded, "MOST_NUMBERS", in_all * n_kept // 12)
        monkeypatch.setattr(recorded, "_FEWEST_REPLICATES", 100)
        held = explorer_data(found.explored)[part]
        codes = (held["final_loss"] if part == "curves" else held)["codes"]
        places = list(zip(*(read(column).tolist() for column in codes.values()), strict=True))
        assert len(places) == n_kept
        assert tuple(best[axis] for axis in codes) in places


def test_functions_that_do_not_fit_are_those_of_the_first_replicates(found, monkeypatch):
    monkeypatch.setattr(recorded, "MOST_NUMBERS", len(found.curves.functions) * 4 // 5)
    data = explorer_data(found.explored)
    assert data["notes"][-1] == "Of each setting it has those of the first 4 replicates."
    assert read(data["functions"]["replicate"]).max() == 3


def test_axes_keep_their_order_and_their_labels_differ():
    data = explorer_data(of_five_axes().explored)
    labels = {axis["name"]: axis["labels"] for axis in data["axes"]}
    assert labels["optimizer"] == ["adam", "sgd"]  # a table has no order of its own
    assert labels["learning_rate"] == ["0.001", "0.01", "0.1"]
    assert labels["nesterov"] == ["false", "true"]
    assert all(len(set(each)) == len(each) for each in labels.values())


def test_the_importance_of_axes_is_that_of_the_tables_for_each_metric():
    found = of_five_axes()
    data = explorer_data(found.explored)
    for metric in found.plan.training.metrics:
        cells = found.cells.assign(median=found.cells.get(f"median_{metric.name}", found.cells["median"]))
        table = importance(cells, metric)
        shown = data["importance"][metric.name]
        assert [row["axis"] for row in shown] == [axis.replace("_", " ") for axis in table["axis"]]
        np.testing.assert_allclose([row["alone"] for row in shown], table["alone"], atol=1e-4)
    assert explorer_data(of_two_axes(2, 2).explored)["importance"] is None


def test_a_page_says_once_which_axes_matter():
    found = of_five_axes()
    assert '"importance":null' in build_report(report_content(found)).html  # it has a figure of it
    without_the_figure = replace(report_content(found), figures=("curves",))
    assert '"importance":{' in build_report(without_the_figure).html
    assert '"importance":{' in explorer_page(found.explored)
