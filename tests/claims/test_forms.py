"""The forms that compare in other ways than which is better: hand-made losses, words, and what is wrong in a config."""

import numpy as np
import pytest
from experiments import axis, grid
from judging import better, claim, judged, judgement_of, only, planned, resolved, with_losses
from simulating import Sweeps

from sweep.claims import verdicts_table
from sweep.claims.sentences import grounds
from sweep.errors import ConfigError
from sweep.forms import Alike, Best, Differs, Enough, Succeeds, Trend
from sweep.forms.reaches import Beyond
from sweep.terms.metric import Metric
from sweep.terms.outcome import Status
from sweep.training.network.metrics import FINAL_LOSS

RATE = "learning_rate"
TWO, THREE = axis(RATE, 0.03, 0.1), axis(RATE, 0.03, 0.1, 0.3)
ALIKE = Alike(FINAL_LOSS, RATE, 0.03, (0.1,), by=0.1)
SUCCEEDS = Succeeds(FINAL_LOSS, RATE, 0.03, (0.1,), Beyond(FINAL_LOSS, 1.0, is_below=True))
BEST = Best(FINAL_LOSS, RATE, (0.03,), (0.1, 0.3))
BATCHES = axis("batch_size", 4, 10)
DIFFERS = Differs(FINAL_LOSS, RATE, 0.03, 0.1, "batch_size", 4, 10)
ACCURACY = Metric("accuracy", "higher")


def verdict_on(form, losses, *axes, n=64, **limits):
    """Return the verdict where the losses of cell i are row i, of n replicates, or numbers for all of them."""
    plan = planned(grid(*axes, replicates=n), claims=[claim(form)], most_replicates=n, **limits)
    return only(judged(plan, lambda cell, n: np.broadcast_to(losses[cell], 64)[:n]))


def noise(seed=1, n=64):
    return np.random.default_rng(seed).lognormal(sigma=0.02, size=n)


# alike


@pytest.mark.parametrize(
    ("ratio", "ruling"),
    [(1.0, "supported"), (1.05, "supported"), (0.95, "supported"), (1.2, "refuted"), (0.8, "refuted")],
)
def test_two_values_are_alike_if_neither_is_larger_by_the_share(ratio, ruling):
    assert verdict_on(ALIKE, [ratio * noise(), noise(2)], TWO).ruling == ruling


def test_equal_losses_are_alike_and_pairs_that_both_diverged_say_nothing():
    assert verdict_on(ALIKE, [1.0, 1.0], TWO).ruling == "supported"
    assert verdict_on(ALIKE, [0.0, 0.0], TWO).ruling == "supported"
    lost = verdict_on(ALIKE, [np.inf, np.inf], TWO)
    assert (lost.ruling, lost.n) == ("inconclusive", 0)
    assert "both runs diverged" in grounds(lost)
    assert verdict_on(ALIKE, [np.inf, 1.0], TWO).ruling == "refuted"


def test_what_is_alike_is_said_with_the_ratio_first():
    said = grounds(verdict_on(ALIKE, [1.02, 1.0], TWO))

    assert said.startswith("median loss ratio")
    assert "less than 1.1 times the loss of" in said


# succeeds


def test_of_the_pairs_in_which_only_one_succeeds_it_is_counted_which():
    few = np.where(np.arange(64) < 8, 0.5, 2.0)
    most = np.where(np.arange(64) < 40, 0.5, np.inf)

    verdict = verdict_on(SUCCEEDS, [most, few], TWO)

    assert (verdict.ruling, verdict.n, verdict.count.successes) == ("supported", 32, 32)
    assert verdict.effect is None
    said = grounds(verdict)
    assert "62 % succeed with learning rate 0.03 and 12 % with 0.1" in said
    assert verdict_on(SUCCEEDS, [few, most], TWO).ruling == "refuted"


