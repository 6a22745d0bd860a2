"""Texts of any length get the room that they take: nothing overlaps, and nothing is cut at an edge."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from report.drawing import LABELS, heatmap, learned_functions, learning_curves, loss_against
from report.fabricated import cells_of, curves_of, functions_of
from report.measured import box, drawn, misplaced, shown

from sweep.report.figures.scatter import scatter
from sweep.report.figures.verdict_map import verdict_map
from sweep.report.look.style import broken, text_width

LONG = ["abs(sin(3*pi*x)) * 0.25*x", "exp(-(x-1.5)**2) - 0.5", "sqrt(x+1) - tanh(5*(x-1.5))"]
LAYERS = ["-".join(["10"] * n) for n in (9, 10, 1)]
QUARTILES = ["lower_quartile", "upper_quartile"]


def crowded(figure: Figure) -> list[str]:
    """Texts of any kind that overlap one another or reach out of the figure."""
    drawn(figure)
    texts = [
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for label in shown(axis.get_ticklabels())
    ]
    texts += shown(
        text for axes in figure.axes for text in (axes._left_title, axes.xaxis.label, axes.yaxis.label)
    )
    texts += shown([*figure.texts, *(text for axes in figure.axes for text in axes.texts)])
    texts += shown(text for legend in figure.legends for text in [*legend.get_texts(), legend.get_title()])
    boxes = [box(text).padded(-0.5) for text in texts]
    page = figure.bbox.padded(1.0)
    found = [
        text.get_text()
        for text, one in zip(texts, boxes, strict=True)
        if not (page.x0 <= one.x0 and one.x1 <= page.x1 and page.y0 <= one.y0 and one.y1 <= page.y1)
    ]
    found += [
        f"{texts[i].get_text()!r} on {texts[j].get_text()!r}"
        for i in range(len(texts))
        for j in range(i)
        if boxes[i].overlaps(boxes[j])
    ]
    return found


def verdicts(ruling="inconclusive", **axes):
    return [
        SimpleNamespace(ruling=ruling, share=1.0, n=8, condition=dict(zip(axes, place, strict=True)))
        for place in itertools.product(*axes.values())
    ]


@pytest.mark.parametrize(
    "axes",
    [
        {"function": ["x**2", "sin(2*pi*x)"], "batch_size": [1, 10]},
        {"neurons": list(range(1, 17)), "batch_size": [1000, 10000], "init_range": [0.1, 0.5]},
        {"function": LONG, "layers": LAYERS, "init_range": [0.333333, 0.3333331]},
        {"function": LONG},
        {"neurons": list(range(1, 61)), "learning_rate": np.geomspace(1e-5, 1, 40).tolist()},
    ],
)
def test_nothing_in_a_map_of_verdicts_overlaps_or_is_cut(axes):
    for ruling in ("inconclusive", "alike"):
        assert crowded(verdict_map(verdicts(ruling, **axes), labels=LABELS)) == []


@pytest.mark.parametrize("n_panels", [1, 2, 3, 6])
def test_long_panel_titles_stay_over_their_panels(n_panels):
    functions = [f"{text} + {i}" for i, text in enumerate(LONG * 2)][:n_panels]
    axes = {"learning_rate": [0.03, 0.1], "function": functions}
    assert crowded(learning_curves(curves_of(axes, n_replicates=2), facet="function")) == []
    cells = cells_of({**axes, "neurons": [100_000, 300_000]}, n_replicates=2)
    assert crowded(loss_against(cells, hue="learning_rate", facet="function")) == []
    assert crowded(heatmap(cells, "learning_rate", "neurons")) == []
    functions = functions_of(axes, n_replicates=2)
    assert misplaced(learned_functions(functions, columns="learning_rate", rows="function")) == []
    assert misplaced(learned_functions(functions, columns="function", rows="learning_rate")) == []


@pytest.mark.parametrize("size", [1e20, 1.2345e-30, 123456.0])
def test_tick_labels_are_not_cut_and_do_not_run_into_the_next_panel(size):
    table = functions_of({"learning_rate": [0.03, 0.1], "neurons": [3, 10]}, n_replicates=2)
    for n, neurons in enumerate((3, 10)):
        here = table["neurons"] == neurons
        table.loc[here, ["target", "learned"]] *= size * (n + 1)
    assert crowded(learned_functions(table, columns="neurons", rows="learning_rate")) == []
    cells = cells_of({"neurons": [100_000, 1_000_000], "learning_rate": [0.1, 0.2, 0.3]}, n_replicates=2)
    cells[["median", *QUARTILES]] = cells[["median", *QUARTILES]] * 0 + 1
    cells["median"] = size * np.linspace(1, 1.2, len(cells))
    assert crowded(loss_against(cells, hue=None, facet="learning_rate")) == []
    assert crowded(scatter(cells, ["neurons", "learning_rate"], {}, LABELS)) == []


def test_notes_and_names_of_axes_that_are_longer_than_the_figure_are_broken():
    axes = {
        "learning_rate": [0.03, 0.1],
        "function": LONG,
        "init_range": [0.1, 0.2],
        "output": ["identity", "tanh"],
    }
    best = {"function": LONG[0], "init_range": 0.1, "output": "tanh"}
    assert crowded(learning_curves(curves_of(axes, n_replicates=2), best=best)) == []
    cells = cells_of({"neurons": [1, 2], "learning_rate": [0.1, 0.2]}, n_replicates=2)
    long = replace(LABELS.parameters["neurons"], label="a name of an axis that goes on and on " * 3)
    labels = replace(LABELS, parameters={**LABELS.parameters, "neurons": long})
    assert crowded(scatter(cells, ["neurons", "learning_rate"], {}, labels)) == []
    assert crowded(heatmap(cells, "neurons", "learning_rate", title="a title that goes on and on " * 6)) == []


@given(st.text(alphabet="ab ,*+-", max_size=60), st.floats(20, 200))
def test_a_text_is_broken_into_lines_that_fit_and_nothing_of_it_is_lost(text, width):
    lines = broken(text, width, 8.0).split("\n")
    assert all(text_width(line, 8.0) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_long_values_to_the_right_leave_the_name_of_their_axis_its_room():
    names = ["a rather long name of a function", "tanh", "relu", "sigmoid and something"]
    cells = cells_of({"learning_rate": [0.1, 0.2], "activation": names, "epochs": [10, 20]}, n_replicates=2)
    assert crowded(scatter(cells, ["learning_rate", "activation"], {}, LABELS)) == []
    assert crowded(scatter(cells, ["activation", "learning_rate", "epochs", "activation"], {}, LABELS)) == []
