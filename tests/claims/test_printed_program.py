"""The verdicts of the committed page, held against runs of the articles' printed program that they have never seen."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sweep.claims import Judgement, resolve_claims, verdicts_table
from sweep.config import read_experiment
from sweep.plan import make_plan
from sweep.tables.collected import Collected
from sweep.terms.outcome import Status

ROOT = Path(__file__).parents[2]
PROGRAM = json.loads((Path(__file__).parent / "printed_program_runs.json").read_text())
"""A row for each condition and epoch count: made by `printed_program.mjs`, which says how."""

N_RUNS = len(PROGRAM[0]["losses"])
CONFIGS = sorted({row["config"] for row in PROGRAM})
KEYS = ("neurons", "activation", "learning_rate", "batch_size", "epochs")


def plan_of(name):
    """The plan of a config with as many replicates as the program has runs."""
    experiment = read_experiment(ROOT / "configs" / "series" / f"{name}.toml")
    grids = tuple(dataclasses.replace(grid, replicates=N_RUNS) for grid in experiment.grids)
    return make_plan(dataclasses.replace(experiment, grids=grids, most_replicates=N_RUNS))


def with_program_runs(plan, rows):
    """The program's losses as results of the plan's cells, of either gradient; all other cells have none."""
    collected = Collected(plan)
    losses = collected.given("final_loss")
    for row in rows:
        for cell in range(len(plan.cells)):
            at = {axis: plan.cells.levels[axis][code[cell]] for axis, code in plan.cells.codes.items()}
            if all(at.get(key, plan.experiment.fixed[key]) == row[key] for key in KEYS):
                runs = slice(cell * N_RUNS, (cell + 1) * N_RUNS)
                # The program checks M + 1 points, the configs 11: the same rms error is another sum.
                losses[runs] = np.array(row["losses"]) * 11 / (row["batch_size"] + 1)
                collected.status[runs] = Status.OK
    return collected


def verdicts_by_the_program(name):
    plan = plan_of(name)
    judgement = Judgement(plan, resolve_claims(plan))
    judgement.look(with_program_runs(plan, [row for row in PROGRAM if row["config"] == name]))
    return verdicts_table(
        [verdict for verdict in judgement.verdicts if verdict.count.replicates == verdict.count.planned]
    )


@pytest.fixture(scope="module")
def compared():
    """Every verdict that the program's runs allow, with the committed one on the same claim and condition."""
    committed = pd.read_csv(ROOT / "results" / "series" / "verdicts.csv")
    tables = []
    for name in CONFIGS:
        ours, theirs = committed[committed["config"] == name], verdicts_by_the_program(name)
        axes = [axis for axis in (*KEYS, "gradient") if axis in theirs]
        tables.append(
            theirs.merge(ours, on=["claim", *axes], suffixes=("_program", ""), how="left").assign(config=name)
        )
    return pd.concat(tables, ignore_index=True)


def test_every_condition_that_the_program_was_run_under_has_a_committed_verdict(compared):
    assert compared["verdict"].notna().all()
    assert compared.groupby("config").size().to_dict() == {
        "part-05-1-line": 9,
        "part-05-2-square": 63,
        "part-05-3-cubic": 9,
        "part-06-neurons": 12,
    }


def test_no_verdict_that_the_programs_runs_come_to_is_another(compared):
    decided = compared[
        (compared["verdict"] != "inconclusive") & (compared["verdict_program"] != "inconclusive")
    ]
    other = decided[decided["verdict"] != decided["verdict_program"]]

    assert other.empty, other[["config", "claim", "grounds", "grounds_program"]].to_string()
    assert len(decided) >= 70


def test_the_comparison_would_see_another_program():
    plan = plan_of("part-05-1-line")
    rows = [row | {"losses": [10 * loss + 1 for loss in row["losses"]]} for row in PROGRAM]
    judgement = Judgement(plan, resolve_claims(plan))
    judgement.look(with_program_runs(plan, [row for row in rows if row["config"] == "part-05-1-line"]))
    table = verdicts_table(
        [verdict for verdict in judgement.verdicts if verdict.count.replicates == verdict.count.planned]
    )

    assert (table.query("claim <= 2")["verdict"] == "refuted").all()
