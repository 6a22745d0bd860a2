"""The figure of trained networks: every weight where it belongs, and the same bytes for the same networks."""

from itertools import pairwise

import numpy as np
import pytest
from report.test_report_page import content_of

from sweep.errors import InputError
from sweep.report.figures.weights import network_weights, shown_layers
from sweep.report.look.style import png, svg
from sweep.report.pages.report_page import build_report
from sweep.training.shown import Inside, Portrait


def portrait(layer_sizes=(1, 4, 3, 1), role="best", seed=0, final_loss=0.125):
    rng = np.random.default_rng(seed)
    weights = tuple(rng.normal(size=(to, before)) for before, to in pairwise(layer_sizes))
    x = np.linspace(0, 3, 201)
    return Portrait(role, seed, final_loss, Inside(weights, x, x**2, x**2 + 0.1))


def lines_of(axes):
    """Return the lines of weights in a panel, by their data, without the line at 0."""
    return [np.array(line.get_ydata()) for line in axes.lines if line.get_color() != "#6b7280"]


def test_each_line_is_a_neuron_with_its_weights_to_the_next_layer():
    networks = [portrait(seed=seed) for seed in range(3)]
    figure = network_weights(networks)
    assert len(figure.axes) == 3 * 4
    for row, network in enumerate(networks):
        for panel, matrix in zip(figure.axes[4 * row + 1 : 4 * row + 4], network.inside.weights, strict=True):
            lines = lines_of(panel)
            assert len(lines) == matrix.shape[1]
            np.testing.assert_array_equal(np.array(lines), matrix.T)
            low, high = panel.get_ylim()
            assert low < min(matrix.min(), 0)
            assert high > max(matrix.max(), 0)
            assert panel.get_xlim()[0] < 1 <= matrix.shape[0] < panel.get_xlim()[1]


def test_networks_below_one_another_can_be_compared():
    figure = network_weights([portrait(seed=seed) for seed in range(2)])
    for upper, lower in zip(figure.axes[:4], figure.axes[4:], strict=True):
        assert upper.get_ylim() == lower.get_ylim()
        assert upper.get_xlim() == lower.get_xlim()


def test_the_dots_to_a_single_output_stand_side_by_side():
    panel = network_weights([portrait((1, 10, 1))]).axes[2]
    at = [line.get_xdata()[0] for line in panel.lines if len(line.get_xdata()) == 1]
    assert len(at) == 10
    assert (np.diff(at) > 0).all()
    assert [tick.get_text() for tick in panel.get_xticklabels()] == ["1"]


def test_titles_say_which_network_and_which_layer():
    axes = network_weights([portrait(), portrait(role="", seed=7, final_loss=np.inf)]).axes
    assert axes[0].get_title(loc="left") == "best: replicate 0\nfinal loss 0.125"
    assert axes[4].get_title(loc="left") == "replicate 7\ndiverged"
    assert [a.get_title(loc="left") for a in axes[1:4]] == [
        "input → hidden 1",
        "hidden 1 → hidden 2",
        "hidden 2 → output",
    ]


def test_of_wide_layers_an_even_selection_of_lines_is_shown_and_told():
    network = portrait((1, 120, 3, 1))
    panel = network_weights([network]).axes[2]
    assert panel.get_title(loc="left") == "hidden 1 → hidden 2\n50 of 120 neurons"
    lines = lines_of(panel)
    assert len(lines) == 50
    np.testing.assert_array_equal(lines[0], network.inside.weights[1][:, 0])
    np.testing.assert_array_equal(lines[-1], network.inside.weights[1][:, -1])


def test_of_many_layers_an_even_selection_is_shown():
    networks = [portrait((1, *[2] * 10, 1))]
    assert shown_layers(networks) == [0, 2, 4, 6, 8, 10]
    assert len(network_weights(networks).axes) == 7


def test_a_diverged_network_leaves_empty_panels():
    wild = portrait(seed=1, final_loss=np.inf)
    inside = wild.inside
    nothing = tuple(w * np.nan for w in inside.weights)
    lost = Portrait("", 1, np.inf, Inside(nothing, inside.x, inside.target, inside.x * np.nan))
    figure = network_weights([portrait(), lost])
    assert svg(figure)
    assert np.isfinite([axes.get_ylim() for axes in figure.axes]).all()
    assert svg(network_weights([lost]))


def test_without_networks_there_is_nothing_to_draw():
    with pytest.raises(InputError, match="nothing to draw: no trained network"):
        network_weights([])


@pytest.mark.parametrize("layer_sizes", [(1, 1, 1), (1, 10, 1), (1, 10, 10, 10, 10, 1), (1, 200, 200, 1)])
def test_the_same_networks_give_the_same_bytes(layer_sizes):
    one, other = (network_weights([portrait(layer_sizes)]) for _ in range(2))
    assert png(one) == png(other)
    assert svg(one) == svg(other)


def test_the_report_shows_weights_where_they_are_kept():
    networks = [portrait(role=role, seed=seed) for seed, role in enumerate(("best", "median", "worst"))]
    report = build_report(content_of(portraits=networks, portrayed={"neurons": 10}))
    assert {"weights.png", "weights.svg"} <= set(report.figures)
    for page in (report.markdown, report.html):
        assert "The best, the median and the worst network at neurons = 10: what was learned" in page
    assert not any(name.startswith("weights") for name in build_report(content_of()).figures)
