"""Planning: from an experiment to the batches that train it. Pure: no files, no processes, no clock.

`cells` expands the axes, `plan` numbers settings, trajectories and runs, `identity` names a setting for ever,
and `batches` cuts the work.
"""

from sweep.plan.batches import Batches, Pace, make_batches
from sweep.plan.plan import Plan, make_plan

__all__ = ["Batches", "Pace", "Plan", "make_batches", "make_plan"]
