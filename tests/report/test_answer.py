from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from report.fabricated import cells_of, statistics
from report.test_report_page import AXES, content_of

from sweep.report.pages.answer import best_sentences, how_surely
from sweep.report.pages.cautions import warnings_of
from sweep.report.pages.report_page import build_report
from sweep.report.pages.standing import standings
from sweep.tables.duels import better_needed


def of_losses(losses: dict, axis: str = "learning_rate", **changes):
    """Content whose cells have these losses, one list for each value of the axis."""
    arrays = {value: np.array(each, dtype=float) for value, each in losses.items()}
    cells = pd.DataFrame([{axis: value, **statistics(each)} for value, each in arrays.items()])
    best = arrays[cells[axis][cells["median"].replace([np.inf], np.nan).idxmin()]]
    duels = pd.DataFrame(
        {
            "n_better": [int((best < each).sum()) for each in arrays.values()],
            "n_pairs": [int((best != each).sum()) for each in arrays.values()],
        }
    )
    n = sum(len(each) for each in arrays.values())
    fields = {
        "axes": {axis: list(losses)},
        "cells": cells,
        "duels": duels,
        "planned_runs": n,
        "stored_runs": n,
    }
    return content_of(**fields, replicates=len(best), curves=None, functions=None, name="mine", **changes)


RISING = np.linspace(1.0, 1.1, 20)


def test_the_answer_names_the_best_the_nearest_and_the_next_that_can_be_told_apart():
    mixed = RISING * np.where(np.arange(20) % 2, 0.98, 1.05)
    content = of_losses({0.1: RISING, 0.2: mixed, 0.3: 2 * RISING, 0.4: 3 * RISING})
    (standing,) = standings(content)
    assert (standing.n_others, standing.n_tied) == (3, 1)
    text = " ".join(best_sentences(content))
    assert "Best is learning rate = 0.1: median final loss 1.05 (half of its 20 runs between" in text
    assert "1 of 3 other cells cannot be told from it, learning rate = 0.2 (" in text
    assert "worse in 10 of 20 pairs)" in text
    assert (
        "The next that can be told apart is learning rate = 0.3 (2.11, 2 times as much, worse in 20 of 20"
        in text
    )
    assert "any of 3 cells with a probability of 5 % at most" in how_surely(content)


def test_too_few_replicates_are_said_and_nothing_is_called_told_apart():
    content = of_losses({rate: rate * RISING[:4] for rate in (0.1, 0.2, 0.3)})
    assert (
        "4 replicates cannot tell one of 3 cells from all others: that takes 6." in best_sentences(content)[0]
    )
    assert how_surely(content) == ""


def test_one_cell_is_no_best_cell():
    content = of_losses({0.1: RISING})
    assert best_sentences(content) == [
        "Median final loss 1.05 (half of its 20 runs between 1.03 and 1.07), median rms error 0.437."
    ]
    assert warnings_of(content) == []


def test_each_target_has_a_best_cell_of_its_own():
    axes = {"function": ["x", "x**2"], "learning_rate": [0.01, 0.03, 0.1]}
    cells = cells_of(axes)
    cells.loc[cells["function"] == "x**2", "median"] *= 1000
    content = content_of(axes=axes, cells=cells, curves=None, functions=None)
    text = best_sentences(content)
    assert [sentence.partition(", best is")[0] for sentence in text] == [
        "For function = x",
        "For function = x**2",
    ]
    assert any(
        "compare cells of one target, and none across them" in warning for warning in warnings_of(content)
    )


def test_a_best_cell_at_the_edge_of_an_axis_is_warned_of_and_one_within_is_not():
    (warning,) = warnings_of(of_losses({rate: RISING / rate for rate in (0.1, 0.2, 0.4)}))
    assert warning == (
        "The best cell is at the edge of its axis (learning rate = 0.4, its largest value), and a better one may lie "
        "beyond: extend `learning_rate` there."
    )
    assert warnings_of(of_losses({0.1: 2 * RISING, 0.2: RISING, 0.4: 3 * RISING})) == []
    assert (
        warnings_of(of_losses({n: n * RISING for n in (1, 2, 3)}, axis="neurons")) == []
    )  # no fewer than one


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"stored_runs": 50, "planned_runs": 60},
            "50 of 60 runs have a result: `sweep run mine.toml` goes on",
        ),
        ({"remarks": ("Some results were made by older code.",)}, "Some results were made by older code."),
    ],
)
def test_what_is_missing_is_warned_of(changes, expected):
    content = replace(of_losses({0.1: 2 * RISING, 0.2: RISING, 0.4: 3 * RISING}), **changes)
    assert any(expected in warning for warning in warnings_of(content))


