"""The explorer of a sweep's results."""

from typing import TYPE_CHECKING

from sweep.forms import Fails, Reaches
from sweep.results.figures import Figures
from sweep.tables.run_arrays import RunArrays

if TYPE_CHECKING:
    from sweep.report.explorer.explored import Explored
    from sweep.report.explorer.notebook import Explorer


class Exploring(Figures):
    """The results as a person looks around in them: rows, columns and statistic of his choice, and what is behind."""

    def explore(self) -> "Explorer":
        """Return the explorer of the report: as the last line of a notebook's cell it shows itself; it can be saved."""
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
