"""Pictures that a sweep of one axis, and one with diverged runs, ask for."""

from dataclasses import replace

import numpy as np
from report.drawing import heatmap
from report.fabricated import cells_of
from report.measured import drawn, legend_texts, panels
from report.test_report_page import content_of

from sweep.report.figures import against
from sweep.report.pages.pictures import pictures_of

RATES = np.logspace(-3, 0, 10).tolist()


def one_axis(**axes):
    cells = cells_of(axes, n_replicates=8)
    return content_of(axes=axes, cells=cells, curves=None, functions=None, targets=None, figures=("heatmap",))


def test_a_sweep_of_one_number_is_a_line_with_its_band_and_no_heatmap_of_one_row(monkeypatch):
    drawings = []
    monkeypatch.setattr(
        "sweep.report.pages.pictures.objective_against",
        lambda *args: drawings.append(figure := against.objective_against(*args)) or figure,
    )
    content = one_axis(neurons=[10], learning_rate=RATES, epochs=[1000])
    (picture,) = pictures_of(content)
    assert (picture.name, picture.heading) == ("learning_rate", "Loss against learning rate")
    assert "middle half of the replicates" in picture.caption
    assert picture.png
    (axes,) = panels(drawn(drawings[0]))
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert len(axes.collections) == 1


def test_it_is_not_drawn_twice():
    content = replace(one_axis(neurons=[1, 2, 5], epochs=[1000]), figures=("heatmap", "neurons"))
    assert [picture.name for picture in pictures_of(content)] == ["neurons"]


def test_a_sweep_of_one_text_is_a_row_of_squares():
    content = one_axis(activation=["relu", "tanh"], epochs=[1000])
    assert [picture.name for picture in pictures_of(content)] == ["heatmap"]


def test_where_some_runs_of_a_cell_diverged_there_is_a_map_of_their_share():
    content = one_axis(learning_rate=[0.03, 0.1], neurons=[3, 10], epochs=[1000])
    quiet = content.cells.assign(n_diverged=0, median=1.0)
    assert [picture.name for picture in pictures_of(replace(content, cells=quiet))] == ["heatmap"]
    some = quiet.assign(n_diverged=[0, 2, 4, 8])
    names = [picture.name for picture in pictures_of(replace(content, cells=some))]
    assert names == ["heatmap", "diverged"]


def test_the_map_of_a_share_is_from_0_to_1_without_a_best_cell():
    cells = cells_of({"learning_rate": [0.03, 0.1], "neurons": [3, 10], "epochs": [1000]}).assign(
        n_diverged=0
    )
    figure = drawn(
        heatmap(
            cells.assign(share_diverged=[0.0, 0.25, 0.5, np.nan]),
            "learning_rate",
            "neurons",
            "share_diverged",
        )
    )
    (axes,) = panels(figure)
    assert axes.collections[0].get_clim() == (0, 1)
    assert [text.get_text() for text in axes.texts] == ["0.00", "0.25", "0.50", ""] or legend_texts(figure)
    assert "best cell" not in legend_texts(figure)
