"""Different targets side by side: no colour, axis or "best" is for all of them."""

import numpy as np
import pytest
from report.drawing import CHOICE, LABELS, heatmap, learning_curves, loss_against
from report.fabricated import cells_of, curves_of, functions_of
from report.measured import drawn, legend_texts, misplaced, panels
from report.test_report_page import content_of

import sweep
from sweep.report.figures.heatmap.squares import squares_of
from sweep.report.figures.learned_functions import learned_functions, shown_functions
from sweep.report.look.axis_choice import HeatmapAxes, LineAxes, best_cells, best_place
from sweep.report.pages.page_tables import best_table
from sweep.report.pages.pictures import pictures_of
from sweep.report.pages.summary import summary
from sweep.terminal import summary_text

AXES = {"function": ["x", "100*x"], "learning_rate": [0.01, 0.03, 0.1], "neurons": [3, 10], "epochs": [1000]}
SCALES = {"x": 1e-4, "100*x": 1e4}
STATISTICS = ["median", "mean", "lower_quartile", "upper_quartile", "minimum", "maximum"]


def scaled(table):
    columns = [name for name in STATISTICS if name in table]
    table[columns] = table[columns].mul(table["function"].map(SCALES), axis=0)
    return table


@pytest.fixture
def cells():
    return scaled(cells_of(AXES))


def content(**changes):
    settings = {axis: values for axis, values in AXES.items() if axis != "epochs"}
    curves = scaled(curves_of(settings))
    return content_of(axes=AXES, cells=scaled(cells_of(AXES)), curves=curves, functions=None, **changes)


def test_each_target_has_the_whole_range_of_colours_and_an_outlined_best_cell_of_its_own(cells):
    squares = squares_of(
        cells,
        ("learning_rate", "neurons"),
        "median",
        ("function",),
        {},
        LABELS.objective,
        12,
        None,
        ("function",),
    )
    assert [panel.place["function"] for panel in squares.panels] == ["x", "100*x"]
    for panel, scale in zip(squares.panels, squares.scales, strict=True):
        assert (scale.low, scale.high) == (panel.value.min(), panel.value.max())
        assert [panel.value[at] for at in panel.outlined] == [panel.value.min()]


def test_panels_of_one_target_share_their_colours_and_the_bar_beside_them():
    axes = {**AXES, "epochs": [100, 1000]}
    cells = scaled(cells_of(axes))
    figure = heatmap(cells, "learning_rate", "neurons", facets=["function", "epochs"])
    assert misplaced(figure) == []
    bars = [one for one in figure.axes if one not in panels(figure)]
    assert len(panels(figure)) == 4
    assert len(bars) == 2
    first, second = ([float(tick) for tick in one.get_yticks()] for one in bars)
    assert max(first) < 1 < min(second)
    assert any("each target function has colours of its own" in text.get_text() for text in figure.texts)


def test_a_share_is_compared_between_targets(cells):
    cells["share_diverged"] = np.linspace(0, 1, len(cells))
    figure = heatmap(cells, "learning_rate", "neurons", "share_diverged", facets=["function"])
    assert len(figure.axes) == 3  # two panels, one bar


def test_lines_of_different_targets_have_axes_of_their_own(cells):
    curves = scaled(curves_of({"function": ["x", "100*x"], "learning_rate": [0.01, 0.03]}))
    for figure in (
        learning_curves(curves, facet="function"),
        loss_against(cells, hue="learning_rate", facet="function"),
    ):
        one, other = panels(drawn(figure))
        assert one.get_ylim()[1] < other.get_ylim()[0]
        assert misplaced(figure) == []
    assert not any("frame" in text for text in legend_texts(figure))


def test_a_target_is_never_a_side_of_a_heatmap_and_never_a_colour():
    levels = {"function": ["x", "100*x", "x**2"], "learning_rate": [0.1, 0.3], "epochs": [10]}
    assert CHOICE.heatmap(levels) == HeatmapAxes("learning_rate", "epochs", ("function",))
    assert CHOICE.heatmap({"function": ["x", "x**2"], "epochs": [10]}) is None
    assert CHOICE.lines({"interval": ["[0, 1]", "[0, 3]"], "epochs": [10]}) == LineAxes(None, "interval")


def test_the_best_of_each_target_is_told_and_none_of_all(cells):
    best = best_cells(cells, LABELS.objective, ["function"])
    assert [row["function"] for row in best] == ["x", "100*x"]
    text = " ".join(summary(content()))
    assert "The best cell is" not in text
    assert "Different target functions are not compared" in text
    for row in best:
        assert f"function = {row['function']}" in text
    table = best_table(content())
    assert [row[0] for row in table.rows] == ["x"] * 5 + ["100*x"] * 5


def test_where_axes_are_held_it_is_at_a_setting_that_does_well_on_all_targets(cells):
    place = best_place(cells, LABELS.objective, ["function"])
    assert set(place) == {"learning_rate", "neurons", "epochs"}
    ranks = cells.groupby("function")["median"].rank()
    means = ranks.groupby([cells["learning_rate"], cells["neurons"]]).mean()
    assert means.idxmin() == (place["learning_rate"], place["neurons"])


def test_where_only_a_rate_moves_each_target_has_a_line_in_a_panel_of_its_own():
    axes = {**AXES, "neurons": [10]}
    pictures = pictures_of(content_of(axes=axes, cells=scaled(cells_of(axes)), curves=None, functions=None))
    (picture,) = [one for one in pictures if one.name == "learning_rate"]
    assert "one panel for each target function" in picture.caption


def test_many_targets_are_all_drawn_with_what_was_learned_of_them():
    axes = {"function": [f"{i}*x" for i in range(1, 6)], "learning_rate": [0.01, 0.03, 0.1, 0.2, 0.3]}
    functions = functions_of(axes, n_replicates=2)
    place = {"learning_rate": 0.03}
    shown = shown_functions(functions, LineAxes("learning_rate", "function"), place, axes, LABELS)
    assert shown.hues == axes["function"]
    assert shown.held == place
    assert misplaced(learned_functions(shown)) == []


def test_the_command_line_names_the_best_of_each_target(tmp_path):
    found = sweep.run(
        {
            "target": {"interval": [0, 1]},
            "grid": {"function": ["x", "100*x"], "learning_rate": [0.01, 0.1], "replicates": 2},
            "training": {"epochs": 3},
        },
        results=tmp_path,
        report=False,
    )
    lines = [line for line in summary_text(found).splitlines() if line.startswith("lowest median")]
    assert ["function = x," in lines[0], "function = 100*x," in lines[1]] == [True, True]
    assert len(lines) == 2
