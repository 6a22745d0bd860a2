"""Small sweeps with claims whose losses a test chooses."""

import dataclasses

import numpy as np
from experiments import experiment

from sweep.claims import Claim, Judgement, resolve_claims
from sweep.config import Source
from sweep.config.python import Given
from sweep.config.read import read_both
from sweep.forms import Better, Enough, Fails, Monotone, Reaches
from sweep.plan import Plan, make_batches, make_plan
from sweep.tables.collected import Collected
from sweep.terms.outcome import Outcome, Status
from sweep.training.network.batch import train_batch
from sweep.training.network.metrics import FINAL_LOSS, RMS_ERROR
from sweep.training.network.unlike import Unlike


def resolved(text):
    """Return the claims of a config's text, on the axes of its plan; those of its quick form are looked at as well."""
    forms = read_both(Given(Source(text=text), "test"))
    return resolve_claims(make_plan(forms.asked), None if forms.other is None else make_plan(forms.other))


@dataclasses.dataclass(frozen=True, eq=False)
class PlanWithClaims(Plan):
    """A plan, and claims on it that stand in no config."""

    claims: tuple = ()


def planned(*grids, claims=(), most_replicates=1024, **fixed):
    """Return the plan of an experiment with claims."""
    plan = make_plan(dataclasses.replace(experiment(*grids, **fixed), most_replicates=most_replicates))
    fields = {field.name: getattr(plan, field.name) for field in dataclasses.fields(plan)}
    return PlanWithClaims(**fields, claims=tuple(claims))


def judgement_of(plan):
    return Judgement(plan, plan.claims)


def better(axis, value, than, by=0.0, is_named=False):
    return Better(FINAL_LOSS, axis, value, than, by, is_named=is_named)


def reaches(rms_error, share):
    return Reaches(RMS_ERROR, rms_error, is_below=True, share=share)


def fails(rms_error, share):
    return Fails(RMS_ERROR, rms_error, is_below=True, share=share)


def monotone(axis, values, direction):
    return Monotone(FINAL_LOSS, axis, values, direction)


def enough(axis, value, further, gain):
    return Enough(FINAL_LOSS, axis, value, further, gain)


def unlike(rms_difference, nearly, share):
    return Unlike(FINAL_LOSS, rms_difference, nearly, share)


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


def no_kept(needs):
    raise AssertionError(f"nothing is kept, and asked for are {needs}")


def judged(plan, losses, kept_of=no_kept):
    """Return the judgement of a plan whose every look finds what it wants."""
    judgement = judgement_of(plan)
    while (replicates := judgement.wanted()) is not None:
        judgement.look(with_losses(plan.with_replicates(replicates), losses), kept_of)
    return judgement


def only(judgement):
    (verdict,) = judgement.verdicts
    return verdict
