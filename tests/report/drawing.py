"""The figures of the network, drawn from a table in one call."""

from sweep.report.figures import against
from sweep.report.figures import learned_functions as of_functions
from sweep.report.figures import learning_curves as of_curves
from sweep.report.figures.heatmap import heatmap as of_cells
from sweep.report.look.axis_choice import AxisChoice, LineAxes
from sweep.report.look.labels import Labels
from sweep.training.network.kind import NetworkTraining

LABELS = Labels.of(NetworkTraining())
CHOICE = AxisChoice.of(NetworkTraining())


def heatmap(cells, rows, columns, value="median", **options):
    return of_cells.heatmap(cells, rows, columns, value, labels=LABELS, **options)


def learning_curves(curves, hue="learning_rate", facet=None, best=None, levels=None):
    shown = of_curves.shown_curves(curves, LineAxes(hue, facet), best or {}, levels or {}, LABELS)
    return of_curves.learning_curves(shown)


def learned_functions(functions, columns="learning_rate", rows=None, best=None, levels=None, targets=None):
    axes = LineAxes(columns, rows)
    shown = of_functions.shown_functions(functions, axes, best or {}, levels or {}, LABELS)
    return of_functions.learned_functions(shown, targets)


def loss_against(cells, x="neurons", hue="epochs", facet=None, value="median", best=None, levels=None):
    shown = against.shown_against(cells, x, LineAxes(hue, facet), best or {}, levels or {}, LABELS)
    return against.objective_against(shown, x, value)
