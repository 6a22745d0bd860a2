"""Results in the formats of other tools, read back by those tools."""

import builtins
import os
import re
import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from running import bits, sweep

import sweep as package

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

TRAIN = """
def train(rate, kind="a", *, seed):
    for epoch in range(10):
        if kind == "b_c" and rate > 0.5:
            yield {"loss": float("inf") if epoch > 2 else 1.0, "n_used": epoch}
        elif kind == "d" and seed % 2:
            raise ValueError("no luck with " + kind)
        else:
            yield {"loss": rate / (epoch + 1) + seed % 7, "n_used": epoch}
"""
GRID = {"rate": [0.0270027, 0.1, 0.9], "kind": ["a", "b_c", "d"], "epochs": [2, 5]}
EXCLUDED = [{"rate": 0.1, "kind": "d"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    (folder / "train.py").write_text(TRAIN)
    (folder / "own.toml").write_text(
        "title = 'Own & odd_ones: 50 %'\n"
        "[function]\ncall = 'train.py:train'\nmetrics = { loss = 'lower', n_used = 'higher' }\n"
        "[grid]\nrate = [0.0270027, 0.1, 0.9]\nkind = ['a', 'b_c', 'd']\nepochs = [2, 5]\nreplicates = 4\n"
        "exclude = [{ rate = 0.1, kind = 'd' }]\n"
    )
    return folder


@pytest.fixture(scope="module")
def found(folder):
    return package.run(folder / "own.toml", results=folder / "results", workers=1, report=False)


def needs(module, extra):
    return pytest.importorskip(module, reason=f"{module} is not installed: pip install 'sweep[{extra}]'")


def test_the_sweep_has_runs_of_every_kind(found):
    assert found.runs["status"].value_counts().to_dict() | {"timeout": 0, "killed": 0} == {
        "ok": found.runs["status"].eq("ok").sum(),
        "diverged": 4,
        "failed": found.runs["status"].eq("failed").sum(),
        "timeout": 0,
        "killed": 0,
    }
    assert found.runs["status"].eq("failed").any()


@pytest.mark.parametrize("table", ["cells", "runs"])
def test_csv_and_parquet_have_the_table_with_every_digit(table, found, tmp_path):
    expected = getattr(found, table)
    csv = pd.read_csv(found.export(tmp_path / "t.csv", table=table), dtype=str, keep_default_na=False)
    for name in expected.select_dtypes("number"):
        read = [float(text or "nan") for text in csv[name]]
        np.testing.assert_array_equal(read, expected[name].to_numpy(float, na_value=np.nan))
    assert csv["kind"].tolist() == expected["kind"].tolist()
    parquet = pd.read_parquet(found.export(tmp_path / "t.parquet", table=table))
    assert bits(parquet) == bits(expected)


def test_a_part_of_a_table_is_chosen_by_where(found, tmp_path):
    part = pd.read_csv(found.export(tmp_path / "t.csv", rate=0.027, where={"kind": "a"}))
    assert part["rate"].tolist() == [0.0270027] * 2
    assert part["epochs"].tolist() == [2, 5]


def test_a_pivot_is_read_back_as_it_is(found, tmp_path):
    expected = found.pivot("rate", "kind", "n_failed", epochs=5)
    path = found.export(tmp_path / "p.csv", pivot=["rate", "kind"], value="n_failed", epochs=5)
    pd.testing.assert_frame_equal(
        pd.read_csv(path, index_col="rate"), expected.rename_axis(columns=None), check_column_type=False
    )
    path = found.export(tmp_path / "p.parquet", pivot=["rate", "kind"], value="n_failed", epochs=5)
    pd.testing.assert_frame_equal(pd.read_parquet(path), expected, check_column_type=False)


def test_truth_values_are_told_apart_in_every_format(tmp_path):
    rows = [{"flag": flag, "n": n, "acc": n + flag / 2} for flag in (True, False) for n in (1, 2)]
    found = package.from_table(pd.DataFrame(rows), axes=["flag", "n"], metrics={"acc": "higher"})
    assert rows_of(found.to_markdown("n", "flag"))[2] == ["1", "1", "1.5"]
    assert re.search(r"1 & 1 & 1\.5 \\\\\n2 & 2 & 2\.5 ", found.to_latex("n", "flag"))
    parquet = pd.read_parquet(found.export(tmp_path / "p.parquet", pivot=["n", "flag"]))
    assert parquet.columns.tolist() == ["false", "true"]
    assert parquet.to_numpy().tolist() == [[1.0, 1.5], [2.0, 2.5]]
    assert found.export(tmp_path / "p.csv", pivot=["n", "flag"]).read_text().splitlines()[0] == "n,false,true"


def rows_of(markdown):
    return [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in markdown.splitlines()]


def test_markdown_has_a_row_for_each_cell_and_text_as_it_is(found):
    head, rule, *rows = rows_of(found.to_markdown(epochs=5))
    assert head[:4] == ["rate", "kind", "epochs", "n runs"]
    assert rule[:4] == ["---:", "---", "---:", "---:"]
    assert len(rows) == 8
    assert [row[:4] for row in rows[:2]] == [["0.0270027", "a", "5", "4"], ["0.0270027", r"b\_c", "5", "4"]]
    assert rows[0][head.index("median")] == f"{found.cells['median'][1]:.3g}"
    head, _, *rows = rows_of(found.to_markdown("rate", "kind", epochs=5))
    assert head == [r"rate \\ kind", "a", r"b\_c", "d"]
    assert rows[1][3] == "–"
    assert rows[2][2] == "inf"


def test_latex_has_a_row_for_each_cell_and_nothing_that_latex_would_obey(found):
    text = found.to_latex(epochs=5)
    assert r"\toprule" in text
    assert r"b\_c" in text
    assert "b_c" not in text.replace(r"b\_c", "")
    assert r"$\infty$" in text
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0]
    assert len(re.findall(r"\\\\\n", body)) == 8
    assert body.split(" & ")[0].strip() == "0.0270027"
    pivot = found.to_latex("rate", "kind", "n_runs", epochs=5)
    assert r"0.1 & 4.000000" not in pivot
    assert re.search(r"0\.1 & 4(\.0)? & 4(\.0)? & -- \\\\", pivot)


def test_hostile_names_are_text_in_documents():
    from sweep.exports.texts import latex, markdown

    table = pd.DataFrame(
        {"kind": [r"\input{x}", "a|b", "<b>", "50%"], "n_runs": 1, "median": [1e-9, -2.5, 1e300, np.nan]}
    )
    told = latex(table, ["kind"])
    assert r"\input" not in told
    assert r"50\%" in told
    assert r"a\textbar{}b" in told
    assert r"$1\times10^{-9}$" in told
    lines = markdown(table, ["kind"]).splitlines()
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 4 for line in lines)
    assert "&lt;b&gt;" in lines[4]


