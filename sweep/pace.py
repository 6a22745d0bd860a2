"""How fast trainings go on this machine: measured beforehand, or by what was trained so far."""

from sweep.plan import Pace, make_batches
from sweep.plan.batches import SECONDS_PER_BATCH
from sweep.tables.collected import Collected


def pace_beforehand(collected: Collected) -> Pace:
    """Return the pace as the kind of training tells it; where it does not, what a step took so far."""
    return Pace(collected.plan.training.slowness(), collected.seconds_per_step)


def pace_so_far(collected: Collected) -> Pace:
    """Return the pace of what is stored, all of which was trained on this machine; beforehand, if that is little."""
    beforehand, plan = pace_beforehand(collected), collected.plan
    said = make_batches(plan, ~collected.missing).seconds
    if not said >= SECONDS_PER_BATCH or not collected.planned_seconds:  # nor where nobody knows: it is NaN
        return beforehand
    return Pace(collected.planned_seconds / said, beforehand.seconds_per_step, is_measured=True)
