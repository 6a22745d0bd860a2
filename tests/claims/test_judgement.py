"""Claims of every form, judged on losses that are known."""

import numpy as np
import pytest
from experiments import axis, grid
from hypothesis import given
from hypothesis import strategies as st
from judging import (
    better,
    claim,
    enough,
    fails,
    judged,
    judgement_of,
    monotone,
    only,
    planned,
    reaches,
    with_losses,
)

from sweep.claims import verdicts_table
from sweep.claims.sentences import grounds
from sweep.errors import PlanError
from sweep.forms import Fails, Reaches
from sweep.terms.metric import Metric
from sweep.terms.outcome import Status
from sweep.training.network.metrics import RMS_ERROR

BETTER = better("learning_rate", 0.03, (0.1,), 0.0)
RATES = axis("learning_rate", 0.03, 0.1)


def noise(cell, n):
    """Losses that share their random numbers between cells, and grow with the cell."""
    return np.random.default_rng(7).lognormal(size=n) * (1 + cell)


def test_a_setting_that_is_better_in_every_replicate_is_so():
    verdict = only(judged(planned(grid(RATES, replicates=32), claims=[claim(BETTER)]), noise))

    assert verdict.ruling == "supported"
    assert (verdict.share, verdict.n, verdict.count.replicates) == (1.0, 32, 32)
    assert verdict.effect.median == pytest.approx(0.5)
    assert verdict.interval.low > 0.5
    assert "learning rate 0.03 has the smaller loss than 0.1 in 100 % of 32 pairs" in grounds(verdict)


def test_the_opposite_claim_is_refuted():
    plan = planned(grid(RATES, replicates=32), claims=[claim(better("learning_rate", 0.1, (0.03,), 0.0))])

    verdict = only(judged(plan, noise))

    assert verdict.ruling == "refuted"
    assert verdict.interval.high < 0.5


def test_a_setting_is_better_by_a_share_only_if_it_is_so_by_that_much():
    def outcome(by):
        form = better("learning_rate", 0.03, (0.1,), by)
        return only(judged(planned(grid(RATES, replicates=32), claims=[claim(form)]), noise)).ruling

    assert [outcome(by) for by in (0.0, 0.49, 0.51)] == ["supported", "supported", "alike"]


def test_a_setting_that_is_worse_is_not_called_alike():
    def outcome(by):
        form = better("learning_rate", 0.1, (0.03,), by)
        return only(judged(planned(grid(RATES, replicates=32), claims=[claim(form)]), noise)).ruling

    assert [outcome(by) for by in (0.0, 0.49, 0.51)] == ["refuted", "refuted", "alike"]


def test_losses_that_are_the_same_decide_nothing_and_the_grounds_say_why():
    plan = planned(grid(RATES, replicates=32), claims=[claim(BETTER)], most_replicates=64)

    verdict = only(judged(plan, lambda _cell, n: np.ones(n)))

    assert (verdict.ruling, verdict.n, verdict.count.replicates, verdict.needed) == (
        "inconclusive",
        0,
        64,
        None,
    )
    assert "both losses are the same" in grounds(verdict)


def test_a_setting_that_diverges_loses_against_one_that_does_not():
    plan = planned(grid(RATES, replicates=32), claims=[claim(BETTER)])

    verdict = only(judged(plan, lambda cell, n: np.full(n, np.inf if cell else 1.0)))

    assert verdict.ruling == "supported"
    assert verdict.effect.median == 0.0


def test_a_setting_against_all_others_is_better_only_if_it_is_so_against_each():
    rates = axis("learning_rate", 0.01, 0.03, 0.1)
    form = better("learning_rate", 0.03, (0.01, 0.1), 0.0)

    def verdict(losses):
        plan = planned(grid(rates, replicates=64), claims=[claim(form)], most_replicates=64)
        return only(judged(plan, lambda cell, n: noise(losses[cell] - 1, n)))

    assert verdict([2, 1, 2]).ruling == "supported"
    worse_than_one = verdict([1, 2, 3])
    assert worse_than_one.ruling == "refuted"
    assert worse_than_one.count.pair == (0.03, 0.01)
    equal_to_one = verdict([1, 1, 2])
    assert equal_to_one.ruling == "inconclusive"
    assert equal_to_one.count.pair == (0.03, 0.01)