def test_an_xarray_dataset_has_every_run_at_its_place(found, tmp_path):
    xarray = needs("xarray", "xarray")
    needs("h5netcdf", "xarray")
    made = found.to_xarray()
    path = found.export(tmp_path / "runs.nc")
    with xarray.open_dataset(path, engine="h5netcdf") as read:
        xarray.testing.assert_identical(read.load(), made)
    assert made.sizes == {"rate": 3, "kind": 3, "epochs": 2, "replicate": 4}
    for run in found.runs.to_dict("records"):
        place = {axis: run[axis] for axis in ("rate", "kind", "epochs", "replicate")}
        one = made.sel(place)
        np.testing.assert_equal(float(one["loss"]), run["loss"])
        np.testing.assert_equal(float(one["n_used"]), run["n_used"])
        assert str(one["status"].values) == run["status"]
        np.testing.assert_equal(
            float(one["diverged_at"]), float(run["diverged_at"]) if run["status"] == "diverged" else np.nan
        )
    left_out = made.sel(rate=0.1, kind="d")
    assert np.isnan(left_out["loss"]).all()
    assert (left_out["status"] == "missing").all()
    assert made["loss"].attrs == {"long_name": "loss", "units": "1", "better": "lower"}
    assert "train.py:train" in made.attrs["config"]
    assert found.to_xarray(rate=0.027).sizes["rate"] == 1


def test_a_dataset_that_no_memory_holds_is_refused(found, monkeypatch):
    needs("xarray", "xarray")
    monkeypatch.setattr("sweep.exports.to_xarray.MOST_PLACES", 10)
    with pytest.raises(
        package.InputError, match="72 combinations, of which 64 have a run: too many for a grid"
    ):
        found.to_xarray()


