"""What a sweep gives back to Python: its tables, networks and figures, as far as it has got."""

from typing import TYPE_CHECKING

from sweep.forms import Fails, Reaches
from sweep.results.figures import Figures
from sweep.tables.run_arrays import RunArrays

if TYPE_CHECKING:
    from sweep.report.explorer.explored import Explored
    from sweep.report.explorer.notebook import Explorer

__all__ = ["Results"]


class Results(Figures):
    """The results of a sweep, complete or so far.

    Tables are `runs`, `cells`, `verdicts`, `failures`, and those of `curves`; `pivot` puts a statistic of the cells
    over two axes. `network` and `replay` give single trainings back. Figures are `heatmap`, `share_map`,
    `curves_figure`, `functions_figure`, `against`, `weights_figure`, `verdict_map` and `threshold_figure`.
    `explore` shows the explorer of the report.
    """

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