def test_where_both_succeed_or_both_fail_nothing_is_decided_and_it_is_said():
    verdict = verdict_on(SUCCEEDS, [0.5, 0.6], TWO)

    assert (verdict.ruling, verdict.n, verdict.needed) == ("inconclusive", 0, None)
    assert "both succeed or both do not" in grounds(verdict)


# trend


@pytest.mark.parametrize(
    ("losses", "factor", "ruling"),
    [
        ([8, 4, 2, 1], 1.0, "supported"),
        ([8, 4, 2, 1], 0.6, "supported"),
        ([8, 4, 2, 1], 0.4, "refuted"),
        ([8, 2, 4, 1], 1.0, "supported"),
        ([1, 2, 4, 8], 1.0, "refuted"),
        ([1, 1, 1, 1], 1.0, "inconclusive"),
        ([8, 4, np.inf, 1], 1.0, "inconclusive"),
        ([8, 4, 0, 1], 1.0, "inconclusive"),
    ],
)
def test_a_trend_goes_by_the_line_through_all_values(losses, factor, ruling):
    form = Trend(FINAL_LOSS, "neurons", (1, 2, 4, 8), "falls", factor)

    verdict = verdict_on(form, losses, axis("neurons", 1, 2, 4, 8))

    assert verdict.ruling == ruling
    if losses == [8, 4, 2, 1]:
        assert verdict.effect.median == pytest.approx(0.5)
        assert "with each doubling the loss is, in the median, 0.5" in grounds(verdict)


def test_a_trend_of_which_the_grid_leaves_out_a_value_has_no_verdict_that_supports_it():
    plan = planned(
        grid(TWO, axis("neurons", 1, 2, 4), replicates=64, exclude=({RATE: (0.1,), "neurons": (2,)},)),
        claims=[claim(Trend(FINAL_LOSS, "neurons", (1, 2, 4), "falls"), RATE)],
    )

    verdicts = judged(plan, lambda cell, n: np.full(n, 1.0 / (1 + cell))).verdicts

    assert [verdict.condition for verdict in verdicts] == [{RATE: 0.03}]


# differs


def test_an_advantage_that_is_larger_under_one_condition_is_so():
    def verdict(ratio, ratio_then):
        plan = planned(grid(TWO, BATCHES, replicates=64), claims=[claim(DIFFERS)])
        rate, batch = (plan.cells.codes[name] for name in (RATE, "batch_size"))
        ratios = (ratio, ratio_then)

        def losses(cell, n):
            return noise(cell, n) * (1.0 if rate[cell] else ratios[batch[cell]])

        return only(judged(plan, losses))

    larger = verdict(0.5, 0.9)
    assert larger.ruling == "supported"
    assert larger.effect.median == pytest.approx(0.5 / 0.9, rel=0.05)
    assert "larger with batch size 4 than with 10" in grounds(larger)
    assert verdict(0.9, 0.5).ruling == "refuted"
    assert verdict(0.0, 0.0).ruling == "inconclusive"
    assert verdict(np.inf, 1.0).ruling == "refuted"


# best


def best_of(*losses):
    return verdict_on(BEST, losses, THREE)


def test_the_best_value_is_better_than_each_other_one_and_those_that_may_be_it_are_shown():
    assert best_of(1, 2, 3).ruling == "supported"
    assert best_of(1, 2, 3).among == (0.03,)
    assert "the best is 0.03" in grounds(best_of(1, 2, 3))
    worse = best_of(2, 1, 3)
    assert (worse.ruling, worse.among) == ("refuted", (0.1,))
    equal = best_of(1, 1, 3)
    assert (equal.ruling, equal.among) == ("inconclusive", (0.03, 0.1))
    assert "the best is among 0.03, 0.1" in grounds(equal)


def test_the_best_lies_between_two_values_if_each_one_outside_is_worse_than_one_inside():
    form = Best(FINAL_LOSS, RATE, (0.03, 0.1), (0.3,))

    assert verdict_on(form, [1, 3, 2], THREE).ruling == "supported"
    assert verdict_on(form, [2, 3, 1], THREE).ruling == "refuted"


