"""The tables of a sweep, as far as it has got, and what they are made from."""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from sweep.arguments import check_where
from sweep.claims import Verdict, verdicts_table
from sweep.config.experiment import Experiment
from sweep.errors import InputError, ResultsError
from sweep.plan import Plan
from sweep.store import ResultsFolder, nothing
from sweep.store.place import shown
from sweep.store.stored import Wanted
from sweep.tables.axes import axis_columns
from sweep.tables.cells import cells_table, pivoted, selected
from sweep.tables.collected import Collected
from sweep.tables.curves import CurveTables, make_curves
from sweep.tables.failures import Failures, failures_of, failures_table
from sweep.tables.runs import runs_table
from sweep.tables.where import meant_where
from sweep.terms.outcome import WITHOUT_RESULT, Outcome
from sweep.terms.reasons import headline_of
from sweep.terms.values import TableValue, table_values

Where = Mapping[str, TableValue]
"""Values of axes, as the tables show them; a number may be rounded, to two digits or more, if no other is meant."""


@dataclass(frozen=True, eq=False)
class Tables:
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

    def meant(self, where: Where | None = None, **axes: TableValue) -> dict[str, TableValue]:
        """Return the values of axes that are meant: 0.0270027 by 0.027, if no other one is shown so.

        Raises
        ------
        InputError
            If a name is not an axis, or no value or several are meant.
        """
        return meant_where(joined(where, axes), self.levels)

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
        return pivoted(selected(self.cells, self.meant(where, **axes)), rows, columns, value, self.levels)

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


def joined(where: Where | None, axes: Where) -> dict[str, TableValue]:
    """Return values of axes from both. Raises `InputError` for what can be no value."""
    check_where(where)
    joined = {**(where or {}), **axes}
    for axis, value in joined.items():
        if not isinstance(value, str | int | float | np.generic):
            raise InputError(f"`{axis}` must be one value of that axis, got {value!r}")
    return joined
