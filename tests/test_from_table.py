"""A table that was made elsewhere has the tables, curves, verdicts and report that a sweep would have given it."""

import tomllib

import numpy as np
import pandas as pd
import pytest

import sweep
from sweep.errors import InputError

SWEEP = """
figures = ["curves"]
[target]
function = "x**2"
interval = [0, 3]
[training]
batch_size = 3
[grid]
learning_rate = [0.03, 0.1, 0.3, 1.0]
neurons = [2, 5, 10]
activation = ["relu", "tanh"]
epochs = [10, 50]
replicates = 24
exclude = [{ neurons = 5, activation = "tanh" }]
"""

CLAIMS = """
[[claim]]
sentence = "0.03 is better than the others"
source = "part 5"
form = "better"
axis = "learning_rate"
value = 0.03
over = ["neurons", "activation", "epochs"]
[[claim]]
sentence = "it is learned"
form = "reaches"
metric = "rms_error"
below = 1.5
share = 0.5
where = { learning_rate = 0.03 }
over = ["activation", "neurons", "epochs"]
[[claim]]
sentence = "1.0 does not learn"
form = "fails"
below = 2.0
where = { learning_rate = 1.0 }
over = ["activation", "neurons", "epochs"]
[[claim]]
sentence = "more neurons are better"
form = "monotone"
axis = "neurons"
direction = "falls"
over = ["activation", "learning_rate", "epochs"]
[[claim]]
sentence = "10 epochs are enough"
form = "enough"
axis = "epochs"
value = 10
gain = 0.1
over = ["activation", "neurons", "learning_rate"]
"""

LOWER = {"final_loss": "lower", "rms_error": "lower"}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("swept")
    (folder / "small.toml").write_text(SWEEP + CLAIMS)
    return sweep.run(folder / "small.toml", results=folder / "results", workers=1, report=False)


def again(runs, **options):
    """Return the runs of the sweep above as results that were made elsewhere."""
    options = {"at": [10, 50], "claims": tomllib.loads(CLAIMS)["claim"]} | options
    return sweep.from_table(
        runs,
        axes=["neurons", "activation", "learning_rate"],
        replicate="replicate",
        epochs="epochs",
        metrics=LOWER,
        **options,
    )


def test_the_runs_of_a_sweep_come_to_the_same_cells_and_verdicts_as_the_sweep_itself(swept):
    found = again(swept.runs)
    assert found.n_planned == swept.n_planned
    assert found.is_complete
    assert {"supported", "refuted", "inconclusive"} <= set(swept.verdicts["verdict"])
    axes = ["neurons", "activation", "learning_rate", "epochs"]
    same(found.cells, swept.cells, axes)
    same(found.verdicts, swept.verdicts, ["claim", *axes])


def test_neither_the_order_of_rows_nor_the_labels_of_replicates_matter(swept):
    runs = swept.runs.sample(frac=1.0, random_state=1)
    names = [f"seed-{3 * label:03}" for label in range(24)]  # in the order in which they are looked at
    runs["replicate"] = runs["replicate"].map(dict(enumerate(names)))
    same(again(runs).verdicts, swept.verdicts, ["claim", "neurons", "activation", "learning_rate", "epochs"])


def same(one, other, by):
    """Assert that two tables have the same rows; axes may stand in another order."""
    one = one.drop(columns="grounds", errors="ignore")  # their words for a metric are the network's own
    other = other[one.columns.tolist()]
    pd.testing.assert_frame_equal(
        one.sort_values(by, ignore_index=True), other.sort_values(by, ignore_index=True), check_dtype=False
    )


def test_runs_that_are_not_in_the_table_are_missing_and_leave_a_claim_undecided(swept):
    lost = swept.runs.query("not (learning_rate == 0.1 and neurons == 2 and replicate == 7)")
    found = again(lost)
    assert (found.n_planned, found.n_stored) == (swept.n_planned, swept.n_stored - 4)
    undecided = found.verdicts.query("claim == 1 and neurons == 2")
    assert set(undecided["verdict"]) == {"inconclusive"}
    assert not found.verdicts.query("claim == 1 and neurons == 10")["verdict"].eq("inconclusive").all()


