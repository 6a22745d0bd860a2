"""Confidence sequences, against integrals, against loops over all looks, and against sums over all outcomes."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from sweep.claims.sequences import (
    MOST_COMPUTED,
    detectable_share,
    fewest_successes,
    log_evidence,
    lower_limit,
    median_interval,
    power,
    replicates_needed,
    running_lower_limit,
)

N = st.integers(0, 300)
BOUNDS = st.floats(0.02, 0.98)
ERRORS = st.sampled_from([0.05, 0.025, 0.01, 1e-4])
FLAGS = st.lists(st.booleans(), max_size=40)


def successes_of(n, part):
    return round(part * n)


# the evidence


@given(st.integers(0, 60), st.floats(0, 1), BOUNDS)
def test_the_evidence_is_the_likelihood_ratio_averaged_over_all_probabilities_above_the_bound(n, part, bound):
    k = successes_of(n, part)
    likelihood = lambda p: stats.binom.pmf(k, n, p)  # noqa: E731

    total, _ = integrate.quad(
        likelihood, bound, 1, epsabs=0, epsrel=1e-10, limit=200, points=[max(bound, k / max(n, 1))]
    )
    average = total / (1 - bound) / likelihood(bound)

    assert float(log_evidence(k, n, bound)) == pytest.approx(np.log(average), rel=1e-6, abs=1e-6)


def test_the_evidence_of_all_successes_is_known_in_closed_form():
    bound, n = 0.5, 10

    assert float(log_evidence(n, n, bound)) == pytest.approx(
        np.log((1 - bound ** (n + 1)) / (n + 1) / (1 - bound) / bound**n)
    )


def test_without_replicates_there_is_no_evidence_for_anything():
    assert log_evidence(0, 0, [0.1, 0.5, 0.9]) == pytest.approx([0, 0, 0])


@given(st.integers(1, 300), BOUNDS)
def test_the_evidence_rises_with_the_successes(n, bound):
    evidence = log_evidence(np.arange(n + 1), n, bound)

    is_next_to_nothing = evidence[:-1] < -3  # there it is rounded from numbers that are next to 0
    assert ((evidence[1:] > evidence[:-1]) | is_next_to_nothing).all()


@given(st.integers(1, 300), st.floats(0, 1))
def test_the_evidence_falls_with_the_bound_below_the_share_seen(n, part):
    k = successes_of(n, part)
    bounds = np.linspace(0.001, 0.999, 200) * max(k / n, 0.01)

    assert (np.diff(log_evidence(k, n, bounds)) < 1e-9).all()


@given(st.integers(1, 300), st.floats(0, 1))
def test_no_bound_above_the_share_seen_has_evidence_against_it(n, part):
    k = successes_of(n - 1, part)

    assert (log_evidence(k, n, np.linspace(k / n, 1, 52)[1:-1]) <= 1e-9).all()


@pytest.mark.parametrize("bound", [0.1, 0.5, 0.8])
def test_the_expected_evidence_at_the_bound_is_one_after_every_replicate(bound):
    """So it is a martingale that begins at 1, and Ville's inequality holds."""
    for n in range(12):
        k = np.arange(n + 1)
        assert np.sum(stats.binom.pmf(k, n, bound) * np.exp(log_evidence(k, n, bound))) == pytest.approx(1)


# the limits


@given(st.integers(1, 300), st.floats(0, 1), ERRORS)
def test_the_lower_limit_is_the_largest_bound_that_is_rejected(n, part, error):
    k = successes_of(n, part)
    limit = float(lower_limit(k, n, error))
    is_rejected = lambda bound: log_evidence(k, n, bound) >= -np.log(error)  # noqa: E731

    assert 0 <= limit <= k / n
    if limit > 1e-9:
        assert is_rejected(limit * (1 - 1e-9))
        assert not is_rejected(min(limit + 1e-8, 1 - 1e-16))


def test_without_a_success_no_bound_is_rejected():
    assert lower_limit([0, 0, 0], [0, 1, 1000], 0.05).tolist() == [0, 0, 0]


@given(st.lists(st.tuples(FLAGS, FLAGS), min_size=1, max_size=4), ERRORS)
def test_the_running_limit_is_the_largest_of_those_of_all_beginnings(rows, error):
    length = min(len(flags) for row in rows for flags in row)
    success, counted = (
        np.array([row[which][:length] for row in rows], dtype=bool).reshape(len(rows), length)
        for which in (0, 1)
    )
    errors = error / np.arange(1, len(rows) + 1)

    by_hand = [
        max(
            (float(lower_limit(np.sum(s[:n] & c[:n]), np.sum(c[:n]), e)) for n in range(1, length + 1)),
            default=0.0,
        )
        for s, c, e in zip(success, counted, errors, strict=True)
    ]

    assert running_lower_limit(success, counted, errors) == pytest.approx(by_hand, abs=1e-9)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.6, 0.97])