def test_where_a_condition_has_none_of_the_values_inside_the_others_still_have_their_own_best():
    left_out = ({RATE: (0.03,), "neurons": (1,)},)
    plan = planned(
        grid(THREE, axis("neurons", 1, 2), replicates=64, exclude=left_out), claims=[claim(BEST, "neurons")]
    )
    rate, neurons = (plan.cells.codes[name] for name in (RATE, "neurons"))

    # with 1 neuron the largest rate is the best, with 2 the smallest
    losses = lambda cell, n: np.full(n, 1.0 + (rate[cell] if neurons[cell] else -rate[cell] / 4))  # noqa: E731
    (verdict,) = judged(plan, losses).verdicts

    assert verdict.condition == {"neurons": 2}
    assert verdict.among == (0.03,)


@pytest.mark.parametrize("scales", [(1, 1, 1), (1, 1.1, 1.5)])
def test_the_values_that_may_be_the_best_hold_it_in_95_percent_of_sweeps(scales):
    sweeps = Sweeps(BEST, THREE, n_sweeps=400, replicates=32, most=128)
    losses = np.random.default_rng(5).lognormal(size=(400, 3, 128)) * np.array(scales)[:, None]

    held = np.mean([0.03 in verdict.among for verdict in sweeps.until_decided(losses)])

    assert held >= 0.95


# what is left out, and what says nothing


@pytest.mark.parametrize("is_named", [True, False])
def test_a_value_that_the_grid_leaves_out_keeps_a_claim_that_names_it_from_being_supported(is_named):
    left_out = ({RATE: (0.3,), "neurons": (1,)},)
    forms = [
        better(RATE, 0.03, (0.1, 0.3), is_named=is_named),
        Alike(FINAL_LOSS, RATE, 0.03, (0.1, 0.3), 10.0, is_named=is_named),
        Succeeds(
            FINAL_LOSS, RATE, 0.03, (0.1, 0.3), Beyond(FINAL_LOSS, 1.5, is_below=True), is_named=is_named
        ),
    ]
    plan = planned(
        grid(THREE, axis("neurons", 1, 2), replicates=64, exclude=left_out),
        claims=[claim(form, neurons=1) for form in forms],
    )
    rate = plan.cells.codes[RATE]

    verdicts = judged(plan, lambda cell, n: np.full(n, 1.0 + rate[cell])).verdicts

    assert {verdict.ruling for verdict in verdicts} == {"inconclusive" if is_named else "supported"}
    assert all("not compared, since the grid leaves it out: 0.03 with 0.3" in grounds(v) for v in verdicts)


def test_fewer_than_half_of_the_pairs_that_speak_are_told_first_and_why():
    one = np.where(np.arange(64) < 20, 1.0, np.inf)
    other = np.where(np.arange(64) < 20, 2.0, np.inf)
    verdict = verdict_on(better(RATE, 0.03, (0.1,)), [one, other], TWO)

    assert grounds(verdict).startswith(
        "only 20 of 64 replicates speak (44 diverged on all sides): median loss ratio"
    )


def test_replicates_without_a_line_are_told_first_where_they_are_most():
    form = Trend(FINAL_LOSS, "neurons", (1, 2, 4), "falls")
    middle = np.where(np.arange(64) < 20, 2.0, np.inf)

    said = grounds(verdict_on(form, [4.0, middle, 1.0], axis("neurons", 1, 2, 4)))

    assert said.startswith("only 20 of 64 replicates speak (in 44 a run diverged")


def test_replicates_without_an_advantage_are_told_first_where_they_are_most():
    lost = np.where(np.arange(64) < 20, 1.0, np.inf)
    plan = planned(grid(TWO, BATCHES, replicates=64), claims=[claim(DIFFERS)])
    rate, batch = (plan.cells.codes[name] for name in (RATE, "batch_size"))

    said = grounds(
        only(
            judged(
                plan,
                lambda cell, n: (
                    (lost[:n] if batch[cell] else np.ones(n)) * (1.0 + rate[cell]) ** (2 - batch[cell])
                ),
            )
        )
    )

    assert said.startswith("only 20 of 64 replicates speak (in 44 ")


