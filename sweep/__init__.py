"""sweep: parallel experiment sweeps for small neural networks.

A planner expands a grid of hyperparameters into training runs, a dispatcher trains them in parallel, and an aggregator
turns the final losses into tables, heatmaps and a report. To read the code, follow the data:

1. `sweep.config` - a TOML file becomes an `Experiment`; every mistake of a user is caught here.
2. `sweep.plan` - axes become settings, trajectories and batches; random streams, identities, the estimate of the cost.
3. `sweep.training.network` - targets, the network, the readable trainer, the batch trainer: arrays in, arrays out.
4. `sweep.dispatch` - batches go to workers, and results come back as they finish.
5. `sweep.store` - durable results; the only owner of paths in a results folder.
6. `sweep.tables` - tables of runs and cells, learning curves, trained networks; `sweep.claims` - verdicts.
7. `sweep.report` - figures, Markdown and HTML.
8. `sweep.results` and `sweep.api` - what Python users hold in their hands, and the stages wired together;
   `sweep.series` - several sweeps on one page.
9. `sweep.cli` - arguments become calls of the functions above.

`sweep.errors` stands beside them all. The public names are imported when they are first used, so that
`sweep --help` does not wait for numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sweep.api import load, preview, run
    from sweep.errors import ConfigError, InputError, SweepError
    from sweep.results import Results
    from sweep.series import reproduce
    from sweep.training.network.model import Network
    from sweep.training.network.readable import TrainedNetwork, train_network
    from sweep.training.network.target import Target

_HOMES = {
    "ConfigError": "sweep.errors",
    "InputError": "sweep.errors",
    "Network": "sweep.training.network.model",
    "Results": "sweep.results",
    "SweepError": "sweep.errors",
    "Target": "sweep.training.network.target",
    "TrainedNetwork": "sweep.training.network.readable",
    "load": "sweep.api",
    "preview": "sweep.api",
    "reproduce": "sweep.series",
    "run": "sweep.api",
    "train_network": "sweep.training.network.readable",
}

__all__ = [
    "ConfigError",
    "InputError",
    "Network",
    "Results",
    "SweepError",
    "Target",
    "TrainedNetwork",
    "load",
    "preview",
    "reproduce",
    "run",
    "train_network",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sweep' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
