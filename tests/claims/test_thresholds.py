"""What a claim's bound decides: the share of successful runs at any bound, counted by hand."""

from math import inf, log, sqrt

import numpy as np
import pytest
from experiments import axis, grid
from judging import better, claim, fails, judged, planned, reaches, with_losses

from sweep.claims.thresholds import SuccessCurve, Threshold, half_width, thresholds
from sweep.forms import Reaches
from sweep.terms.metric import Metric
from sweep.terms.outcome import Status
from sweep.training.network.metrics import FINAL_LOSS

ACCURACY, LOSS = Metric("accuracy", "higher"), Metric("loss")
RATES = axis("learning_rate", 0.03, 0.1)


def threshold_of(values, n=None, limit=0.2, metric=LOSS, is_below=True, share=0.5, is_more=True):
    """The threshold of one condition with these values, and further runs that diverged."""
    kept = np.sort(np.asarray(values, dtype=float))
    curve = SuccessCurve({}, kept, len(kept) if n is None else n, is_below)
    return Threshold(metric, limit, is_below, share, is_more, 0.95, (curve,))


def of_losses(form, losses):
    """The threshold of a claim on one cell in which the replicates have these final losses."""
    plan = planned(grid(replicates=len(losses)), claims=[claim(form)])
    collected = with_losses(plan, lambda _cell, n: losses[:n])
    verdicts = judged(plan, lambda _cell, n: np.resize(losses, n)).verdicts
    return thresholds(verdicts, collected, 0.95)[1]


def test_the_share_below_a_bound_is_that_of_the_runs_which_are_smaller_and_did_not_diverge():
    (curve,) = of_losses(Reaches(FINAL_LOSS, 2.0, True), [3.0, 1.0, inf, 2.0, 2.0]).curves
    assert curve.n == 5
    assert curve.share(np.array([0.5, 1.0, 1.5, 2.0, 2.5, 1e9])).tolist() == [0.0, 0.0, 0.2, 0.2, 0.6, 0.8]
    assert curve.share_after(np.array([1.0, 2.0, 3.0])).tolist() == [0.2, 0.6, 0.8]


def test_the_share_above_a_bound_leaves_out_runs_that_diverged_to_infinity():
    (curve,) = of_losses(Reaches(FINAL_LOSS, 2.0, False), [3.0, 1.0, inf, 2.0, 2.0]).curves
    assert curve.share(np.array([0.5, 1.0, 2.0, 3.0])).tolist() == [0.8, 0.6, 0.2, 0.0]


def test_the_share_at_the_stated_bound_is_what_the_verdict_counts():
    losses = np.random.default_rng(3).lognormal(size=(2, 20))
    losses[1, 3:9] = inf
    plan = planned(
        grid(RATES, replicates=20), claims=[claim(reaches(0.4, 0.5), "learning_rate")], most_replicates=1
    )
    verdicts = judged(plan, lambda cell, _n: losses[cell]).verdicts
    found = thresholds(verdicts, with_losses(plan, lambda cell, _n: losses[cell]), 0.95)[1]
    assert [float(curve.share(0.4)) for curve in found.curves] == [verdict.share for verdict in verdicts]
    assert [curve.condition for curve in found.curves] == [verdict.condition for verdict in verdicts]


def test_only_claims_that_reach_or_fail_have_a_threshold():
    plan = planned(
        grid(RATES, replicates=4),
        claims=[claim(better("learning_rate", 0.03, (0.1,))), claim(fails(0.4, 0.5), "learning_rate")],
        most_replicates=1,
    )

    def losses(cell, n):
        return np.ones(n) * (1 + cell)

    found = thresholds(judged(plan, losses).verdicts, with_losses(plan, losses), 0.95)
    assert list(found) == [2]
    assert (found[2].is_more, found[2].limit, found[2].share) == (False, 0.4, 0.5)


def test_runs_that_failed_and_those_after_one_that_is_not_trained_yet_are_not_counted():
    plan = planned(grid(replicates=6), claims=[claim(Reaches(FINAL_LOSS, 2.0, True))], most_replicates=1)
    collected = with_losses(plan, lambda _cell, n: np.arange(1.0, n + 1))
    verdicts = judged(plan, lambda _cell, n: np.ones(n)).verdicts
    collected.status[1], collected.status[4] = Status.FAILED, Status.MISSING
    (curve,) = thresholds(verdicts, collected, 0.95)[1].curves
    assert (curve.n, curve.values.tolist()) == (3, [1.0, 3.0, 4.0])


