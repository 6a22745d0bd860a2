"""Scales serve the ordinary values, whatever the share and the side of wild ones; these are marked as beyond."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from report.drawing import LABELS, heatmap, learning_curves, loss_against
from report.fabricated import cells_of, curves_of, large_cells
from report.measured import drawn, legend_texts, misplaced, panels
from report.test_report_page import content_of

from sweep.report.figures.learned_functions import _frame
from sweep.report.figures.scatter import notes_beyond, scatter
from sweep.report.look.ordinary import ordinary
from sweep.report.look.scales import colour_scale, square_number, value_frame
from sweep.report.pages.page_tables import best_table
from sweep.report.pages.pictures import pictures_of
from sweep.report.pages.summary import summary
from sweep.terms.metric import Metric

LOSS, SCORE = Metric("loss"), Metric("score", "higher")
ORDINARY = np.geomspace(1.1, 83.0, 28)
LARGEST = float(np.finfo(float).max)
QUARTILES = ["lower_quartile", "upper_quartile"]


@pytest.mark.parametrize(
    "wild",
    [
        [2.5e-31],
        [1e300],
        np.geomspace(1e69, 1e198, 8),
        [1e300] * 28,
        np.geomspace(1e60, 1e70, 200),
        [1e-300, 1e300],
        [1e-30] * 40,
        [LARGEST] * 5,
        [5e-324, LARGEST],
        [0.0] * 4,
    ],
)
def test_wild_losses_of_any_share_and_side_leave_the_ordinary_ones_their_colours_and_axes(wild):
    values = np.concatenate([ORDINARY, wild])
    scale = colour_scale(values, LOSS)
    assert (scale.low, scale.high) == pytest.approx((1.1, 83.0))
    frame = value_frame(values, values, np.inf, LOSS)
    assert 0.5 < frame.low < 1.1
    assert 83 < frame.high < 200


@pytest.mark.parametrize("wild", [[-1e6], [-1e300] * 20, [-LARGEST]])
def test_wild_scores_leave_the_ordinary_ones_their_colours_and_axes(wild):
    values = np.concatenate([np.linspace(0.5, 0.9, 10), wild])
    scale = colour_scale(values, SCORE)
    assert (scale.low, scale.high) == (0.5, 0.9)
    assert -1 < value_frame(values, values, np.inf, SCORE).low < 0.5


@pytest.mark.parametrize(
    "values",
    [
        np.geomspace(1e-12, 1e3, 50),
        [1e-6, 1e-3, 1.0, 1e3],
        [*np.geomspace(1e-9, 3e-9, 6), *np.geomspace(1, 3, 6)],
        [1.0, 1e6],
    ],
)
def test_losses_that_training_may_reach_are_all_ordinary(values):
    scale = colour_scale(values, LOSS)
    assert (scale.low, scale.high) == (min(values), max(values))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_values_that_get_worse_without_end_and_without_a_gap_are_wild_where_they_are_absurd(sign):
    """As over the learning rate: more and more of a sweep leaves the numbers that anybody trains for."""
    values = np.concatenate([np.geomspace(0.5, 100.0, 60), np.geomspace(100.0, 1e110, 40)[1:]])
    found = ordinary(sign * values, lower_is_better=sign > 0, by_ratios=sign > 0)
    assert np.isin(sign * values[:60], found).all()
    assert np.abs(found).max() < 1e7


def test_accuracies_are_all_ordinary():
    scale = colour_scale([0.1] * 20 + [0.9] * 3, SCORE)
    assert (scale.low, scale.high) == (0.1, 0.9)


def test_a_wild_cell_has_a_colour_beyond_the_scale_a_mark_and_an_arrow_at_the_colour_bar():
    cells = cells_of({"learning_rate": [0.01, 0.1, 1.0], "neurons": [1, 2, 3, 4], "epochs": [10]})
    cells["median"] = [1.0, 2, 3, 4, 5, 6, 7, 0.0, 1e198, 1e198, 1e199, 2.5e-31]
    cells["n_diverged"] = 0
    figure = drawn(heatmap(cells, "learning_rate", "neurons"))
    (axes,) = panels(figure)
    (bar,) = [one for one in figure.axes if one not in (axes,)]
    marks = {c.get_label(): len(c.get_paths()) for c in axes.collections[1:]}
    assert marks == {"above the colours": 3, "below the colours": 2}
    assert legend_texts(figure) == ["best cell", "below the colours, or exactly 0", "above the colours"]
    assert bar._colorbar.extend == "both"
    faces = axes.collections[0].get_facecolors()
    assert len({tuple(face) for face in faces[8:11]} | {tuple(faces[3])}) == 2
    assert len({tuple(face) for face in faces}) == 1 + 7 + 1


def with_medians(table, values):
    return table.assign(**dict.fromkeys(["median", *QUARTILES], np.resize(values, len(table))))


def test_a_line_beyond_the_frame_has_arrowheads_at_the_edge_that_are_explained():
    cells = cells_of({"neurons": [1, 2, 3], "epochs": [10, 20, 30]})
    figure = drawn(loss_against(with_medians(cells, [1, 1e250, 1, 2, 1e260, 2, 3, 4, 3])))
    (axes,) = panels(figure)
    heads = [line for line in axes.lines if line.get_marker() == "^"]
    assert [line.get_xdata().tolist() for line in heads] == [[1, 2]]
    assert legend_texts(figure)[-1] == "above the frame"
    assert axes.get_ylim()[1] < 100
    assert misplaced(figure) == []


def test_arrowheads_of_several_lines_do_not_hide_one_another():
    cells = cells_of({"neurons": list(range(1, 7)), "epochs": [10, 20, 30]})
    cells = with_medians(cells, [1.0, 2.0, 3.0])
    cells.loc[:1, "median"] = 1e250
    (axes,) = panels(loss_against(cells))
    heads = [line for line in axes.lines if line.get_marker() == "^"]
    assert len({(line.get_xdata()[0], line.get_ydata()[0]) for line in heads}) == 2


@pytest.mark.parametrize("values", [[LARGEST], [LARGEST, LARGEST / 2], [5e-324, 1.0], [1e300, 1e304, 1e308]])
def test_losses_at_the_ends_of_the_numbers_are_drawn(values):
    curves = curves_of({"learning_rate": [0.03, 0.1]}, n_replicates=2)
    drawn(learning_curves(with_medians(curves, values)))
    cells = with_medians(cells_of({"neurons": [1, 2], "epochs": [10, 20]}, n_replicates=2), values)
    drawn(loss_against(cells))
    drawn(heatmap(cells, "neurons", "epochs"))
    drawn(scatter(cells, ["neurons"], {}, LABELS))


@pytest.mark.parametrize("value", [1e20, -1e20, 1.0, 0.0])
def test_the_frame_of_a_constant_target_is_as_high_as_the_constant(value):
    low, high = _frame(pd.DataFrame({"target": [value] * 3}))
    assert high - low == pytest.approx(max(0.7 * abs(value), 2.0))


def test_a_loss_of_exactly_0_has_a_line_at_the_bottom_of_a_logarithmic_axis_and_a_note():
    curves = curves_of({"learning_rate": [0.03, 0.1]}, n_replicates=2)
    solved = curves["learning_rate"] == 0.1
    curves.loc[solved, ["median", *QUARTILES]] = 0.0
    figure = drawn(learning_curves(curves))
    (axes,) = panels(figure)
    line = [line for line in axes.lines if line.get_linestyle() == "-"][1]
    assert set(line.get_ydata()) == {axes.get_ylim()[0]}
    assert [one.get_xdata().tolist() for one in axes.lines if one.get_marker() == "v"] == [[1]]
    assert legend_texts(figure)[-1] == "exactly 0"


def test_losses_that_are_all_0_stand_on_an_even_axis():
    curves = with_medians(curves_of({"learning_rate": [0.03, 0.1]}, n_replicates=2), [0.0])
    (axes,) = panels(drawn(learning_curves(curves)))
    assert axes.get_yscale() == "linear"
    assert axes.get_ylim()[0] < 0 < axes.get_ylim()[1]
    cells = with_medians(cells_of({"neurons": [1, 2], "epochs": [10, 20]}), [0.0])
    assert panels(heatmap(cells, "neurons", "epochs"))[0].collections[0].get_array().tolist() == [
        [0, 0],
        [0, 0],
    ]


def test_scattered_cells_of_loss_0_stand_at_the_edge_and_the_caption_says_so():
    cells = with_medians(cells_of({"neurons": [1, 2, 3, 4], "epochs": [10]}), [1.0, 2.0, 0.0, 1e200])
    axes = panels(drawn(scatter(cells, ["neurons"], {}, LABELS)))[0]
    heads = {line.get_marker(): line.get_xdata().tolist() for line in axes.lines}
    assert (heads["^"], heads["v"]) == ([4], [3])
    assert notes_beyond(cells["median"], LABELS) == ["▲: above the frame.", "▼: exactly 0."]


def test_the_summary_names_the_worst_of_the_ordinary_cells_and_counts_the_wild_ones():
    content = content_of()
    cells = with_medians(content.cells, np.linspace(1, 2, len(content.cells)))
    cells.loc[len(cells) - 1, "median"] = 5.09e307
    said = summary(replace(content, cells=cells))[-1]
    assert said.startswith("The median is wildly worse in 1 cell; the largest median of the others is 1.9")


def test_numbers_in_squares_have_the_digits_that_tell_a_short_scale_apart():
    values = np.linspace(17.01, 17.24, 24)
    texts = [square_number(value, colour_scale(values, LOSS)) for value in values]
    assert len(set(texts)) == 24
    assert square_number(17.123, colour_scale([1.0, 100.0], LOSS)) == "17"


def test_one_run_has_no_quartiles():
    content = content_of()
    content = replace(content, cells=content.cells.assign(n_runs=1, n_failed=0), replicates=1)
    best = best_table(content)
    assert best is not None
    assert {row[4] for row in best.rows} == {"–"}
    assert "quartiles" not in " ".join(summary(content))
    assert "middle half" not in " ".join(picture.caption for picture in pictures_of(content))


def test_squares_without_borders_are_an_image_in_a_vector_picture():
    cells = large_cells(12, 60)
    (axes,) = panels(heatmap(cells, "learning_rate", "neurons"))
    assert axes.collections[0].get_rasterized()


def test_a_pdf_has_no_letters_of_type_3(tmp_path):
    cells = cells_of({"neurons": [1, 2], "epochs": [10, 20]}, n_replicates=2)
    heatmap(cells, "neurons", "epochs").savefig(tmp_path / "figure.pdf")
    data = (tmp_path / "figure.pdf").read_bytes()
    assert b"/Type3" not in data
    assert b"/TrueType" in data or b"/Type0" in data
