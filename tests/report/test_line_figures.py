import numpy as np
import pytest
from report.drawing import learning_curves, loss_against
from report.fabricated import cells_of, curves_of
from report.measured import drawn, legend_texts, misplaced, panels, tick_texts

from sweep.errors import InputError

RATES, NEURONS, EPOCHS = [0.01, 0.03, 0.1, 0.5], [1, 2, 3, 5, 7, 10, 12, 15], [100, 300, 1000]


def lines(axes):
    return [line for line in axes.lines if line.get_linestyle() == "-"]


def crosses(axes):
    return [line for line in axes.lines if line.get_marker() == "x" and len(line.get_xdata())]


def one_rate(curves, rate):
    return curves[curves["learning_rate"] == rate]


def test_a_curve_is_the_median_with_a_band_between_its_quartiles():
    curves = curves_of({"learning_rate": [0.03, 0.1]})
    (axes,) = panels(learning_curves(curves))
    for line, band, rate in zip(lines(axes), axes.collections, [0.03, 0.1], strict=True):
        table = one_rate(curves, rate)
        assert line.get_xdata().tolist() == table["epoch"].tolist()
        assert line.get_ydata().tolist() == table["median"].tolist()
        heights = band.get_paths()[0].vertices[:, 1]
        assert heights.min() == table["lower_quartile"].min()
        assert heights.max() == table["upper_quartile"].max()


def test_the_legend_lists_the_learning_rates_in_order_and_each_has_a_colour():
    figure = learning_curves(curves_of({"learning_rate": [0.1, 0.003, 0.03]}))
    assert legend_texts(figure) == ["0.003", "0.03", "0.1"]
    assert figure.legends[0].get_title().get_text() == "learning rate"
    assert len({line.get_color() for line in lines(panels(figure)[0])}) == 3


def test_axes_are_logarithmic_where_it_helps():
    (axes,) = panels(drawn(learning_curves(curves_of({"learning_rate": [0.1]}, last_epoch=1000))))
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert tick_texts(axes.xaxis) == ["1", "10", "100", "1000"]
    (axes,) = panels(drawn(learning_curves(curves_of({"learning_rate": [0.1]}, last_epoch=8))))
    assert axes.get_xscale() == "linear"
    assert all(text.isdigit() for text in tick_texts(axes.xaxis))


def test_a_curve_whose_median_diverges_ends_with_a_cross_that_is_explained():
    curves = curves_of({"learning_rate": [0.03, 0.1]})
    wild = (curves["learning_rate"] == 0.1) & (curves["epoch"] > 50)
    curves.loc[wild, ["median", "upper_quartile"]] = np.inf
    figure = learning_curves(curves)
    (axes,) = panels(figure)
    last = one_rate(curves[~wild], 0.1).iloc[-1]
    (cross,) = crosses(axes)
    assert (cross.get_xdata()[0], cross.get_ydata()[0]) == (last["epoch"], last["median"])
    assert cross.get_color() == lines(axes)[1].get_color()
    assert legend_texts(figure)[-1] == "median diverged"


def test_the_cross_of_a_curve_that_leaves_the_frame_stays_in_it():
    curves = curves_of({"learning_rate": [0.03, 0.1]})
    of_wild = curves["learning_rate"] == 0.1
    curves.loc[of_wild & (curves["epoch"] > 20), ["median", "upper_quartile"]] = 1e60
    curves.loc[of_wild & (curves["epoch"] > 50), ["median", "upper_quartile"]] = np.inf
    (axes,) = panels(drawn(learning_curves(curves)))
    (cross,) = crosses(axes)
    assert 0 < cross.get_ydata()[0] < 1
    assert cross.get_transform() == axes.get_xaxis_transform()
    assert axes.get_ylim()[1] < 1e4


def test_a_sweep_without_divergence_has_no_cross_in_its_legend():
    assert legend_texts(learning_curves(curves_of({"learning_rate": [0.01, 0.02]}))) == ["0.01", "0.02"]


def test_of_many_rates_and_widths_a_selection_with_the_best_is_drawn_and_said():
    axes = {"learning_rate": np.logspace(-3, -1, 25).tolist(), "neurons": NEURONS}
    best = {"learning_rate": axes["learning_rate"][11], "neurons": 7}
    figure = learning_curves(curves_of(axes, n_replicates=5), facet="neurons", best=best)
    assert len(panels(figure)) == 6
    assert all(len(lines(panel)) == 8 for panel in panels(figure))
    assert "neurons = 7" in [panel.get_title(loc="left") for panel in panels(figure)]
    (note,) = figure.texts
    assert note.get_text() == "8 of 25 learning rates and 6 of 8 numbers of neurons, evenly selected"


def test_a_selection_made_earlier_is_counted_from_the_plan():
    curves = curves_of({"learning_rate": [0.01, 0.1]})
    figure = learning_curves(curves, levels={"learning_rate": [0.01, 0.03, 0.1]})
    assert figure.texts[0].get_text() == "2 of 3 learning rates, evenly selected"


