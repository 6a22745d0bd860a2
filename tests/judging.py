"""Small sweeps with claims whose losses a test chooses."""

import dataclasses

import numpy as np
from experiments import experiment

from sweep.claims import Judgement
from sweep.config.claim import Claim
from sweep.dispatch.work import train_batch
from sweep.plan import make_batches, make_plan
from sweep.tables.collected import DIVERGED, OK, Collected


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
    collected.final_loss[:] = np.concatenate(each)
    collected.status[:] = np.where(np.isinf(collected.final_loss), DIVERGED, OK)
    return collected


def trained(plan):
    """Return the results of a plan that is trained here and now."""
    collected = Collected(plan)
    for batch in make_batches(plan, collected.missing):
        result = train_batch(batch)
        collected.add(batch.keys, batch.replicates, batch.epochs, result.losses, result.diverged_at)
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
