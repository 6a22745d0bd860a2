"""What a sweep gives back to Python: its tables and figures, as far as it has got."""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sweep.arguments import check_where, whole, whole_or_none
from sweep.claims import Verdict, verdicts_table
from sweep.config.experiment import Experiment
from sweep.errors import InputError, ResultsError
from sweep.forms import Fails, Reaches
from sweep.plan import Plan
from sweep.plan.batches import batch_of
from sweep.store import ResultsFolder, Stored, nothing
from sweep.store.place import shown
from sweep.store.stored import Wanted
from sweep.tables.axes import axis_columns, setting_of, setting_values
from sweep.tables.cells import cells_table, pivoted, selected
from sweep.tables.collected import Collected
from sweep.tables.curves import CurveTables, make_curves
from sweep.tables.examples import best_setting, examples_of, kept_of, last_steps, value_of
from sweep.tables.failures import Failures, failures_of, failures_table
from sweep.tables.run_arrays import RunArrays
from sweep.tables.runs import runs_table
from sweep.terms.outcome import WITHOUT_RESULT, Outcome, Status
from sweep.terms.reasons import headline_of
from sweep.terms.values import TableValue, table_values
from sweep.training.batch import Batch, Desk
from sweep.training.shown import Portrait

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sweep.report.explorer.explored import Explored
    from sweep.report.explorer.notebook import Explorer

Where = Mapping[str, TableValue]
"""Values of axes, as the tables show them."""