def test_the_running_limit_of_many_replicates_is_the_largest_of_all_as_well(share):
    chance = np.random.default_rng(1)
    success, counted = chance.random((3, 2, 3000)) < share, chance.random((3, 2, 3000)) < 0.7
    k, n = np.cumsum(success & counted, axis=-1), np.cumsum(counted, axis=-1)

    found = running_lower_limit(success, counted, 0.01)

    assert found == pytest.approx(lower_limit(k, n, 0.01).max(axis=-1), abs=1e-9)


def test_where_nothing_is_counted_no_bound_is_rejected():
    success = np.ones((2, 3, 5), dtype=bool)

    assert (running_lower_limit(success, ~success, 0.05) == 0).all()
    assert (running_lower_limit(success[..., :0], success[..., :0], 0.05) == 0).all()
    assert running_lower_limit(success[:0], success[:0], 0.05).shape == (0, 3)


def test_the_running_limit_exceeds_the_true_share_in_as_few_sequences_as_stated_whenever_one_looks():
    success = np.random.default_rng(2).random((2000, 2000)) < 0.5

    n_wrong = np.count_nonzero(running_lower_limit(success, np.ones_like(success), 0.05) > 0.5)

    assert 20 < n_wrong <= 118  # 5.9 %


# the boundary and the power


@given(N, st.floats(0.05, 0.95), ERRORS)
def test_from_the_fewest_successes_on_the_bound_is_rejected(n, bound, error):
    is_rejected = log_evidence(np.arange(n + 1), n, bound) >= -np.log(error)

    assert fewest_successes(bound, n, error) == np.count_nonzero(~is_rejected)


@given(st.integers(0, 40_000), ERRORS)
def test_the_fewest_successes_of_many_replicates_are_rejected_and_one_less_is_not(n, error):
    fewest = fewest_successes(0.5, MOST_COMPUTED + 1 + n, error)

    evidence = log_evidence([fewest - 1, fewest], MOST_COMPUTED + 1 + n, 0.5)
    assert evidence[0] < -np.log(error) <= evidence[1]


@pytest.mark.parametrize("bound", [0.3, 0.5])
@pytest.mark.parametrize("share", [0.5, 0.8, 1.0])
def test_the_power_is_that_of_all_sequences_which_reject_the_bound_at_any_time(bound, share):
    n, error = 12, 0.1
    sequences = np.array(list(product([False, True], repeat=n)))
    is_rejected = running_lower_limit(sequences, np.ones_like(sequences), error) >= bound
    chance = np.where(sequences, share, 1 - share).prod(axis=1)

    assert float(power(share, bound, n, error)) == pytest.approx(chance[is_rejected].sum())


@pytest.mark.parametrize(("share", "n"), [(0.6, 300), (0.7, 60), (0.53, 1000)])
def test_so_often_as_the_power_says_the_bound_is_rejected(share, n):
    success = np.random.default_rng(3).random((2000, n)) < share

    n_found = np.count_nonzero(running_lower_limit(success, np.ones_like(success), 0.025) >= 0.5)

    assert stats.binomtest(n_found, 2000, float(power(share, 0.5, n, 0.025))).pvalue > 1e-3


def test_the_power_of_more_replicates_than_are_computed_one_by_one_is_a_little_less():
    one_by_one, at_the_end = (float(power(0.53, 0.5, MOST_COMPUTED + more, 0.01)) for more in (0, 1))

    assert one_by_one - 0.15 < at_the_end < one_by_one


@pytest.mark.parametrize("n", [16, 100, 1024])
@pytest.mark.parametrize("wanted", [0.8, 0.96])
def test_the_share_that_is_promised_is_found_with_the_probability_wanted(n, wanted):
    share = detectable_share(0.5, n, 0.01, wanted)

    assert float(power(share, 0.5, n, 0.01)) == pytest.approx(wanted, abs=0.005)


def test_so_few_replicates_that_even_all_successes_reject_nothing_promise_nothing():
    fewest = next(n for n in range(100) if fewest_successes(0.5, n, 0.01) <= n)

    assert detectable_share(0.5, fewest - 1, 0.01) is None
    assert detectable_share(0.5, fewest, 0.01) is not None


