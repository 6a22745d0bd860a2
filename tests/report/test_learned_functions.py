import numpy as np
import pandas as pd
import pytest
from report.drawing import LABELS, learned_functions
from report.fabricated import cells_of, functions_of
from report.measured import drawn, legend_texts, misplaced, panels

from sweep.errors import InputError
from sweep.report.figures import learned_functions as of_functions
from sweep.report.look.axis_choice import LineAxes

RATES, NEURONS = [0.003, 0.01, 0.03, 0.05, 0.1, 0.3], [1, 2, 3, 5, 10]


def notes(axes):
    return "".join(text.get_text() for text in axes.texts)


def test_the_target_is_a_line_and_the_networks_are_dots():
    table = functions_of({"learning_rate": [0.03]})
    (axes,) = panels(learned_functions(table))
    target, dots, medians = axes.lines
    assert (target.get_linestyle(), target.get_marker()) == ("-", "None")
    assert {dots.get_marker(), medians.get_marker()} == {"o"}
    assert target.get_ydata().tolist() == table["target"].iloc[:11].tolist()
    assert len(dots.get_xdata()) == 32 * 11
    assert medians.get_ydata().tolist() == table.groupby("x")["learned"].median().tolist()


def test_one_wild_network_does_not_squash_the_others_and_is_counted():
    table = functions_of({"learning_rate": [0.03]}, n_replicates=8)
    table["learned"] = table["target"]
    table.loc[table["replicate"] == 3, "learned"] = 1e9
    (axes,) = panels(learned_functions(table))
    assert axes.get_ylim()[1] < 10
    assert notes(axes) == "11 dots outside"


def test_diverged_replicates_are_counted_and_not_drawn():
    table = functions_of({"learning_rate": [0.03]}, n_replicates=8)
    table["learned"], table["diverged"] = table["target"], table["replicate"] < 2
    table.loc[table["diverged"], "learned"] = np.inf
    (axes,) = panels(learned_functions(table))
    assert notes(axes) == "2 of 8 runs diverged"
    assert len(axes.lines[1].get_xdata()) == 6 * 11


def test_few_columns_have_three_rows_of_panels_and_the_selection_is_said():
    table = functions_of({"learning_rate": RATES[:4], "neurons": NEURONS}, n_replicates=3)
    figure = learned_functions(table, rows="neurons")
    assert len(panels(figure)) == 12
    assert figure.texts[0].get_text() == "3 of 5 numbers of neurons, evenly selected"


def test_many_columns_go_on_in_a_second_row_at_the_best_value_of_the_other_axis():
    table = functions_of({"learning_rate": RATES, "neurons": NEURONS}, n_replicates=3)
    figure = learned_functions(table, rows="neurons", best={"learning_rate": 0.05, "neurons": 2})
    titles = [axes.get_title(loc="left") for axes in panels(figure)]
    assert len(titles) == 6
    assert titles[3] == f"learning rate = {RATES[3]:g}"
    assert len({axes.get_position().x0 for axes in panels(figure)}) == 3
    assert figure.texts[0].get_text() == "held at neurons = 2"


def test_a_panel_without_any_training_is_empty_and_in_place():
    table = functions_of({"learning_rate": [0.03, 0.1], "neurons": [3, 10]}, n_replicates=3)
    table = table[(table["learning_rate"] == 0.03) | (table["neurons"] == 3)]
    figure = drawn(learned_functions(table, rows="neurons"))
    assert [len(axes.lines) for axes in panels(figure)] == [3, 3, 3, 0]
    assert notes(panels(figure)[3]) == "not run"


def test_the_output_activation_may_be_an_axis():
    table = functions_of({}, n_replicates=3)
    both = pd.concat([table, table], ignore_index=True)
    activation = np.repeat(["identity", "tanh"], len(table))
    both.insert(0, "output", activation)
    figure = learned_functions(both, columns="output")
    assert [axes.get_title(loc="left") for axes in panels(figure)] == ["output = identity", "output = tanh"]
    assert [len(axes.lines[1].get_xdata()) for axes in panels(figure)] == [33, 33]


