"""The results of a sweep in the formats of other tools."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sweep.arguments import path_of
from sweep.errors import InputError
from sweep.exports.sweep_runs import SweepRuns
from sweep.results.figures import Figures
from sweep.results.tables import Where
from sweep.tables.axes import setting_values
from sweep.tables.cells import selected
from sweep.tables.failures import reasons_of
from sweep.tables.files import write_csv, write_parquet
from sweep.terms.outcome import WITHOUT_RESULT
from sweep.terms.reasons import headline_of
from sweep.terms.values import TableValue, value_words

if TYPE_CHECKING:
    from optuna import Study
    from xarray import Dataset

TABLES = ("cells", "runs", "verdicts")


class Exports(Figures):
    """Datasets, studies and documents of other tools; `where` and axes by their names take a part of the sweep."""

    def to_xarray(self, where: Where | None = None, **axes: TableValue) -> "Dataset":
        """Return all runs as a Dataset of xarray: the metrics and `status`, of the axes and `replicate`.

        A metric is NaN where there is no run, and `status` is "missing". It takes `pip install 'sweep[xarray]'`.
        """
        from sweep.exports.to_xarray import to_xarray

        return to_xarray(self._sweep_runs(where, axes))

    def to_optuna(self, storage: Any = None, where: Where | None = None, **axes: TableValue) -> "Study":
        """Return a study of Optuna with a trial for each run, for its dashboard and its importances.

        Axes are parameters and the objective is the value; a run that diverged is pruned, one without a result failed,
        each with its `reason` among the user attributes. It takes `pip install 'sweep[optuna]'`.

        Parameters
        ----------
        storage
            Where Optuna keeps it, "sqlite:///study.db"; in memory if None.
        where, **axes
            Values of axes: the part of the sweep.
        """
        from sweep.exports.to_optuna import to_optuna

        return to_optuna(self._sweep_runs(where, axes), storage)

    def to_mlflow(
        self, tracking_uri: str | None = None, where: Where | None = None, **axes: TableValue
    ) -> str:
        """Log a run of MLflow for each training, in an experiment of the sweep's name, and return its id.

        A training is a setting and a replicate; its metrics have the epochs as steps. It takes
        `pip install 'sweep[mlflow]'`.

        Parameters
        ----------
        tracking_uri
            The server or database, "sqlite:///mlflow.db"; the one that MLflow has been told if None.
        where, **axes
            Values of axes: the part of the sweep.
        """
        from sweep.exports.to_mlflow import to_mlflow

        return to_mlflow(self._sweep_runs(where, axes), tracking_uri)

    def to_latex(
        self,
        rows: str | None = None,
        columns: str | None = None,
        value: str = "median",
        where: Where | None = None,
        **axes: TableValue,
    ) -> str:
        """Return the cells, or as `pivot` a statistic over two axes, as a table of LaTeX with the package booktabs."""
        from sweep.exports.texts import latex

        return latex(self._table("cells", rows, columns, value, where, axes), self._axes)

    def to_markdown(
        self,
        rows: str | None = None,
        columns: str | None = None,
        value: str = "median",
        where: Where | None = None,
        **axes: TableValue,
    ) -> str:
        """Return the cells, or as `pivot` a statistic over two axes, as a table in Markdown."""
        from sweep.exports.texts import markdown

        return markdown(self._table("cells", rows, columns, value, where, axes), self._axes)

    def export(
        self,
        to: str | Path,
        kind: str | None = None,
        *,
        table: str = "cells",
        pivot: Sequence[str] | None = None,
        value: str = "median",
        where: Where | None = None,
        **axes: TableValue,
    ) -> Path:
        """Write results to a file for another tool, and return its path.

        Parameters
        ----------
        to
            The file. Its ending says the format: .csv, .parquet, .md, .tex, .nc (netCDF, for xarray), .db (an Optuna
            study).
        kind
            The format, where the ending does not say it: "mlflow" is a database of MLflow.
        table
            "cells", "runs" or "verdicts"; netCDF, Optuna and MLflow have the runs.
        pivot, value
            Two axes, and the statistic that stands over them, in place of the cells.
        where, **axes
            Values of axes: the part of the sweep.

        Raises
        ------
        InputError
            If the format, a table, an axis or a value is none, the format needs what is not installed, or the file is a
            database that is there already, or in the results folder.
        ResultsError
            If the file cannot be written.
        """
        from sweep.exports.formats import OF_RUNS, format_of, in_its_place, write_runs
        from sweep.exports.texts import latex, markdown

        path = path_of("to", to, "the path of a file")
        form = format_of(path, kind)
        if self.folder is not None and path.parent.resolve() == self.folder.resolve():
            raise InputError(
                f"{self.place} keeps what sweep itself writes: choose another folder for {path.name}"
            )
        if form in OF_RUNS:
            if pivot or table != "cells":
                raise InputError(f"{form} has all runs: a table or a pivot cannot be chosen")
            write_runs(self._sweep_runs(where, axes), form, path)
            return path
        if pivot is not None and (isinstance(pivot, str) or len(pivot) != 2):
            raise InputError(f"`pivot` must be two axes, got {pivot!r}")
        rows, columns = pivot or (None, None)
        found = self._table(table, rows, columns, value, where, axes)
        with in_its_place(path) as partial:
            if form in ("latex", "markdown"):
                text = latex(found, self._axes) if form == "latex" else markdown(found, self._axes)
                partial.write_text(text, encoding="utf-8", newline="\n")
            elif pivot:
                named = found.rename(columns=lambda one: value_words(one) if isinstance(one, bool) else one)
                named.to_csv(partial) if form == "csv" else named.to_parquet(partial)
            else:
                write_csv(found, partial) if form == "csv" else write_parquet(found, partial)
        return path

    @property
    def _axes(self) -> list[str]:
        return list(self.levels)

    def _table(
        self, table: str, rows: str | None, columns: str | None, value: str, where: Where | None, axes: Where
    ) -> pd.DataFrame:
        """Return a table, or the pivot of two axes."""
        if table not in TABLES:
            raise InputError(f"`table` must be one of {', '.join(TABLES)}, got {table!r}")
        if table == "verdicts":
            return self.verdicts
        if (rows is None) != (columns is None):
            raise InputError("a pivot needs two axes, and one is named")
        if rows is not None and columns is not None:
            return self.pivot(rows, columns, value, where, **axes)
        found = self.cells if table == "cells" else self.runs
        return selected(found, self.meant(where, **axes), self._axes)

    def _sweep_runs(self, where: Where | None, axes: Where) -> SweepRuns:
        fixed = self.meant(where, **axes)
        if not self.n_stored:
            raise InputError("there is nothing to export yet: no run has a result")
        experiment = self.experiment
        return SweepRuns(
            name=experiment.name,
            title=experiment.title or experiment.name,
            config_text=experiment.read.text,
            runs=selected(self.runs, fixed, self._axes),
            levels={axis: [fixed[axis]] if axis in fixed else values for axis, values in self.levels.items()},
            metrics=self.plan.training.metrics,
            steps=self.plan.training.steps,
            fixed={
                name: value
                for name, value in experiment.fixed.items()
                if name not in self.levels and value != ()
            },
            reasons=self._reasons(),
        )

    def _reasons(self) -> dict[tuple[Any, ...], str]:
        """Return why trainings have no result, by the values of their setting's axes, and the replicate."""
        if not np.isin(self.collected.status, WITHOUT_RESULT).any():
            return {}
        return {
            (*setting_values(self.plan, setting).values(), replicate): headline_of(reason)
            for setting, replicate, _, reason in reasons_of(self.collected, self._outcomes())
        }
