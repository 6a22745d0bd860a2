"""Figures and pages of metrics that are no losses: higher is better, negative values, no steps, text axes."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from another_training import AnotherTraining
from report.measured import drawn, misplaced, panels
from report.test_report_page import content_of

from sweep.report.figures.against import objective_against, shown_against
from sweep.report.figures.heatmap.heatmap import heatmap
from sweep.report.figures.heatmap.squares import DIVERGED, squares_of
from sweep.report.figures.verdict_map import verdict_map
from sweep.report.look.axis_choice import AxisChoice, LineAxes, best_cell
from sweep.report.look.labels import Labels, number
from sweep.report.look.scales import ColourScale, colour_scale, square_number, value_frame
from sweep.report.look.style import value_colours
from sweep.report.pages.page_tables import pivot_tables
from sweep.terms.metric import Metric
from sweep.training.kind import Display

ACCURACY, ERROR = Metric("accuracy", "higher"), Metric("error")
LABELS = Labels.of(AnotherTraining())


def cells_of(values, **axes):
    """Cells with these medians, in the order of the product of the axes."""
    places = list(itertools.product(*axes.values()))
    table = pd.DataFrame(places, columns=list(axes))
    values = np.asarray(values, dtype=float)
    counts = {"n_runs": 10, "n_diverged": np.where(np.isinf(values), 10, 0), "n_failed": 0}
    statistics = ("median", "mean", "lower_quartile", "upper_quartile", "minimum", "maximum")
    return table.assign(**counts, **dict.fromkeys(statistics, values), median_error=1 - values)


def test_the_best_cell_of_an_accuracy_has_the_highest_one():
    cells = cells_of([0.5, 0.9, -np.inf, 0.7], a=["low", "high"], b=[1, 2])
    assert best_cell(cells, "median", ACCURACY)["b"] == 2
    assert best_cell(cells, "median", ERROR)["median"] == 0.5


def test_bright_is_better_whichever_way_that_is():
    lower, higher = (value_colours(metric) for metric in (ERROR, ACCURACY))
    assert sum(lower(0.0)[:3]) > sum(lower(1.0)[:3])
    assert sum(higher(1.0)[:3]) > sum(higher(0.0)[:3])


def test_a_median_of_minus_infinity_is_a_diverged_cell():
    cells = cells_of([0.5, 0.9, -np.inf, 0.7], a=["low", "high"], b=[1, 2])
    squares = squares_of(cells, ("a", "b"), "median", (), {}, ACCURACY, 12)
    assert squares.has(DIVERGED)
    assert sorted(squares.values) == [0.5, 0.7, 0.9]


@pytest.mark.parametrize(
    ("values", "metric", "is_log"),
    [
        ([0.1, 1.0, 100.0], ERROR, True),
        ([0.0, 1.0, 100.0], ERROR, True),
        ([-1.0, 1.0, 100.0], ERROR, False),
        ([0.5, 0.9], ACCURACY, False),
    ],
)
def test_values_are_shown_by_their_ratios_only_if_lower_is_better_and_none_is_negative(
    values, metric, is_log
):
    scale = colour_scale(values, metric)
    assert scale.is_log == is_log
    assert np.isfinite(scale.norm(scale.within(np.array(values)))).all()
    assert value_frame(values, values, np.inf, metric).is_log == is_log


@pytest.mark.parametrize("values", [[0.5] * 4, [-np.inf] * 4, [0.0] * 4, [-3.0, -2.0, 0.0, np.inf]])
@pytest.mark.parametrize("metric", [ACCURACY, ERROR])
def test_a_heatmap_of_any_values_is_drawn(values, metric):
    labels = Labels(AnotherTraining().parameters, (metric,))
    figure = heatmap(cells_of(values, a=["low", "high"], b=[1, 2]), "a", "b", labels=labels)
    assert misplaced(figure) == []
    drawn(figure)


def test_the_colour_bar_says_which_way_is_better():
    figure = heatmap(cells_of([0.5, 0.9, 0.6, 0.7], a=["low", "high"], b=[1, 2]), "a", "b", labels=LABELS)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert "median accuracy (higher is better)" in titles


def test_an_accuracy_against_an_axis_is_on_an_even_scale():
    cells = cells_of([0.5, 0.6, -np.inf, 0.9], b=[1, 2, 5, 10])
    shown = shown_against(cells, "b", LineAxes(None, None), {}, {}, LABELS)
    (axes,) = panels(drawn(objective_against(shown, "b")))
    assert axes.get_yscale() == "linear"
    low, high = axes.get_ylim()
    assert low < 0.5 < 0.9 < high
    assert axes.get_ylabel() == "median accuracy"


def test_axes_are_chosen_without_any_hint():
    choice = AxisChoice.of(AnotherTraining())
    chosen = choice.heatmap({"a": ["x", "y"], "b": [1, 2, 3]})
    assert (chosen.rows, chosen.columns, chosen.facets) == ("a", "b", ())
    assert choice.against({"a": ["x", "y"], "b": [1, 2, 3]}) is None
    assert choice.heatmap({"a": ["x", "y"]}) is None


@pytest.mark.parametrize("name", ["value", "rows", "columns", "setting", "statistic", "labels"])
def test_an_axis_may_be_called_like_an_argument(name):
    cells = cells_of([0.5, 0.9, 0.6, 0.7], **{name: [1, 2], "b": [1, 2]})
    drawn(heatmap(cells, name, "b", labels=LABELS))
    shown = shown_against(cells, name, LineAxes("b", None), {}, {}, LABELS)
    drawn(objective_against(shown, name))


@pytest.mark.parametrize(
    ("low", "high", "value", "text"),
    [
        (0.77, 0.996, 0.996, "1.00"),
        (0.77, 0.996, 0.8, "0.80"),
        (0.991, 0.996, 0.9955, "0.9955"),
        (-3.0, 12.0, 0.25, "0.2"),
        (-3.0, 12.0, -2.5, "-2.5"),
        (0.0, 1e7, 1234567.0, "1234567"),
        (0.0, 1e9, 123456789.0, "1.2e8"),
        (1e-9, 3e-9, 2e-9, "2e-9"),
        (-1e308, 1e308, 5.0, "5.0"),
    ],
)
def test_a_number_in_a_square_of_an_even_scale_has_the_decimals_that_tell_its_colours_apart(
    low, high, value, text
):
    assert square_number(value, ColourScale(low, high, is_log=False)) == text


@pytest.mark.parametrize("scale", [None, ColourScale(0.1, 0.996)])
def test_a_number_in_a_square_of_a_scale_by_ratios_has_two_digits(scale):
    assert square_number(0.996, scale) == "1.0"


def test_no_axis_of_text_is_to_the_right_of_the_figure_against_an_axis():
    choice = AxisChoice(Display(against=("kind", "width")), "epochs")
    assert choice.against({"kind": ["a", "b"]}) is None
    chosen = choice.against({"kind": ["a", "b"], "width": [1, 2]})
    assert chosen is not None
    assert chosen[0] == "width"


def test_a_table_of_medians_has_text_in_its_own_order_from_the_top():
    cells = cells_of([0.1, 0.2, 0.3, 0.4], kind=["a", "b"], width=[1, 2])
    content = content_of(
        axes={"kind": ["a", "b"], "width": [1, 2]}, cells=cells, training=AnotherTraining(), fixed={}
    )
    (table,) = pivot_tables(content)
    assert [row[0] for row in table.rows] == ["a", "b"]
    assert table.rows[0][1:] == ["0.1", "0.2"]


@pytest.mark.parametrize("ruling", ["supported", "alike"])
@pytest.mark.parametrize("n", [1, 2, 3, 12])
def test_the_legend_of_a_map_of_verdicts_fits_however_few_conditions_there_are(n, ruling):
    verdict = SimpleNamespace(ruling=ruling, share=1.0, n=10)
    verdicts = [
        SimpleNamespace(**vars(verdict), condition={"a": i, "b": j}) for i in range(n) for j in range(2)
    ]
    figure = drawn(verdict_map(verdicts))
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1


def test_values_of_many_signs_do_not_touch_one_another_in_the_colour_bar():
    values = (-1e5 * (np.arange(7)[:, None] - np.arange(7)) ** 2.0 - 0.3).ravel()
    figure = heatmap(cells_of(values, a=[*range(7)], b=[*range(7)]), "a", "b", labels=LABELS)
    assert misplaced(figure) == []
    texts = [text.get_text() for text in panels(figure)[0].texts] + [
        label.get_text() for axes in figure.axes for label in axes.get_xticklabels()
    ]
    assert "-0" not in texts


def test_negative_powers_of_ten_have_a_minus_as_other_numbers_have():
    assert number(-3e6) == "−3×10⁶"
    assert number(-3e5) == "−300\N{NARROW NO-BREAK SPACE}000"