@pytest.mark.parametrize("n_points", [2, 11, 101, 1000])
def test_at_many_check_points_the_dots_are_thinned_but_the_target_is_not(n_points):
    (axes,) = panels(
        drawn(learned_functions(functions_of({}, n_replicates=3, n_points=n_points), columns=None))
    )
    assert len(axes.lines[0].get_xdata()) == n_points
    assert len(axes.lines[2].get_xdata()) <= 40


@pytest.mark.parametrize("n_rates", [1, 2, 3, 6])
def test_nothing_overlaps(n_rates):
    table = functions_of({"learning_rate": RATES[-n_rates:], "neurons": NEURONS}, n_replicates=5)
    assert misplaced(learned_functions(table, rows="neurons")) == []
    assert misplaced(learned_functions(table[table["neurons"] == 5])) == []


def test_a_flat_target_has_a_frame_too():
    table = functions_of({}, n_replicates=3)
    table["target"] = table["learned"] = 2.0
    (axes,) = panels(drawn(learned_functions(table, columns=None)))
    assert axes.get_ylim() == (1.0, 3.0)


def test_the_legend_says_what_is_line_and_what_is_dot():
    assert legend_texts(learned_functions(functions_of({}, n_replicates=2), columns=None)) == [
        "target",
        "network of one replicate",
        "median of the networks",
    ]


def test_an_empty_table_is_refused():
    with pytest.raises(InputError, match="no learned function is stored"):
        learned_functions(pd.DataFrame())


def test_the_target_is_a_smooth_line_where_its_points_are_given():
    table = functions_of({"learning_rate": [0.03, 0.1]}, n_replicates=3)
    both = pd.concat([table.assign(interval="[0, 3]"), table.assign(interval="[0, 2]")], ignore_index=True)
    both = both[["interval", *table.columns]]
    x = np.linspace(0, 3, 50)
    targets = pd.concat(
        [
            pd.DataFrame({"interval": name, "x": x * scale, "target": x})
            for name, scale in [("[0, 3]", 1), ("[0, 2]", 2 / 3)]
        ]
    )
    figure = learned_functions(both, columns="interval", best={"learning_rate": 0.1}, targets=targets)
    assert [len(axes.lines[0].get_xdata()) for axes in panels(figure)] == [50, 50]
    assert [axes.lines[0].get_xdata().max() for axes in panels(figure)] == [3.0, 2.0]


def test_a_combination_that_is_not_in_the_plan_has_no_panel():
    table = functions_of({"learning_rate": [0.03, 0.1], "neurons": [3, 10]}, n_replicates=3)
    table = table[(table["learning_rate"] == 0.03) | (table["neurons"] == 3)]
    planned = table[["learning_rate", "neurons"]].drop_duplicates()
    axes = LineAxes("learning_rate", "neurons")
    figure = drawn(
        of_functions.learned_functions(
            of_functions.shown_functions(table, axes, {}, {}, LABELS), None, planned
        )
    )
    assert [one.get_visible() for one in panels(figure)] == [True, True, True, False]


def test_a_panel_of_what_was_trained_and_not_kept_is_not_said_to_be_not_run():
    axes = {"learning_rate": [0.03, 0.1], "neurons": [3, 10]}
    functions = functions_of(axes, n_replicates=2)
    is_missing = (functions["learning_rate"] == 0.1) & (functions["neurons"] == 3)
    cells = cells_of({**axes, "epochs": [1000]})
    place = LineAxes("learning_rate", "neurons")
    shown = of_functions.shown_functions(functions[~is_missing], place, {}, axes, LABELS)

    def said(trained):
        figure = of_functions.learned_functions(shown, None, cells, trained)
        return [notes(one) for one in panels(drawn(figure))]

    assert "nothing stored" in said(cells)
    without = cells[(cells["learning_rate"] != 0.1) | (cells["neurons"] != 3)]
    assert "not run" in said(without)
