"""Figures in Japanese: every word in them is, all of it fits, and where there is no font for it they are in English."""

import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.text import Text
from report import drawing
from report.drawing import CHOICE, LABELS
from report.fabricated import cells_of, curves_of, functions_of, statistics
from report.measured import drawn
from report.test_text_fits import crowded, verdicts
from report.test_threshold_curves import over, threshold_of
from report.test_weights_figure import portrait

from sweep.claims.verdict import RULINGS
from sweep.cli import main
from sweep.report.figures.heatmap import heatmap as of_cells
from sweep.report.figures.importance import importance_bars
from sweep.report.figures.learned_functions import learned_functions, shown_functions
from sweep.report.figures.scatter import scatter, scattered_curves
from sweep.report.figures.threshold_curves import shown_thresholds, threshold_curves
from sweep.report.figures.verdict_map import verdict_map
from sweep.report.figures.weights import network_weights
from sweep.report.look import fonts
from sweep.report.look.axis_choice import LineAxes
from sweep.words import speaking

RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
GRID = {"learning_rate": RATES, "neurons": [2, 5, 10, 20]}
NAMES = {"relu", "tanh", "RMS", "sin"}
"""What is called so in every language: functions, values of axes, an abbreviation."""


def wild_cells():
    """Cells with everything that a map has a mark for: runs that diverged or failed, and values beyond the colours."""
    cells = cells_of(GRID)
    for i, losses in enumerate([[0.0], [1e-30], [1e200], [np.nan], [0.1, 0.2, np.inf]]):
        for name, value in statistics(np.array(losses)).items():
            cells.loc[i, name] = value
    return cells.drop(index=8)


def map_of_three_targets():
    cells = cells_of({"function": ["x**2", "sin(x)", "x"], **GRID})
    return drawing.heatmap(cells, "neurons", "learning_rate", facets=["function"])


def importance():
    shares = {"alone": [0.9, 0.1, np.nan], "total": [0.98, 0.3, np.nan]}
    return importance_bars(pd.DataFrame({"axis": ["learning_rate", "neurons", "epochs"], **shares}), LABELS)


def partly_judged():
    threshold = over(
        {"neurons": tuple(range(1, 11)), "epochs": (100, 300, 1000), "batch_size": (1, 3, 10, 30)}
    )
    return threshold_curves(shown_thresholds(threshold, CHOICE, LABELS))


def loss_down_to_0(*losses):
    cells = cells_of({**GRID, "epochs": [10, 100]})
    shown = cells.index[cells["learning_rate"] == 0.1]
    for i, loss in zip(shown, losses, strict=False):
        cells.loc[i, ["median", "lower_quartile", "upper_quartile"]] = loss
    return drawing.loss_against(cells)


def functions_of_a_part():
    grid = {"learning_rate": [0.1, 0.3], "neurons": [5, 10]}
    functions = functions_of(grid, 2)
    stored = functions[(functions["learning_rate"] != 0.3) | (functions["neurons"] != 5)]
    shown = shown_functions(stored, LineAxes("neurons", "learning_rate"), {}, {}, LABELS)
    return learned_functions(shown, trained=cells_of(grid))


FIGURES = {
    "a map with every mark": lambda: drawing.heatmap(wild_cells(), "neurons", "learning_rate"),
    "a map of three targets": map_of_three_targets,
    "a map of many panels": lambda: drawing.heatmap(
        cells_of({**GRID, "batch_size": list(range(1, 14))}), "neurons", "learning_rate"
    ),
    "a map of shares": lambda: drawing.heatmap(
        cells_of(GRID).assign(share_diverged=0.5), "neurons", "learning_rate", "share_diverged"
    ),
    "a map of a part": lambda: drawing.heatmap(
        cells_of(GRID), "neurons", "learning_rate", held={"epochs": 100, "activation": "relu"}
    ),
    "learning curves": lambda: drawing.learning_curves(curves_of({**GRID, "batch_size": [1, 10]})),
    "learning curves beyond the frame": lambda: drawing.learning_curves(
        curves_of(GRID).replace({"median": {np.inf: 1e200}})
    ),
    "learned functions": lambda: drawing.learned_functions(functions_of({**GRID, "batch_size": [1, 10]}, 4)),
    "the loss": lambda: drawing.loss_against(cells_of({**GRID, "epochs": [10, 100]})),
    "the loss below the frame": lambda: loss_down_to_0(1e-30),
    "the loss at 0": lambda: loss_down_to_0(0.0),
    "the loss below the frame and at 0": lambda: loss_down_to_0(1e-30, 0.0),
    "the mean": lambda: drawing.loss_against(cells_of({**GRID, "epochs": [10, 100]}), value="mean"),
    "long rows of layers": lambda: drawing.heatmap(
        cells_of({"layers": ["-".join(["10"] * n) for n in (9, 10, 11)], **GRID}), "neurons", "learning_rate"
    ),
    "functions of which some are stored": functions_of_a_part,
    "the importance of axes": importance,
    "weights": lambda: network_weights(
        [
            portrait((1, 60, 60, 1), role, i, loss)
            for i, (role, loss) in enumerate([("best", 0.1), ("median", 0.2), ("worst", np.inf), ("", 0.3)])
        ]
    ),
    "weights of one layer": lambda: network_weights([portrait((1, 4, 1))]),
    **{
        f"a map of verdicts: {ruling}": lambda ruling=ruling: verdict_map(
            verdicts(ruling, neurons=[1, 2], learning_rate=[0.1, 0.3]), labels=LABELS
        )
        for ruling in RULINGS
    },
    "threshold curves": partly_judged,
    "one threshold curve": lambda: threshold_curves(
        shown_thresholds(threshold_of([0.1, 0.3]), CHOICE, LABELS)
    ),
    "threshold curves of a part": lambda: threshold_curves(
        shown_thresholds(threshold_of([0.1, 0.3], []), CHOICE, LABELS)
    ),
    "dots": lambda: scatter(cells_of(GRID), list(GRID), cells_of(GRID).iloc[9].to_dict(), LABELS),
    "scattered curves": lambda: scattered_curves(
        curves_of(GRID), {"learning_rate": 0.1, "neurons": 5}, LABELS
    ),
}