def random_search(n=100, **columns):
    draw = np.random.default_rng(3).uniform(size=(4, n))
    found = {"lr": 10 ** -(1 + 3 * draw[0]), "dropout": draw[1], "weight_decay": draw[2], "acc": draw[3]}
    return pd.DataFrame(found | columns)


THREE = {"axes": ["lr", "dropout", "weight_decay"], "metrics": {"acc": "higher"}}


def test_a_random_search_has_a_cell_for_each_trial_and_no_others():
    frame = random_search()
    found = sweep.from_table(frame, **THREE)
    assert (found.n_planned, found.n_stored, len(found.cells)) == (100, 100, 100)
    pd.testing.assert_frame_equal(
        found.runs[[*THREE["axes"], "acc"]],
        frame.sort_values(THREE["axes"], ignore_index=True)[[*THREE["axes"], "acc"]],
    )
    best = frame.loc[frame["acc"].idxmax()]
    assert found.cells.loc[found.cells["median"].idxmax(), "lr"] == best["lr"]


def test_the_report_of_a_random_search_shows_each_axis_by_itself_and_every_curve(tmp_path):
    frame = random_search(40).merge(pd.DataFrame({"epoch": range(1, 13)}), how="cross")
    frame["bn"] = frame["lr"] > 0.01
    options = THREE | {"axes": [*THREE["axes"], "bn"]}
    sweep.write_report(sweep.from_table(frame, epochs="epoch", **options), tmp_path / "results")
    assert {path.name for path in (tmp_path / "results" / "figures").glob("*.png")} == {
        "scatter.png",
        "curves.png",
    }
    page = (tmp_path / "results" / "report.md").read_text()
    assert "There is no heatmap: the cells are scattered" in page
    assert "a thin line for each setting" in page
    assert "## Median" not in page


def test_the_report_says_where_cells_have_different_numbers_of_runs(tmp_path):
    frame = pd.DataFrame({"lr": [0.1, 0.1, 0.3], "acc": [1.0, 2.0, 3.0]})
    sweep.write_report(sweep.from_table(frame, axes=["lr"], metrics={"acc": "higher"}), tmp_path / "results")
    assert "1 to 2 replicates each" in (tmp_path / "results" / "report.md").read_text()


def test_names_of_single_runs_tell_repetitions_apart_and_pair_nothing():
    frame = pd.DataFrame({"lr": [0.1] * 3 + [0.3] * 2, "run": list("zyxwv"), "acc": [1.0, 2, 3, 4, 5]})
    found = sweep.from_table(frame, axes=["lr"], replicate="run", metrics={"acc": "higher"})
    assert found.runs["replicate"].tolist() == [0, 1, 2, 0, 1]
    assert found.runs["acc"].tolist() == [3, 2, 1, 5, 4]
    assert found.is_complete
    better = {"sentence": "0.1 is better", "form": "better", "axis": "lr", "value": 0.1}
    with pytest.raises(
        InputError, match=r"`claims\[0\].form` .* no value of 'run' occurs in two combinations"
    ):
        sweep.from_table(frame, axes=["lr"], replicate="run", metrics={"acc": "higher"}, claims=[better])


@pytest.mark.parametrize(
    "claim",
    [
        {"form": "better", "axis": "lr", "value": 0.1},
        {"form": "monotone", "axis": "lr", "direction": "rises"},
        {"form": "enough", "axis": "lr", "value": 0.1, "gain": 0.1},
    ],
)
def test_without_replicates_claims_that_compare_runs_are_refused(claim):
    frame = pd.DataFrame({"lr": [0.1, 0.1, 0.3], "acc": [1.0, 2.0, 3.0]})
    with pytest.raises(InputError, match="needs `replicate`: the column that says which runs share"):
        sweep.from_table(
            frame, axes=["lr"], metrics={"acc": "higher"}, claims=[{"sentence": "so it is", **claim}]
        )


def test_without_replicates_claims_on_single_cells_are_judged():
    frame = pd.DataFrame({"lr": [0.1] * 40 + [0.3] * 40, "acc": [0.9] * 40 + [0.2] * 40})
    claims = [
        {"sentence": "all are good", "form": "reaches", "above": 0.5, "share": 0.5, "over": ["lr"]},
        {
            "sentence": "few are good",
            "form": "fails",
            "above": 0.5,
            "share": 0.5,
            "where": {"lr": np.float64(0.3)},
        },
    ]
    found = sweep.from_table(frame, axes=["lr"], metrics={"acc": "higher"}, claims=claims)
    assert found.verdicts["verdict"].tolist() == ["supported", "refuted", "supported"]


