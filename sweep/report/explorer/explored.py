"""What an explorer is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from sweep.report.look.axis_choice import AxisChoice
from sweep.report.look.labels import Labels
from sweep.tables.curves import CurveTables
from sweep.tables.run_arrays import RunArrays
from sweep.training.kind import Training


@dataclass(frozen=True, eq=False)
class Explored:
    """The results that an explorer shows.

    Attributes
    ----------
    title, config_text
        As the user wrote them.
    cells
        The table of cells that have a run.
    runs
        All runs of the plan.
    curves
        Learning curves and learned functions; None if they were not kept.
    bounds
        By the name of a metric, a bound that a claim states: what a share is first counted within.
    """

    title: str
    config_text: str
    training: Training
    cells: pd.DataFrame
    runs: RunArrays
    curves: CurveTables | None = None
    bounds: Mapping[str, float] = field(default_factory=dict)

    @property
    def labels(self) -> Labels:
        """The words for what was trained."""
        return Labels.of(self.training)

    @property
    def choice(self) -> AxisChoice:
        """What chooses the axes of the first map."""
        return AxisChoice.of(self.training)

    @property
    def n_steps(self) -> int:
        """How many step counts are read off one training; 1 if it has no steps."""
        return len(self.runs.levels.get(self.training.steps or "", (None,)))