def texts(figure):
    """Return everything that is written in a figure, but for blanks."""
    return texts_of(drawn(figure))


def texts_of(figure):
    written = (text.get_text() for text in figure.findobj(Text) if text.get_visible())
    return sorted(text for text in written if text.strip())


def english_in(text):
    return [word for word in re.findall(r"[A-Za-z]{2,}", text) if word not in NAMES]


@pytest.fixture
def without_a_font(monkeypatch):
    monkeypatch.setattr(fonts, "japanese_font", lambda: None)


@pytest.mark.skipif(fonts.japanese_font() is None, reason="no Japanese font is installed")
@pytest.mark.parametrize("name", FIGURES)
def test_every_word_in_a_figure_is_japanese_and_fits(name):
    with speaking("ja"):
        figure = FIGURES[name]()
    assert [text for text in texts(figure) if english_in(text)] == []
    assert crowded(figure) == []


@pytest.mark.usefixtures("without_a_font")
@pytest.mark.parametrize("name", FIGURES)
def test_without_a_font_a_figure_is_in_english(name):
    with speaking("ja"):
        japanese = texts(FIGURES[name]())
    assert japanese == texts(FIGURES[name]())


@pytest.mark.usefixtures("without_a_font")
def test_signs_without_a_font_are_boxes_and_nobody_is_warned_of_each(tmp_path):
    cells = cells_of({"学習率": [0.1, 0.3], "関数": ["活性", "損失"]})
    figure = of_cells.heatmap(cells, "学習率", "関数")
    figure.savefig(tmp_path / "figure.svg")
    assert {"活性", "損失"} <= set(texts_of(figure))


@pytest.mark.skipif(fonts.japanese_font() is None, reason="no Japanese font is installed")
def test_with_a_font_japanese_values_are_drawn_on_english_pages():
    assert fonts.drawable("活性 = 損失")
    assert fonts.what_lacks("en", ["活性"]) == fonts.what_lacks("ja", []) == ""


CONFIG = """
figures = ["curves"]

[target]
function = "x**2"
interval = [0, 3]

[grid]
learning_rate = [0.03, 0.1]
neurons = [1, 2]
epochs = 2
replicates = 2
"""
ENGLISH = (
    "Warning: figures are in English: no Japanese font is installed; `pip install 'sweep[ja]'` brings one\n"
)


@pytest.mark.usefixtures("without_a_font")
@pytest.mark.parametrize("command", ["run", "report", "reproduce"])
def test_a_command_tells_once_that_figures_are_in_english(command, tmp_path):
    config = tmp_path / "configs" / "small.toml"
    config.parent.mkdir()
    config.write_text(CONFIG, encoding="utf-8")
    results = str(tmp_path / "results")
    if command == "report":
        said_by("run", str(config), "--results", results)
    asked = str(config.parent if command == "reproduce" else config)
    said = said_by(command, asked, "--results", results, "--lang", "ja")
    assert said.count(ENGLISH) == said.count("Warning") == 1
    assert "Warning" not in said_by(command, asked, "--results", results, "--lang", "en")


@pytest.mark.usefixtures("without_a_font")
def test_a_person_is_told_which_values_are_boxes():
    lost = "figures have boxes in place of '活性': no Japanese font is installed; `pip install 'sweep[ja]'` brings one"
    assert fonts.what_lacks("en", ["relu", "活性", "損失"]) == lost


def said_by(*arguments):
    """Return what a command prints."""
    return CliRunner().invoke(main, arguments, catch_exceptions=False).output
