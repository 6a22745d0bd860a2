"""The committed page of findings is what the committed configs produce."""

import json
from pathlib import Path

import pandas as pd
import pytest

import sweep
from sweep.config import read_experiment
from sweep.save import series_marker

ROOT = Path(__file__).parents[1]
CONFIGS, RESULTS = ROOT / "configs" / "series", ROOT / "results" / "series"
NAMES = sorted(path.stem for path in CONFIGS.glob("*.toml"))
REPRODUCED = "part-06-neurons"
"""A config that takes a few seconds, with ReLU among its activations."""


@pytest.fixture(scope="module")
def verdicts():
    return pd.read_csv(RESULTS / "verdicts.csv")


def test_the_page_was_made_in_the_full_form_from_these_configs_and_this_training():
    made_from = json.loads((RESULTS / "series.json").read_bytes())
    experiments = [read_experiment(CONFIGS / f"{name}.toml") for name in NAMES]

    assert made_from == series_marker(experiments), "run `sweep reproduce` and commit results/series"


def test_the_page_begins_with_the_configs_own_introduction():
    page = (RESULTS / "report.md").read_text(encoding="utf-8")

    assert page.startswith((CONFIGS / "README.md").read_text(encoding="utf-8").strip())


@pytest.mark.parametrize("name", NAMES)
def test_every_claim_of_a_config_has_its_verdicts(name, verdicts):
    claims = read_experiment(CONFIGS / f"{name}.toml").claims
    mine = verdicts[verdicts["config"] == name]

    assert mine.groupby("claim")["sentence"].first().tolist() == [claim.sentence for claim in claims]
    assert (mine["grounds"].str.contains("%") | (mine["n"] == 0)).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_config_has_a_quick_form(name):
    assert read_experiment(CONFIGS / f"{name}.toml", quick=True).is_quick


def test_every_figure_of_the_page_is_there_and_no_other():
    page = (RESULTS / "report.md").read_text(encoding="utf-8")
    shown = {
        row.partition("(figures/")[2].partition(")")[0].replace("\\_", "_")
        for row in page.splitlines()
        if row.startswith("![")
    }

    assert shown == {path.name for path in (RESULTS / "figures").iterdir()}


def test_a_config_that_is_run_anew_comes_to_the_committed_verdicts(verdicts, tmp_path):
    found = sweep.run(
        CONFIGS / f"{REPRODUCED}.toml",
        results=tmp_path / "r",
        report=False,
        until_decided=True,
        sweeps=len(NAMES),
    )
    # The order of conditions says nothing: it is that of the config since the findings were committed.
    by = ["claim", "learning_rate", "activation"]
    committed = verdicts[verdicts["config"] == REPRODUCED].sort_values(by, kind="stable", ignore_index=True)
    anew = found.verdicts.sort_values(by, kind="stable", ignore_index=True)

    for column in ("claim", "learning_rate", "activation", "verdict", "n", "replicates"):
        assert anew[column].tolist() == committed[column].tolist(), column
    # Shares and ratios to what a processor of another kind may differ in.
    for column in ("share", "low", "high", "ratio"):
        assert anew[column].to_numpy() == pytest.approx(
            committed[column].to_numpy(dtype=float), rel=1e-6, nan_ok=True
        ), column