def test_pairs_that_are_equal_but_count_are_no_reason_for_silence():
    one = np.where(np.arange(64) < 4, np.inf, 1.0)
    verdict = verdict_on(better(RATE, 0.03, (0.1,), by=0.2), [one, one], TWO)

    assert verdict.n == 60
    assert "60 of 64 replicates speak (4 diverged on all sides)" in grounds(verdict)


def test_failed_runs_say_nothing_for_any_form():
    for form, axes in ((ALIKE, [TWO]), (SUCCEEDS, [TWO]), (BEST, [THREE]), (DIFFERS, [TWO, BATCHES])):
        plan = planned(grid(*axes, replicates=64), claims=[claim(form)], most_replicates=64)
        collected = with_losses(plan, lambda cell, n: np.full(n, 1.5 - cell) if cell < 2 else np.full(n, 7.0))
        collected.status[:4] = Status.FAILED
        judgement = judgement_of(plan)

        judgement.look(collected)

        assert (only(judgement).count.n_failed, only(judgement).n <= 60) == (4, True)


def test_where_higher_is_better_the_larger_value_is_and_what_diverged_is_the_smallest():
    one, other = np.array([0.9, 0.5, -np.inf, -np.inf]), np.array([0.5, 0.5, 0.5, -np.inf])

    best = Best(ACCURACY, RATE, (0.03,), (0.1,)).count(one, other)
    alike = Alike(ACCURACY, RATE, 0.03, (0.1,), 0.1).count(one, other)
    differs = Differs(ACCURACY, RATE, 0.03, 0.1, "batch_size", 4, 10).count(one, other, other, other)
    succeeds = Succeeds(ACCURACY, RATE, 0.03, (0.1,), Beyond(ACCURACY, 0.7, is_below=False)).count(one, other)

    assert best.success[best.counted].tolist() == [True, False]
    assert alike.success[alike.counted].tolist() == [False, True, True]
    assert differs.success[differs.counted].tolist() == [True, False]
    assert succeeds.success[succeeds.counted].tolist() == [True]


def test_neurons_stay_whole_numbers_where_only_some_claims_have_them():
    plan = planned(
        grid(TWO, axis("neurons", 1, 3), replicates=32),
        claims=[claim(ALIKE, "neurons"), claim(ALIKE, neurons=1)],
    )

    table = verdicts_table(judged(plan, lambda _cell, n: np.ones(n)).verdicts)

    assert table.to_csv(columns=["claim", "neurons"], index=False).split() == [
        "claim,neurons",
        "1,1",
        "1,3",
        "2,",
    ]


# what is wrong in a config

CONFIG = """
[target]
function = "x**2"

[grid]
learning_rate = [0.03, 0.1]
neurons = [1, 2, 4]
activation = ["relu", "tanh"]

[[claim]]
sentence = "a sentence"
where = {{ {where} }}
{keys}
"""

FIXED = "neurons = 1, activation = 'relu'"


