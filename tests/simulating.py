"""Many sweeps at once: each is a condition of one judgement, so that simulations take seconds."""

import dataclasses
from functools import cache

import numpy as np
from experiments import axis, experiment, grid
from judging import claim, planned, trained

from sweep.claims import Judgement
from sweep.plan import make_plan
from sweep.tables.collected import Collected
from sweep.terms.outcome import Status


@cache
def stored_losses():
    """The final losses of 2000 runs of one setting, some of which diverge."""
    setting = {"epochs": 60, "learning_rate": 0.12, "activation": "identity"}
    return trained(make_plan(experiment(grid(replicates=2000), **setting))).objective


class Sweeps:
    """So many sweeps with one claim each, or with a family of claims of one form, each family at 95 %.

    The axis of the claim is that of `levels`, and a second one may stand beside it.
    """

    def __init__(self, form, *levels, n_sweeps, replicates, most=None, family=1, pages=1):
        self.shape = n_sweeps, family
        over = axis("neurons", *range(1, n_sweeps * family + 1))
        plan = planned(
            grid(*levels, over, replicates=replicates),
            claims=[claim(form, "neurons")],
            most_replicates=most or replicates,
        )
        # so many conditions share the error that each sweep has 5 % of its own
        confidence = 1 - 0.05 * n_sweeps
        self.plan = dataclasses.replace(
            plan,
            experiment=dataclasses.replace(plan.experiment, confidence=confidence, max_runs=10**12),
        )
        self.pages = pages
        codes = self.plan.cells.codes
        place = np.zeros(len(self.plan.cells), dtype=np.int64)
        for one in levels:
            place = place * len(one.points) + codes[one.names[0]]
        self.n_levels = int(place.max()) + 1
        self.place = codes["neurons"], place

    def judgement(self, replicates=None):
        n = self.plan.cells.replicates if replicates is None else replicates
        plan = self.plan.with_replicates(np.broadcast_to(n, len(self.plan.cells)).astype(np.int64))
        return Judgement(plan, self.plan.claims, sweeps=self.pages)

    def results(self, losses, replicates):
        """Return the first results of each cell; `losses` has the shape (sweeps, levels, most)."""
        replicates = np.broadcast_to(replicates, len(self.plan.cells)).astype(np.int64)
        collected = Collected(self.plan.with_replicates(replicates))
        is_there = np.arange(losses.shape[-1]) < replicates[:, None]
        collected.given("final_loss")[:] = losses[self.place][is_there]
        collected.status[:] = Status.OK
        return collected

    def looked_at_once(self, losses, replicates=None):
        """Return the verdicts after so many replicates; the planned ones, if none are named."""
        judgement = self.judgement(replicates)
        n = self.plan.cells.replicates if replicates is None else replicates
        judgement.look(self.results(losses, n))
        return judgement.verdicts

    def until_decided(self, losses):
        """Return the verdicts when each is decided, or has the most replicates there may be."""
        judgement = self.judgement()
        while (replicates := judgement.wanted()) is not None:
            judgement.look(self.results(losses, replicates))
        return judgement.verdicts

    def any_decided(self, verdicts):
        """Return which of the sweeps have a verdict that is decided."""
        is_decided = np.array([verdict.ruling != "inconclusive" for verdict in verdicts])
        return is_decided.reshape(self.shape).any(axis=1)
