"""The colours of figures, as people see them that lack one kind of cones: simulated after Machado et al. (2009)."""

import numpy as np
import pytest
import seaborn as sns
from matplotlib.colors import to_rgb

from sweep.claims.verdict import RULINGS
from sweep.report.figures.heatmap.legend import STATE_LOOKS
from sweep.report.figures.heatmap.squares import DIVERGED
from sweep.report.figures.verdict_map import COLOURS
from sweep.report.look.style import TICKS, line_colours, value_colours
from sweep.terms.metric import Metric

# Machado, Oliveira & Fernandes, "A physiologically-based model for simulation of color vision deficiency", IEEE TVCG
# 15 (2009), table 1, severity 1.0; for linear RGB.
EYES = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "no colours": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}


def linear(rgb):
    rgb = np.asarray(rgb, dtype=float)
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def seen(rgb, eye):
    """Return colours as an eye sees them, as lightness and two differences of CIE Lab, of shape (..., 3)."""
    light = np.clip(linear(rgb) @ np.transpose(EYES[eye]), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.moveaxis(light @ np.transpose(to_xyz) / [0.9505, 1.0, 1.089], -1, 0)
    x, y, z = (np.where(part > 0.008856, np.cbrt(part), 7.787 * part + 16 / 116) for part in (x, y, z))
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("better", ["lower", "higher"])
def test_the_order_of_the_cells_of_a_heatmap_is_seen_by_every_eye(eye, better):
    colours = value_colours(Metric("loss", better))
    lightness = seen(colours(np.linspace(0, 1, 65))[:, :3], eye)[:, 0]
    steps = np.diff(lightness) if better == "higher" else -np.diff(lightness)
    assert steps.min() > 0.1
    assert abs(lightness[-1] - lightness[0]) > 60


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("better", ["lower", "higher"])
def test_what_is_beyond_the_scale_goes_on_in_the_same_order(eye, better):
    colours = value_colours(Metric("loss", better))
    below, first, last, above = seen(
        [to_rgb(one) for one in (colours.get_under(), colours(0.0), colours(1.0), colours.get_over())], eye
    )[:, 0]
    assert (below > first > last > above) if better == "lower" else (below < first < last < above)


@pytest.mark.parametrize("eye", EYES)
def test_rulings_are_told_apart_by_every_eye(eye):
    points = seen([to_rgb(COLOURS[ruling]) for ruling in RULINGS], eye)
    for i, one in enumerate(points):
        for other in points[:i]:
            assert np.linalg.norm(one - other) > 8


@pytest.mark.parametrize("eye", [eye for eye in EYES if eye != "no colours"])
@pytest.mark.parametrize("n", [2, 4, 8])
def test_lines_of_numbers_are_told_from_their_neighbours_and_stand_in_their_order(eye, n):
    points = seen([to_rgb(colour) for colour in line_colours([float(i) for i in range(n)])], eye)
    assert (np.diff(points[:, 0]) > 2).all()
    assert points[-1, 0] < 82  # a line is seen on white


@pytest.mark.parametrize("eye", [eye for eye in EYES if eye != "no colours"])
def test_lines_of_a_few_texts_are_told_apart(eye):
    points = seen([to_rgb(colour) for colour in line_colours(["a", "b", "c", "d"])], eye)
    for i, one in enumerate(points):
        for other in points[:i]:
            assert np.linalg.norm(one - other) > 10


def test_what_diverged_is_told_from_values_by_its_stripes_and_not_by_grey_alone():
    assert STATE_LOOKS[DIVERGED].hatch


def test_colours_of_texts_and_the_style_of_figures_are_those_of_seaborn():
    ten = [f"text {n}" for n in range(10)]
    assert line_colours(ten) == sns.color_palette("colorblind").as_hex()
    assert line_colours([*ten, "one more"])[10] == line_colours(ten)[0]
    assert {**sns.axes_style("ticks"), **TICKS} == sns.axes_style("ticks")
