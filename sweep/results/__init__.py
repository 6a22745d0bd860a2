"""What a sweep gives back to Python: its tables, networks and figures, as far as it has got."""

from sweep.results.exploring import Exploring
from sweep.results.exports import Exports

__all__ = ["Results"]


class Results(Exploring, Exports):
    """The results of a sweep, complete or so far.

    Tables are `runs`, `cells`, `verdicts`, `failures`, and those of `curves`; `pivot` puts a statistic of the cells
    over two axes. `network` and `replay` give single trainings back. Figures are `heatmap`, `share_map`,
    `curves_figure`, `functions_figure`, `against`, `importance`, `weights_figure`, `verdict_map`, `threshold_figure`;
    `explore` shows all of it to choose from. Other tools are served by `export`, `to_xarray`, `to_optuna`,
    `to_mlflow`, `to_latex` and `to_markdown`.
    """