def logged(last=(20, 20, 20, 20)):
    """Return a loss at every epoch, of two learning rates and two seeds, each up to an epoch of its own."""
    runs = [(lr, seed) for lr in (0.1, 0.3) for seed in (42, 1337)]
    tables = [
        pd.DataFrame({"lr": lr, "seed": seed, "epoch": range(1, end + 1), "loss": lr / np.arange(1, end + 1)})
        for (lr, seed), end in zip(runs, last, strict=True)
    ]
    return pd.concat(tables)  # with the same labels of rows again and again


CURVES = {"axes": ["lr"], "replicate": "seed", "epochs": "epoch", "metrics": {"loss": "lower"}}


def test_every_epoch_is_in_the_curves_and_the_last_is_in_the_cells():
    found = sweep.from_table(logged(), **CURVES)
    assert found.cells[["lr", "epochs", "n_runs"]].to_numpy().tolist() == [[0.1, 20, 2], [0.3, 20, 2]]
    learning = found.curves.learning
    assert len(learning) == 40
    np.testing.assert_allclose(learning["median"], learning["lr"] / learning["epoch"])


def test_cells_are_at_the_last_epoch_that_all_runs_have_unless_others_are_named():
    frame = logged(last=(20, 15, 12, 20))
    assert sweep.from_table(frame, **CURVES).cells["epochs"].unique() == [12]
    assert "up to epoch 20" in sweep.from_table(frame, **CURVES).experiment.note
    found = sweep.from_table(frame, at=[5, 15], **CURVES)
    assert found.cells[["lr", "epochs", "n_runs"]].to_numpy().tolist() == [
        [0.1, 5, 2],
        [0.1, 15, 2],
        [0.3, 5, 2],
        [0.3, 15, 1],
    ]
    assert (found.n_planned, found.n_stored) == (8, 7)


def test_a_curve_has_at_each_epoch_the_runs_that_were_recorded_there():
    learning = sweep.from_table(logged(last=(20, 15, 12, 20)), **CURVES).curves.learning
    assert learning.query("lr == 0.1")["n_runs"].tolist() == [2] * 15 + [1] * 5
    assert learning.query("lr == 0.3")["n_runs"].tolist() == [2] * 12 + [1] * 8


def test_a_run_that_diverged_is_over_and_counts_at_all_further_epochs():
    frame = logged(last=(20, 7, 20, 20)).reset_index(drop=True)
    frame.loc[frame.query("lr == 0.1 and seed == 1337 and epoch == 7").index, "loss"] = np.inf
    found = sweep.from_table(frame, **CURVES)
    assert found.cells[["epochs", "n_runs", "n_diverged"]].to_numpy().tolist() == [[20, 2, 1], [20, 2, 0]]
    assert found.runs["diverged_at"].dropna().tolist() == [7]
    assert found.curves.learning.query("lr == 0.1")["n_diverged"].tolist() == [0] * 6 + [1] * 14


@pytest.mark.parametrize(("missing", "counted"), [("diverged", [1, 0]), ("failed", [0, 1])])
def test_the_user_says_what_a_missing_objective_means(missing, counted):
    frame = pd.DataFrame({"lr": [0.1, 0.1, 0.3], "acc": [0.5, np.nan, np.inf]})
    found = sweep.from_table(frame, axes=["lr"], metrics={"acc": "higher"}, missing=missing)
    assert found.cells[["n_diverged", "n_failed"]].to_numpy().tolist() == [counted, [1, 0]]
    assert found.is_complete


def test_a_run_that_failed_at_an_epoch_has_its_results_before_it():
    frame = logged().reset_index(drop=True)
    frame.loc[frame.query("lr == 0.1 and seed == 1337 and epoch == 7").index, "loss"] = np.nan
    found = sweep.from_table(frame, at=[5, 20], missing="failed", **CURVES)
    assert found.cells[["n_runs", "n_failed"]].to_numpy().tolist() == [[2, 0], [2, 1], [2, 0], [2, 0]]
    assert found.last_failure() == "the table has no value of its objective"