@pytest.mark.parametrize(
    ("succeeding", "reaching", "failing"),
    [(1.0, "supported", "refuted"), (0.0, "refuted", "supported"), (0.5, "inconclusive", "inconclusive")],
)
def test_runs_that_succeed_are_those_below_the_bound_and_diverged_ones_do_not(succeeding, reaching, failing):
    def losses(_cell, n):
        loss = 11 / 2 * 0.2**2  # check_points / 2 · rms²
        return np.where(np.arange(n) % 2 < 2 * succeeding, loss * 0.99, np.inf if n % 3 else loss)

    forms = [reaches(0.2, 0.5), fails(0.2, 0.5)]
    plan = planned(grid(replicates=64), claims=[claim(form) for form in forms], most_replicates=64)

    verdicts = judged(plan, losses).verdicts

    if succeeding == 0.5:
        assert [verdict.share for verdict in verdicts] == [0.5, 0.5]
    assert [verdict.ruling for verdict in verdicts] == [reaching, failing]


@pytest.mark.parametrize(("form", "ruling"), [(Reaches, "refuted"), (Fails, "supported")])
def test_a_run_that_diverged_is_not_above_a_bound_either(form, ruling):
    above = form(RMS_ERROR, 0.2, is_below=False, share=0.5)
    plan = planned(grid(replicates=64), claims=[claim(above)], most_replicates=64)

    assert only(judged(plan, lambda _cell, n: np.full(n, np.inf))).ruling == ruling


def test_a_run_that_diverged_is_not_below_a_bound_where_higher_is_better():
    accuracy = np.array([-np.inf, 0.1, 0.9])

    said = Reaches(Metric("accuracy", "higher"), 0.5, is_below=True).count(accuracy, accuracy)

    assert said.success.tolist() == [False, True, False]


def test_a_share_of_three_quarters_is_more_than_a_half_and_not_more_than_nine_tenths():
    def losses(_cell, n):
        return np.where(np.arange(n) % 4 < 3, 1e-6, 1e3)

    forms = [reaches(0.2, 0.5), reaches(0.2, 0.9), fails(0.2, 0.9)]
    plan = planned(grid(replicates=256), claims=[claim(form) for form in forms], most_replicates=256)

    assert [v.ruling for v in judged(plan, losses).verdicts] == ["supported", "refuted", "supported"]


@pytest.mark.parametrize(("direction", "outcome"), [("rises", "supported"), ("falls", "refuted")])
def test_a_loss_that_rises_along_an_axis_does_so_from_each_value_to_the_next(direction, outcome):
    values = (1, 2, 5, 9)
    plan = planned(
        grid(axis("neurons", *values), replicates=32), claims=[claim(monotone("neurons", values, direction))]
    )

    assert only(judged(plan, noise)).ruling == outcome


def test_epochs_are_enough_if_further_ones_gain_little():
    epochs = axis("epochs", 100, 300, 1000)

    def outcome(value, further, gain):
        plan = planned(grid(epochs, replicates=32), claims=[claim(enough("epochs", value, further, gain))])
        factors = (1.0, 0.5, 0.45)
        return only(judged(plan, lambda cell, n: noise(0, n) * factors[cell])).ruling

    assert outcome(300, (1000,), 0.11) == "supported"
    assert outcome(300, (1000,), 0.09) == "refuted"
    assert outcome(100, (300, 1000), 0.2) == "refuted"


def test_a_claim_over_axes_has_a_verdict_for_each_combination():
    grids = grid(RATES, axis("neurons", 1, 3), axis("activation", "relu", "tanh"), replicates=32)
    plan = planned(grids, claims=[claim(BETTER, "neurons", activation="tanh")])
    cells = plan.cells

    def losses(cell, n):
        rate, neurons = (cells.levels[a][cells.codes[a][cell]] for a in ("learning_rate", "neurons"))
        return noise((rate == 0.1) == (neurons == 3), n)

    table = verdicts_table(judged(plan, losses).verdicts)

    assert table[["neurons", "verdict"]].values.tolist() == [[1, "refuted"], [3, "supported"]]


def test_combinations_that_the_grid_leaves_out_are_not_judged():
    left_out = ({"learning_rate": (0.1,), "neurons": (3,)},)
    plan = planned(
        grid(RATES, axis("neurons", 1, 3), replicates=32, exclude=left_out), claims=[claim(BETTER, "neurons")]
    )

    assert [verdict.condition for verdict in judged(plan, noise).verdicts] == [{"neurons": 1}]


