"""The numbers of a large heatmap, which are written sign by sign."""

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from report.drawing import heatmap
from report.fabricated import cells_of
from report.measured import drawn, panels

from sweep.report.figures.heatmap.glyphs import write_centred

AXES = {"learning_rate": np.logspace(-3, -1, 8).tolist(), "neurons": [*range(1, 11)], "epochs": [1000]}


def signs_of(axes):
    return [one for one in axes.collections if isinstance(one, PathCollection)]


def test_a_text_stands_with_its_middle_at_its_place():
    figure = Figure(figsize=(4, 2), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 4), ylim=(0, 2))
    axes.set_axis_off()
    square = (72.0, 72.0)  # four inches for four squares, two for two
    write_centred(
        axes, ["0", "0000", "00"], np.array([[0.5, 0.5], [1.5, 0.5], [3.5, 1.5]]), ["k"] * 3, 12.0, square
    )
    drawn(figure).canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[:, :, 0] < 128
    for x, y in ((0.5, 0.5), (1.5, 0.5), (3.5, 1.5)):
        row, column = 100 * (2 - y), 100 * x
        part = pixels[int(row - 50) : int(row + 50), int(column - 50) : int(column + 50)]
        down, across = np.nonzero(part)
        assert abs((down.min() + down.max()) / 2 - 49.5) < 1.5
        assert abs((across.min() + across.max()) / 2 - 49.5) < 1.5


def test_a_large_panel_has_as_many_signs_as_its_numbers_and_few_artists():
    cells = cells_of(AXES).assign(n_diverged=0, median=[float(i) for i in range(10, 90)])
    (axes,) = panels(drawn(heatmap(cells, "learning_rate", "neurons")))
    assert len(axes.texts) == 0
    found = signs_of(axes)
    assert len(found) == 10  # the digits
    assert sum(len(one.get_offsets()) for one in found) == 2 * 80


def test_its_diverged_squares_still_have_their_word():
    cells = cells_of(AXES)
    cells["median"] = np.where(cells["neurons"] == 10, np.inf, 1.5)
    (axes,) = panels(drawn(heatmap(cells, "learning_rate", "neurons")))
    assert [text.get_text() for text in axes.texts] == ["div."] * 8
