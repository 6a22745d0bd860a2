"""Stored results → the runs of a plan. What is missing afterwards is what is left to train.

Resuming, extending and recovering are this one step: results that the plan does not ask for are passed over, runs
without a result are missing. Where the trained networks are asked for too, a result without its network is missing:
trained again it gives the same bits, and the network.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sweep.plan import Plan
from sweep.terms.arrays import Floats, Ints, Keys

MISSING, OK, DIVERGED, FAILED = range(4)
STATUS = ("missing", "ok", "diverged", "failed")


class Collected:
    """The results of a plan's runs, as far as they are there.

    Attributes
    ----------
    plan
        The plan whose runs these are.
    status
        Shape (n_runs,): MISSING, OK, DIVERGED or FAILED.
    final_loss
        Shape (n_runs,): inf for diverged runs, NaN for failed and missing ones.
    diverged_at
        Shape (n_runs,): the epoch at which a run left the finite numbers, 0 if it did not.
    has_weights
        Shape (n_runs,): whether the network is stored as it was at the end of the run.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.status = np.full(plan.n_runs, MISSING, dtype=np.uint8)
        self.final_loss = np.full(plan.n_runs, np.nan)
        self.diverged_at = np.zeros(plan.n_runs, dtype=np.int64)
        self.has_weights = np.zeros(plan.n_runs, dtype=np.bool_)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Shape (n_runs,): which runs have no result."""
        return np.asarray(self.status == MISSING)

    @property
    def n_stored(self) -> int:
        """How many runs have a result."""
        return int(np.count_nonzero(self.status))

    def add(
        self,
        keys: Keys,
        replicates: Ints,
        epochs: Sequence[int],
        losses: Floats,
        diverged_at: Ints,
        has_weights: bool = False,
    ) -> None:
        """Enter the results of n trajectories.

        Parameters
        ----------
        keys, replicates
            Shape (n,): their identities.
        epochs
            The k epoch counts that were read off them.
        losses
            Shape (n, k).
        diverged_at
            Shape (n,): first epoch after which a parameter was not finite, 0 if all stayed finite.
        has_weights
            Whether the networks after the last of the epochs are stored.
        """
        rows, numbers = self._runs(keys, replicates, epochs)
        asked = numbers >= 0
        counts = np.broadcast_to(np.array(epochs, dtype=np.int64), numbers.shape)[asked]
        loss = losses[rows][asked]
        lost = np.broadcast_to(diverged_at[rows, None], numbers.shape)[asked]
        # A loss may overflow while the parameters are still finite: then it is at this epoch that the run diverged.
        lost = np.where((lost > 0) & (lost <= counts), lost, np.where(np.isfinite(loss), 0, counts))
        run = numbers[asked]
        self.status[run] = np.where(lost > 0, DIVERGED, OK)
        self.final_loss[run] = np.where(lost > 0, np.inf, loss)
        self.diverged_at[run] = lost
        if has_weights:
            self.has_weights[numbers[:, -1][asked[:, -1]]] = True

    def add_failure(self, keys: Keys, replicates: Ints) -> None:
        """Enter that the training of these trajectories failed; what other trainings of them gave stays."""
        schedules = self.plan.schedules
        _, numbers = self._runs(
            keys, replicates, sorted({e for schedule in schedules for e in schedule.epochs})
        )
        run = numbers[numbers >= 0]
        self.status[run[self.status[run] == MISSING]] = FAILED

    def forget_without_weights(self) -> None:
        """Take the results whose network should be stored, and is not, for missing: those of the most epochs."""
        last = self.plan.last_runs()
        lacking = last[~self.has_weights[last] & np.isin(self.status[last], (OK, DIVERGED))]
        self.status[lacking] = MISSING
        self.final_loss[lacking] = np.nan
        self.diverged_at[lacking] = 0

    def _runs(self, keys: Keys, replicates: Ints, epochs: Sequence[int]) -> tuple[Ints, Ints]:
        """Return which of the trajectories are in the plan, and the numbers of their runs, of shape (these, k)."""
        setting = self.plan.settings_of(keys)
        rows = np.flatnonzero(setting >= 0)
        return rows, self.plan.runs_of(setting[rows], replicates[rows], epochs)