def test_an_optuna_study_has_a_trial_for_each_run(found):
    optuna = needs("optuna", "optuna")
    study = found.to_optuna()
    states = [trial.state.name for trial in study.trials]
    named = {"ok": "COMPLETE", "diverged": "PRUNED", "failed": "FAIL"}
    assert states == [named[status] for status in found.runs["status"]]
    for trial, run in zip(study.trials, found.runs.to_dict("records"), strict=True):
        assert trial.params == {axis: run[axis] for axis in ("rate", "kind", "epochs")}
        assert trial.user_attrs["replicate"] == run["replicate"]
        assert trial.value == (run["loss"] if run["status"] == "ok" else None)
    reasons = {trial.user_attrs["status"]: trial.user_attrs.get("reason") for trial in study.trials}
    assert reasons == {
        "ok": None,
        "diverged": "diverged at epochs 4",
        "failed": "failed: ValueError: no luck with d",
    }
    assert study.best_value == found.runs.loc[found.runs["status"] == "ok", "loss"].min()
    assert study.direction.name == "MINIMIZE"
    importances = optuna.importance.get_param_importances(
        study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()
    )
    assert set(importances) == {"rate", "kind", "epochs"}


def test_a_study_is_written_and_loaded_again(found, tmp_path):
    optuna = needs("optuna", "optuna")
    path = found.export(tmp_path / "a ? study.db", kind="optuna", epochs=5)
    os.rename(path, tmp_path / "study.db")
    study = optuna.load_study(study_name="own", storage=f"sqlite:///{tmp_path / 'study.db'}")
    expected = found.to_optuna(epochs=5)
    assert [trial.params for trial in study.trials] == [trial.params for trial in expected.trials]
    assert [trial.values for trial in study.trials] == [trial.values for trial in expected.trials]
    assert [trial.user_attrs for trial in study.trials] == [trial.user_attrs for trial in expected.trials]


@pytest.mark.filterwarnings("ignore")  # of what MLflow uses
def test_mlflow_has_a_run_for_each_training(found, tmp_path):
    needs("mlflow", "mlflow")
    from mlflow.tracking import MlflowClient

    path = found.export(tmp_path / "mlflow.db", kind="mlflow", rate=0.9)
    client = MlflowClient(tracking_uri=f"sqlite:///{path}")
    experiment = client.get_experiment_by_name("own")
    runs = client.search_runs([experiment.experiment_id])
    assert len(runs) == 12
    for run in runs:
        place = {"rate": 0.9, "kind": run.data.params["kind"], "replicate": int(run.data.tags["replicate"])}
        rows = found.runs[(found.runs[list(place)] == pd.Series(place)).all(axis=1)]
        assert run.data.tags["status"] == rows["status"].iloc[-1]
        assert run.info.status == ("FAILED" if rows["status"].iloc[-1] == "failed" else "FINISHED")
        told = [(each.step, each.value) for each in client.get_metric_history(run.info.run_id, "loss")]
        finite = rows[np.isfinite(rows["loss"])]
        assert told == list(zip(finite["epochs"], finite["loss"], strict=True))
    assert {run.data.tags.get("reason") for run in runs} == {
        None,
        "diverged at epochs 4",
        "failed: ValueError: no luck with d",
    }


def test_the_command_writes_what_the_ending_says(found, folder, monkeypatch, tmp_path):
    monkeypatch.chdir(folder)
    told = sweep(
        "export", "own.toml", "--results", "results", "--to", tmp_path / "x.md", "--where", "rate=0.027"
    )
    assert told == f"{tmp_path / 'x.md'} written\n"
    assert (tmp_path / "x.md").read_text(encoding="utf-8") == found.to_markdown(rate=0.0270027)
    pivot = ("--pivot", "rate", "kind", "--value", "n_runs", "--where", "epochs=5")
    sweep("export", "own.toml", "--results", "results", "--to", tmp_path / "x.tex", *pivot)
    assert (tmp_path / "x.tex").read_text(encoding="utf-8") == found.to_latex(
        "rate", "kind", "n_runs", epochs=5
    )
    sweep("export", "own.toml", "--results", "results", "--to", tmp_path / "x.csv", "--table", "runs", "-q")
    assert len(pd.read_csv(tmp_path / "x.csv")) == len(found.runs)
    told = sweep(
        "export",
        "own.toml",
        "--results",
        "results",
        "--to",
        "x.db",
        "--where",
        "rate=1",
        "--where",
        "rate=2",
        code=2,
    )
    assert "--where names 2 values of rate, and an export has one" in told
    assert "No results yet" in sweep("export", "own.toml", "--results", "none", "--to", tmp_path / "y.csv")
    assert not (tmp_path / "y.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "wished", "message"),
    [
        (("x.xyz",), {}, "x.xyz says no format by its ending: end it in .csv (csv), .parquet (parquet)"),
        (
            ("x.csv", "excel"),
            {},
            "a format is one of csv, parquet, markdown, latex, netcdf, optuna, mlflow, got 'excel'",
        ),
        (("x.csv",), {"table": "cell"}, "`table` must be one of cells, runs, verdicts, got 'cell'"),
        (("x.nc",), {"table": "runs"}, "netcdf has all runs: a table or a pivot cannot be chosen"),
        (("x.csv",), {"pivot": "rate"}, "`pivot` must be two axes, got 'rate'"),
        (("x.csv",), {"rate": 5}, "no cell has rate = 5; it has 0.0270027, 0.1, 0.9"),
        (("x.csv",), {"size": 5}, "'size' is not an axis of this sweep"),
        ((5,), {}, "`to` must be the path of a file, got 5"),
        (("there.db",), {}, "there.db is there already, and nothing is added to it"),
        (("results/mine.csv",), {}, "keeps what sweep itself writes: choose another folder for mine.csv"),
    ],
)
def test_an_export_that_cannot_be_is_told_in_one_line(arguments, wished, message, found, folder, monkeypatch):
    monkeypatch.chdir(folder)
    Path("there.db").touch()
    before = set(folder.rglob("*"))
    with pytest.raises(package.InputError) as error:
        found.export(*arguments, **wished)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert set(folder.rglob("*")) == before


