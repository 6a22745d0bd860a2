import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.drawing import CHOICE, LABELS
from report.fabricated import cells_of

from sweep.errors import InputError
from sweep.report.look.axis_choice import (
    HeatmapAxes,
    LineAxes,
    axes_of,
    axis_levels,
    best_cell,
    check_axis,
    hold,
    spread,
)

RATES, NEURONS, EPOCHS = [0.01, 0.03, 0.1], [1, 2, 3, 5, 10], [100, 1000]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (
            {"neurons": NEURONS, "learning_rate": RATES, "epochs": EPOCHS},
            HeatmapAxes("learning_rate", "neurons", ("epochs",)),
        ),
        ({"learning_rate": RATES, "epochs": EPOCHS}, HeatmapAxes("learning_rate", "epochs", ())),
        ({"learning_rate": RATES, "epochs": [1000]}, HeatmapAxes("epochs", "learning_rate", ())),
        ({"neurons": NEURONS, "epochs": EPOCHS}, HeatmapAxes("epochs", "neurons", ())),
        (
            {"function": ["x", "x**2"], "learning_rate": RATES, "epochs": EPOCHS, "neurons": NEURONS},
            HeatmapAxes("learning_rate", "neurons", ("function", "epochs")),
        ),
        (
            {"activation": ["relu", "tanh"], "learning_rate": RATES, "epochs": EPOCHS},
            HeatmapAxes("learning_rate", "activation", ("epochs",)),
        ),
        ({"learning_rate": [0.1], "epochs": [1000]}, None),
        ({"epochs": EPOCHS}, None),
    ],
)
def test_the_heatmap_puts_learning_rates_upwards_and_epochs_into_panels(levels, expected):
    assert CHOICE.heatmap(levels) == expected


def test_there_is_no_neurons_figure_when_the_size_of_the_network_does_not_move():
    assert CHOICE.against({"learning_rate": RATES, "epochs": EPOCHS}) is None
    assert CHOICE.against({"neurons": [10], "epochs": EPOCHS}) is None
    assert CHOICE.against({"neurons": NEURONS, "epochs": EPOCHS}) == ("neurons", LineAxes("epochs", None))


def test_learning_curves_take_colours_for_rates_and_panels_for_targets_before_widths():
    levels = {"function": ["x", "x**2"], "learning_rate": RATES, "neurons": NEURONS, "epochs": EPOCHS}
    assert CHOICE.lines(levels) == LineAxes("learning_rate", "function")
    assert CHOICE.lines({k: v for k, v in levels.items() if k != "function"}) == LineAxes(
        "learning_rate", "neurons"
    )
    assert CHOICE.lines({"epochs": EPOCHS}) == LineAxes(None, None)


@given(st.integers(1, 60), st.integers(2, 12), st.integers(0, 59))
def test_an_even_selection_keeps_the_ends_or_the_wanted_level_and_the_order(n, at_most, wanted):
    levels = list(range(n))
    chosen = spread(levels, at_most, keep=[wanted])
    assert len(chosen) == min(n, at_most)
    assert chosen == sorted(set(chosen))
    assert wanted in chosen or wanted >= n
    assert {0, n - 1} <= {
        *chosen,
        0 if wanted == chosen[0] else None,
        n - 1 if wanted == chosen[-1] else None,
    }


def test_other_axes_are_held_at_the_best_cell_and_said():
    cells = cells_of({"learning_rate": RATES, "activation": ["relu", "tanh"], "epochs": EPOCHS})
    part, held = hold(cells, ["learning_rate"], {"activation": "tanh", "epochs": 100})
    assert held == {"activation": "tanh", "epochs": 100}
    assert len(part) == len(RATES)


def test_an_axis_that_moves_together_with_a_shown_one_is_not_held():
    cells = cells_of({"function": ["x", "x**2"], "epochs": EPOCHS})
    cells.insert(1, "interval", cells["function"].map({"x": "[0, 1]", "x**2": "[0, 3]"}))
    part, held = hold(cells, ["function"], {"function": "x", "interval": "[0, 1]", "epochs": 1000})
    assert held == {"epochs": 1000}
    assert set(part["function"]) == {"x", "x**2"}


def test_the_axes_of_a_table_are_the_columns_before_the_first_measured_one():
    assert axes_of(cells_of({"output": ["relu"], "epochs": [10]})) == ["output", "epochs"]


def test_numbers_are_sorted_and_text_keeps_its_order():
    assert axis_levels(pd.Series([0.3, 0.1, 0.3])) == [0.1, 0.3]
    assert axis_levels(pd.Series(["x**2", "x", "x**2"])) == ["x**2", "x"]


def test_the_best_cell_is_finite_and_its_whole_numbers_stay_whole():
    cells = cells_of({"neurons": [3, 4], "epochs": [10]})
    cells["median"] = [float("inf"), 0.5]
    best = best_cell(cells, "median", LABELS.objective)
    assert best is not None
    assert best["neurons"] == 4
    assert isinstance(best["neurons"], int)
    cells["median"] = float("inf")
    assert best_cell(cells, "median", LABELS.objective) is None


def test_an_unknown_axis_is_named_with_the_known_ones():
    cells = cells_of({"neurons": [3], "epochs": [10]})
    with pytest.raises(
        InputError, match=r"`rows` must name an axis of the sweep \(neurons, epochs\), got 'width'"
    ):
        check_axis(cells, "rows", "width")
    with pytest.raises(InputError, match="no run has a result"):
        check_axis(cells.head(0), "rows", "neurons")


def test_where_rounds_are_compared_they_are_the_colours():
    levels = {
        "learning_rate": [0.03, 0.1],
        "activation": ["relu", "tanh"],
        "round_epochs": [0, 1000],
        "epochs": [9],
    }
    assert CHOICE.lines(levels) == LineAxes("round_epochs", "learning_rate")
