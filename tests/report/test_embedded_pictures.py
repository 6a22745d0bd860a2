import base64
import re
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from report.test_report_page import Page, content_of

from sweep.report.figures.heatmap.paint import Paint, _contrast
from sweep.report.look.scales import ColourScale
from sweep.report.look.style import value_colours
from sweep.report.pages.embedded import _adapted
from sweep.report.pages.report_page import build_report
from sweep.terms.metric import Metric

DARK = "#15181c"


def luminance(colour):
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(scope="module")
def report():
    return build_report(content_of())


@pytest.fixture(scope="module")
def pictures(report):
    """The SVGs in the page, in its order."""
    sources = Page(report.html).attributes("src")
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    return [base64.b64decode(source.partition(",")[2]).decode() for source in sources]


def test_pictures_in_the_page_have_no_ground_of_their_own_and_follow_it_into_the_dark(report, pictures):
    for svg in pictures:
        assert "prefers-color-scheme: dark" in svg
        assert not re.search(r"<path [^>]*fill: #ffffff", svg)
    for name, data in report.figures.items():
        assert b"prefers-color-scheme" not in data, f"the file {name} is a plain picture"


def test_every_line_and_letter_on_the_page_can_be_seen_in_the_dark(pictures):
    for svg in pictures:
        night = svg.partition("(prefers-color-scheme: dark)")[2].partition("</style>")[0]
        colours = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6});", night))
        used = set(re.findall(r"var\(--([\w-]+)\)", svg))
        assert used <= colours.keys()
        assert contrast(colours["22262b"], DARK) > 4.5
        assert contrast(colours["6b7280"], DARK) > 4.5
        for name in used - {"e5e7eb", "edge-ffffff"}:  # a grid may be faint; an edge is of paper
            assert contrast(colours[name], DARK) > 3


def test_letters_on_squares_keep_their_colour_in_the_dark(pictures):
    assert set(re.findall(r'<g style="fill: ([^";]+)', pictures[0])) == {"#ffffff", "var(--22262b)"}
    assert "<g transform=" in pictures[0], "black ones, which is what SVG has where nothing is said"


def test_white_marks_on_dark_squares_are_no_ground_and_stay():
    figure = Figure()
    axes = figure.add_subplot()
    heads = [[(0, 0), (1, 0), (0.5, 1)], [(0, 2), (1, 2), (0.5, 3)]]
    axes.add_collection(PolyCollection(heads, facecolor=["white", "white"], linewidth=0))
    file = BytesIO()
    figure.savefig(file, format="svg")
    assert _adapted(file.getvalue()).count(b"fill: #ffffff") == len(heads)


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_what_is_written_on_any_colour_of_a_map_has_enough_contrast(better):
    metric = Metric("loss", better)
    paint = Paint(ColourScale(0.0, 1.0, is_log=False), value_colours(metric))
    values = np.linspace(0.0, 1.0, 513)
    inks = _contrast(paint, values).tolist()
    for value, ink in zip(values, inks, strict=True):
        colour = "#" + "".join(f"{round(255 * part):02x}" for part in paint.colours(value)[:3])
        assert contrast("#ffffff" if ink == "white" else ink, colour) >= 4.5


def test_tables_say_which_row_it_is_and_pictures_what_is_seen(report):
    page = Page(report.html)
    scopes = page.attributes("scope")
    assert scopes.count("row") > 10
    heatmap, _, _, curves, *_ = page.attributes("alt")
    assert "Along learning rate the median of its cells is" in heatmap
    assert re.search(r"The median runs from [\d.]+ to [\d.]+; in \d+ cells it diverged\.", heatmap)
    assert "At epoch 1000 the curves end between" in curves
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
