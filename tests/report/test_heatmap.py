import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch, Rectangle
from report.drawing import heatmap
from report.fabricated import cells_of, large_cells
from report.measured import drawn, legend_texts, misplaced, panels, shown, tick_texts

from sweep.errors import InputError
from sweep.report.look.labels import cell_number

RATES, NEURONS, EPOCHS = [0.003, 0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5], list(range(1, 11)), [100, 300, 1000]


def grid(rates=RATES, neurons=NEURONS, epochs=(1000,), **axes):
    return cells_of({"learning_rate": rates, "neurons": neurons, **axes, "epochs": list(epochs)})


def numbers(axes):
    """The texts in the squares of a panel, by (row, column)."""
    return {(int(t.get_position()[1]), int(t.get_position()[0])): t.get_text() for t in shown(axes.texts)}


def outlines(axes):
    return [
        patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_label() == "best cell"
    ]


def test_every_square_shows_its_median_or_that_it_diverged():
    rates = RATES[-4:]
    cells = grid(rates=rates)
    (axes,) = panels(heatmap(cells, "learning_rate", "neurons"))
    expected = {
        (rates.index(cell.learning_rate), NEURONS.index(cell.neurons)): (
            "div." if np.isinf(cell.median) else cell_number(cell.median)
        )
        for cell in cells.rename(columns={"median": "median"}).itertuples()
    }
    assert "div." in expected.values()
    assert numbers(axes) == expected


def test_ticks_are_the_values_and_labels_are_words():
    (axes,) = panels(drawn(heatmap(grid(rates=[0.029999999999, 0.1, 1e-5]), "learning_rate", "neurons")))
    assert tick_texts(axes.yaxis) == ["10⁻⁵", "0.03", "0.1"]
    assert tick_texts(axes.xaxis) == [str(n) for n in NEURONS]
    assert axes.get_xticks().tolist() == [i + 0.5 for i in range(len(NEURONS))]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("neurons per hidden layer", "learning rate")


def test_the_best_cell_is_outlined_where_it_is_and_only_there():
    cells = grid(epochs=EPOCHS)
    best = cells.loc[cells["median"].idxmin()]
    figure = heatmap(cells, "learning_rate", "neurons")
    for axes, epochs in zip(panels(figure), EPOCHS, strict=True):
        found = [tuple(np.floor(frame.get_center())) for frame in outlines(axes)]
        place = (NEURONS.index(best["neurons"]), RATES.index(best["learning_rate"]))
        assert found == ([place] if epochs == best["epochs"] else [])


def test_further_axes_become_panels_with_shared_colours_and_titles():
    figure = heatmap(grid(epochs=EPOCHS), "learning_rate", "neurons")
    assert [axes.get_title(loc="left") for axes in panels(figure)] == [
        "epochs = 100",
        "epochs = 300",
        "epochs = 1000",
    ]
    limits = {axes.collections[0].get_clim() for axes in panels(figure)}
    assert len(limits) == 1


def test_an_axis_that_nobody_named_becomes_panels_too():
    figure = heatmap(
        grid(rates=[0.1, 0.3], activation=["relu", "tanh"], epochs=EPOCHS), "learning_rate", "neurons"
    )
    assert len(panels(figure)) == 6


def test_panels_of_two_axes_stand_in_rows_of_one_and_columns_of_the_other():
    figure = heatmap(
        grid(rates=[0.1, 0.3], activation=["relu", "tanh"], epochs=EPOCHS), "learning_rate", "neurons"
    )
    corners = [tuple(axes.get_position().p0.round(6)) for axes in panels(figure)]
    assert len({x for x, _ in corners}) == 3
    assert corners[0][0] == corners[3][0]


def test_of_many_panels_an_even_selection_with_the_best_is_shown_and_said():
    cells = grid(rates=[0.1, 0.3], neurons=[3, 10], batch_size=list(range(1, 11)), epochs=EPOCHS)
    figure = heatmap(cells, "learning_rate", "neurons", facets=("batch_size",))
    assert len(panels(figure)) == 12
    assert [text.get_text() for text in figure.texts] == ["12 of 30 panels, evenly selected"]
    assert sum(len(outlines(axes)) for axes in panels(figure)) == 1