def test_a_file_that_cannot_be_written_is_told_and_the_old_one_stays(found, tmp_path):
    with pytest.raises(package.SweepError, match=r"x\.csv cannot be written: No such file or directory"):
        found.export(tmp_path / "nowhere" / "x.csv")
    (tmp_path / "x.csv").write_text("old")
    with pytest.raises(package.InputError):
        found.export(tmp_path / "x.csv", rate=5)
    assert (tmp_path / "x.csv").read_text() == "old"
    assert os.listdir(tmp_path) == ["x.csv"]


@pytest.mark.parametrize(
    ("file", "kind", "module", "extra"),
    [
        ("x.nc", None, "xarray", "xarray"),
        ("x.nc", None, "h5netcdf", "xarray"),
        ("x.db", None, "optuna", "optuna"),
        ("x.db", "mlflow", "mlflow", "mlflow"),
    ],
)
def test_what_is_not_installed_is_told_with_how_to_install_it(
    file, kind, module, extra, found, tmp_path, monkeypatch
):
    whole = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == module:
            raise ImportError(f"No module named {module!r}")
        return whole(name, *args, **kwargs)

    monkeypatch.setattr("sweep.exports.sweep_runs.import_module", lambda name: without(name, fromlist=["x"]))
    with pytest.raises(package.InputError, match=rf"this needs {module}, .*: pip install 'sweep\[{extra}\]'"):
        found.export(tmp_path / file, kind)
    assert not list(tmp_path.iterdir())


def test_nothing_is_exported_where_no_run_has_a_result(folder):
    none = package.load(folder / "own.toml", results=folder / "none")
    with pytest.raises(package.InputError, match="there is nothing to export yet: no run has a result"):
        none.to_xarray()


@pytest.mark.parametrize("file", ["x.nc", "x.db", "x.csv", "x.tex", "x.parquet"])
def test_the_same_results_give_the_same_bytes(file, found, tmp_path):
    needs("xarray", "xarray"), needs("h5netcdf", "xarray"), needs("optuna", "optuna")
    once, again = (
        found.export(tmp_path / file, rate=0.1),
        found.export(tmp_path / f"again{Path(file).suffix}", rate=0.1),
    )
    assert once.read_bytes() == again.read_bytes()
    if file == "x.db":
        with sqlite3.connect(once) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.close()


def test_a_slash_in_a_name_is_no_group_in_netcdf(tmp_path):
    xarray = needs("xarray", "xarray")
    needs("h5netcdf", "xarray")
    runs = [
        {"opt/lr": rate, "opt_lr": 1, "replicate": 0, "val/loss": 2 * rate, "status": "ok"}
        for rate in (0.1, 0.2)
    ]
    results = package.from_table(pd.DataFrame(runs), axes=["opt/lr", "opt_lr"], metrics={"val/loss": "lower"})
    path = results.export(tmp_path / "runs.nc")
    with xarray.open_dataset(path, engine="h5netcdf") as read:
        assert read["val_loss"].dims == ("opt_lr_", "opt_lr", "replicate")
        assert read["val_loss"].attrs["name_in_sweep"] == "val/loss"
        assert read["val_loss"].values.ravel().tolist() == [0.2, 0.4]
        assert read["opt_lr_"].values.tolist() == [0.1, 0.2]


def test_what_a_verdict_does_not_have_is_empty_in_documents():
    from sweep.exports.texts import latex, markdown

    table = pd.DataFrame(
        {"claim": ["one", "two"], "depth": pd.array([1, None], dtype="Int64"), "act": ["a", None]}
    )
    assert not re.search("NA|nan|None", markdown(table) + latex(table))
