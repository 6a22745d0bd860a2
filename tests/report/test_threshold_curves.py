"""Threshold curves: what is drawn, what the caption says, and on which pages they stand."""

import itertools

import numpy as np
import pytest
from report.drawing import CHOICE, LABELS
from report.measured import drawn, legend_texts, misplaced, panels, tick_texts
from report.test_report_page import content_of
from running import SMALL, write_config

import sweep
from sweep.claims.thresholds import SuccessCurve, Threshold, half_width
from sweep.report.figures.threshold_curves import bound_frame, shown_thresholds, threshold_curves
from sweep.report.look.style import svg
from sweep.report.pages.report_page import build_report
from sweep.report.pages.series_page import build_series, make_chapter
from sweep.report.pages.threshold_picture import threshold_picture, whether_it_decides
from sweep.save import report_content
from sweep.terms.metric import Metric

ERROR, ACCURACY = Metric("rms_error", label="rms error", article="an"), Metric("accuracy", "higher")
AXES = {"neurons": tuple(range(1, 11)), "epochs": (100, 300, 1000)}


def threshold_of(
    *values, n=None, limit=0.2, metric=ERROR, is_below=True, share=0.5, is_more=True, places=None
):
    """A threshold with a curve for each list of values; further runs of the n diverged."""
    places = places or [{} if len(values) == 1 else {"neurons": i + 1} for i in range(len(values))]
    curves = tuple(
        SuccessCurve(
            place, np.sort(np.asarray(of_one, dtype=float)), len(of_one) if n is None else n, is_below
        )
        for place, of_one in zip(places, values, strict=True)
    )
    return Threshold(metric, limit, is_below, share, is_more, 0.95, curves)


def over(axes, n=32):
    """A threshold with a condition for each combination of the axes' values."""
    rng = np.random.default_rng(0)
    places = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    return threshold_of(
        *(rng.lognormal(-2 + 0.1 * (i % 7), 0.8, n) for i in range(len(places))), places=places
    )


def figure_of(threshold):
    return threshold_curves(shown_thresholds(threshold, CHOICE, LABELS))


def curves(axes):
    return [line for line in axes.lines if line.get_drawstyle() == "steps-post"]


def upright(axes):
    return [line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1]


def test_a_curve_steps_up_at_each_value_and_has_the_band_of_the_formula():
    (axes,) = panels(figure_of(threshold_of([0.1, 0.3, 0.3], n=4)))
    (line,) = curves(axes)
    assert line.get_xdata()[1:-1].tolist() == [0.1, 0.3]
    assert line.get_ydata().tolist() == [0.0, 0.25, 0.75, 0.75]
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.min() == max(0, 0.25 - half_width(4, 0.95))
    assert np.isclose(heights, 0.25 + half_width(4, 0.95)).any()


def test_the_stated_bound_its_half_and_twice_and_the_share_are_marked():
    figure = figure_of(threshold_of([0.1, 0.3, 0.3], share=0.9))
    (axes,) = panels(figure)
    assert sorted(upright(axes)) == [0.1, 0.2, 0.4]
    assert [line.get_ydata()[0] for line in axes.lines if list(line.get_xdata()) == [0, 1]] == [0.9]
    marked = ["bound: 0.2", "half and twice of it", "the claim's 90 %"]
    assert legend_texts(figure) == ["share of the runs", "its 95 % band", *marked]


@pytest.mark.parametrize(
    ("axes", "n_panels", "n_lines"),
    [
        ({"neurons": (3,)}, 1, 1),
        ({"neurons": (3, 5), "epochs": (100, 300, 1000)}, 6, 6),
        ({"neurons": tuple(range(1, 13))}, 12, 12),
        (AXES, 10, 30),
        (
            {
                "activation": ("relu", "tanh"),
                "output": ("identity", "sigmoid"),
                "neurons": tuple(range(1, 6)),
            },
            10,
            20,
        ),
        ({"neurons": tuple(range(1, 101))}, 12, 12),
    ],
)
def test_each_condition_has_a_panel_and_where_these_are_too_many_a_colour(axes, n_panels, n_lines):
    threshold = over(axes)
    shown = shown_thresholds(threshold, CHOICE, LABELS)
    figure = threshold_curves(shown)
    drawn_panels = panels(figure)
    assert len(drawn_panels) == n_panels
    assert sum(len(curves(one)) for one in drawn_panels) == n_lines
    assert bool(shown.notes) == (n_lines < len(threshold.curves))
    assert misplaced(figure) == []


