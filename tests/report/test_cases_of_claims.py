"""The pictures of a claim's own case: the share of runs within its bound, and figures that are held there."""

from dataclasses import replace

import numpy as np
import pytest
from running import SMALL, write_config

import sweep
from sweep.claims.cases import cases
from sweep.report.pages.findings import findings
from sweep.report.pages.focus import focus_of
from sweep.report.pages.pictures import pictures_of
from sweep.save import report_content
from sweep.terms.outcome import Status

GRID = {
    "neurons": [1, 2, 3],
    "learning_rate": [0.001, 0.01, 0.1],
    "epochs": [5, 20],
    "replicates": 5,
    "seed": 0,
}
CASE = {"neurons": 2, "learning_rate": 0.001, "epochs": 5}
CLAIMS = [
    {"sentence": "it fails", "form": "fails", "metric": "rms_error", "below": 2.0, "where": CASE},
    {
        "sentence": "more succeed",
        "form": "succeeds",
        "metric": "rms_error",
        "below": 2.0,
        "axis": "learning_rate",
        "value": 0.1,
        "than": 0.001,
        "where": {"neurons": 2, "epochs": 20},
    },
    {
        "sentence": "it is better",
        "form": "better",
        "axis": "learning_rate",
        "value": 0.1,
        "over": ["neurons", "epochs"],
    },
]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases")
    training = {name: value for name, value in SMALL["training"].items() if name not in GRID}
    config = write_config(
        folder / "small.toml", {**SMALL, "training": training, "grid": GRID, "claim": CLAIMS}
    )
    return sweep.run(config, results=folder / "results", workers=1, report=False)


def test_the_share_within_a_bound_is_that_of_the_runs(found):
    case = cases(found.judged, found.collected)[1]
    runs = found.runs
    by_hand = (runs["rms_error"] < 2.0).groupby([runs[axis] for axis in found.levels]).mean()
    for place, share in zip(found.cells[[*found.levels]].itertuples(index=False), case.share, strict=True):
        assert share == by_hand[tuple(place)]


def test_a_case_is_the_cells_that_the_claim_compares(found):
    of_claims = cases(found.judged, found.collected)
    assert found.cells[of_claims[1].about][[*CASE]].to_dict("records") == [CASE]
    assert found.cells[of_claims[2].about]["learning_rate"].tolist() == [0.001, 0.1]
    assert of_claims[3].about.all()
    assert of_claims[3].share is None


def test_claims_of_one_bound_have_one_map_of_the_share_with_the_cases_of_all_outlined(found):
    one, other, third = findings(report_content(found))
    assert one.share is not None
    assert one.share.name == "claim-1-share"
    assert "share of runs with an rms error below 2" in one.share.caption
    assert "Outlined: what claims 1 and 2 are about." in one.share.caption
    assert other.share is None
    assert third.share is None


def test_where_a_claim_has_a_bound_no_map_of_diverged_runs_repeats_it(found):
    content = report_content(found)
    content.cells.loc[0, "n_diverged"] = 1
    assert "diverged" not in [picture.name for picture in pictures_of(content)]


def test_figures_are_held_at_the_case_of_the_first_claim(found):
    focus = focus_of(report_content(found))
    assert focus.claim == 1
    assert {axis: focus.place[axis] for axis in CASE} == CASE


def test_without_a_claim_figures_are_held_at_the_best_cell(found):
    content = replace(report_content(found), cases={})
    best = found.cells.loc[found.cells["median"].idxmin()]
    focus = focus_of(content)
    assert focus.claim == 0
    assert {axis: focus.place[axis] for axis in CASE} == {axis: best[axis] for axis in CASE}


def test_runs_without_a_result_are_not_in_the_share(found):
    failed = found.collected.status.copy()
    try:
        found.collected.status[:3] = Status.FAILED
        case = cases(found.judged, found.collected)[1]
        assert case.share[0] in {0.0, 0.5, 1.0}  # of two runs
        found.collected.status[:5] = Status.FAILED
        assert np.isnan(cases(found.judged, found.collected)[1].share[0])
    finally:
        found.collected.status[:] = failed