def test_without_replicates_two_epochs_of_one_training_can_be_compared():
    frame = random_search(50).merge(pd.DataFrame({"epoch": [1, 2]}), how="cross")
    frame["acc"] += frame["epoch"]
    claim = {"sentence": "2 is better", "form": "better", "axis": "epochs", "value": 2, "where": {}}
    found = sweep.from_table(
        frame, epochs="epoch", at=[1, 2], claims=[claim | {"over": ["lr", "dropout"]}], **THREE
    )
    assert found.verdicts["share"].eq(1).all()


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (["adam", "sgd"], ["adam", "sgd"]),
        ([True, False], [False, True]),
        (pd.array([3, 2], dtype="Int64"), [2, 3]),
        (pd.array([True, False], dtype="boolean"), [False, True]),
        (pd.Categorical(["b", "a"], categories=["b", "a", "c"]), ["a", "b"]),
        (pd.Categorical([30, 5]), [5, 30]),
        (np.array([-0.0, 1.5], dtype=np.float32), [0.0, 1.5]),
        (np.array([2, 1], dtype=object), [1, 2]),
        (np.array([2, 0.5], dtype=object), [0.5, 2.0]),
        (pd.to_datetime(["2026-02-01", "2026-01-01"]), ["2026-01-01", "2026-02-01"]),
    ],
)
def test_values_of_many_types_are_axes(values, shown, tmp_path):
    frame = pd.DataFrame({"axis": values, "loss": [1.0, 2.0]})
    found = sweep.from_table(frame, axes=["axis"], metrics={"loss": "lower"})
    assert found.cells["axis"].tolist() == shown
    sweep.write_report(found, tmp_path / "results")


def test_names_of_columns_may_hold_what_experiment_trackers_put_there(tmp_path):
    frame = random_search().rename(columns={"acc": "val/acc", "lr": "optim.lr"})
    claim = {"sentence": "yes", "form": "reaches", "above": 2.0, "over": ["optim.lr", "dropout"]}
    found = sweep.from_table(
        frame, axes=["optim.lr", "dropout"], metrics={"val/acc": "higher"}, claims=[claim], title="A $search_"
    )
    sweep.write_report(found, tmp_path / "results")
    assert "val/acc" in (tmp_path / "results" / "report.md").read_text()


def test_a_report_is_written_anywhere_and_tells_of_no_config(swept, tmp_path):
    found = again(swept.runs, title="Once more")
    assert "in 40 cells" in repr(found)
    with pytest.raises(InputError, match="`folder` must be named"):
        sweep.write_report(found)
    sweep.write_report(found, tmp_path / "results")
    written = {path.name for path in (tmp_path / "results").iterdir()}
    assert {"report.md", "report.html", "runs.parquet", "cells.csv", "verdicts.csv", "figures"} <= written
    assert "config.toml" not in written
    page = (tmp_path / "results" / "report.md").read_text()
    assert "## The claims, one by one" in page
    assert "onfig" not in page
    assert "CONFIG" not in page
    assert ".toml" not in page
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "results" / "runs.parquet"), found.runs, check_dtype=False
    )


def test_the_results_of_a_sweep_are_written_to_another_folder_as_well(swept, tmp_path):
    sweep.write_report(swept, tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "config.toml").read_text() == SWEEP + CLAIMS


GOOD = pd.DataFrame(
    {
        "lr": [0.1, 0.1, 0.3, 0.3],
        "opt": ["adam", "adam", "sgd", "sgd"],
        "seed": [1, 2, 1, 2],
        "loss": [1.0, 2.0, 3.0, 4.0],
        "step": [1, 1, 1, 1],
    }
)
LOSS = {"loss": "lower"}


