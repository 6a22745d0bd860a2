"""sweep: parallel experiment sweeps, for the networks of an article series and for whatever else is trained.

A planner expands a grid of hyperparameters into training runs, a dispatcher trains them in parallel, and an aggregator
turns the results into tables, heatmaps, and verdicts on claims. To read the code, follow the data:

1. `sweep.terms` - what all stages share: values and keys of a config, metrics, outcomes, arrays;
   `sweep.forms` - what a claim can say, a file for each form; `sweep.words` - what people read, in their language.
2. `sweep.training` - what is trained: the one interface, and behind it `network`, the article's. Arrays in, an outcome
   out.
3. `sweep.config` - a TOML file becomes an `Experiment`; every mistake of a user is caught here.
4. `sweep.plan` - axes become cells, settings, trajectories and batches; the identities of settings.
5. `sweep.dispatch` - batches go to workers, and outcomes come back as they finish; `sweep.progress` tells a person,
   `sweep.pace` how long it will take.
6. `sweep.store` - durable outcomes; the only owner of paths in a results folder.
7. `sweep.tables` - tables of runs and cells, learning curves; `sweep.claims` - verdicts.
8. `sweep.report` - figures, Markdown and HTML.
9. `sweep.results` - what Python users hold in their hands; `sweep.save` - its files; `sweep.exports` - those of other
   tools; `sweep.terminal` and `sweep.forecast` - its words; `sweep.elsewhere` - the same for a table that was made
   elsewhere; `sweep.api` - the stages wired together; `sweep.watch` - a page of a running sweep; `sweep.series` -
   several sweeps on one page.
10. `sweep.cli` - arguments become calls of the functions above; `sweep.__main__`, the way in, and `sweep.at_once`,
   how a command ends when it is told to.

Imports run one way along that line, and a test checks it. What is already stored is subtracted between the plan and the
dispatch: resuming, extending and recovering from a crash are one and the same code path. Why it is built so:

- **One interface for whatever is trained** (`sweep.training.kind`). Plan, dispatch, store, tables, claims and report
  know a training's parameters, its metrics and which way each is better, which parameter is read off one training
  (epochs, or none), and one call from a batch to an `Outcome`. A third kind, in 40 lines, is in
  `tests/another_training.py`.
- **Columnar from end to end.** A plan is arrays, a batch is a slice of them, a worker returns arrays, the store appends
  them as they are, pandas reads them. Nothing is done once per run in Python outside of a user's own function.
- **Epochs are free.** With a fixed learning rate a run of 100 epochs is the beginning of a run of 1000: one trajectory
  serves all epoch counts. That holds with rounds too, which are counted from the first epoch on.
- **Random numbers by name, not by order** (`sweep.training.network.streams`). All settings of a replicate share them,
  so differences between settings are paired. Initial parameters are drawn neuron by neuron: with one hidden layer,
  the first n neurons are the same at every width.
- **Identity by content** (`sweep.plan.identity`). What a result depends on (setting, seed, a version of the training's
  semantics) is hashed field by field, and the hashes are summed: a million keys cost one addition per axis. Adding a
  value to an axis trains what is new; taking one away hides rows and deletes none.
- **Two trainers of the network.** `readable` is to be read: one network, one number at a time. `engine` trains eight
  side by side and goes through the same roundings, whatever else is in its batch.
- **Nothing is trusted for its name.** Compiled code is checked before it trains; a row of the store has a CRC; a stamp
  vouches for tables, figures and pages by a hash of each. A config is read once, and its text carried along. A folder
  that is moved or removed while its sweep runs is told at the next commit.
- **Figures and pages are functions of the results**: no dates, no names of machines, the same bytes for the same
  results.

`sweep.errors` and `sweep.arguments` stand beside them all, and `sweep.ahead` imports while workers train. The public
names are imported when they are first used, so that `sweep --help` does not wait for numpy.
"""

from importlib import import_module

TYPE_CHECKING = False  # as in `typing`, whose import would hold up the answer to a Ctrl-C
if TYPE_CHECKING:
    from typing import Any

    from sweep.api import check, load, preview, run, write_report
    from sweep.config.python import integers, linear, log
    from sweep.elsewhere.table import from_table
    from sweep.errors import ConfigError, InputError, SweepError
    from sweep.results import Results
    from sweep.series import reproduce
    from sweep.training.function.batched import batched
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
    "batched": "sweep.training.function.batched",
    "check": "sweep.api",
    "integers": "sweep.config.python",
    "linear": "sweep.config.python",
    "from_table": "sweep.elsewhere.table",
    "load": "sweep.api",
    "log": "sweep.config.python",
    "preview": "sweep.api",
    "reproduce": "sweep.series",
    "run": "sweep.api",
    "train_network": "sweep.training.network.readable",
    "write_report": "sweep.api",
}

__all__ = [
    "ConfigError",
    "InputError",
    "Network",
    "Results",
    "SweepError",
    "Target",
    "TrainedNetwork",
    "batched",
    "check",
    "from_table",
    "integers",
    "linear",
    "load",
    "log",
    "preview",
    "reproduce",
    "run",
    "train_network",
    "write_report",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> "Any":
    if name not in _HOMES:
        raise AttributeError(f"module 'sweep' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