def test_long_names_of_conditions_take_several_lines_and_stay_apart():
    values = ("a rather long name", "another name as long")
    figure = figure_of(over({"first_parameter": values, "second_parameter": values, "third": values}))
    assert len(panels(figure)) == 8
    assert misplaced(figure) == []
    figure = figure_of(over({"first_parameter": tuple(f"{i} of names as long as may be" for i in range(12))}))
    assert len(panels(figure)) == 12
    assert misplaced(figure) == []


def test_the_axis_is_by_ratios_where_values_are_positive_and_span_decades():
    assert bound_frame(threshold_of([0.01, 0.5])).is_log
    assert not bound_frame(threshold_of([0.15, 0.5])).is_log
    assert not bound_frame(threshold_of([-0.01, 0.5])).is_log
    assert not bound_frame(threshold_of([0.5, 0.9], limit=0.9, metric=ACCURACY, is_below=False)).is_log
    (axes,) = panels(drawn(figure_of(threshold_of([0.01, 0.5, 1.0]))))
    assert {"0.01", "0.1", "1"} <= set(tick_texts(axes.xaxis))


def test_values_of_exactly_0_are_counted_on_an_axis_by_ratios_and_the_caption_says_where_they_are():
    threshold = threshold_of([0.0, 0.0, 0.01, 0.5])
    (axes,) = panels(drawn(figure_of(threshold)))
    (line,) = curves(axes)
    assert axes.get_xscale() == "log"
    assert line.get_ydata().tolist() == [0.5, 0.75, 1.0, 1.0]
    assert "2 values of exactly 0" in threshold_picture(threshold, content_of(), "name").caption


@pytest.mark.parametrize("values", [[], [0.0], [0.2], [1e-30, 1e30], [1e300], [-1.0, 2.0]])
@pytest.mark.parametrize("limit", [0.2, 0.0, -1.0])
@pytest.mark.parametrize("metric", [ERROR, ACCURACY])
def test_any_values_are_drawn_within_their_frame(values, limit, metric):
    is_below = metric.is_lower_better
    threshold = threshold_of(values, n=8, limit=limit, metric=metric, is_below=is_below)
    figure = figure_of(threshold)
    (axes,) = panels(drawn(figure))
    low, high = axes.get_xlim()
    assert low < limit < high
    assert misplaced(figure) == []
    assert whether_it_decides(threshold).endswith(".")


def test_where_all_runs_diverged_the_curve_stays_at_none():
    threshold = threshold_of([], n=20)
    (line,) = curves(panels(figure_of(threshold))[0])
    assert set(line.get_ydata()) == {0.0}
    assert whether_it_decides(threshold) == (
        "At the claim's bound of 0.2, 0 % of the runs succeed, 0 % at half of it (0.1) and 0 % at twice of it (0.4). "
        "The threshold does not decide: by the band the claim is refuted at all three. So it is at any other bound."
    )


def test_the_curve_falls_where_runs_are_to_be_above_the_bound():
    threshold = threshold_of([0.5, 0.7, 0.95], n=4, limit=0.9, metric=ACCURACY, is_below=False)
    (axes,) = panels(figure_of(threshold))
    assert curves(axes)[0].get_ydata().tolist() == [0.75, 0.5, 0.25, 0.0, 0.0]
    assert sorted(upright(axes)) == pytest.approx([0.8, 0.9, 0.95])
    assert "0 % at 0.95 (half as far from 1) and 25 % at 0.8 (twice as far)" in whether_it_decides(threshold)


def test_the_sentence_on_one_condition_says_what_half_and_twice_would_change():
    values = np.concatenate([np.full(31, 0.05), np.full(47, 0.3), np.full(22, 5.0)])
    assert whether_it_decides(threshold_of(values, is_more=False)) == (
        "At the claim's bound of 0.2, 31 % of the runs succeed, 31 % at half of it (0.1) and 78 % at twice of it "
        "(0.4). The threshold decides: by the band the claim is supported at its bound, but refuted at twice of it "
        "(0.4). Every bound below 0.3 gives the same as the stated one."
    )


