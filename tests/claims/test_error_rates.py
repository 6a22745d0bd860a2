"""How often verdicts are wrong at the bound of their claim: simulated many times, on losses of real runs."""

import os
from itertools import pairwise

import numpy as np
import pytest
from experiments import axis
from judging import better, enough, monotone
from simulating import Sweeps, stored_losses

from sweep.forms import Alike, Best, Differs, Fails, Reaches, Succeeds, Trend
from sweep.forms.reaches import Beyond
from sweep.training.network.metrics import FINAL_LOSS

IS_FULL = "SWEEP_FULL_SIMULATIONS" in os.environ
"""Whether 2000 sweeps are simulated of each, to 4096 replicates: some four minutes of one core."""

N_SWEEPS, N_LONG = (2000, 2000) if IS_FULL else (600, 200)
MOST = 4096 if IS_FULL else 1024
CHUNK = 250
EDITS = [round(24 * 1.5**i) for i in range(11)]
"""24 replicates, and ten times half as many more."""

NAME = "learning_rate"


def rates(n):
    return axis(NAME, *(0.01 * 2**i for i in range(n)))


A, B, C, D = (0.01 * 2**i for i in range(4))


def share_below(limit):
    return float(np.mean(stored_losses() < limit))


def median_loss():
    return float(np.median(stored_losses()))


def at_the_bound(name):
    """Return the form, the axes, and by what the losses at each of their values are multiplied; all are else equal."""
    limit = median_loss()
    return {
        "better": (better(NAME, A, (B,)), [rates(2)], [1, 1]),
        "better by": (better(NAME, A, (B,), by=0.25), [rates(2)], [0.75, 1]),
        "better than two": (better(NAME, A, (B, C)), [rates(3)], [1, 1, 1e6]),
        "alike": (Alike(FINAL_LOSS, NAME, A, (B,), by=0.1), [rates(2)], [1.1, 1]),
        "best": (Best(FINAL_LOSS, NAME, (A,), (B, C)), [rates(3)], [1, 1, 1e6]),
        "best between": (Best(FINAL_LOSS, NAME, (A, B), (C,)), [rates(3)], [1, 1, 1]),
        "reaches": (Reaches(FINAL_LOSS, limit, is_below=True, share=share_below(limit)), [], [1]),
        "fails": (Fails(FINAL_LOSS, limit, is_below=True, share=share_below(limit)), [], [1]),
        "succeeds": (
            Succeeds(FINAL_LOSS, NAME, A, (B,), Beyond(FINAL_LOSS, limit, is_below=True)),
            [rates(2)],
            [1, 1],
        ),
        "monotone": (monotone(NAME, (A, B, C), "falls"), [rates(3)], [1, 1, 1e-6]),
        "an axis that does nothing": (monotone(NAME, (A, B, C), "falls"), [rates(3)], [1, 1, 1]),
        "trend": (Trend(FINAL_LOSS, NAME, (A, B, C, D), "falls", 0.5), [rates(4)], [1, 1 / 2, 1 / 4, 1 / 8]),
        "enough": (enough(NAME, A, (B,), 0.25), [rates(2)], [1, 0.75]),
        "differs": (
            Differs(FINAL_LOSS, NAME, A, B, "batch_size", 4, 10),
            [rates(2), axis("batch_size", 4, 10)],
            [1, 1, 1, 1],
        ),
    }[name]


FORMS = (
    "better",
    "better by",
    "better than two",
    "alike",
    "best",
    "best between",
    "reaches",
    "fails",
    "succeeds",
    "monotone",
    "an axis that does nothing",
    "trend",
    "enough",
    "differs",
)


def drawn(factors, n_sweeps, n, seed):
    """Return losses of real runs; those of a level are multiplied by its factor."""
    losses = stored_losses()
    chosen = np.random.default_rng(seed).integers(len(losses), size=(n_sweeps, len(factors), n))
    return losses[chosen] * np.array(factors)[:, None]