@pytest.mark.parametrize(
    ("change", "options", "line"),
    [
        (
            {},
            {"axes": ["learning_rate", "lrr"]},
            "`axes` must name columns of the frame, got 'lrr'; did you mean 'lr'?",
        ),
        ({}, {"axes": "lr"}, "`axes` must be a list of columns, got 'lr': write `axes=['lr']`."),
        ({}, {"axes": []}, "`axes` must name one column at least, got []."),
        (
            {},
            {"metrics": {"loss": "low"}},
            '`metrics[\'loss\']` must be "lower" or "higher", whichever is better',
        ),
        ({}, {"metrics": {}}, "`metrics` must say of one column at least which way is better"),
        (
            {},
            {"metrics": {"opt": "lower"}},
            "'opt' must hold numbers, got 'adam' (in 4 rows, the first is frame.iloc[0])",
        ),
        (
            {},
            {"axes": ["lr", "loss"]},
            "'loss' is named 2 times in `axes`, `metrics`, `replicate` and `epochs`.",
        ),
        ({"opt": ["adam", None, "sgd", "sgd"]}, {"axes": ["opt"]}, "'opt' has no value (in frame.iloc[1])"),
        ({"lr": [0.1, 0.1, np.inf, 0.3]}, {}, "'lr' must be finite (in frame.iloc[2])"),
        (
            {"opt": ["a", 1, "b", 2]},
            {"axes": ["opt"]},
            "'opt' must be all text, all numbers or all true and false, got",
        ),
        ({"lr": [[1], [2], [3], [4]]}, {}, "got list ([1]): make it text, by `frame['lr'].astype(str)`."),
        ({"seed": [1, 2, 1, np.nan]}, {}, "'seed' has no value (in frame.iloc[3])"),
        ({"seed": [1, 1, 1, 2]}, {}, "frame.iloc[0] and frame.iloc[1] are the same run: lr=0.1, seed=1."),
        (
            {},
            {"replicate": None, "epochs": "step"},
            "are the same run: lr=0.1, step=1. 2 rows are there again",
        ),
        ({"loss": [1, np.nan, 2, np.nan]}, {}, "'loss', the objective, has no value; say what has become"),
        (
            {"step": [1, -1, 1.5, 1]},
            {"epochs": "step"},
            "'step' must hold whole numbers from 0 on (in 2 rows",
        ),
        (
            {},
            {"epochs": "step", "at": [2]},
            "`at` must name epochs that are recorded, got 2; the nearest is 1.",
        ),
        ({}, {"at": [2]}, "`at` names epochs: it needs `epochs`"),
        (
            {"step": [1, 2, 3, 4]},
            {"epochs": "step"},
            "no value of 'step' is recorded of all runs: say in `at`",
        ),
        ({}, {"missing": "nan"}, '`missing` must be "diverged" or "failed", got \'nan\'.'),
        ({}, {"confidence": 95}, "`confidence` must be a number > 0.5 and < 1, got 95."),
        ({}, {"axes": ["seed"], "replicate": None}, "no parameter may be called 'seed'"),
        (
            {},
            {"claims": [{"form": "better", "axis": "lr", "value": 0.1}]},
            "`claims[0].sentence` is missing: every claim needs it",
        ),
        ({}, {"claims": ["lr"]}, "`claims[0]` must be a table"),
        (
            {},
            {"claims": [{"sentence": "so", "form": "better", "axis": "lrr", "value": 0.1}]},
            '`claims[0].axis` must name axes of the sweep, got "lrr"; did you mean `lr`?',
        ),
    ],
)
def test_a_mistake_is_told_in_one_line(change, options, line):
    frame = GOOD.assign(**change)
    with pytest.raises(InputError) as told:
        sweep.from_table(frame, **{"axes": ["lr"], "replicate": "seed", "metrics": LOSS} | options)
    assert line in str(told.value)
    n = 2 if options.get("axes", []) == ["learning_rate", "lrr"] else 1
    assert len(str(told.value).splitlines()) == n


def test_all_mistakes_are_told_at_once():
    frame = GOOD.assign(lr=[0.1, None, 0.3, 0.3])
    with pytest.raises(InputError) as told:
        sweep.from_table(frame, axes=["lr", "optt"], replicate="sed", metrics={"opt": "lower"})
    assert len(str(told.value).splitlines()) == 4


def test_what_is_no_frame_or_has_no_rows_is_told():
    for frame, line in (
        (GOOD.to_dict(), "must be a pandas DataFrame, got dict"),
        (GOOD[:0], "must have rows"),
    ):
        with pytest.raises(InputError, match=line):
            sweep.from_table(frame, axes=["lr"], metrics=LOSS)
