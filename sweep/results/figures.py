"""The figures of a sweep as a person asks for them: each shows itself as the last line of a notebook's cell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from sweep.arguments import whole
from sweep.claims.thresholds import thresholds
from sweep.errors import InputError
from sweep.report.look.labels import Labels, number
from sweep.results.networks import Networks
from sweep.results.tables import Where
from sweep.tables.cells import selected
from sweep.tables.importance import importance
from sweep.tables.shares import bound_of, diverged_shares, shares_within
from sweep.tables.where import check_name
from sweep.terms.columns import SHARE_DIVERGED
from sweep.terms.metric import SHARE, Metric
from sweep.terms.values import TableValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

    from sweep.claims import Verdict
    from sweep.report.look.axis_choice import AxisChoice, LineAxes

SHARE_WITHIN = "share_within"


class Part(NamedTuple):
    """The part of a sweep that values of axes leave: its cells, those of the plan, the levels of each axis."""

    cells: pd.DataFrame
    planned: pd.DataFrame
    levels: Mapping[str, list[TableValue]]
    fixed: Mapping[str, TableValue]


class Figures(Networks):
    """The figures of the report, each a method that draws it anew.

    All of them return a figure of matplotlib, with everything in it for a person to change, and take the same keywords:

    ax
        Axes of matplotlib to draw into, where the figure has one panel: `plt.subplots()` gives such. Legends and colour
        bars take their room from it, and a layout engine of its figure is put away. Their figure comes back.
    size
        Width and height in inches; without it a figure is as large as its text needs.
    cmap
        A colour map of matplotlib or its name, "magma_r": of values in a map, of the lines elsewhere.
    title
        A line above the figure.
    label
        The words for what is shown: at the colour bar of a map, at the upright axis elsewhere.
    where, **axes
        Values of axes, `epochs=1000`: the part of the sweep that is shown. An axis that is called as an argument here
        is named in `where`, `where={"size": 3}`.

    Raises `InputError` for whatever of this cannot be, and if there is nothing to draw.
    """

    def heatmap(
        self,
        rows: str | None = None,
        columns: str | None = None,
        value: str = "median",
        where: Where | None = None,
        *,
        ax: "Axes | None" = None,
        size: tuple[float, float] | None = None,
        cmap: "str | Colormap | None" = None,
        title: str = "",
        label: str = "",
        **axes: TableValue,
    ) -> "Figure":
        """Draw a statistic of the cells over two axes; further axes become panels, unless `where` fixes them.

        Parameters
        ----------
        rows, columns
            The axes that run upwards and to the right; chosen as in the report if they are not named.
        value
            A statistic of `cells`, such as "median" or "upper_quartile".
        ax, size, cmap, title, label, where, **axes
            As all figures take them: see `Figures`.
        """
        part = self._part(where, axes)
        labels = self._labels(label, value)
        return self._map(part.cells, part, rows, columns, value, labels, ax, size, cmap, title)

    def share_map(
        self,
        rows: str | None = None,
        columns: str | None = None,
        where: Where | None = None,
        *,
        below: float | None = None,
        above: float | None = None,
        metric: str | None = None,
        ax: "Axes | None" = None,
        size: tuple[float, float] | None = None,
        cmap: "str | Colormap | None" = None,
        title: str = "",
        label: str = "",
        **axes: TableValue,
    ) -> "Figure":
        """Draw the share of runs that diverged, or with a bound the share of those within it: `below=0.45`.

        Parameters
        ----------
        rows, columns
            As those of `heatmap`.
        below, above
            The bound. A run that diverged is never within.
        metric
            Of which metric it is the bound; of the objective if None.
        ax, size, cmap, title, label, where, **axes
            As all figures take them: see `Figures`.
        """
        training = self.plan.training
        name = training.objective.name if metric is None else metric
        check_name("a metric", name, [one.name for one in training.metrics])
        bound = bound_of(training.metric(name), below, above)
        part = self._part(where, axes)
        if bound is None:
            if metric is not None:
                raise InputError(
                    "`metric` says of what `below` or `above` is a bound: give one of them as well"
                )
            column, shares = SHARE_DIVERGED, diverged_shares(self.collected)
            labels = self._labels(label, column)
        else:
            column, shares = SHARE_WITHIN, shares_within(self.collected, name, *bound)
            words = f"share of runs with {training.metric(name).a_words} {bound[0]} {number(bound[1])}"
            labels = self._labels(label or words, column)
        of_cells = pd.Series(shares, index=self.cells.index)
        cells = part.cells.assign(n_diverged=0, **{column: of_cells})
        return self._map(cells, part, rows, columns, column, labels, ax, size, cmap, title)

    def curves_figure(
        self,
        hue: str | None = None,
        facet: str | None = None,
        metric: str | None = None,
        where: Where | None = None,
        *,
        ax: "Axes | None" = None,
        size: tuple[float, float] | None = None,
        cmap: "str | Colormap | None" = None,
        title: str = "",
        label: str = "",
        **axes: TableValue,
    ) -> "Figure":
        """Draw the median of a metric along the training, with the middle half of the replicates.

        Parameters
        ----------
        hue, facet
            The axes whose values get a colour and a panel each; chosen as in the report if neither is named. Further
            axes are held at the best cell.
        metric
            What is drawn; the objective if None.
        ax, size, cmap, title, label, where, **axes
            As all figures take them: see `Figures`. With `epochs` the curves end there.
        """
        from sweep.report.figures.learning_curves import learning_curves, shown_curves

        if self.curves is None:
            raise InputError(
                "there are no learning curves: "
                + (
                    "the sweep keeps none (`curves = false`)"
                    if self.plan.training.steps
                    else "it has no epochs"
                )
            )
        objective = self.plan.training.objective
        tables = {objective.name: self.curves.learning, **self.curves.others}
        name = objective.name if metric is None else metric
        check_name("a metric with curves", name, list(tables))
        part, steps = self._part(where, axes), self.plan.training.steps
        last = part.fixed.get(steps or "")
        table = self._of_part(tables[name], part)
        table = table if last is None else table[table["epoch"] <= last]
        labels = replace(self._labels(label, ""), metrics=(self._metric(name, label),))
        shown = shown_curves(table, self._line_axes(hue, facet, part), self._best(part), part.levels, labels)
        return self._drawn(lambda: learning_curves(shown), ax, size, cmap, title)

    def functions_figure(
        self,
        hue: str | None = None,
        facet: str | None = None,
        where: Where | None = None,
        *,
        ax: "Axes | None" = None,
        size: tuple[float, float] | None = None,
        title: str = "",
        **axes: TableValue,
    ) -> "Figure":
        """Draw what networks have learned at the end of their training over what they were to learn.

        Parameters
        ----------
        hue, facet
            The axes with a column and a row of panels for each of their values; chosen as in the report if neither is
            named. Further axes are held at the best cell.
        ax, size, title, where, **axes
            As all figures take them: see `Figures`.
        """
        from sweep.report.figures.learned_functions import learned_functions, shown_functions

        if self.curves is None or not len(self.curves.functions):
            raise InputError("there are no learned functions: the sweep keeps none")
        part, steps = self._part(where, axes), self.plan.training.steps
        if steps in part.fixed:
            raise InputError(
                f"`{steps}` cannot be named: learned functions are those at the end of a training"
            )
        table, targets = self._of_part(self.curves.functions, part), self.curves.targets
        labels = self._labels("", "")
        chosen = self._line_axes(hue, facet, part)
        shown = shown_functions(table, chosen, self._best(part), part.levels, labels)
        return self._drawn(lambda: learned_functions(shown, targets, part.planned), ax, size, None, title)

    def against(
        self,
        x: str | None = None,
        hue: str | None = None,
        facet: str | None = None,
        value: str = "median",
        where: Where | None = None,
        *,
        ax: "Axes | None" = None,
        size: tuple[float, float] | None = None,
        cmap: "str | Colormap | None" = None,
        title: str = "",
        label: str = "",
        **axes: TableValue,
    ) -> "Figure":
        """Draw the objective against an axis of numbers, with the middle half of the replicates.

        Parameters
        ----------
        x
            The axis to the right; the one with most values if it is not named.
        hue, facet
            The axes whose values get a colour and a panel each; the next ones if neither is named. Further axes are
            held at the best cell.
        value
            "median" or "mean".
        ax, size, cmap, title, label, where, **axes
            As all figures take them: see `Figures`.
        """
        from sweep.report.figures.against import objective_against, shown_against
        from sweep.report.look.axis_choice import LineAxes, is_numeric, moving_axes

        part = self._part(where, axes)
        numeric = [axis for axis in moving_axes(part.levels) if is_numeric(part.levels[axis])]
        chosen = self._choice.against(part.levels)
        if x is None:
            if not numeric:
                raise InputError("`x` must name an axis of numbers, and none with two values is left")
            x = chosen[0] if chosen else max(numeric, key=lambda axis: len(part.levels[axis]))
        lines = LineAxes(hue, facet)
        if hue is None and facet is None:
            lines = chosen[1] if chosen and chosen[0] == x else self._choice.lines_against(x, part.levels)
        labels = self._labels(label, value)
        shown = shown_against(part.cells, x, lines, self._best(part), part.levels, labels)
        return self._drawn(lambda: objective_against(shown, x, value), ax, size, cmap, title)

    @cached_property
    def importances(self) -> pd.DataFrame:
        """One row for each axis, the most important first: the share of the cells' spread that it explains.

        `alone` is by itself, `total` together with what it does in the company of others; of the ranks of the medians.
        """
        training = self.plan.training
        return importance(self.cells, training.objective, training.display.problems)

    def importance(
        self,
        where: Where | None = None,
        *,
        ax: "Axes | None" = None,
        size: tuple[float, float] | None = None,
        title: str = "",
        **axes: TableValue,
    ) -> "Figure":
        """Draw how much of the spread of the cells each axis explains, as bars: the table `importances`.

        Parameters
        ----------
        ax, size, title, where, **axes
            As all figures take them: see `Figures`.
        """
        from sweep.report.figures.importance import importance_bars

        training, part = self.plan.training, self._part(where, axes)
        table = importance(part.cells, training.objective, training.display.problems)
        if table.empty:
            raise InputError("there is nothing to draw: no axis with two values is left to matter")
        labels = self._labels("", "")
        return self._drawn(lambda: importance_bars(table, labels), ax, size, None, title)

    def weights_figure(
        self,
        *replicates: int,
        where: Where | None = None,
        size: tuple[float, float] | None = None,
        cmap: "str | Colormap | None" = None,
        title: str = "",
        **axes: TableValue,
    ) -> "Figure":
        """Draw the weights of trained networks, a row for each, beside what they learned.

        Parameters
        ----------
        *replicates
            Which networks; if none is named, the best, the median and the worst of those that did not diverge.
        where, **axes
            Values of axes that name one setting; without any, it is the one with the best median objective.
        size, cmap, title
            As all figures take them: see `Figures`.

        Raises
        ------
        InputError
            As `networks` does; and if no network is stored.
        """
        from sweep.report.figures.weights import network_weights

        portraits = self.portraits(*replicates, where=where, **axes)[1]
        return self._drawn(lambda: network_weights(portraits), None, size, cmap, title)

    def verdict_map(
        self,
        claim: int = 1,
        *,
        ax: "Axes | None" = None,
        size: tuple[float, float] | None = None,
        title: str = "",
    ) -> "Figure":
        """Draw the verdicts on a claim over the axes of its conditions: under which of them it holds.

        Parameters
        ----------
        claim
            Which of the config's claims, from 1.
        ax, size, title
            As all figures take them: see `Figures`.
        """
        from sweep.report.figures.verdict_map import verdict_map

        verdicts = self._verdicts_on(claim)
        if not verdicts[0].condition:
            raise InputError(f"claim {claim} has one verdict, {verdicts[0].ruling}, and no `over` for a map")
        labels = self._labels("", "")
        return self._drawn(lambda: verdict_map(verdicts, self._choice, labels), ax, size, None, title)

    def threshold_figure(
        self,
        claim: int = 1,
        *,
        ax: "Axes | None" = None,
        size: tuple[float, float] | None = None,
        cmap: "str | Colormap | None" = None,
        title: str = "",
    ) -> "Figure":
        """Draw what other bounds would have said of a claim: the share of runs that succeed against the bound.

        Parameters
        ----------
        claim
            Which of the config's claims, from 1; one that has a bound.
        ax, size, cmap, title
            As all figures take them: see `Figures`.
        """
        from sweep.report.figures.threshold_curves import shown_thresholds, threshold_curves

        self._verdicts_on(claim)
        threshold = thresholds(self.judged, self.collected, self.experiment.confidence).get(claim)
        if threshold is None or not threshold.begun:
            raise InputError(f"claim {claim} has no bound that could be another one, or no run with a result")
        shown = shown_thresholds(threshold, self._choice, self._labels("", ""))
        return self._drawn(lambda: threshold_curves(shown), ax, size, cmap, title)

    def _map(
        self,
        cells: pd.DataFrame,
        part: Part,
        rows: str | None,
        columns: str | None,
        value: str,
        labels: Labels,
        *wished: Any,
    ) -> "Figure":
        from sweep.report.figures.heatmap.heatmap import heatmap
        from sweep.report.figures.heatmap.shown import shown_map

        planned: pd.DataFrame | None = part.planned
        held: Mapping[str, TableValue] = {}
        if rows is None and columns is None:
            objective, best = self.plan.training.objective, self._best(part)
            shown = shown_map(cells, part.levels, self._choice, objective, best, planned)
            if shown is not None:
                rows, columns, cells, planned = (
                    shown.axes.rows,
                    shown.axes.columns,
                    shown.cells,
                    shown.planned,
                )
                held = shown.held
        elif rows is None or columns is None:
            chosen = self._choice.heatmap(part.levels)
            one = rows or columns
            other = None if chosen is None else chosen.rows if chosen.rows != one else chosen.columns
            rows, columns = rows or other, columns or other
        if rows is None or columns is None:
            raise InputError("a heatmap needs two axes, and this sweep has fewer with more than one value")
        sides, levels = (rows, columns), part.levels
        return self._drawn(
            lambda: heatmap(cells, *sides, value, levels=levels, labels=labels, planned=planned, held=held),
            *wished,
        )

    def _drawn(self, draw: "Callable[[], Figure]", ax: Any, size: Any, cmap: Any, title: Any) -> "Figure":
        """Draw a figure as it is wished."""
        from sweep.report.look.wishes import Wishes, granting

        with granting(Wishes.of(ax, size, cmap, title)):
            return draw()

    def _part(self, where: Where | None, axes: Where) -> Part:
        """Return the part of the sweep that values of axes leave."""
        if self.cells.empty:
            raise InputError("there is nothing to draw yet: no run has a result")
        fixed = self.meant(where, **axes)
        cells, planned = selected(self.cells, fixed), self.planned
        for axis, one in fixed.items():
            planned = planned[planned[axis] == one]
        there = {axis: set(planned[axis].unique()) for axis in self.levels}
        levels = {axis: [one for one in values if one in there[axis]] for axis, values in self.levels.items()}
        return Part(cells, planned, levels, fixed)

    def _of_part(self, table: pd.DataFrame, part: Part) -> pd.DataFrame:
        """Return the rows of a table of curves that belong to a part."""
        steps = self.plan.training.steps
        fixed = {axis: value for axis, value in part.fixed.items() if axis != steps}
        found = selected(table, fixed, list(self.plan.setting_axes)) if len(table) else table
        if found.empty:
            raise InputError("there is nothing to draw: the results are stored without curves")
        return found

    def _best(self, part: Part) -> Mapping[str, Any]:
        from sweep.report.look.axis_choice import best_place

        training = self.plan.training
        return best_place(part.cells, training.objective, self._choice.problems(part.levels))

    def _line_axes(self, hue: str | None, facet: str | None, part: Part) -> "LineAxes":
        from sweep.report.look.axis_choice import LineAxes

        is_named = hue is not None or facet is not None
        return LineAxes(hue, facet) if is_named else self._choice.lines(part.levels)

    @property
    def _choice(self) -> "AxisChoice":
        from sweep.report.look.axis_choice import AxisChoice

        return AxisChoice.of(self.plan.training)

    def _metric(self, name: str, label: str) -> Metric:
        metric = self.plan.training.metric(name)
        return replace(metric, label=label, along=label) if label else metric

    def _labels(self, words: str, name: str) -> Labels:
        """Return the words for what is shown; those of the statistic `name` are `words`, if there are any."""
        if not isinstance(words, str):
            raise InputError(f"`label` must be a text, got {words!r}")
        labels = Labels.of(self.plan.training)
        usual = {each.name: getattr(labels, each.name) for each in fields(labels)}
        return _Worded(**usual, name=name, words=words) if words else labels

    def _verdicts_on(self, claim: int) -> "list[Verdict]":
        numbers = [verdict.number for verdict in self.judged]
        if not numbers:
            raise InputError("the config makes no claims, or none is judged yet")
        claim = whole("claim", claim, 1)
        if claim not in numbers:
            raise InputError(f"`claim` must be from 1 to {max(numbers)}, got {claim}")
        return [verdict for verdict in self.judged if verdict.number == claim]


@dataclass(frozen=True)
class _Worded(Labels):
    """Labels in which one statistic is called as a person wishes."""

    name: str = ""
    words: str = ""

    def full(self, name: str) -> str:
        return self.words if name == self.name else super().full(name)

    def metric_of(self, statistic: str) -> Metric:
        if statistic == SHARE_WITHIN:
            return Metric(SHARE_WITHIN, "higher", unit=SHARE)
        return super().metric_of(statistic)
