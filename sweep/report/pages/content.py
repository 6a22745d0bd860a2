"""The records at both ends of the report: what it is made from, and what it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from sweep.claims.cases import Case
from sweep.claims.thresholds import Threshold
from sweep.claims.verdict import Verdict
from sweep.report.explorer.explored import Explored
from sweep.report.look.axis_choice import AxisChoice, is_scattered, without_followers
from sweep.report.look.labels import Labels, Level
from sweep.tables.curves import Coverage
from sweep.tables.failures import Failures
from sweep.terms.surroundings import Surroundings
from sweep.training.kind import Training
from sweep.training.shown import Portrait


@dataclass(frozen=True)
class ReportContent:
    """Everything that a report says; it has no other source, so that the same content gives the same bytes.

    Attributes
    ----------
    title, source, config_text, note
        As the user wrote them; any text is safe, and all but the config may be empty.
    axes
        The values of each axis as planned, epochs among them, in the order in which they are shown: as they
        stand in the tables.
    cells
        The table of cells; it may lack cells that are not trained yet.
    replicates
        The number of replicates planned for a cell (the largest, if grids differ).
    planned_runs, stored_runs
        The number of runs of the plan, and how many of them have a result (diverged and failed ones too).
    curves
        The table of learning curves; None if they were not kept.
    other_curves
        Those of the other metrics, by their names.
    recorded, kept
        Of how many replicates the curves and the functions are; None if of all that have a result.
    failures
        The runs without a result, in groups, the largest first.
    remarks
        What a reader must know of where the results come from, a sentence each.
    planned
        The axes of all cells of the plan, trained or not; None if it is not known.
    explored
        What the explorer shows; None for a page without.
    functions
        The table of learned functions; None if they were not kept.
    targets
        The targets as smooth lines: those of the axes `function` and `interval` that there are, `x`, `target`;
        None to draw them through the points of `functions`.
    fixed
        The fields that are no axis, and their values; () is a field without a value.
    versions
        The programs that made the results, and their versions.
    verdicts, confidence
        The verdicts on the config's claims, and how sure all of them are together.
    thresholds
        By the number of a claim, how its share of successes depends on its bound; of those that have a bound.
    figures
        The names of the figures that are wanted, in their order; none for all that make sense.
    is_quick
        Whether this is the quick form of a config.
    portraits, portrayed
        Networks of one setting, to be shown with their weights, and that setting: the values of its axes; none if
        weights were not kept.
    name, is_file
        What the sweep is called in commands, and whether that is a config beside which `.toml` stands.
    duels
        For each row of `cells`, in how many pairs of replicates the best cell is the better one, `n_better` of
        `n_pairs` that differ (see `sweep.tables.duels`); None where replicates are no pairs.
    command, seed
        By what it was run, and the seed of its random numbers; "" and None if that is not known.
    seconds, surroundings
        How long all trainings took, one after the other; and with what and where they were trained.
    excluded
        How many combinations of the grids `exclude` drops.
    cases
        By the number of a claim, the cells that it is about.
    """

    title: str
    source: str
    config_text: str
    axes: Mapping[str, Sequence[Level]]
    cells: pd.DataFrame
    replicates: int
    planned_runs: int
    stored_runs: int
    curves: pd.DataFrame | None
    functions: pd.DataFrame | None
    targets: pd.DataFrame | None
    fixed: Mapping[str, object]
    versions: Mapping[str, str]
    training: Training
    note: str = ""
    verdicts: Sequence[Verdict] = ()
    confidence: float = 0.95
    thresholds: Mapping[int, Threshold] = field(default_factory=dict)
    figures: Sequence[str] = ()
    is_quick: bool = False
    portraits: Sequence[Portrait] = ()
    portrayed: Mapping[str, Level] = field(default_factory=dict)
    other_curves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    recorded: Coverage | None = None
    kept: Coverage | None = None
    failures: Sequence[Failures] = ()
    remarks: Sequence[str] = ()
    planned: pd.DataFrame | None = None
    name: str = ""
    is_file: bool = True
    duels: pd.DataFrame | None = None
    excluded: int = 0
    command: str = ""
    seed: int | None = None
    seconds: float = 0.0
    surroundings: Sequence[Surroundings] = ()
    cases: Mapping[int, Case] = field(default_factory=dict)
    explored: Explored | None = None

    @property
    def problems(self) -> list[str]:
        """The axes between whose values metrics are not compared, of those that move."""
        return self.choice.problems(self.axes)

    @cached_property
    def drawn_axes(self) -> Mapping[str, Sequence[Level]]:
        """The axes without those that move together with another one, unless the cells are scattered."""
        usual = self.choice.heatmap(self.axes)
        if self.cells.empty or usual is None or is_scattered(self.cells, usual):
            return self.axes
        return without_followers(self.cells, self.axes, self.training.display.problems)

    @property
    def labels(self) -> Labels:
        """The words for what was trained."""
        return Labels.of(self.training)

    @property
    def choice(self) -> AxisChoice:
        """What chooses the axes of figures."""
        return AxisChoice.of(self.training)

    @property
    def complete(self) -> bool:
        """Whether every planned run has a result."""
        return self.stored_runs >= self.planned_runs


@dataclass(frozen=True)
class Report:
    """A report, ready to be written.

    Attributes
    ----------
    figures
        The pictures by file name, "heatmap.png" and so on; the Markdown page expects them in `figures/`.
    markdown, html
        The pages. The HTML page holds its pictures and needs no other file.

    """

    figures: Mapping[str, bytes]
    markdown: str
    html: str
