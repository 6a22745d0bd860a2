"""Sweeps of more axes than one can look at: what matters is shown, the rest is held, and the page says so."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from report.drawing import CHOICE, LABELS
from report.fabricated import cells_of
from report.measured import drawn, misplaced, panels
from report.test_report_page import content_of

from sweep.report.figures.heatmap.shown import shown_map
from sweep.report.figures.importance import importance_bars
from sweep.report.look.axis_choice import AxisChoice, HeatmapAxes, best_cell, spread
from sweep.report.look.wishes import Wishes, granting
from sweep.report.pages.page_tables import pivot_tables
from sweep.report.pages.pictures import pictures_of
from sweep.tables.importance import importance

AXES = {
    "activation": ["relu", "tanh", "sigmoid"],
    "batch_size": [1, 5, 10],
    "learning_rate": [0.01, 0.03, 0.1],
    "neurons": [1, 3, 10, 30],
    "epochs": [100, 1000],
}


def many(cells, figures=("heatmap",)):
    axes = {axis: cells[axis].unique().tolist() for axis in AXES}
    return content_of(
        axes=axes, cells=cells, planned=cells[[*AXES]], curves=None, functions=None, figures=figures
    )


@pytest.fixture(scope="module")
def cells():
    """Cells that depend on the activation and the batch size, and hardly on anything else."""
    cells = cells_of(AXES, n_replicates=3)
    order = {"relu": 0, "tanh": 2, "sigmoid": 1}
    cells["median"] = 10.0 ** cells["activation"].map(order) * cells["batch_size"] + 1e-3 * cells["neurons"]
    return cells.assign(n_diverged=0)


def shown(cells, place=None):
    levels = {axis: cells[axis].unique().tolist() for axis in AXES}
    best = best_cell(cells, "median", LABELS.objective)
    return shown_map(cells, levels, CHOICE, LABELS.objective, place or best, cells[[*AXES]])


def test_the_axes_that_matter_most_are_sides_and_the_others_are_held_at_the_best_cell(cells):
    found = shown(cells)
    assert {found.axes.rows, found.axes.columns} == {"activation", "batch_size"}
    assert found.axes.facets == ("neurons",)
    best = best_cell(cells, "median", LABELS.objective)
    assert found.held == {axis: best[axis] for axis in ("learning_rate", "epochs")}
    assert len(found.cells) == len(found.planned) == 3 * 3 * 4
    assert found.is_shown.sum() == len(found.cells)


def test_a_sweep_that_fits_into_twelve_panels_is_shown_whole_by_the_usual_choice(cells):
    few = cells[cells["activation"] == "relu"].reset_index(drop=True)
    found = shown(few)
    assert (found.axes.rows, found.axes.columns) == ("learning_rate", "neurons")
    assert found.held == {}
    assert len(found.cells) == len(few)


def test_an_axis_that_moves_with_the_sides_makes_no_panels(cells):
    few = cells[cells["activation"] == "relu"].assign(activation=lambda table: table["neurons"].map(str))
    found = shown(few.drop_duplicates(subset=[*AXES]).reset_index(drop=True))
    assert found.axes.facets == ("batch_size", "epochs")


def test_the_page_says_what_is_held_and_selects_nothing_evenly(cells):
    (heatmap, bars) = pictures_of(many(cells))
    assert (heatmap.name, bars.name) == ("heatmap", "importance")
    assert "held at learning rate = " in heatmap.caption
    assert "All the rest is in the explorer." in heatmap.caption
    assert "evenly selected" not in heatmap.caption
    assert "most important axis is activation" in bars.alt


def test_the_tables_of_medians_are_those_of_the_heatmap(cells):
    tables = pivot_tables(many(cells))
    assert [table.caption for table in tables] == [
        f"neurons = {n}, held at learning rate = 0.01, epochs = 100" for n in (1, 3, 10, 30)
    ]


def test_few_values_of_a_third_axis_are_panels_and_many_are_held():
    levels = {"a": [1, 2], "b": [1, 2], "c": [*range(7)], "d": [1, 2]}
    choice = AxisChoice()
    assert choice.by_importance(levels, ["d", "a", "b", "c"]) == HeatmapAxes("a", "d", ("b",), ("c",))
    assert choice.by_importance(levels, ["d", "a", "c", "b"]) == HeatmapAxes("a", "d", (), ("c", "b"))


def test_an_even_selection_has_all_that_are_to_be_kept():
    assert spread(list(range(20)), 4, keep=[1, 2, 18]) == [1, 2, 13, 18]
    assert spread(list(range(20)), 2, keep=[5, 6, 7]) == [5, 6]


def test_there_are_no_bars_for_two_axes(cells):
    of_two = cells.drop_duplicates(subset=["activation", "batch_size"]).reset_index(drop=True)
    names = [picture.name for picture in pictures_of(many(of_two))]
    assert "importance" not in names


@pytest.mark.parametrize("size", [(3.2, 3.0), (4.0, 3.0), (5.5, 3.0), (9.0, 3.0)])
def test_bars_in_a_narrow_place_say_less_and_nothing_overlaps(cells, size):
    table = importance(cells, LABELS.objective)
    with granting(Wishes.of(size=size)):
        figure = drawn(importance_bars(table, LABELS))
    (axes,) = panels(figure)
    assert axes.get_window_extent().width > 0.3 * figure.bbox.width
    boxes = [tick.get_window_extent() for tick in axes.get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert misplaced(figure) == []


def test_the_bars_are_in_their_order_with_their_shares_and_nothing_is_cut(cells):
    table = importance(cells, LABELS.objective)
    figure = drawn(importance_bars(table, LABELS))
    (axes,) = panels(figure)
    labels = [tick.get_text() for tick in axes.get_yticklabels()]
    assert labels == [LABELS.full(axis) for axis in table["axis"]]
    assert axes.texts[0].get_text().startswith(f"{100 * table['alone'][0]:.0f} %")
    assert misplaced(figure) == []
    long = table.assign(axis=["a_parameter_with_a_name_that_goes_on_and_on_without_end"] * len(table))
    assert misplaced(importance_bars(long)) == []


def test_bars_of_an_axis_of_which_nothing_is_known_have_a_dash(cells):
    table = importance(cells, LABELS.objective).assign(total=np.nan)
    table.loc[1, "alone"] = np.nan
    (axes,) = panels(drawn(importance_bars(table, LABELS)))
    assert axes.texts[1].get_text() == "–"


def test_an_incomplete_sweep_says_that_axes_may_be_mixed_up(cells):
    part = cells.iloc[:-5].reset_index(drop=True)
    content = replace(many(part), planned=cells[[*AXES]])
    (bars,) = [picture for picture in pictures_of(content) if picture.name == "importance"]
    assert "no full grid" in bars.caption


def test_of_axes_that_move_together_one_is_drawn_and_the_page_says_so():
    cells = cells_of({"learning_rate": [0.01, 0.03, 0.1], "neurons": [3, 10], "epochs": [1000]})
    cells.insert(1, "batch_size", cells["learning_rate"].map({0.01: 1, 0.03: 3, 0.1: 10}))
    axes = {
        axis: cells[axis].unique().tolist() for axis in ("learning_rate", "batch_size", "neurons", "epochs")
    }
    content = content_of(axes=axes, cells=cells, curves=None, functions=None, figures=("heatmap", "neurons"))
    heatmap, *others = pictures_of(content)
    assert "learning rate upwards and neurons to the right" in heatmap.caption
    assert "batch size moves together with another axis" in heatmap.caption
    assert "A panel for each" not in heatmap.caption
    (against,) = [picture for picture in others if picture.name == "neurons"]
    assert "one colour for each learning rate" in against.caption
    assert "one panel" not in against.caption
