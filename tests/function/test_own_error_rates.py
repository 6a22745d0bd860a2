"""A function's settings that do not differ are called different in at most 5 % of sweeps, however one looks.

Nothing is trained by processes here: outcomes are made in arrays by what such a function would give.
"""

# ruff: noqa: ARG001 - functions that stand for trainings

import dataclasses

import numpy as np
import pytest

from sweep import api
from sweep.claims import Judgement, resolve_claims
from sweep.tables.collected import Collected
from sweep.terms.outcome import Status
from sweep.training.function.seeds import seeds_of

N_SWEEPS = 1000
PLANNED, MOST = 8, 32


def train(kind, sweep, *, seed):
    """Stand for a function whose noise is its own in each setting, and the same whatever the setting is."""
    return 0.0


def planned(better, n_sweeps):
    """Return the plan of many sweeps at once, each a condition of one claim."""
    plan = api.judgement_of(
        train,
        grid={"kind": ["a", "b"], "sweep": range(n_sweeps)},
        metrics={"score": better},
        replicates=PLANNED,
        claims=[{"sentence": "s", "form": "better", "axis": "kind", "value": "b", "over": ["sweep"]}],
        most_replicates=MOST,
    ).plan
    # so many conditions share the error that each sweep has 5 % of its own
    experiment = dataclasses.replace(plan.experiment, confidence=1 - 0.05 * n_sweeps)
    return dataclasses.replace(plan, experiment=experiment)


def collected_of(plan, values):
    """Return results in which a run gave `values[sweep, kind, replicate]`."""
    found = Collected(plan)
    is_there = np.arange(MOST) < plan.cells.replicates[:, None]
    codes = plan.cells.codes
    found.given(plan.training.objective.name)[:] = values[codes["sweep"], codes["kind"]][is_there]
    found.status[:] = Status.OK
    return found


def rulings_of(plan, values):
    """Return the ruling of each sweep, when all are decided or have the most replicates there may be."""
    judgement = Judgement(plan, resolve_claims(plan))
    while (replicates := judgement.wanted()) is not None:
        judgement.look(collected_of(plan.with_replicates(replicates), values), lambda _: {})
    return [verdict.ruling for verdict in judgement.verdicts]


def seeds_in(sweep):
    return np.array(list(seeds_of(sweep, range(MOST)).values()), dtype=float)


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
    values = np.array([np.tile(seeds_in(sweep), (2, 1)) for sweep in range(2)])

    assert rulings_of(planned("lower", len(values)), values) == ["inconclusive"] * 2


@pytest.mark.parametrize(("noise", "better"), NOISE.values(), ids=NOISE)
def test_settings_that_do_not_differ_are_rarely_called_different(noise, better):
    chance = np.random.default_rng(1)
    values = np.array([noise(chance, seeds_in(sweep)) for sweep in range(N_SWEEPS)])
    rulings = rulings_of(planned(better, N_SWEEPS), values)
    wrong = sum(ruling in ("supported", "refuted") for ruling in rulings)

    assert len(rulings) == N_SWEEPS
    assert wrong <= 0.05 * N_SWEEPS


def test_a_real_difference_is_found():
    chance = np.random.default_rng(2)
    values = chance.normal(size=(50, 2, MOST)) + np.array([[0], [2]])
    rulings = rulings_of(planned("higher", len(values)), values)

    assert rulings.count("supported") > 40
    assert "refuted" not in rulings