def n_decided(name, n, look, n_sweeps=N_SWEEPS):
    """Return in how many sweeps of a claim at its bound a look at up to n replicates decides."""
    form, levels, factors = at_the_bound(name)
    found = 0
    for first in range(0, n_sweeps, CHUNK):
        size = min(CHUNK, n_sweeps - first)
        sweeps = Sweeps(form, *levels, n_sweeps=size, replicates=n)
        losses = drawn(factors, size, n, seed=[FORMS.index(name), n, first])
        found += np.count_nonzero(look(sweeps, losses))
    print(f"{name}, up to {n} replicates: {found} of {n_sweeps} decided")
    return found


def one_look(sweeps, losses):
    return sweeps.any_decided(sweeps.looked_at_once(losses))


def is_at_most_5_percent(found, n_sweeps=N_SWEEPS):
    return found <= 0.059 * n_sweeps


def test_some_of_the_stored_runs_diverged_and_the_others_are_very_different():
    losses = stored_losses()
    finite = losses[np.isfinite(losses)]

    assert 20 < len(losses) - len(finite) < 1000
    assert np.quantile(finite, 0.99) > 2 * np.median(finite)


@pytest.mark.parametrize("name", FORMS)
def test_of_sweeps_at_the_bound_that_are_looked_at_once_5_percent_are_decided_at_most(name):
    assert is_at_most_5_percent(n_decided(name, 64, one_look))


@pytest.mark.parametrize("name", FORMS)
def test_of_sweeps_at_the_bound_that_are_looked_at_after_every_replicate_5_percent_are_decided_at_most(name):
    """The interval after the last replicate is that of all looks before it."""
    found = n_decided(name, MOST, one_look, N_LONG)

    assert is_at_most_5_percent(found, N_LONG)
    assert found > 0


@pytest.mark.parametrize("name", FORMS)
def test_where_replicates_are_raised_ten_times_it_is_decided_just_where_the_last_look_decides(name):
    """So the error of all of them is that of one look, whichever way one came to it."""
    form, levels, factors = at_the_bound(name)
    sweeps = Sweeps(form, *levels, n_sweeps=60, replicates=EDITS[-1])
    losses = drawn(factors, 60, EDITS[-1], seed=1)

    each = [sweeps.any_decided(sweeps.looked_at_once(losses, replicates)) for replicates in EDITS]

    assert all((one <= later).all() for one, later in pairwise(each))


@pytest.mark.parametrize("name", ["better", "reaches", "monotone"])
def test_of_a_family_of_20_claims_none_is_decided_at_its_bound_in_95_percent_of_sweeps(name):
    form, levels, factors = at_the_bound(name)
    n_sweeps, n = (2000 if IS_FULL else 200), 128
    found = 0
    for first in range(0, n_sweeps, 100):
        sweeps = Sweeps(form, *levels, n_sweeps=100, replicates=n, family=20)
        losses = drawn(factors, 100 * 20, n, seed=[20, first])
        found += np.count_nonzero(sweeps.any_decided(sweeps.looked_at_once(losses)))
    print(f"20 claims, {name}: {found} of {n_sweeps} decided")

    assert is_at_most_5_percent(found, n_sweeps)


def test_of_three_configs_that_share_a_family_none_is_decided_at_its_bound_in_95_percent_of_folders():
    n_folders, n, families = (2000 if IS_FULL else 300), 256, {"better": 2, "fails": 3, "alike": 4}
    found = np.zeros(n_folders, dtype=bool)
    for name, family in families.items():
        form, levels, factors = at_the_bound(name)
        sweeps = Sweeps(form, *levels, n_sweeps=n_folders, replicates=n, family=family, pages=len(families))
        losses = drawn(factors, n_folders * family, n, seed=family)
        found |= sweeps.any_decided(sweeps.looked_at_once(losses))
    print(f"three configs: {np.count_nonzero(found)} of {n_folders} decided")

    assert is_at_most_5_percent(np.count_nonzero(found), n_folders)
