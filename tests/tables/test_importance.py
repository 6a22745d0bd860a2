import itertools

import numpy as np
import pandas as pd
import pytest

from sweep.tables.importance import importance
from sweep.terms.metric import Metric

LOSS = Metric("loss")


def cells_with(median, **axes):
    """A full grid whose medians are computed from the values of its axes."""
    places = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    counts = {"n_runs": 3, "n_diverged": 0, "n_failed": 0}
    return pd.DataFrame([{**place, **counts, "median": median(**place)} for place in places])


def shares(cells, metric=LOSS, problems=()):
    table = importance(cells, metric, problems)
    return {row.axis: (row.alone, row.total) for row in table.itertuples()}


def test_an_axis_that_the_medians_do_not_depend_on_explains_nothing_and_the_only_one_all():
    found = shares(cells_with(lambda a, **_: 10.0**a, a=[1, 2, 3], b=[1, 2, 3, 4]))
    assert list(found) == ["a", "b"]
    assert found["a"] == (pytest.approx(1.0), pytest.approx(1.0))
    assert found["b"] == (0.0, pytest.approx(0.0, abs=1e-12))


def test_axes_that_matter_only_together_explain_nothing_alone_and_everything_in_total():
    found = shares(cells_with(lambda a, b, **_: 1.0 + (a == b), a=[0, 1], b=[0, 1], c=[0, 1, 2]))
    assert list(found) == ["a", "b", "c"]
    for axis in ("a", "b"):
        assert found[axis] == (pytest.approx(0.0, abs=1e-12), pytest.approx(1.0))


def test_the_shares_are_those_of_an_analysis_of_variance_by_hand():
    # the ranks of these six medians are 1 2 3 / 4 5 6: of the variance 35/12, 9/4 is between rows, 2/3 between columns
    found = shares(cells_with(lambda a, b: 100.0 * a + b, a=[1, 2], b=[1, 2, 3]))
    assert found["a"] == (pytest.approx(27 / 35), pytest.approx(27 / 35))
    assert found["b"] == (pytest.approx(8 / 35), pytest.approx(8 / 35))


def test_what_diverged_is_the_worst_whatever_the_direction_and_no_wild_value_weighs_more():
    axes = {"a": [1, 2, 3], "b": [1, 2]}
    usual = shares(cells_with(lambda a, b: a + 0.1 * b, **axes))
    wild = shares(cells_with(lambda a, b: 1e300 if (a, b) == (3, 2) else a + 0.1 * b, **axes))
    lost = shares(cells_with(lambda a, b: np.inf if (a, b) == (3, 2) else a + 0.1 * b, **axes))
    higher = shares(
        cells_with(lambda a, b: -np.inf if (a, b) == (3, 2) else -a - 0.1 * b, **axes), Metric("m", "higher")
    )
    assert usual == wild == lost == higher


def test_problems_are_not_compared_with_each_other_and_have_no_row():
    def median(function, rate):
        return {"x": 1.0, "x**2": 1e6}[function] * abs(rate - 2)

    found = shares(cells_with(median, function=["x", "x**2"], rate=[1, 2, 4]), problems=["function"])
    assert list(found) == ["rate"]
    assert found["rate"] == (pytest.approx(1.0), pytest.approx(1.0))


def test_an_axis_on_which_two_problems_want_the_opposite_matters_with_them_and_not_alone():
    def median(function, rate):
        return rate if function == "x" else -rate

    found = shares(cells_with(median, function=["x", "y"], rate=[1, 2, 3]), problems=["function"])
    assert found["rate"] == (pytest.approx(0.0, abs=1e-12), pytest.approx(1.0))


def test_of_cells_that_are_no_full_grid_chance_is_taken_off_and_no_total_is_told():
    rng = np.random.default_rng(0)
    n = 400
    drawn = pd.DataFrame({"a": rng.integers(0, 10, n), "b": rng.integers(0, 10, n)}).drop_duplicates()
    drawn = drawn.assign(
        n_runs=1, n_diverged=0, n_failed=0, median=drawn["a"] + 1e-3 * rng.normal(size=len(drawn))
    )
    found = shares(drawn)
    assert found["a"][0] > 0.95
    assert found["b"][0] < 0.1
    assert np.isnan([found["a"][1], found["b"][1]]).all()


def test_where_each_cell_has_a_value_of_its_own_nothing_is_said_of_the_axis():
    rng = np.random.default_rng(0)
    drawn = pd.DataFrame({"a": rng.random(20), "b": rng.integers(0, 2, 20)})
    drawn = drawn.assign(n_runs=1, n_diverged=0, n_failed=0, median=rng.random(20))
    assert np.isnan(shares(drawn)["a"][0])


def test_cells_without_a_median_and_axes_that_do_not_move_are_left_out():
    cells = cells_with(lambda a, **_: float(a), a=[1, 2, 3], b=[7])
    cells.loc[0, "median"] = np.nan
    assert list(shares(cells)) == ["a"]
    assert importance(cells[:0], LOSS).empty


def test_where_all_medians_are_alike_no_axis_matters():
    assert shares(cells_with(lambda **_: 1.0, a=[1, 2], b=[1, 2])) == {"a": (0.0, 0.0), "b": (0.0, 0.0)}