def test_a_claim_whose_every_combination_is_left_out_is_an_error():
    plan = planned(
        grid(RATES, axis("neurons", 1, 3), exclude=({"learning_rate": (0.1,), "neurons": (3,)},)),
        claims=[claim(BETTER, neurons=3)],
    )

    with pytest.raises(PlanError, match="the grid leaves out every combination"):
        judgement_of(plan)


def test_failed_runs_are_dropped_and_counted():
    plan = planned(grid(RATES, replicates=32), claims=[claim(BETTER)])
    judgement = judgement_of(plan)
    collected = with_losses(plan, noise)
    collected.status[:4] = Status.FAILED

    judgement.look(collected)

    verdict = only(judgement)
    assert (verdict.n, verdict.count.n_failed, verdict.ruling) == (28, 4, "supported")


def test_a_sweep_that_is_not_complete_is_judged_by_the_replicates_before_the_first_gap():
    plan = planned(grid(RATES, replicates=32), claims=[claim(BETTER)])
    judgement = judgement_of(plan)
    collected = with_losses(plan, noise)
    collected.status[[5, 32 + 20]] = Status.MISSING

    judgement.look(collected)

    assert judgement.wanted() is None
    verdict = only(judgement)
    assert (verdict.ruling, verdict.n, verdict.share) == ("inconclusive", 5, 1.0)
    assert "so far 5 of 32 replicates" in grounds(verdict)


def test_further_looks_ask_for_half_as_many_replicates_more_of_undecided_cells_only():
    plan = planned(
        grid(RATES, axis("neurons", 1, 3), replicates=16),
        claims=[claim(BETTER, "neurons")],
        most_replicates=64,
    )
    decided = plan.cells.codes["neurons"] == 0

    def losses(cell, n):
        return noise(cell, n) if decided[cell] else np.arange(n + cell % 2)[cell % 2 :] % 2

    judgement, asked = judgement_of(plan), []
    while (replicates := judgement.wanted()) is not None:
        asked.append(replicates)
        judgement.look(with_losses(plan.with_replicates(replicates), losses))

    assert [sorted(set(replicates[~decided])) for replicates in asked] == [[16], [24], [36], [54], [64]]
    assert [sorted(set(replicates[decided])) for replicates in asked] == [[16]] * 5
    assert [verdict.count.replicates for verdict in judgement.verdicts] == [16, 64]


def test_what_was_decided_once_stays_so_when_later_replicates_say_otherwise():
    def losses(cell, n):
        is_turned = (np.arange(n) >= 32) & (np.arange(n) % 2 == 1)
        return np.where(is_turned, noise(1 - cell, n), noise(cell, n))

    def verdict(replicates):
        return only(judged(planned(grid(RATES, replicates=replicates), claims=[claim(BETTER)]), losses))

    assert [verdict(n).ruling for n in (32, 48, 64)] == ["supported"] * 3
    assert verdict(64).interval.low >= verdict(32).interval.low > 0.75
    assert verdict(64).share == 0.75


LOSSES = st.lists(st.tuples(*[st.sampled_from([0.5, 1.0, 2.0, np.inf])] * 2), min_size=12, max_size=12).map(
    lambda pairs: np.array(pairs).T
)


def verdict_on(losses, n=12):
    plan = planned(grid(RATES, replicates=n), claims=[claim(BETTER)], most_replicates=n)
    return only(judged(plan, lambda cell, n: losses[cell][:n]))


@given(LOSSES, st.integers(1, 12))
def test_a_verdict_on_more_replicates_is_at_least_as_narrow_as_one_on_their_beginning(losses, n):
    few, all_of_them = verdict_on(losses, n), verdict_on(losses, 12)

    assert all_of_them.interval.low >= few.interval.low - 1e-9
    assert all_of_them.interval.high <= few.interval.high + 1e-9


@given(LOSSES)
def test_only_which_of_two_losses_is_smaller_counts_for_what_is_better(losses):
    one, other = verdict_on(losses), verdict_on(losses**3)

    assert (one.ruling, one.interval, one.n) == (other.ruling, other.interval, other.n)


def test_several_verdicts_are_harder_to_get_than_one():
    few = axis("neurons", 1)
    many = axis("neurons", *range(1, 40))

    def confidence(neurons):
        plan = planned(grid(RATES, neurons, replicates=32), claims=[claim(BETTER, "neurons")])
        return judged(plan, noise).verdicts[0].interval.confidence

    assert 1 - confidence(few) == pytest.approx(39 * (1 - confidence(many)))
