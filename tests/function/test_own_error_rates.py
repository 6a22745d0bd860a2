"""A function's settings that do not differ are called different in at most 5 % of sweeps, however one looks.

Nothing is trained by processes here: outcomes are made in arrays by what such a function would give.
"""

# ruff: noqa: ARG001 - functions that stand for trainings

import os

import numpy as np
import pytest

from sweep import api
from sweep.claims import Judgement, resolve_claims
from sweep.tables.collected import Collected
from sweep.terms.outcome import Outcome, Status
from sweep.training.function.seeds import seeds_of

N_SWEEPS = 1000 if "SWEEP_FULL_SIMULATIONS" in os.environ else 250
PLANNED, MOST = 8, 32


def train(kind, *, seed):
    """Stand for a function whose noise is its own in each setting, and the same whatever the setting is."""
    return 0.0


def planned(better):
    return api.judgement_of(
        train,
        grid={"kind": ["a", "b"]},
        metrics={"score": better},
        replicates=PLANNED,
        claims=[{"sentence": "s", "form": "better", "axis": "kind", "value": "b"}],
        most_replicates=MOST,
    )


def collected_of(plan, values, diverges):
    """Return results in which run (cell, replicate) gave `values[cell, replicate]`."""
    found = Collected(plan)
    for setting in range(plan.n_settings):
        cell = int(plan.first_cell[setting])
        n = int(plan.cells.replicates[cell])
        mine = values[cell, :n]
        found.add(
            Outcome(
                keys=np.repeat(plan.keys[setting : setting + 1], n),
                replicates=np.arange(n),
                steps=np.array([0]),
                metrics={plan.training.objective.name: mine[:, None]},
                status=np.where(diverges[cell, :n], Status.DIVERGED, Status.OK).astype(np.uint8),
                ended_at=np.zeros(n, dtype=np.int64),
                seconds=0.0,
            )
        )
    return found


def verdict_of(planned, values, diverges):
    judgement, plan = Judgement(planned.plan, resolve_claims(planned.plan)), planned.plan
    while (replicates := judgement.wanted()) is not None:
        judgement.look(collected_of(plan.with_replicates(replicates), values, diverges), lambda _: {})
    (verdict,) = judgement.verdicts
    return verdict.ruling


NOISE = {
    "its own noise and that of the seed": (
        lambda chance, seeds: seeds % 97.0 + chance.normal(size=(2, len(seeds))),
        "lower",
    ),
    "counts with many ties": (
        lambda chance, seeds: chance.integers(0, 4, size=(2, len(seeds))).astype(float),
        "higher",
    ),
}


def test_settings_that_give_the_same_are_never_called_different():
    judgement = planned("lower")
    seeds = np.array(list(seeds_of(0, range(MOST)).values()), dtype=float)
    values = np.tile(seeds, (2, 1))

    assert verdict_of(judgement, values, np.zeros(values.shape, dtype=bool)) == "inconclusive"


@pytest.mark.parametrize(("noise", "better"), NOISE.values(), ids=NOISE)
def test_settings_that_do_not_differ_are_rarely_called_different(noise, better):
    judgement = planned(better)
    chance = np.random.default_rng(1)
    wrong = 0
    for sweep in range(N_SWEEPS):
        seeds = np.array(list(seeds_of(sweep, range(MOST)).values()), dtype=float)
        values = noise(chance, seeds)
        diverges = np.zeros(values.shape, dtype=bool)
        ruling = verdict_of(judgement, values, diverges)
        wrong += ruling in ("supported", "refuted")

    assert wrong <= 0.05 * N_SWEEPS


def test_a_real_difference_is_found():
    judgement = planned("higher")
    chance = np.random.default_rng(2)
    rulings = []
    for _ in range(50):
        values = chance.normal(size=(2, MOST)) + np.array([[0], [2]])
        rulings.append(verdict_of(judgement, values, np.zeros(values.shape, dtype=bool)))

    assert rulings.count("supported") > 40
    assert "refuted" not in rulings