def test_one_replicate_many_diverged_and_failed_runs_are_warned_of_with_their_place():
    (warning,) = warnings_of(of_losses({0.1: [2.0], 0.2: [1.0], 0.4: [3.0]}))
    assert "Each cell has one replicate" in warning
    lost = np.where(np.arange(20) < 12, np.inf, RISING)
    warnings = warnings_of(of_losses({0.1: 2 * RISING, 0.2: RISING, 0.4: 3 * RISING, 0.8: lost}))
    assert "15 % of the runs diverged, most of them where learning rate is 0.8: medians" in warnings[0]
    failed = np.where(np.arange(20) < 12, np.nan, 3.0)
    warnings = warnings_of(of_losses({0.1: 2 * RISING, 0.2: RISING, 0.4: 3 * RISING, 0.8: failed}))
    assert (
        "12 of 80 runs failed and are in no statistic, most of them where learning rate is 0.8:"
        in warnings[0]
    )
    assert "`sweep failures mine.toml` tells why" in warnings[0]


def test_where_nothing_is_best_chance_has_made_nothing_the_best():
    assert warnings_of(of_losses({0.1: [2.0, 3.0]})) == []
    best = of_losses({0.1: [1.0] * 4, 0.2: [2.0] * 4})
    cells = pd.DataFrame([{"learning_rate": rate, **statistics(np.full(4, np.inf))} for rate in (0.1, 0.2)])
    assert warnings_of(replace(best, cells=cells, duels=None)) == [
        "Every run diverged: no cell can be told from another one."
    ]


def test_a_difference_too_small_to_matter_is_warned_of():
    (warning,) = warnings_of(of_losses({0.1: 1.02 * RISING, 0.2: RISING, 0.4: 1.03 * RISING}))
    assert warning.startswith("The best cell is better than the next by 2 % only")


def test_warnings_stand_before_the_first_picture_in_both_pages():
    report = build_report(of_losses({rate: RISING / rate for rate in (0.1, 0.2, 0.4)}))
    assert 0 < report.markdown.index("extend `learning_rate` there") < report.markdown.index("![")
    assert 0 < report.html.index("extend <code>learning_rate</code> there") < report.html.index("<img")


def test_excluded_combinations_are_told_in_the_count_of_cells():
    assert (
        "and 2 numbers of epochs, 3 excluded, 32 replicates each."
        in build_report(content_of(excluded=3)).html
    )
    assert "excluded" not in build_report(content_of(axes=AXES)).markdown


@pytest.mark.parametrize("n", [1, 5, 10, 64, 1024, 1500])
def test_as_many_are_needed_as_the_binomial_distribution_says(n):
    from scipy.stats import binom

    for chance in (0.05, 0.05 / 239):
        needed = better_needed(n, chance)
        probability = binom.sf(np.arange(n + 1) - 1, n, 0.5)
        assert needed == (None if probability[n] > chance else int(np.argmax(probability <= chance)))


def test_claims_are_a_line_each_with_their_grounds_and_stand_by_themselves_below(tmp_path):
    import sweep
    from sweep.save import report_content

    claims = [
        {"sentence": "It fails", "form": "fails", "metric": "final_loss", "below": 1e-9},
        {"sentence": "0.1 is better", "form": "better", "axis": "learning_rate", "value": 0.1, "than": 0.01},
    ]
    grid = {"learning_rate": [0.01, 0.1], "epochs": [20], "replicates": 8}
    claims[0]["where"] = {"learning_rate": 0.1}
    config = {"target": {"function": "x**2", "interval": [0, 1]}, "grid": grid, "claim": claims}
    page = build_report(
        report_content(sweep.run(config, results=tmp_path / "r", workers=1, report=False))
    ).markdown
    answer = page[page.index("## The answer") : page.index("## Before you rely on it")]
    lines = [line for line in answer.splitlines() if line.startswith("- ")]
    assert len(lines) == 2
    assert ":** It fails (0 % of 8 runs have a final loss below 1e-09)" in lines[0]
    assert "0.1 is better (learning rate 0.1 has the smaller loss than 0.01 in " in lines[1]
    assert "### It fails\n\n" in page
