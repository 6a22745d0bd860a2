"""Small sweeps with claims whose losses a test chooses."""

import dataclasses

import numpy as np
from experiments import experiment

from sweep.claims import Judgement
from sweep.config.claim import Claim
from sweep.plan import make_batches, make_plan
from sweep.tables.collected import Collected
from sweep.terms.outcome import Outcome, Status
from sweep.training.network.batch import train_batch


def planned(*grids, claims=(), most_replicates=1024, **fixed):
    """Return the plan of an experiment with claims."""
    made = experiment(*grids, **fixed)
    return make_plan(dataclasses.replace(made, claims=tuple(claims), most_replicates=most_replicates))


def claim(form, *over, **where):
    return Claim("a sentence", "", form, where, over)


def with_losses(plan, losses):
    """Return the results of a plan in which `losses(cell, n)` are those of the first n replicates of a cell."""
    collected = Collected(plan)
    each = [np.asarray(losses(cell, int(n)), dtype=float) for cell, n in enumerate(plan.cells.replicates)]
    for setting in range(plan.n_settings):
        cells = range(plan.first_cell[setting], np.append(plan.first_cell, len(plan.cells))[setting + 1])
        for cell in cells:
            collected.add(_outcome(plan, setting, cell, each[cell]))
    return collected


def _outcome(plan, setting, cell, losses):
    n = len(losses)
    return Outcome(
        keys=np.repeat(plan.keys[setting : setting + 1], n),
        replicates=np.arange(n),
        steps=plan.cells.steps[cell : cell + 1],
        metrics={"final_loss": losses[:, None]},
        status=np.full(n, Status.OK, dtype=np.uint8),
        ended_at=np.zeros(n, dtype=np.int64),
        seconds=0.0,
    )


def trained(plan):
    """Return the results of a plan that is trained here and now."""
    collected = Collected(plan)
    for batch in make_batches(plan, collected.missing):
        collected.add(train_batch(batch))
    return collected


def judged(plan, losses, networks_of=None):
    """Return the judgement of a plan whose every look finds what it wants."""
    judgement = Judgement(plan)
    while (replicates := judgement.wanted()) is not None:
        judgement.look(with_losses(plan.with_replicates(replicates), losses), networks_of)
    return judgement


def only(judgement):
    (verdict,) = judgement.verdicts
    return verdict