def test_diverged_failed_and_missing_squares_are_all_different_and_explained():
    cells = grid(rates=[0.03, 0.1, 0.3], neurons=[1, 2, 3])
    cells["median"] = 1.0
    cells["n_diverged"] = 0
    cells.loc[0, "median"] = np.inf
    cells.loc[1, ["median", "n_failed"]] = [np.nan, 32]
    cells = cells.drop(index=2)
    figure = heatmap(cells, "learning_rate", "neurons", levels={"neurons": [1, 2, 3, 4]})
    (axes,) = panels(figure)
    marked = {patch.get_label(): patch for patch in axes.patches if isinstance(patch, PathPatch)}
    assert set(marked) == {"diverged", "all runs failed", "not run"}
    assert len({to_hex(patch.get_facecolor()) for patch in marked.values()}) == 3
    assert len({patch.get_hatch() for patch in marked.values()}) == 3
    assert legend_texts(figure) == ["best cell", "diverged", "all runs failed", "not run"]
    # Neuron count 4 is planned and has no cell yet: a column of three, and the dropped cell.
    assert len(marked["not run"].get_path().vertices) == 4 * 5
    assert numbers(axes)[0, 0] == "div."
    assert numbers(axes)[0, 1] == "failed"


def test_cells_with_some_diverged_runs_get_a_mark():
    cells = grid(rates=[0.03, 0.1], neurons=[1, 2])
    cells["median"], cells["n_diverged"] = 1.0, [0, 3, 0, 1]
    figure = heatmap(cells, "learning_rate", "neurons")
    marks = [c for c in panels(figure)[0].collections if c.get_label() == "some runs diverged"]
    assert len(marks[0].get_paths()) == 2
    assert "some runs diverged" in legend_texts(figure)


def test_the_key_is_silent_about_what_does_not_occur():
    cells = grid(rates=[0.03, 0.1], neurons=[1, 2])
    cells["median"], cells["n_diverged"] = 1.0, 0
    assert legend_texts(heatmap(cells, "learning_rate", "neurons")) == ["best cell"]


def test_numbers_can_be_read_on_their_colour():
    (axes,) = panels(drawn(heatmap(grid(), "learning_rate", "neurons")))
    faces = axes.collections[0].get_facecolors()
    for (i, j), text in numbers(axes).items():
        if text == "div.":
            continue
        (artist,) = [t for t in axes.texts if t.get_position() == (j + 0.5, i + 0.5)]
        ground, ink = luminance(faces[i * len(NEURONS) + j]), luminance(artist.get_color())
        assert (max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) > 4


def luminance(colour):
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize(
    "axes",
    [
        {"learning_rate": [0.03, 0.1], "neurons": [3, 10]},
        {"learning_rate": [0.1], "neurons": NEURONS},
        {"learning_rate": RATES, "neurons": NEURONS},
        {"learning_rate": RATES, "neurons": NEURONS, "epochs": EPOCHS},
        {"learning_rate": np.logspace(-3, 0, 25).tolist(), "neurons": [10, 50, 100, 200, 500, 1000]},
        {"learning_rate": np.logspace(-3, 0, 40).tolist(), "neurons": list(range(1, 41))},
        {"learning_rate": [0.1, 0.3], "neurons": [10**5, 10**6], "batch_size": [1, 2, 3, 4, 5]},
        {"learning_rate": [0.001, 0.003, 0.01, 0.1, 0.9], "neurons": list(range(1000, 1060, 7))},
    ],
)
def test_nothing_overlaps_or_is_cut_off(axes):
    cells = cells_of({**axes, "epochs": axes.get("epochs", [1000])}, n_replicates=5)
    assert misplaced(heatmap(cells, "learning_rate", "neurons")) == []