@pytest.mark.parametrize(
    ("keys", "where", "message"),
    [
        ('form = "alike"\naxis = "learning_rate"\nvalue = 0.03', FIXED, "claim.by` is missing"),
        ('form = "alike"\naxis = "learning_rate"\nvalue = 0.03\nby = 0', FIXED, "must be > 0 and < 1 for"),
        (
            'form = "alike"\naxis = "learning_rate"\nvalue = 0.04\nby = 0.1',
            FIXED,
            "The nearest one there is 0.03",
        ),
        ('form = "best"\naxis = "learning_rate"', FIXED, "or `between`"),
        (
            'form = "best"\naxis = "learning_rate"\nvalue = 0.1\nbetween = [0, 1]',
            FIXED,
            "does not go with `value`",
        ),
        (
            'form = "best"\naxis = "learning_rate"\nbetween = [0, 1]',
            FIXED,
            "leave out others, got 2 values of 2",
        ),
        ('form = "succeeds"\naxis = "learning_rate"\nvalue = 0.1', FIXED, "needs it, a number, or `above`"),
        (
            'form = "succeeds"\naxis = "learning_rate"\nvalue = 0.1\nbelow = 1\nabove = 2',
            FIXED,
            "does not go with `below`",
        ),
        (
            'form = "trend"\naxis = "neurons"\ndirection = "falls"\nfactor = 2',
            "learning_rate = 0.1, activation = 'relu'",
            'must be at most 1 where the metric "falls", got 2',
        ),
        (
            'form = "trend"\naxis = "neurons"\ndirection = "falls"\nbetween = [2, 3]',
            "learning_rate = 0.1, activation = 'relu'",
            "must hold two values or more of the axis, got 1 value",
        ),
        (
            'form = "trend"\naxis = "activation"\ndirection = "falls"',
            "learning_rate = 0.1, neurons = 1",
            "must be an axis of numbers",
        ),
        (
            'form = "differs"\naxis = "learning_rate"\nvalue = 0.03\nthan = 0.1\nunder = { activation = "relu" }',
            "neurons = 1",
            "must name one axis with two values",
        ),
        (
            'form = "differs"\naxis = "learning_rate"\nvalue = 0.03\nthan = 0.03\n'
            'under = { activation = ["relu", "tanh"] }',
            "neurons = 1",
            "must be another value than 0.03 itself",
        ),
        (
            'form = "differs"\naxis = "learning_rate"\nvalue = 0.03\nthan = 0.1\n'
            'under = { activation = ["relu", "relu"] }',
            "neurons = 1",
            'must name two values, got "relu" twice',
        ),
        (
            'form = "differs"\naxis = "learning_rate"\nvalue = 0.03\nthan = 0.1\nunder = { neuron = [1, 2] }',
            'activation = "relu"',
            "did you mean `neurons`?",
        ),
        (
            'form = "differs"\naxis = "learning_rate"\nvalue = 0.03\nthan = 0.1\n'
            "under = { learning_rate = [0.03, 0.1] }",
            FIXED,
            "`claim.under` must name another axis than `learning_rate`",
        ),
    ],
)
def test_each_mistake_gives_one_line_with_its_key(keys, where, message):
    with pytest.raises(ConfigError) as error:
        resolved(CONFIG.format(keys=keys, where=where))

    assert message in str(error.value)
    assert (
        str(error.value).count("must")
        + str(error.value).count("missing")
        + str(error.value).count("does not go")
        == 1
    )


@pytest.mark.parametrize(
    "form",
    [better(RATE, 0.03, (0.1,), 0.1), ALIKE, Enough(FINAL_LOSS, RATE, 0.03, (0.1,), 0.1)],
    ids=lambda form: form.name,
)
def test_a_share_of_a_negative_metric_means_nothing_and_that_is_said(form):
    verdict = verdict_on(form, [-100 - noise(), -100 - noise(2)], TWO)

    assert (verdict.ruling, verdict.n) == ("inconclusive", 0)
    assert "one is negative, so that a share of it means nothing" in grounds(verdict)


def test_from_a_metric_of_0_to_one_of_0_nothing_is_gained():
    form = Enough(FINAL_LOSS, RATE, 0.03, (0.1,), 0.1)

    assert verdict_on(form, [np.zeros(64), np.zeros(64)], TWO).ruling == "supported"


def test_replicates_that_contradict_each_other_far_beyond_chance_decide_nothing_and_it_is_said():
    losses = np.where(np.arange(64) < 12, 0.5, 2.0)  # 12 win, and all later ones lose
    verdict = verdict_on(better(RATE, 0.03, (0.1,)), [losses, np.ones(64)], TWO)

    assert verdict.ruling == "inconclusive"
    assert verdict.interval.low <= verdict.interval.high
    assert "the first replicates say otherwise than the later ones" in grounds(verdict)
