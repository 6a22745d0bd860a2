import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.drawing import LABELS

from sweep.report.look.labels import (
    Labels,
    cell_number,
    level,
    level_labels,
    list_words,
    number,
    where,
    wheres,
)
from sweep.terms.metric import Metric

NNBSP = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.029999999999, "0.03"),
        (0.1 + 0.2, "0.3"),
        (0.029999, "0.03"),
        (0.125, "0.125"),
        (1e-5, "10⁻⁵"),
        (3e-5, "3×10⁻⁵"),
        (1.0, "1"),
        (1000, "1000"),
        (100_000, f"100{NNBSP}000"),
        (np.int64(7), "7"),
        (np.float64(0.03), "0.03"),
        ("x**2", "x**2"),
    ],
)
def test_the_value_of_an_axis_is_written_as_a_person_would(value, text):
    assert level(value) == text


def test_a_very_long_expression_is_shortened():
    assert level("sin(2*pi*x) + 0.5*cos(4*pi*x)") == "sin(2*pi*x) + 0.5*cos(4*pi*…"


PARTS = st.text(alphabet="ab1-", max_size=40)


@given(st.lists(st.builds("{}{}{}".format, PARTS, PARTS, PARTS), min_size=1, max_size=8, unique=True))
def test_different_texts_get_different_labels_however_long_they_are(texts):
    labels = level_labels(texts)
    assert len(set(labels)) == len(texts)
    assert all(label == text for label, text in zip(labels, texts, strict=True) if 0 < len(text) <= 28)


@pytest.mark.parametrize(
    "values",
    [
        [0.12345, 0.12346],
        np.geomspace(0.1, 0.2, 200).tolist(),
        ["-".join(["10"] * n) for n in (10, 11)] + ["5"],
        [f"sin(2*pi*x) + 0.5*cos(4*pi*x) + 0.{n}" for n in (1, 2)],
        ["a" * 60 + middle + "c" * 60 for middle in "bd"],
        [1, 0.3333331, 0.333333],
    ],
)
def test_values_that_stand_together_are_told_apart_in_every_place(values):
    places = [{"value": value, "of": "all"} for value in values]
    assert len(set(wheres(places))) == len(values)
    assert len({where(place, among={"value": values}) for place in places}) == len(values)
    assert len({level(value, values) for value in values}) == len(values)


def test_a_row_of_layers_is_cut_by_its_number():
    layers = ["-".join(["10"] * n) for n in (10, 11)]
    assert level_labels(layers) == ["10-10-10-…-10 (10 numbers)", "10-10-10-…-10 (11 numbers)"]


def test_log_spaced_values_are_rounded_but_stay_different():
    labels = level_labels(np.logspace(-3, 0, 25).tolist())
    assert labels[:4] == ["0.001", "0.0013", "0.0018", "0.0024"]
    assert len(set(labels)) == 25


@given(st.lists(st.floats(1e-12, 1e12), min_size=1, max_size=30, unique_by=lambda v: f"{v:.11e}"))
def test_different_values_get_different_labels(levels):
    assert len(set(level_labels(levels))) == len(levels)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.158, "0.16"),
        (8.0, "8.0"),
        (49, "49"),
        (314, "310"),
        (1234, "1.2e3"),
        (999.6, "1e3"),
        (9e-4, "9e-4"),
        (0.0012, "0.0012"),
        (1e80, "1e80"),
        (0.0, "0"),
    ],
)
def test_a_number_in_a_square_has_two_significant_digits(value, text):
    assert cell_number(value) == text


@given(st.floats(1e-99, 1e99))
def test_a_number_in_a_square_is_short_and_near_the_value(value):
    text = cell_number(value)
    assert len(text) <= 7
    assert math.isclose(float(text), value, rel_tol=0.051)


def test_numbers_in_running_text_say_what_is_not_finite():
    assert [number(v) for v in (0.15823, math.inf, math.nan, -0.5, 2e-7)] == [
        "0.158",
        "∞",
        "–",
        "−0.5",
        "2×10⁻⁷",
    ]


def test_fields_have_words():
    assert LABELS.full("neurons") == "neurons per hidden layer"
    assert LABELS.full("learning_rate") == "learning rate"
    assert (LABELS.one("epochs"), LABELS.many("epochs")) == ("number of epochs", "numbers of epochs")
    assert LABELS.many("init_range") == "values of init range"


def test_statistics_have_the_words_of_their_metric():
    assert LABELS.full("median") == "median final loss"
    assert LABELS.full("median_rms_error") == "median rms error"
    assert LABELS.metric_of("median_rms_error").name == "rms_error"
    assert Labels(metrics=(Metric("accuracy", "higher"),)).full("maximum") == "largest accuracy"


def test_a_list_is_written_in_words():
    assert list_words(["a", "b", "c"]) == "a, b and c"


def test_a_text_without_a_letter_is_seen_and_told_from_one_that_looks_like_it():
    assert level_labels(["", " ", '""', "a"]) == ['""', '" "', '"\\"\\""', "a"]