@pytest.mark.parametrize("error", [0.025, 1e-3, 2e-5])
@pytest.mark.parametrize("bound", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("off", [0.03, 0.08, -0.03, -0.08])
def test_the_replicates_needed_decide_with_a_probability_near_80_percent(bound, off, error):
    share = bound + off
    needed = int(replicates_needed(share, bound, error))

    at_most = min(needed, 16 * MOST_COMPUTED)
    found = power(share, bound, at_most, error) if off > 0 else power(1 - share, 1 - bound, at_most, error)

    # above, the probability is only that of a decision at the end
    assert (0.74 if needed <= MOST_COMPUTED else 0.65) < float(found) < 0.9


@pytest.mark.parametrize("share", [0.75, 0.9, 1.0])
def test_few_replicates_that_are_needed_decide_probably_and_much_fewer_do_not(share):
    needed = int(replicates_needed(share, 0.5, 0.025))

    assert float(power(share, 0.5, needed, 0.025)) > 0.75  # small numbers are coarse
    assert float(power(share, 0.5, int(needed * 0.7), 0.025)) < 0.8


def test_the_probability_that_is_wanted_of_the_replicates_needed_may_be_another():
    needed = int(replicates_needed(0.6, 0.5, 0.01, 0.8 ** (1 / 6)))

    assert 0.95 < float(power(0.6, 0.5, needed, 0.01)) < 0.975


def test_no_number_of_replicates_decides_what_is_equal_to_the_bound():
    assert replicates_needed(0.5, 0.5, 0.05) == np.inf


# medians


@given(st.lists(st.floats(0, 10), min_size=1, max_size=200), ERRORS)
def test_the_interval_of_a_median_excludes_a_value_where_too_many_lie_on_one_side(values, error):
    values = np.array([value for value in values if value != 1.0] or [0.5])
    n, n_below = len(values), np.count_nonzero(values < 1)
    median, low, high = median_interval(values, error)
    limit = -np.log(error / 2)

    assert low <= median <= high
    assert (high < 1) == (log_evidence(n_below, n, 0.5) >= limit)
    assert (low > 1) == (log_evidence(n - n_below, n, 0.5) >= limit)


def test_the_intervals_of_a_median_after_every_value_hold_it_all_at_once():
    n_sequences, length, error = 1000, 120, 0.05
    draws = np.random.default_rng(4).lognormal(size=(n_sequences, length))

    def misses(row):
        intervals = (median_interval(row[:n], error)[1:] for n in range(1, length + 1))
        return any(low > 1 or high < 1 for low, high in intervals)

    assert 0 < sum(map(misses, draws)) <= 0.059 * n_sequences


def test_infinite_values_are_values_like_others_in_a_median():
    values = np.array([0.1] * 20 + [np.inf] * 20)

    assert median_interval(values, 0.05) == (np.inf, 0.1, np.inf)
    assert median_interval(np.full(40, np.inf), 0.05) == (np.inf, np.inf, np.inf)


def test_of_few_values_the_interval_of_the_median_is_everything():
    median, low, high = median_interval(np.array([]), 0.05)

    assert np.isnan(median)
    assert (low, high) == (0, np.inf)
    assert median_interval(np.array([2.0, 4.0]), 0.05) == (3, 0, np.inf)


# the table in the docstring


def replicates_until_decided(share, error, most=1024):
    """The expected number of replicates until one half or less is rejected, and how often it is, exactly."""
    counts, expected = np.zeros(most + 1), 0.0
    counts[0] = 1.0
    for n in range(1, most + 1):
        expected += counts.sum()
        counts[1:], counts[0] = share * counts[:-1] + (1 - share) * counts[1:], (1 - share) * counts[0]
        counts[fewest_successes(0.5, n, error / 2) :] = 0
    return expected, 1 - counts.sum()


@pytest.mark.parametrize(
    ("share", "error", "replicates", "decided"),
    [
        (0.55, 0.05, 760, 0.53),
        (0.60, 0.05, 242, 0.999),
        (0.70, 0.05, 54, 1),
        (0.90, 0.05, 13, 1),
        (0.60, 2e-4, 538, 0.96),
        (0.80, 2e-4, 53, 1),
    ],
)
def test_the_table_of_the_docstring_is_what_an_exact_computation_finds(share, error, replicates, decided):
    expected, found = replicates_until_decided(share, error)

    assert expected == pytest.approx(replicates, abs=0.6)
    assert found == pytest.approx(decided, abs=0.006)
