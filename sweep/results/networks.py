"""Single runs and networks of a sweep: trained again, looked up, or made again from what is kept of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sweep.arguments import whole, whole_or_none
from sweep.errors import InputError
from sweep.plan.batches import batch_of
from sweep.results.tables import Tables, Where, joined
from sweep.store import Stored
from sweep.tables.axes import setting_of, setting_values
from sweep.tables.examples import best_setting, examples_of, kept_of, last_steps, value_of
from sweep.tables.where import meant_where, number_or_text
from sweep.terms.outcome import WITHOUT_RESULT, Status
from sweep.terms.values import TableValue
from sweep.training.batch import Batch, Desk
from sweep.training.shown import Portrait

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Networks(Tables):
    """Runs by themselves, and trained networks where they are kept."""

    def replay(
        self, replicate: int = 0, *, where: Where | None = None, **axes: TableValue
    ) -> Mapping[str, float]:
        """Train one run again, in this process, and return its metrics, at its last epoch: for a debugger.

        Parameters
        ----------
        replicate
            Which of the setting's replicates.
        where, **axes
            Values of axes that name one setting; with `epochs`, it is trained so far.

        Raises
        ------
        InputError
            If a name is not an axis, a value not on it, or several settings are left.
        Exception
            Whatever the training raises.
        """
        desk = Desk()
        desk.folder = self.folder
        return self.plan.training.replay(self._run_named(replicate, where, axes), desk)

    def stored(
        self, replicate: int = 0, *, where: Where | None = None, **axes: TableValue
    ) -> Mapping[str, float]:
        """Return the stored metrics of the run that `replay` trains again; empty if it has no result.

        Arguments and errors are those of `replay`.
        """
        batch = self._run_named(replicate, where, axes)
        run = int(
            self.plan.runs_of(self.plan.settings_of(batch.keys), batch.replicates, batch.steps[-1:])[0, 0]
        )
        if run < 0 or self.collected.status[run] in (Status.MISSING, *WITHOUT_RESULT):
            return {}
        return {one.name: float(self.collected.given(one.name)[run]) for one in self.plan.training.metrics}

    @property
    def _setting_levels(self) -> Mapping[str, Sequence[TableValue]]:
        return {axis: self.levels[axis] for axis in self.plan.setting_axes}

    def _run_named(self, replicate: int, where: Where | None, axes: Where) -> Batch:
        replicate = whole("replicate", replicate, 0)
        conditions, steps = self._conditions(where, axes)
        setting = setting_of(self.plan, conditions)
        return batch_of(self.plan, setting, replicate, None if steps is None else (steps,))

    def _conditions(self, where: Where | None, axes: Where) -> tuple[dict[str, TableValue], int | None]:
        """Return values of axes without that of the steps, and that one."""
        told, name = joined(where, axes), self.plan.training.steps or ""
        steps = number_or_text(told.pop(name, None))
        if isinstance(steps, float) and steps.is_integer():
            steps = int(steps)
        return meant_where(told, self._setting_levels), whole_or_none(name, steps, 1)

    def network(self, replicate: int = 0, *, where: Where | None = None, **axes: TableValue) -> Any:
        """Return the trained network of one replicate of a setting: `network(0, neurons=10)(1.5)`.

        Parameters and errors are those of `networks`; it is an `InputError` as well if there is no such network.
        """
        setting, steps = self._setting(where, axes)
        replicate = whole("replicate", replicate, 0)
        found = self._trained(setting, steps, {replicate})
        if replicate not in found:
            n = len(last_steps(self.plan, setting))
            after = "" if steps is None else f" after {steps} {self.plan.training.steps}"
            raise InputError(
                f"`replicate` must be one that is trained, from 0 to {n - 1}, got {replicate}: no network of it is "
                f"stored{after}. Weights are kept at the end of a training; run the sweep to train what is missing."
            )
        return found[replicate]

    def networks(self, *, where: Where | None = None, **axes: TableValue) -> dict[int, Any]:
        """Return the trained networks of a setting by their replicates, as far as they are stored.

        Parameters
        ----------
        where, **axes
            Values of axes that name one setting: `networks(neurons=10, activation="tanh")`. With `epochs` it is the
            networks after so many epochs; else those at the end of each training, after the largest epoch count.

        Raises
        ------
        InputError
            If the config does not keep weights, a name is not an axis, a value not on it, or several settings are left.
        """
        return self._trained(*self._setting(where, axes), None)

    def portraits(
        self, *replicates: int, where: Where | None = None, **axes: TableValue
    ) -> tuple[dict[str, TableValue], list[Portrait]]:
        """Return the axes' values of a setting, and its networks as `weights_figure` draws them, if any is stored."""
        name = self._trained_from()
        conditions = meant_where(joined(where, axes), self._setting_levels)
        setting = setting_of(self.plan, conditions) if conditions else best_setting(self.collected)
        if setting is None:
            return {}, []
        named = [whole("replicate", replicate, 0) for replicate in replicates]
        chosen = [("", replicate) for replicate in named] or examples_of(self.collected, setting)
        kept = self._kept(setting, last_steps(self.plan, setting), {replicate for _, replicate in chosen})
        portraits = []
        for role, replicate in chosen:
            if replicate in kept:
                inside = self.plan.training.inside(self.plan.values(setting), {name: kept[replicate]})
                value = value_of(self.collected, setting, replicate)
                portraits += [Portrait(role, replicate, value, inside)] if inside is not None else []
        return setting_values(self.plan, setting), portraits

    def _setting(self, where: Where | None, axes: Where) -> tuple[int, int | None]:
        """Return the one setting that is named, and the step count if it is."""
        self._trained_from()
        conditions, steps = self._conditions(where, axes)
        return setting_of(self.plan, conditions), steps

    def _trained_from(self) -> str:
        """Return the name of what trained networks are made again from. Raises `InputError` if it is not kept."""
        name = self.plan.training.trained_from
        if name is None:
            raise InputError(f"{self.plan.training.name} keeps nothing that could be made again")
        if name not in self.experiment.keep:
            raise InputError(
                f"`store.{name}` must be true for trained networks to be kept, got false. "
                f"Write `{name} = true` under [store], and run the sweep again."
            )
        return name

    def _trained(self, setting: int, steps: int | None, replicates: set[int] | None) -> dict[int, Any]:
        last = last_steps(self.plan, setting)
        kept = self._kept(setting, last if steps is None else np.full(len(last), steps), replicates)
        values, name = self.plan.values(setting), self._trained_from()
        made = {r: self.plan.training.trained(values, {name: each}) for r, each in kept.items()}
        return {replicate: each for replicate, each in made.items() if each is not None}

    def _kept(
        self, setting: int, steps: "NDArray[np.int64]", replicates: set[int] | None
    ) -> Mapping[int, "NDArray[Any]"]:
        """Return what trained networks are made again from; of batches without these replicates nothing is read."""
        key, name = self.plan.keys[setting], self._trained_from()

        def wanted(each: Stored) -> set[str]:
            mine = each.outcome.replicates[each.outcome.keys == key]
            is_wanted = len(mine) > 0 if replicates is None else np.isin(mine, list(replicates)).any()
            return {name} if is_wanted else set()

        return kept_of(self.plan, setting, name, steps, self._outcomes(wanted))