def test_text_on_the_sides_is_not_cut_off_either():
    functions = ["x", "x**2", "x**3 - 2.5*x**2", "sin(2*pi*x) + 0.5*cos(4*pi*x)"]
    for n in (2, 4):
        cells = cells_of({"function": functions[-n:] * 1, "activation": ["relu", "tanh"], "epochs": EPOCHS})
        assert misplaced(heatmap(cells, "activation", "function")) == []
        assert misplaced(heatmap(cells, "function", "activation")) == []


def test_text_runs_from_the_top_down():
    cells = cells_of({"activation": ["relu", "tanh", "sigmoid"], "learning_rate": [0.1, 0.2], "epochs": [10]})
    (axes,) = panels(drawn(heatmap(cells, "activation", "learning_rate")))
    assert tick_texts(axes.yaxis) == ["sigmoid", "tanh", "relu"]


def test_a_large_grid_has_no_numbers_no_borders_and_ticks_at_round_values():
    figure = heatmap(large_cells(120, 300), "learning_rate", "neurons")
    (axes,) = panels(drawn(figure))
    assert not shown(axes.texts)
    assert axes.collections[0].get_linewidth()[0] == 0
    assert {"0.0001", "0.001", "0.01", "0.1", "1"} <= set(tick_texts(axes.yaxis))
    assert {"100", "200", "300"} <= set(tick_texts(axes.xaxis))
    assert misplaced(figure) == []


def test_a_tick_at_a_round_value_stands_where_that_value_would_be():
    (axes,) = panels(heatmap(large_cells(121, 50), "learning_rate", "neurons"))
    places = {
        label.get_text(): tick for tick, label in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
    }
    # 121 rates from 1e-4 to 1: 30 squares a decade, the middle of the first one at 0.5.
    assert places["0.01"] == pytest.approx(60.5)


def test_a_single_huge_loss_does_not_take_all_colours_for_itself():
    cells = grid(rates=[0.03, 0.1], neurons=NEURONS)
    cells["median"] = np.linspace(1, 2, len(cells))
    cells.loc[3, "median"] = 1e80
    (axes,) = panels(heatmap(cells, "learning_rate", "neurons"))
    assert axes.collections[0].get_clim()[1] < 1e4


@pytest.mark.parametrize("medians", [np.inf, np.nan, 0.0, 0.5])
def test_uniform_tables_are_drawn_too(medians):
    cells = grid(rates=[0.03, 0.1], neurons=[1, 2], epochs=EPOCHS)
    cells["median"] = medians
    drawn(heatmap(cells, "learning_rate", "neurons"))


def test_a_title_that_the_font_cannot_write_is_left_out():
    drawn(heatmap(grid(), "learning_rate", "neurons", title="ゼロから作るDeep Learning"))
    figure = drawn(heatmap(grid(), "learning_rate", "neurons", title="costs $5 and $6"))
    assert [text.get_text() for text in figure.texts] == ["costs $5 and $6"]


def test_names_that_do_not_exist_are_refused_with_the_known_ones():
    with pytest.raises(
        InputError, match=r"`columns` must name an axis of the sweep \(learning_rate, neurons, epochs\)"
    ):
        heatmap(grid(), "learning_rate", "width")
    with pytest.raises(InputError, match="`value` must be one of median, mean"):
        heatmap(grid(), "learning_rate", "neurons", value="n_runs")
    with pytest.raises(InputError, match="two different axes"):
        heatmap(grid(), "neurons", "neurons")


def test_squares_that_are_not_in_the_plan_are_blank_and_those_still_to_train_are_not_run():
    cells = grid(rates=[0.03, 0.1], neurons=[1, 2, 3])
    planned = cells.drop(index=0)[["learning_rate", "neurons", "epochs"]]
    figure = heatmap(cells.drop(index=[0, 1]), "learning_rate", "neurons", planned=planned)
    marked = {patch.get_label(): patch for patch in panels(figure)[0].patches if isinstance(patch, PathPatch)}
    assert {"not run", "not in the grid"} <= set(marked)
    assert marked["not in the grid"].get_hatch() in (None, "")
    assert "not in the grid" not in legend_texts(figure)
