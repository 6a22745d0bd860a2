"""Whatever a config can say reaches the function as it is, and comes through tables, claims and report."""

# ruff: noqa: ARG001 - functions that stand for trainings

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import sweep
from sweep import api
from sweep.cli import main

FILE = """
import hashlib
from pathlib import Path
import numpy as np

NOTHING = object()

def train(what, x, target=NOTHING, größe=np.float64(3.0), depth=3, flag=False, *, seed, **more):
    given = [what, x, depth, flag, more]
    assert target is NOTHING
    assert type(größe) is np.float64
    with open(Path(__file__).parent / "seen", "a") as file:
        file.write(repr(given) + "\\n")
    start = int(hashlib.md5(repr(given).encode()).hexdigest()[:8], 16) / 2**32
    return {"accuracy": start + seed % 7 * 0.01, "größenordnung": 1.0}
"""

CONFIG = """
[function]
call = "values.py:train"
metrics = { accuracy = "higher", "größenordnung" = "lower" }
[parameters]
further = [1, 2.5, "a", [true]]
"with a blank" = "ü"
[grid]
what = [1, 1.0, true, "1", "true", "a", 100000000000000000000000, [1, 2], [1.0, 2.0], [2.0, "a"], []]
x = [0.1, 1]
depth = { log = [1, 30], num = 3 }
flag = [true, false]
replicates = 2
exclude = [{ what = 1, x = 0.1 }]
[[claim]]
sentence = "a whole number is better than a number and than true"
form = "better"
axis = "what"
value = true
than = [1, 1.0]
where = { x = 1, depth = 1, flag = true }
[[claim]]
sentence = "lists are better than text"
form = "better"
axis = "what"
value = [1, 2]
than = "a"
where = { x = 0.1, flag = false }
over = ["depth"]
[[claim]]
sentence = "all are good"
form = "reaches"
above = 0.2
share = 0.5
where = { x = 1, depth = 1 }
over = ["what", "flag"]
"""

WHAT = [True, 1.0, 1, 10**23, "1", "a", "true", [], [1.0, 2.0], [1, 2], [2.0, "a"]]


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("values")
    (folder / "values.py").write_text(FILE)
    (folder / "values.toml").write_text(CONFIG)
    return folder, sweep.run(folder / "values.toml", results=folder / "results", workers=1)


def test_every_value_is_handed_over_in_its_own_type(swept):
    folder, found = swept
    seen = [eval(line) for line in (folder / "seen").read_text().splitlines()]
    further = {"further": [1, 2.5, "a", [True]], "with a blank": "ü"}
    asked = [
        repr([what, x, depth, flag, further])
        for what in WHAT
        for x in (0.1, 1)
        for depth in (1, 5, 30)
        for flag in (True, False)
        if (repr(what), x) != ("1", 0.1)
    ]

    assert sorted(map(repr, seen)) == sorted(2 * asked)
    assert len(found.runs) == len(seen)


def test_the_tables_tell_all_values_apart(swept):
    folder, found = swept
    runs, cells = (pd.read_parquet(next(folder.rglob("runs.parquet"))), found.cells)

    assert runs["what"].unique().tolist() == found.levels["what"]
    assert found.levels["what"] == [
        *("1", "1.0", "true", '"1"', '"true"', "a", "100000000000000000000000"),
        *("1-2", "[1, 2]", '[2.0, "a"]', "[]"),
    ]
    assert runs["depth"].unique().tolist() == [1, 5, 30]
    assert runs["depth"].dtype == np.int64
    assert runs["flag"].dtype == bool
    assert len(cells) == (11 * 2 - 1) * 3 * 2
    assert runs["accuracy"].nunique() == len(runs)


def test_claims_compare_the_values_that_they_name(swept):
    _, found = swept
    runs = found.runs.set_index(["what", "x", "depth", "flag", "replicate"])["accuracy"]
    first, *_ = found.judged
    ones = [runs["true", 1.0, 1, True, replicate] for replicate in (0, 1)]
    others = {text: [runs[text, 1.0, 1, True, replicate] for replicate in (0, 1)] for text in ("1", "1.0")}

    assert len(found.verdicts) == 1 + 3 + 22
    assert found.verdicts["n"].eq(2).all()
    each = {text: np.mean(np.array(ones) > np.array(other)) for text, other in others.items()}
    assert first.share == min(each.values())


def test_every_command_takes_them(swept):
    folder, _ = swept
    at = [str(folder / "values.toml"), "--results", str(folder / "results")]
    before = (folder / "seen").read_text()

    for command in (
        ["plan", *at],
        ["table", *at],
        ["table", *at, "--where", "what=true", "--where", "flag=true"],
        ["table", *at, "--where", "what=1.0"],
        ["table", *at, "--pivot", "what", "depth"],
        ["claims", *at],
        ["report", *at],
        ["failures", *at],
        ["run", *at],
    ):
        done = CliRunner().invoke(main, command)
        assert done.exit_code in (0, 1 if command[0] == "claims" else 0), (
            command,
            done.output,
            done.exc_info,
        )
    assert (folder / "seen").read_text() == before

    where = ["--where", "what=1", "--where", "x=1", "--where", "depth=5", "--where", "flag=false"]
    done = CliRunner().invoke(main, ["replay", *at, *where])
    assert done.exit_code == 0, done.output
    assert eval((folder / "seen").read_text().splitlines()[-1])[:4] == [1, 1, 5, False]


def keys(**stated):
    def train(width=1, rate=0.5, *, seed):
        return 1.0

    return api.judgement_of(train, metrics={"error": "lower"}, **stated).plan.keys.tolist()


def test_values_of_different_types_are_different_runs():
    (one, number, truth) = sorted(keys(grid={"width": [1, 1.0, True]}))

    assert len({one, number, truth}) == 3
    assert len({*keys(grid={"width": [1]}), *keys(grid={"width": [1.0]}), *keys(grid={"width": [True]})}) == 3


def test_the_default_written_out_is_the_same_run():
    assert keys(parameters={"width": 1}) == keys() == keys(grid={"width": [1], "rate": [0.5]})
    assert keys(parameters={"width": 2}) != keys()


@pytest.mark.parametrize(
    "values",
    [
        [2**63, 2**70, 1],
        [[1, 2], "1-2", "[1, 2]"],
        [0.1, 0.30000000000000004, 0.3],
        ["nan", "None", "", "a\nb", "$x_1$", "<b>"],
        [5e-324, 1e300],
        [[["a", 1]], [[]]],
    ],
    ids=str,
)
def test_strange_values_have_tables_of_their_own(values):
    def train(value):
        return 1.0

    plan = api.judgement_of(train, metrics={"error": "lower"}, grid={"value": values}).plan
    levels = sweep.tables.axes.table_values(plan.cells.levels["value"])

    assert len(set(levels)) == len(values)
    json.dumps(levels)
    assert len(set(plan.keys.tolist())) == len(values)
