"""Every figure of a sweep is a method, whose picture a person can place, size, colour and change."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from report.measured import misplaced
from running import SMALL, write_config

import sweep

CLAIMS = [
    {
        "sentence": "0.03 learns",
        "form": "reaches",
        "metric": "rms_error",
        "below": 1.0,
        "where": {"learning_rate": 0.03},
        "over": ["neurons", "epochs"],
        "share": 0.5,
    }
]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    grid = {"neurons": [2, 3, 5], "learning_rate": [0.03, 0.1, 3000.0], "epochs": [10, 40], "replicates": 6}
    tables = {
        "network": {"activation": "tanh"},
        "training": {"batch_size": 3},
        "grid": grid,
        "claim": CLAIMS,
        "store": {"weights": True},
    }
    config = write_config(folder / "small.toml", SMALL | tables)
    return sweep.run(config, results=folder / "results", workers=1, report=False)


ALL = {
    "heatmap": lambda found, **wished: found.heatmap(epochs=40, **wished),
    "share_map": lambda found, **wished: found.share_map(epochs=40, **wished),
    "share within": lambda found, **wished: found.share_map(
        below=0.9, metric="rms_error", epochs=40, **wished
    ),
    "curves_figure": lambda found, **wished: found.curves_figure("neurons", learning_rate=0.03, **wished),
    "functions_figure": lambda found, **wished: found.functions_figure(
        learning_rate=0.03, neurons=5, **wished
    ),
    "against": lambda found, **wished: found.against("learning_rate", "neurons", epochs=40, **wished),
    "importance": lambda found, **wished: found.importance(epochs=40, **wished),
    "verdict_map": lambda found, **wished: found.verdict_map(1, **wished),
    "threshold_figure": lambda found, **wished: found.threshold_figure(**wished),
    "weights_figure": lambda found, **wished: found.weights_figure(0, **wished),
}
COLOURED = sorted(ALL.keys() - {"functions_figure", "importance", "verdict_map", "threshold_figure"})
WORDED = ("heatmap", "share_map", "share within", "curves_figure", "against")
OF_ONE_PANEL = (
    "heatmap",
    "share_map",
    "share within",
    "curves_figure",
    "functions_figure",
    "against",
    "verdict_map",
)


def texts(figure):
    return [text.get_text() for text in figure.findobj(plt.Text) if text.get_text()]


@pytest.mark.parametrize("name", ALL)
def test_a_figure_shows_itself_as_the_last_line_of_a_cell(name, found):
    figure = ALL[name](found)
    assert isinstance(figure, Figure)
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert figure._repr_png_() == ALL[name](found)._repr_png_()


@pytest.mark.parametrize("name", ALL)
def test_a_figure_has_the_size_and_the_title_that_are_wished_for(name, found):
    figure = ALL[name](found, size=(9, 5), title="What we found")
    assert figure.get_size_inches().tolist() == pytest.approx([9, 5])
    assert "What we found" in texts(figure)
    assert misplaced(figure) == []


@pytest.mark.parametrize("name", COLOURED)
def test_a_figure_has_the_colours_that_are_wished_for(name, found):
    plain, wished = ALL[name](found), ALL[name](found, cmap="Greens")
    assert plain._repr_png_() != wished._repr_png_()
    assert wished._repr_png_() == ALL[name](found, cmap=plt.colormaps["Greens"])._repr_png_()


@pytest.mark.parametrize("name", WORDED)
def test_a_figure_says_the_words_that_are_wished_for(name, found):
    assert any("my own words" in text for text in texts(ALL[name](found, label="my own words")))


@pytest.mark.parametrize("name", OF_ONE_PANEL)
def test_a_figure_of_one_panel_is_drawn_into_given_axes_and_leaves_others_alone(name, found):
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 5))
    right.set(xticks=[], yticks=[])
    before, box = right.get_position().bounds, left.get_position(original=True)
    assert ALL[name](found, ax=left, title="on the left") is figure
    assert left.has_data()
    assert right.get_position().bounds == before
    assert not right.has_data()
    inside = left.get_position()
    assert inside.width <= box.x1 - box.x0 + 0.6 / 11
    assert (inside.x1, inside.y1) <= (box.x1 + 1e-9, box.y1 + 1e-9)
    assert misplaced(figure) == []
    plt.close(figure)


def test_a_figure_can_be_drawn_into_each_of_several_axes(found):
    figure, axes = plt.subplots(2, 2, figsize=(11, 8), layout="constrained")
    for name, ax in zip(OF_ONE_PANEL, axes.flat, strict=False):
        ALL[name](found, ax=ax, title=name)
    places = [ax.get_position() for ax in axes.flat]
    assert not any(a.overlaps(b) for i, a in enumerate(places) for b in places[:i])
    assert {"heatmap", "share_map", "share within", "curves_figure"} <= set(texts(figure))
    plt.close(figure)


def test_what_a_person_changes_is_changed(found):
    figure = found.heatmap(epochs=40)
    figure.axes[0].set_xlabel("Neuronen")
    assert "Neuronen" in texts(figure)
    assert figure._repr_png_() != found.heatmap(epochs=40)._repr_png_()


def test_nothing_of_a_wish_stays_behind(found):
    before = found.heatmap(epochs=40)._repr_png_()
    found.heatmap(epochs=40, size=(3, 3), cmap="Greens", title="small")
    with pytest.raises(sweep.InputError):
        found.heatmap("neurons", "neurons", size=(3, 3), cmap="Greens")
    assert found.heatmap(epochs=40)._repr_png_() == before


@pytest.mark.parametrize(
    ("wished", "message"),
    [
        ({"size": (0.5, 4)}, "`size` must be inches from 1 to 200, such as (6, 4), got (0.5, 4)"),
        ({"size": 5}, "`size` must be width and height in inches, such as (6, 4), got 5"),
        ({"size": (1, 1)}, "`size` leaves no room for the panels of this figure: 1.0 by 1.0 inches"),
        ({"cmap": "greenish"}, "`cmap` must be the name of a colour map of matplotlib"),
        ({"ax": 5}, "`ax` must be axes of matplotlib, such as those of plt.subplots(), got 5"),
        ({"title": 5}, "`title` must be a text, got 5"),
        ({"label": 5}, "`label` must be a text, got 5"),
    ],
)
def test_a_wish_that_cannot_be_is_told_in_one_line(wished, message, found):
    with pytest.raises(sweep.InputError) as error:
        found.heatmap(epochs=40, **wished)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_axes_take_one_panel(found):
    figure, ax = plt.subplots()
    with pytest.raises(sweep.InputError, match="`ax` takes one panel, and this figure has 2: name values"):
        found.heatmap("neurons", "learning_rate", ax=ax)
    with pytest.raises(sweep.InputError, match="give `ax` or `size`, not both"):
        found.heatmap(epochs=40, ax=ax, size=(3, 3))
    assert not ax.has_data()
    plt.close(figure)


def share_table(found, is_counted):
    runs = found.runs[found.runs["epochs"] == 40]
    return runs.assign(share=is_counted(runs)).pivot_table(
        "share", "learning_rate", "neurons", aggfunc="mean"
    )


@pytest.mark.parametrize(
    ("wished", "is_counted"),
    [
        ({}, lambda runs: runs["status"] == "diverged"),
        ({"below": 1.6, "metric": "rms_error"}, lambda runs: runs["rms_error"] < 1.6),
        ({"above": 3.0}, lambda runs: (runs["final_loss"] > 3) & (runs["status"] == "ok")),
    ],
)
def test_a_share_is_counted_over_the_runs_of_each_cell(wished, is_counted, found):
    expected = share_table(found, is_counted).to_numpy()
    assert len(np.unique(expected)) > 1
    figure = found.share_map("learning_rate", "neurons", epochs=40, **wished)
    written = [float(text.get_text()) for text in figure.axes[0].texts]
    assert written == pytest.approx(expected.ravel().tolist(), abs=0.0051)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda found: found.share_map(below=1, above=2), "give `below` or `above`, not both"),
        (lambda found: found.share_map(metric="rms_error"), "give one of them as well"),
        (lambda found: found.share_map(below="1"), "`below` must be a value of the final loss"),
        (lambda found: found.share_map(below=1, metric="loss"), "'loss' is not a metric of this sweep"),
        (lambda found: found.curves_figure(metric="loss"), "'loss' is not a metric with curves"),
        (lambda found: found.curves_figure("neuron"), "`hue` must name an axis of the sweep"),
        (lambda found: found.functions_figure(epochs=40), "learned functions are those at the end"),
        (lambda found: found.against("epoch"), "`x` must name an axis of the sweep"),
        (lambda found: found.against("epochs", value="minimum"), "'median' or 'mean'"),
        (lambda found: found.verdict_map(2), "`claim` must be from 1 to 1, got 2"),
        (lambda found: found.threshold_figure("a"), "`claim` must be a whole number of at least 1"),
        (
            lambda found: found.heatmap(learning_rate=7),
            "no cell has learning_rate = 7; it has 0.03, 0.1, 3000.0",
        ),
    ],
)
def test_what_a_figure_cannot_show_is_told_in_one_line(call, message, found):
    with pytest.raises(sweep.InputError) as error:
        call(found)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_figure_of_nothing_says_so(tmp_path):
    config = write_config(tmp_path / "none.toml", SMALL | {"store": {"curves": False}})
    none = sweep.load(config, results=tmp_path / "none")
    for draw in (none.heatmap, none.share_map, none.against):
        with pytest.raises(sweep.InputError, match="there is nothing to draw yet: no run has a result"):
            draw()
    for draw, message in (
        (none.curves_figure, r"the sweep keeps none \(`curves = false`\)"),
        (none.functions_figure, "there are no learned functions"),
        (none.verdict_map, "makes no claims"),
        (none.threshold_figure, "makes no claims"),
    ):
        with pytest.raises(sweep.InputError, match=message):
            draw()


def test_a_function_of_ones_own_is_said_to_have_no_learned_functions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def train(rate):
        while True:
            yield rate

    own = sweep.run(
        train,
        grid={"rate": [1.0, 2.0], "epochs": 3},
        metrics={"error": "lower"},
        replicates=1,
        workers=1,
        report=False,
    )
    with pytest.raises(sweep.InputError, match="there are no learned functions"):
        own.functions_figure()


def test_curves_end_at_the_epochs_that_are_named(found):
    (line, *_) = found.curves_figure("neurons", learning_rate=0.03, epochs=10).axes[0].lines
    assert max(line.get_xdata()) == 10


def test_a_preview_is_shown_in_words_as_the_last_line_of_a_cell(found):
    preview = sweep.preview(found.experiment.read.file, results=found.folder)
    assert repr(preview) == str(preview)
    assert "to be trained" in repr(preview)
