"""What a sweep gives back to Python: its tables and figures, as far as it has got."""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sweep.claims import Verdict, verdicts_table
from sweep.config.experiment import Experiment
from sweep.errors import InputError
from sweep.plan import Plan
from sweep.store import Database, Record, ResultsFolder
from sweep.tables.collected import Collected
from sweep.tables.curves import Curves, Recording, make_curves
from sweep.tables.networks import (
    KeptWeights,
    Portrait,
    best_setting,
    examples_of,
    last_epochs,
    network_of,
    parameters_of,
    portraits,
    setting_of,
    setting_words,
)
from sweep.tables.tables import cells_table, pivoted, runs_table, selected
from sweep.terms.values import table_value
from sweep.training.network.model import Network

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Results:
    """The results of a sweep, complete or so far.

    Attributes
    ----------
    folder
        Where they are stored.
    messages
        What was found damaged in the store, a line each; empty as a rule.
    """

    folder: Path
    messages: tuple[str, ...] = field(repr=False)
    _verdicts: tuple[Verdict, ...] = field(repr=False)
    _collected: Collected = field(repr=False)

    @property
    def plan(self) -> Plan:
        """What was asked for."""
        return self._collected.plan

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
        return self._collected.n_stored

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run: the axes, epochs, replicate, final_loss, rms_error, status, diverged_at."""
        return runs_table(self._collected)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row a cell: the axes, epochs, and the statistics of the final loss over the replicates."""
        return cells_table(self._collected)

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """One row a claim and condition: the verdict, and the share, interval and ratio that it rests on."""
        return verdicts_table(self._verdicts)

    @cached_property
    def curves(self) -> Curves | None:
        """Learning curves and learned functions of a selection of settings; None if the config switches them off."""
        if not self.experiment.keep_curves:
            return None
        with Database.read(ResultsFolder(self.folder).database) as stored:
            return make_curves(
                self.plan,
                (
                    Recording(r.keys, r.replicates, r.curves.epochs, r.curves.losses, r.curves.outputs)
                    for r in stored.records(curves=True)
                    if r.curves is not None
                ),
            )

    def network(
        self, replicate: int = 0, *, epochs: int | None = None, **where: str | int | float
    ) -> Network:
        """Return the trained network of one replicate of a setting: `network(0, learning_rate=0.03)(1.5)`.

        Parameters and errors are those of `networks`; it is an `InputError` as well if there is no such network.
        """
        setting = self._checked_setting(where)
        found = self._parameters(setting, epochs, {replicate})
        if replicate not in found:
            n = len(last_epochs(self.plan, setting))
            after = "" if epochs is None else f" after {epochs} epochs"
            raise InputError(
                f"`replicate` must be one that is trained, from 0 to {n - 1}, got {replicate}: no network of it is "
                f"stored{after}. Weights are kept at the end of a training; run the sweep to train what is missing."
            )
        return network_of(self.plan, setting, found[replicate])

    def networks(self, *, epochs: int | None = None, **where: str | int | float) -> dict[int, Network]:
        """Return the trained networks of a setting by their replicates, as far as they are stored.

        Parameters
        ----------
        epochs
            After how many epochs; if None, at the end of each training: after the largest epoch count of the config.
        **where
            Values of axes that name one setting: `networks(learning_rate=0.03, neurons=10)`.

        Raises
        ------
        InputError
            If the config does not keep weights, a name is not an axis, a value not on it, or several settings are left.
        """
        setting = self._checked_setting(where)
        found = self._parameters(setting, epochs, None)
        return {replicate: network_of(self.plan, setting, each) for replicate, each in found.items()}

    def weights_figure(self, *replicates: int, **where: str | int | float) -> "Figure":
        """Draw the weights of trained networks, a row for each, beside what they learned.

        Parameters
        ----------
        *replicates
            Which networks; if none is named, the best, the median and the worst of those that did not diverge.
        **where
            Values of axes that name one setting; without any, it is the one with the smallest median loss.

        Raises
        ------
        InputError
            As `networks` does; and if no network is stored.
        """
        from sweep.report.weights import network_weights

        return network_weights(self.portraits(*replicates, **where)[1])

    def portraits(
        self, *replicates: int, **where: str | int | float
    ) -> tuple[dict[str, str | int | float], list[Portrait]]:
        """Return the axes' values of a setting, and its networks as `weights_figure` draws them, if any is stored."""
        self._check_keeps_weights()
        setting = setting_of(self.plan, where) if where else best_setting(self._collected)
        if setting is None:
            return {}, []
        named = [("", replicate) for replicate in replicates]
        chosen = named or examples_of(self._collected, setting)
        kept = self._kept_weights(setting, {replicate for _, replicate in chosen})
        return setting_words(self.plan, setting), portraits(self._collected, setting, chosen, kept)

    def _checked_setting(self, where: Mapping[str, str | int | float]) -> int:
        self._check_keeps_weights()
        return setting_of(self.plan, where)

    def _check_keeps_weights(self) -> None:
        if not self.experiment.keep_weights:
            raise InputError(
                "`store.weights` must be true for trained networks to be kept, got false. "
                "Write `weights = true` under [store], and run the sweep again."
            )

    def _parameters(
        self, setting: int, epochs: int | None, replicates: set[int] | None
    ) -> dict[int, "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"]:
        last = last_epochs(self.plan, setting)
        wanted = last if epochs is None else np.full(len(last), epochs)
        return parameters_of(self.plan, setting, wanted, self._kept_weights(setting, replicates))

    def _kept_weights(self, setting: int, replicates: set[int] | None) -> Iterator[KeptWeights]:
        """Yield the stored weights of batches with these replicates of a setting; those of others are not read."""
        key = self.plan.keys[setting]

        def wanted(record: Record) -> bool:
            mine = record.replicates[record.keys == key]
            return bool(len(mine) if replicates is None else np.isin(mine, list(replicates)).any())

        with Database.read(ResultsFolder(self.folder).database) as stored:
            for record in stored.records(weights=wanted):
                if record.weights is not None:
                    yield KeptWeights(record.keys, record.replicates, int(record.epochs[-1]), record.weights)

    @property
    def levels(self) -> Mapping[str, list[str | int | float]]:
        """The planned values of each axis, ascending, as the tables show them."""
        return {
            axis: [table_value(value) for value in values] for axis, values in self.plan.cells.levels.items()
        }

    def pivot(
        self, rows: str, columns: str, value: str = "median", **where: str | int | float
    ) -> pd.DataFrame:
        """Return a statistic of the cells as a table of two axes.

        Parameters
        ----------
        rows, columns
            The axes that run down and to the right.
        value
            A statistic of `cells`, such as "median", "n_diverged" or "upper_quartile".
        **where
            Values of further axes: `epochs=1000`. An axis with several values that is not fixed here becomes a further
            level of the rows, so nothing is averaged in silence.

        Raises
        ------
        InputError
            If a name is not an axis or statistic, or a value not on its axis.
        """
        return pivoted(selected(self.cells, where), rows, columns, value)

    def heatmap(
        self,
        rows: str | None = None,
        columns: str | None = None,
        value: str = "median",
        **where: str | int | float,
    ) -> "Figure":
        """Draw a statistic of the cells over two axes; further axes become panels, unless `where` fixes them.

        The axes are chosen as in the report if they are not named.
        """
        from sweep.report.choose import heatmap_axes
        from sweep.report.heatmap import heatmap

        chosen = heatmap_axes(self.levels)
        if rows is None or columns is None:
            if chosen is None:
                raise InputError(
                    "a heatmap needs two axes, and this sweep has fewer with more than one value"
                )
            rows = rows or (chosen.rows if chosen.rows != columns else chosen.columns)
            columns = columns or (chosen.columns if chosen.columns != rows else chosen.rows)
        return heatmap(selected(self.cells, where), rows, columns, value, levels=self.levels)

    def __repr__(self) -> str:
        return f"{self._summary()}\n{self.cells}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self._summary())}</p>{self.cells.to_html(max_rows=20, index=False)}"

    def _summary(self) -> str:
        stored = (
            f"{self.n_stored} of {self.n_planned} runs"
            if self.n_stored < self.n_planned
            else f"{self.n_stored} runs"
        )
        return f"{self.experiment.title or self.experiment.name}: {stored} in {len(self.cells)} cells, in {self.folder}"
