"""Intervals and powers, against scipy's own and against sums over all outcomes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sweep.claims.shares import fewest_successes, median_interval, power, replicates_needed, share_interval

N = st.integers(1, 300)
SHARES = st.floats(0.05, 0.95)
ERRORS = st.sampled_from([0.05, 0.01, 1e-4])


@given(N, st.floats(0, 1), ERRORS)
def test_the_interval_of_a_share_is_the_exact_one_of_the_binomial_test(n, part, error):
    k = round(part * n)
    exact = stats.binomtest(k, n).proportion_ci(1 - error, method="exact")

    low, high = share_interval(k, n, error)

    assert (float(low), float(high)) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_without_replicates_the_interval_is_everything():
    assert [float(end) for end in share_interval(0, 0, 0.05)] == [0.0, 1.0]


@given(N, SHARES, ERRORS)
def test_from_the_fewest_successes_on_the_interval_lies_above_the_bound(n, bound, error):
    low, _ = share_interval(np.arange(n + 1), n, error)

    assert fewest_successes(bound, n, error) == np.count_nonzero(low <= bound)


@given(N, SHARES, SHARES, ERRORS)
def test_the_power_is_the_probability_of_all_outcomes_that_decide(n, share, bound, error):
    low, high = share_interval(np.arange(n + 1), n, error)
    deciding = (low > bound) | (high < bound)

    assert power(share, bound, n, error) == pytest.approx(
        stats.binom.pmf(np.arange(n + 1), n, share)[deciding].sum(), abs=1e-9
    )


@given(st.floats(0.55, 1.0), st.sampled_from([0.5, 0.3]), ERRORS)
def test_the_replicates_needed_give_about_the_power_that_is_wanted(share, bound, error):
    needed = int(replicates_needed(share, bound, error))

    assert power(share, bound, needed, error) > 0.6  # small numbers are coarse
    assert power(share, bound, max(1, int(needed * 0.6)), error) < 0.8


def test_no_number_of_replicates_decides_what_is_equal_to_the_bound():
    assert replicates_needed(0.5, 0.5, 0.05) == np.inf


@given(st.lists(st.floats(0, 10), min_size=1, max_size=200), ERRORS)
def test_the_interval_of_a_median_holds_it_and_excludes_one_where_the_sign_test_decides(values, error):
    values = np.array([value for value in values if value != 1.0] or [0.5])
    median, low, high = median_interval(values, error)
    share_low, share_high = share_interval(np.count_nonzero(values < 1), len(values), error)

    assert low <= median <= high
    assert (high < 1, low > 1) == (share_low > 0.5, share_high < 0.5)


def test_the_interval_of_a_median_errs_no_more_than_it_says():
    draws = np.random.default_rng(0).lognormal(size=(2000, 41))
    intervals = np.array([median_interval(row, 0.05)[1:] for row in draws])

    misses = np.count_nonzero((intervals[:, 0] > 1) | (intervals[:, 1] < 1))

    assert 0 < misses < stats.binom.ppf(0.9999, 2000, 0.05)


def test_infinite_values_are_values_like_others_in_a_median():
    median, low, high = median_interval(np.array([0.1] * 20 + [np.inf] * 20), 0.05)

    assert (median, low, high) == (np.inf, 0.1, np.inf)