def test_the_sentence_on_several_conditions_counts_those_whose_ruling_would_be_another_one():
    low, middle, high = (np.full(50, value) for value in (0.01, 0.15, 0.3))
    assert whether_it_decides(threshold_of(low, middle, high, high)) == (
        "Between half of it (0.1) and twice of it (0.4) the share changes by 0 to 100 percentage points, by 100 in the "
        "median of the conditions. By the bands the claim is supported under 2 and refuted under 2 of 4 conditions at "
        "its bound of 0.2; at half of it (0.1) it is supported under 1 and refuted under 3; at twice of it (0.4) it is "
        "supported under 4. The threshold decides under 3 of 4 conditions, whose ruling would be another one: 1 at "
        "half of it (0.1) and 2 at twice of it (0.4)."
    )
    assert "no condition would have another ruling" in whether_it_decides(threshold_of(low, low))


def test_the_caption_says_what_the_band_holds_and_for_how_many_runs():
    picture = threshold_picture(over(AXES), content_of(), "name")
    drawn = "an rms error below a bound, against that bound, one colour for each number of epochs"
    assert drawn in picture.caption
    assert "holds the true curve at all bounds at once with a confidence of 95 %" in picture.reading
    assert "for each curve by itself at its 32 runs" in picture.reading


def test_conditions_without_a_result_are_counted_and_a_claim_without_any_has_no_figure():
    empty = SuccessCurve({"neurons": 9}, np.empty(0), 0, True)
    threshold = threshold_of([0.1, 0.3], [0.2, 0.4])
    some = Threshold(ERROR, 0.2, True, 0.5, True, 0.95, (*threshold.curves, empty))
    assert "1 of 3 conditions have no result yet" in threshold_picture(some, content_of(), "name").caption
    assert len(panels(figure_of(some))) == 2
    none = Threshold(ERROR, 0.2, True, 0.5, True, 0.95, (empty,))
    assert threshold_picture(none, content_of(), "name") is None


def test_the_same_curves_give_the_same_bytes():
    assert svg(figure_of(over(AXES))) == svg(figure_of(over(AXES)))


def test_curves_of_very_many_runs_stay_small():
    assert len(svg(figure_of(threshold_of(np.random.default_rng(0).lognormal(size=100_000))))) < 200_000


CLAIMS = [
    {
        "sentence": "it is better",
        "form": "better",
        "axis": "learning_rate",
        "value": 0.1,
        "over": ["neurons"],
    },
    {
        "sentence": "it fails",
        "form": "fails",
        "metric": "rms_error",
        "below": 0.2,
        "over": ["neurons", "learning_rate"],
    },
    {
        "sentence": "it reaches",
        "form": "reaches",
        "below": 9.0,
        "where": {"neurons": 2, "learning_rate": 0.1},
    },
]


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    folder = tmp_path_factory.mktemp("thresholds")
    config = write_config(folder / "small.toml", SMALL | {"figures": ["curves"], "claim": CLAIMS})
    return report_content(sweep.run(config, results=folder / "results", workers=1, report=False))


def test_a_report_has_the_figure_for_claims_that_reach_or_fail_and_for_no_others(content):
    report = build_report(content)
    figures = {f"claim-{number}-bound.{kind}" for number in (2, 3) for kind in ("png", "svg")}
    assert {name for name in report.figures if "bound" in name} == figures
    for page in (report.markdown, report.html):
        text = page[page.index("The claims, one by one") :]
        verdict, figure, caption = (
            text.index(words)
            for words in ("it fails", "curves of 4 conditions", "one panel for each condition")
        )
        assert verdict < figure < caption < text.index("it reaches")
        assert text.count("(Dvoretzky, Kiefer &amp; Wolfowitz)") == 2
    assert "](figures/claim-2-bound.png)" in report.markdown


def test_the_page_of_a_folder_has_them_by_the_names_of_the_configs(content):
    page = build_series("# Mine", [make_chapter("one", content)], is_quick=False, versions=["sweep 1"])
    assert {name for name in page.figures if "bound" in name} == {
        "one-claim-2-bound.png",
        "one-claim-3-bound.png",
    }
    assert "](figures/one-claim-2-bound.png)" in page.markdown