@dataclass(frozen=True, eq=False)
class Results:
    """The results of a sweep, complete or so far.

    Attributes
    ----------
    folder
        Where they are stored, absolute; None for results that were made elsewhere.
    told
        What the user must be told once, a line each: of damage in the store, of changed code; empty as a rule.
    judged
        The verdicts on the config's claims, as records.
    collected
        The runs of the plan, as arrays.
    held
        The outcomes themselves, where they are in memory and not in the store of a folder.
    remarks
        What a reader must know of where the results come from, a sentence each.
    """

    folder: Path | None
    told: tuple[str, ...] = field(repr=False)
    judged: tuple[Verdict, ...] = field(repr=False)
    collected: Collected = field(repr=False)
    held: tuple[Outcome, ...] = field(default=(), repr=False)
    remarks: tuple[str, ...] = field(default=(), repr=False)
    _found_later: list[str] = field(default_factory=list, repr=False, init=False)

    @property
    def messages(self) -> tuple[str, ...]:
        """What the user must be told, and what of that was found since: in the curves, when they were read."""
        return (*self.told, *self._found_later)

    @property
    def place(self) -> str:
        """The folder as it is shown: from the current one on, if it is below that."""
        return "" if self.folder is None else shown(self.folder)

    @property
    def plan(self) -> Plan:
        """What was asked for."""
        return self.collected.plan

    @property
    def experiment(self) -> Experiment:
        """The config that was read."""
        return self.plan.experiment

    @property
    def n_planned(self) -> int:
        """Number of runs that the config asks for."""
        return self.plan.n_runs

    @property
    def n_stored(self) -> int:
        """Number of those that have a result."""
        return self.collected.n_stored

    @property
    def is_complete(self) -> bool:
        """Whether every planned run has a result."""
        return self.n_stored >= self.n_planned

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run: the axes, replicate, the metrics, status, diverged_at."""
        return runs_table(self.collected)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row a cell: the axes, and the statistics of the objective over the replicates."""
        return cells_table(self.collected)

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """One row a claim and condition: the verdict, and the share, interval and ratio that it rests on."""
        return verdicts_table(self.judged)

    @cached_property
    def curves(self) -> CurveTables | None:
        """Learning curves and learned functions of a selection of settings; None if the config keeps none."""
        training = self.plan.training
        if training.steps is None or "curves" not in self.experiment.keep:
            return None
        wanted = {"curves", *([training.learned_from] if training.learned_from else [])}
        tables = make_curves(self.plan, self._outcomes(lambda _: wanted))
        if not tables.recorded.is_full:
            self._note(
                f"figures of learning curves show {tables.recorded} replicates: the others are stored without curves. "
                "A run into another folder, by --results DIR, has them all"
            )
        return tables

    @property
    def levels(self) -> Mapping[str, list[TableValue]]:
        """The planned values of each axis as the tables show them: numbers ascending, all else as in the config."""
        return {axis: table_values(values) for axis, values in self.plan.cells.levels.items()}

    @cached_property
    def planned(self) -> pd.DataFrame:
        """The axes of all cells of the plan, trained or not."""
        return pd.DataFrame(axis_columns(self.plan, np.arange(len(self.plan.cells))))

    def last_failure(self) -> str:
        """Return in one line why the last trajectory without a result has none; "" if there is no such."""
        reasons = [reason for outcome in self._outcomes() for reason in outcome.reasons.values()]
        return headline_of(reasons[-1]) if reasons else ""

    @cached_property
    def failures(self) -> pd.DataFrame:
        """One row for each way in which runs ended without a result: how many, an example, its traceback and log."""
        return failures_table(self.collected, self.failed)

    @cached_property
    def failed(self) -> list[Failures]:
        """The runs without a result as records, grouped by what was wrong, the largest group first."""
        is_any = np.isin(self.collected.status, WITHOUT_RESULT).any()
        return failures_of(self.collected, self._outcomes()) if is_any else []

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

    def _run_named(self, replicate: int, where: Where | None, axes: Where) -> Batch:
        replicate = whole("replicate", replicate, 0)
        conditions, steps = self._conditions(where, axes)
        setting = setting_of(self.plan, conditions)
        return batch_of(self.plan, setting, replicate, None if steps is None else (steps,))

    def _conditions(self, where: Where | None, axes: Where) -> tuple[dict[str, TableValue], int | None]:
        """Return values of axes without that of the steps, and that one."""
        conditions, name = _joined(where, axes), self.plan.training.steps or ""
        steps = conditions.pop(name, None)
        if isinstance(steps, float) and steps.is_integer():  # of the command line, whose numbers are floats
            steps = int(steps)
        return conditions, whole_or_none(name, steps, 1)

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

    def weights_figure(self, *replicates: int, where: Where | None = None, **axes: TableValue) -> "Figure":
        """Draw the weights of trained networks, a row for each, beside what they learned.

        Parameters
        ----------
        *replicates
            Which networks; if none is named, the best, the median and the worst of those that did not diverge.
        where, **axes
            Values of axes that name one setting; without any, it is the one with the best median objective.

        Raises
        ------
        InputError
            As `networks` does; and if no network is stored.
        """
        from sweep.report.figures.weights import network_weights

        return network_weights(self.portraits(*replicates, where=where, **axes)[1])

    def portraits(
        self, *replicates: int, where: Where | None = None, **axes: TableValue
    ) -> tuple[dict[str, TableValue], list[Portrait]]:
        """Return the axes' values of a setting, and its networks as `weights_figure` draws them, if any is stored."""
        name = self._trained_from()
        conditions = _joined(where, axes)
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

    def pivot(
        self,
        rows: str,
        columns: str,
        value: str = "median",
        where: Where | None = None,
        **axes: TableValue,
    ) -> pd.DataFrame:
        """Return a statistic of the cells as a table of two axes.

        Parameters
        ----------
        rows, columns
            The axes that run down and to the right.
        value
            A statistic of `cells`, such as "median", "n_diverged" or "upper_quartile".
        where, **axes
            Values of further axes, `epochs=1000`; one that is called as an argument here is named in `where`. An axis
            with several values that is not fixed here becomes a further level of the rows, so nothing is averaged in
            silence.

        Raises
        ------
        InputError
            If a name is not an axis or statistic, or a value not on its axis.
        """
        return pivoted(selected(self.cells, _joined(where, axes)), rows, columns, value, self.levels)

    def heatmap(
        self,
        rows: str | None = None,
        columns: str | None = None,
        value: str = "median",
        where: Where | None = None,
        **axes: TableValue,
    ) -> "Figure":
        """Draw a statistic of the cells over two axes; further axes become panels, unless `where` fixes them.

        The axes are chosen as in the report if they are not named. Arguments and errors are those of `pivot`.
        """
        from sweep.report.figures.heatmap.heatmap import heatmap
        from sweep.report.look.axis_choice import AxisChoice
        from sweep.report.look.labels import Labels

        chosen = AxisChoice.of(self.plan.training).heatmap(self.levels)
        if rows is None or columns is None:
            if chosen is None:
                raise InputError(
                    "a heatmap needs two axes, and this sweep has fewer with more than one value"
                )
            rows = rows or (chosen.rows if chosen.rows != columns else chosen.columns)
            columns = columns or (chosen.columns if chosen.columns != rows else chosen.rows)
        fixed = _joined(where, axes)
        cells, planned = selected(self.cells, fixed), self.planned
        for axis, one in fixed.items():
            planned = planned[planned[axis] == one]
        there = {axis: set(planned[axis].unique()) for axis in self.levels}
        levels = {
            axis: [level for level in values if level in there[axis]] for axis, values in self.levels.items()
        }
        labels = Labels.of(self.plan.training)
        return heatmap(cells, rows, columns, value, levels=levels, labels=labels, planned=planned)

    def explore(self) -> "Explorer":
        """Return the explorer of the report: as the last line of a notebook's cell it shows itself."""
        from sweep.report.explorer.notebook import Explorer

        return Explorer(self.explored)

    @property
    def explored(self) -> "Explored":
        """What the explorer shows."""
        from sweep.report.explorer.explored import Explored

        forms = [verdict.claim.form for verdict in self.judged]
        stated = [(form.metric.name, form.limit) for form in forms if isinstance(form, Reaches | Fails)]
        return Explored(
            title=self.experiment.title or self.experiment.name,
            config_text=self.experiment.read.text,
            training=self.plan.training,
            cells=self.cells,
            runs=RunArrays.of(self.collected),
            curves=self.curves,
            bounds=dict(reversed(stated)),
        )

    def _outcomes(self, wanted: Wanted = nothing) -> Iterator[Outcome]:
        """Yield the outcomes, with what is wanted of that which is kept beside them."""
        if self.folder is None:
            yield from self.held
            return
        folder = ResultsFolder(self.folder)
        if self.n_stored and not folder.database.exists():
            raise ResultsError(
                f"{shown(folder.database)} is not there any more: what is kept beside the metrics cannot be read"
            )
        with folder.read(self.plan.training.objective.name) as stored:
            yield from (each.outcome for each in stored.outcomes(wanted))
            for line in stored.damage:
                self._note(line)

    def _note(self, line: str) -> None:
        if line not in self.messages:
            self._found_later.append(line)

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

    def __repr__(self) -> str:
        return f"{self._summary()}\n{self.cells}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self._summary())}</p>{self.cells.to_html(max_rows=20, index=False)}"

    def _summary(self) -> str:
        stored = f"{self.n_stored} runs" if self.is_complete else f"{self.n_stored} of {self.n_planned} runs"
        place = "" if self.folder is None else f", in {self.place}"
        n_failed = int(np.isin(self.collected.status, WITHOUT_RESULT).sum())
        stored += f" ({n_failed} of them failed: see `failures`)" if n_failed else ""
        return f"{self.experiment.title or self.experiment.name}: {stored} in {len(self.cells)} cells{place}"


def _joined(where: Where | None, axes: Where) -> dict[str, TableValue]:
    """Return values of axes from both. Raises `InputError` for what can be no value."""
    check_where(where)
    joined = {**(where or {}), **axes}
    for axis, value in joined.items():
        if not isinstance(value, str | int | float | np.generic):
            raise InputError(f"`{axis}` must be one value of that axis, got {value!r}")
    return joined