def test_axes_that_are_not_shown_are_held_at_the_best_and_said():
    curves = curves_of({"learning_rate": [0.03, 0.1], "neurons": [3, 10]})
    figure = learning_curves(curves, best={"neurons": 10})
    assert figure.texts[0].get_text() == "held at neurons = 10"
    expected = one_rate(curves[curves["neurons"] == 10], 0.03)["median"].tolist()
    assert lines(panels(figure)[0])[0].get_ydata().tolist() == expected


def test_loss_against_neurons_has_a_curve_for_each_number_of_epochs():
    cells = cells_of({"neurons": NEURONS, "epochs": EPOCHS})
    figure = loss_against(cells)
    (axes,) = panels(figure)
    assert legend_texts(figure) == ["100", "300", "1000"]
    for line, epochs in zip(lines(axes), EPOCHS, strict=True):
        part = cells[cells["epochs"] == epochs]
        assert line.get_xdata().tolist() == part["neurons"].tolist()
        assert line.get_ydata().tolist() == part["median"].tolist()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("neurons per hidden layer", "median final loss")


def test_the_mean_can_be_drawn_as_the_article_does():
    cells = cells_of({"neurons": NEURONS, "epochs": [1000]})
    (axes,) = panels(loss_against(cells, value="mean"))
    assert lines(axes)[0].get_ydata().tolist() == cells["mean"].tolist()
    assert axes.get_ylabel() == "mean final loss"


def test_every_diverged_median_has_a_cross_of_its_own():
    cells = cells_of({"neurons": [1, 2, 3], "epochs": [10, 20]})
    cells["median"] = [1.0, 1.0, 1.0, 2.0, np.inf, np.inf]
    figure = loss_against(cells)
    places = {
        (x, line.get_ydata()[0], line.get_color())
        for line in crosses(panels(figure)[0])
        for x in line.get_xdata()
    }
    assert sorted(x for x, _, _ in places) == [3, 3]
    assert len(places) == 2
    assert legend_texts(figure)[-1] == "median diverged"


def test_other_axes_of_numbers_can_stand_for_the_neurons():
    cells = cells_of({"hidden_layers": [1, 2, 3], "epochs": [1000]})
    (axes,) = panels(drawn(loss_against(cells, x="hidden_layers", hue=None)))
    assert tick_texts(axes.xaxis) == ["1", "2", "3"]


@pytest.mark.parametrize("facet", [None, "learning_rate"])
@pytest.mark.parametrize("neurons", [[10, 50, 100, 200, 500, 1000], list(range(1, 11)), [7]])
def test_nothing_overlaps_in_loss_against(neurons, facet):
    cells = cells_of({"learning_rate": RATES, "neurons": neurons, "epochs": EPOCHS})
    assert misplaced(loss_against(cells, facet=facet)) == []


@pytest.mark.parametrize("n_panels", [1, 2, 4, 8])
def test_nothing_overlaps_in_learning_curves(n_panels):
    curves = curves_of({"learning_rate": RATES, "neurons": NEURONS[:n_panels]}, last_epoch=100_000)
    assert misplaced(learning_curves(curves, facet="neurons" if n_panels > 1 else None)) == []


@pytest.mark.parametrize("median", [np.inf, np.nan, 0.0, 0.5])
def test_uniform_curves_are_drawn_too(median):
    curves = curves_of({"learning_rate": [0.03, 0.1]})
    curves[["median", "lower_quartile", "upper_quartile"]] = median
    drawn(learning_curves(curves))
    cells = cells_of({"neurons": [1, 2], "epochs": [10, 20]})
    cells[["median", "lower_quartile", "upper_quartile"]] = median
    drawn(loss_against(cells))


def test_a_sweep_of_one_setting_has_one_curve_and_no_legend():
    figure = learning_curves(curves_of({}), hue=None)
    assert len(lines(panels(figure)[0])) == 1
    assert not figure.legends


def test_what_cannot_be_drawn_is_refused():
    cells = cells_of({"activation": ["relu", "tanh"], "neurons": [1, 2], "epochs": [10]})
    with pytest.raises(InputError, match="'activation' has text for values"):
        loss_against(cells, x="activation")
    with pytest.raises(InputError, match="`statistic` must be 'median' or 'mean'"):
        loss_against(cells, value="minimum")
    with pytest.raises(
        InputError, match=r"`hue` must name an axis of the sweep \(activation, neurons, epochs\)"
    ):
        loss_against(cells, hue="rate")


def test_a_value_between_gaps_of_a_line_without_dots_is_a_dot():
    cells = cells_of({"neurons": [*range(1, 101)], "epochs": [1000]})
    cells["median"] = 1.0
    cells.loc[[40, 42], "median"] = np.inf
    (axes,) = panels(drawn(loss_against(cells, hue=None)))
    line, dots, *_ = axes.lines
    assert line.get_marker() in ("", "None")
    assert (dots.get_marker(), dots.get_xdata().tolist()) == ("o", [42])