def test_a_sweep_without_results_has_curves_of_no_runs():
    plan = planned(grid(replicates=6), claims=[claim(Reaches(FINAL_LOSS, 2.0, True))], most_replicates=1)
    collected = with_losses(plan, lambda _cell, n: np.ones(n))
    verdicts = judged(plan, lambda _cell, n: np.ones(n)).verdicts
    collected.status[:] = Status.MISSING
    found = thresholds(verdicts, collected, 0.95)[1]
    assert (found.begun, found.curves[0].n) == ((), 0)


def test_the_band_has_the_width_of_the_formula_and_ends_at_none_and_all():
    assert half_width(32, 0.95) == sqrt(log(2 / (1 - 0.95)) / 64)
    assert half_width(100, 0.99) == pytest.approx(0.16276, abs=1e-5)
    low, high = threshold_of(np.linspace(0.1, 1, 32)).curves[0].band(np.array([0.0, 0.55, 2.0]), 0.95)
    assert low == pytest.approx([0.0, 0.5 - half_width(32, 0.95), 1 - half_width(32, 0.95)])
    assert high == pytest.approx([half_width(32, 0.95), 0.5 + half_width(32, 0.95), 1.0])


def test_the_band_holds_the_whole_curve_as_often_as_it_says():
    rng, n = np.random.default_rng(0), 20
    bounds = np.linspace(0, 1, 201)
    held = 0
    for _ in range(1000):
        values = rng.random(n)
        diverged = rng.random(n) < 0.2
        low, high = SuccessCurve({}, np.sort(values[~diverged]), n, True).band(bounds, 0.9)
        held += bool(((low <= 0.8 * bounds) & (0.8 * bounds <= high)).all())
    assert held >= 880  # 900 at least are expected, with a deviation of 9.5


@pytest.mark.parametrize(
    ("limit", "metric", "is_below", "neighbours"),
    [
        (0.2, LOSS, True, (0.1, 0.4)),
        (-3.0, LOSS, True, (-1.5, -6.0)),
        (0.0, LOSS, True, None),
        (0.9, ACCURACY, False, (0.95, 0.8)),
        (0.4, ACCURACY, False, (0.2, 0.8)),
    ],
)
def test_neighbours_of_a_bound_are_half_and_twice_of_it_or_of_its_distance_from_one(
    limit, metric, is_below, neighbours
):
    found = threshold_of([0.3, 0.7], limit=limit, metric=metric, is_below=is_below).neighbours
    assert found == (None if neighbours is None else pytest.approx(neighbours))


def test_the_band_supports_refutes_or_leaves_open_by_the_side_of_the_share_that_it_is_on():
    values = np.linspace(0.01, 1.0, 100)
    more, fewer = (threshold_of(values, is_more=is_more) for is_more in (True, False))
    assert [more.leanings(bound)[0] for bound in (0.2, 0.5, 0.9)] == ["refuted", "open", "supported"]
    assert [fewer.leanings(bound)[0] for bound in (0.2, 0.5, 0.9)] == ["supported", "open", "refuted"]


@pytest.mark.parametrize("is_below", [True, False])
@pytest.mark.parametrize("limit", [0.05, 0.3, 0.5, 0.55, 0.95])
def test_all_bounds_within_the_unchanged_ones_give_the_same_and_those_beyond_do_not(limit, is_below):
    found = threshold_of(np.linspace(0.01, 1.0, 60), n=80, limit=limit, is_below=is_below)
    start, end = found.unchanged(found.curves[0])
    bounds = np.linspace(-0.1, 1.1, 481)
    bounds = bounds[(np.abs(bounds - start) > 1e-6) & (np.abs(bounds - end) > 1e-6)]
    same = [found.leanings(bound) == found.leanings(limit) for bound in bounds]
    assert same == ((bounds > start) & (bounds < end)).tolist()


def test_where_all_runs_diverged_no_bound_changes_anything():
    found = threshold_of([], n=20)
    assert found.leanings(0.2) == ["refuted"]
    assert found.unchanged(found.curves[0]) == (-inf, inf)
    assert found.curves[0].share(1e300) == 0.0
