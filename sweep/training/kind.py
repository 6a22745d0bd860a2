"""The one interface of whatever is trained: plan, dispatch, store, tables, claims and report know no more than this.

A kind of training says as data what it takes (`parameters`) and gives (`metrics`), and trains a `Batch` of
trajectories in one call. Everything else has a default: a kind without steps, without a model of its cost, with
nothing to keep beside its metrics is a handful of lines.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sweep.errors import InputError
from sweep.forms.form import Form
from sweep.terms.columns import OF_LEARNED, RESERVED, median_of
from sweep.terms.keys import Key
from sweep.terms.metric import Metric
from sweep.terms.outcome import Outcome
from sweep.terms.values import Value
from sweep.training.batch import Batch, BatchTrainer, Desk, Isolation
from sweep.training.parameter import Parameter
from sweep.training.shown import Inside, Learned

FIGURES = ("heatmap", "curves", "functions", "against", "weights")
"""The figures of a report in their order; "functions" and "weights" are of those kinds only that have them."""

GRID_KEYS = frozenset({"replicates", "seed", "zip", "exclude"})
"""What stands in [grid] beside axes."""


@dataclass(frozen=True)
class Cost:
    """What trajectories of one setting take on one core, in seconds.

    Attributes
    ----------
    per_trajectory
        For each of them.
    per_replicate
        For each replicate among them: what those that share their random numbers pay for once.
    per_batch
        For each call.
    at_once
        So many are trained side by side: fewer take as long. It need not be whole.
    most
        As many fit into a batch, by their memory.
    """

    per_trajectory: float
    per_replicate: float = 0.0
    per_batch: float = 1e-3
    at_once: float = 1.0
    most: float = math.inf

    def seconds(self, n_trajectories: int, n_replicates: int) -> float:
        """Return the seconds that a batch takes."""
        filled_up = self.at_once * math.ceil(n_trajectories / self.at_once)
        return self.per_batch + filled_up * self.per_trajectory + n_replicates * self.per_replicate

    def trajectories_in(self, seconds: float) -> int:
        """Return how many trajectories make a batch of about so many seconds.

        They are whole groups of those at once, unless not even one group fits.
        """
        groups = max(1, math.floor(min(seconds / self.per_trajectory, self.most) / self.at_once))
        return max(1, math.floor(min(groups * self.at_once, self.most)))


@dataclass(frozen=True)
class Display:
    """Where parameters go in figures, where there is a choice: of those named, the first that moves.

    Attributes
    ----------
    upwards
        To the left of a heatmap.
    colours, panels
        Of lines.
    against
        To the right in the figure of the objective against a parameter, which bears the name in `against_name`.
    problems
        Parameters that say what is to be learned: between two of their values metrics are not compared in one picture.
    """

    upwards: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    panels: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    against_name: str = "against"
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Merged:
    """Parameters that enter the identity of a setting together, by what they come to: one name, and one value.

    None enters as nothing at all.
    """

    name: str
    parameters: tuple[str, ...]
    value: Callable[..., Value | None]


@dataclass(frozen=True)
class Alternative:
    """A parameter that stands in place of others: a config that names it may not name those. `message` says why."""

    parameter: str
    others: tuple[str, ...]
    message: str


class Training(ABC):
    """A kind of training. What is listed here as an attribute is set by the kind; most have defaults.

    Attributes
    ----------
    name
        Of the kind, in words.
    version
        Enters the identity of every setting of this kind: raised whenever the same setting and replicate would give
        other numbers; stored results are then trained anew.
    parameters
        What it takes, in canonical order: the order of tables.
    metrics
        What it gives; the first is the objective.
    steps
        The parameter that is read off one training: a training to the largest value asked for serves all smaller ones.
        None if there is none.
    varying
        The parameters in which the trajectories of a batch may differ.
    keeps
        What it can hand back beside the metrics, each a switch of the table [store]. With `curves`, which needs steps,
        the batch asks for metrics along the training.
    demanded
        Those of `keeps` without which a stored result does not count: it is trained again, to the same bits.
    merged, alternatives
        See `Merged` and `Alternative`.
    marks
        What else enters the identity of some settings, told by parameters that enter it by themselves as well: such as
        a version of their own, where the rest of the stored results shall stay valid.
    checked_together
        Groups of parameters whose values are handed to `check` in all combinations that meet in a grid.
    display
        Where parameters go in figures.
    forms
        Forms of claims that only this kind has.
    figures
        Which of the figures "functions" and "weights" it has data for.
    learned_from, trained_from
        The extras that `learned`, and `trained` and `inside`, are made from; None if it does not have these.
    recorded_alike
        Whether all trajectories are recorded at the steps that a batch asks for. If not, a learning curve has at each
        step those that were recorded there.
    isolation
        How its runs are kept apart, always in processes of their own; None for code that can be trusted: it is trained
        in this process where that is faster, and a batch whose process has died is tried again.
    repeats
        Whether replicates of a setting can differ; if not, there is one.
    own_tables
        Tables of a config that say what is trained, and hold no parameters: their keys, by the table's name.
    """

    name: str
    version: str
    parameters: Mapping[str, Parameter]
    metrics: tuple[Metric, ...]
    steps: str | None = None
    varying: frozenset[str] = frozenset()
    keeps: Mapping[str, Key] = {}
    demanded: frozenset[str] = frozenset()
    merged: tuple[Merged, ...] = ()
    marks: tuple[Merged, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    checked_together: tuple[tuple[str, ...], ...] = ()
    display: Display = Display()
    forms: tuple[type[Form], ...] = ()
    figures: tuple[str, ...] = ()
    learned_from: str | None = None
    trained_from: str | None = None
    recorded_alike: bool = True
    isolation: Isolation | None = None
    repeats: bool = True
    own_tables: Mapping[str, Mapping[str, Key]] = {}

    @abstractmethod
    def train(self, batch: Batch) -> Outcome:
        """Train a batch, in a worker. What comes of a trajectory depends on it alone, to the last bit."""

    @property
    def emitted(self) -> frozenset[str]:
        """The names of the metrics that it gives; the others are computed from these."""
        return frozenset(metric.name for metric in self.metrics if metric.derived is None)

    def for_workers(self) -> BatchTrainer:
        """Return what is handed to workers, pickled: what trains, where that needs to import less than all of this."""
        return self

    @property
    def has_code(self) -> bool:
        """Whether it is the user's own code: then its outcomes say which code made them, in `Outcome.code`."""
        return False

    def code_now(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return the fingerprints of parts of that code as they are now; "" for a part that is no more."""
        return dict.fromkeys(names, "")

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that compute what it gives, as they are imported or installed."""
        return ("numpy",)

    def without_effect(self, values: Mapping[str, tuple[Value, ...]]) -> frozenset[str]:  # noqa: ARG002 - for kinds that say otherwise
        """Return the parameters that nothing depends on where these are all values of each."""
        return frozenset()

    @property
    def code_folder(self) -> Path | None:
        """Where the user's code is that it trains; None if there is none."""
        return None

    @property
    def keeps_files(self) -> bool:
        """Whether its runs keep files of their own in the folder of the results."""
        return False

    def moved(self, code_folder: Path) -> BatchTrainer:  # noqa: ARG002 - for kinds that say otherwise
        """Return what trains where a copy of the user's code lies in another folder, as on another machine."""
        return self

    @property
    def loaded_from(self) -> str:
        """What a worker loads before its first run, in words: a file, if there is one."""
        return self.name

    def train_in_parts(self, batch: Batch, desk: Desk) -> Iterator[Outcome]:  # noqa: ARG002 - for kinds that say otherwise
        """Yield outcomes of consecutive trajectories of a batch, from the first on, as they finish.

        It may end before the last one: the rest is handed out again, to any worker.
        """
        yield self.train(batch)

    def replay(self, batch: Batch, desk: Desk) -> Mapping[str, float]:  # noqa: ARG002 - for kinds that say otherwise
        """Train one trajectory in this process, and return its metrics at the end; what it raises comes out."""
        return {name: float(values[0, -1]) for name, values in self.train(batch).metrics.items()}

    @property
    def identity(self) -> str:
        """What enters the identity of every setting beside its values: the kind, and its version."""
        return f"{self.name} {self.version}"

    def check(self, values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - for kinds that say otherwise
        """Yield a parameter and a message for whatever does not go together in the values of `checked_together`.

        A value that is mistaken by itself is not among them. The message reads on from the parameter's name.
        """
        yield from ()

    def idle(self, values: Mapping[str, tuple[Value, ...]]) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - for kinds that say otherwise
        """Yield each parameter that a config speaks of in vain, and where: "with ..., so that nothing is said of it".

        `values` has all values of each parameter in one grid.
        """
        yield from ()

    def unknown(self, name: str, table: str) -> str:  # noqa: ARG002 - for kinds that say otherwise
        """Return what there is to say about a key that no table of a config has; "" for what is said of any.

        The message reads on from the key's name.
        """
        return ""

    def cost(self, setting: Mapping[str, Value]) -> Cost | None:  # noqa: ARG002 - for kinds that say otherwise
        """Return what a trajectory takes, trained to the setting's steps; None if nobody knows beforehand."""
        return None

    def slowness(self) -> float:
        """Return how many times as long as `cost` says it takes on this machine."""
        return 1.0

    def prepare(self, settings: Collection[Mapping[str, Value]], *, here: bool = True) -> None:  # noqa: ARG002 - for kinds that say otherwise
        """Get ready for batches with these fixed values, once, before workers start: compile what all of them need.

        `here` tells whether this process trains.
        """
        return

    def trained(self, setting: Mapping[str, Value], kept: Mapping[str, NDArray[Any]]) -> Any:  # noqa: ARG002 - for kinds that say otherwise
        """Return what was trained, made again from the extras of one trajectory; None if they do not suffice."""
        return None

    def learned(self, setting: Mapping[str, Value], kept: Mapping[str, NDArray[Any]]) -> Learned | None:  # noqa: ARG002 - for kinds that say otherwise
        """Return what n trajectories learned, from extras of shape (n, ...), where that is a function to be drawn."""
        return None

    def inside(self, setting: Mapping[str, Value], kept: Mapping[str, NDArray[Any]]) -> Inside | None:  # noqa: ARG002 - for kinds that say otherwise
        """Return what one trajectory looks like inside, from its extras, where that is layers of weights."""
        return None

    @property
    def objective(self) -> Metric:
        """The first metric."""
        return self.metrics[0]

    def metric(self, name: str) -> Metric:
        """Return a metric by its name. Raises KeyError."""
        return {metric.name: metric for metric in self.metrics}[name]

    @property
    def figure_names(self) -> tuple[str, ...]:
        """The names of the figures that a config can ask for, in the order of a report."""
        own = frozenset(("functions", "weights")) - frozenset(self.figures)
        renamed = {"against": self.display.against_name}
        return tuple(renamed.get(name, name) for name in FIGURES if name not in own)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of a config in which its parameters stand, in their order."""
        return tuple(dict.fromkeys(parameter.table for parameter in self.parameters.values()))


def check_kind(training: object) -> None:
    """Raise an `InputError` if it is no training, or has a parameter or metric named as something else in a table."""
    if not isinstance(training, Training):
        hint = f": write `training={training.__name__}()`" if isinstance(training, type) else ""
        raise InputError(f"`training` must be an instance of a subclass of Training, got {training!r}{hint}")
    for role, name, what in misnamed(training):
        raise InputError(
            f"{training.name}: no {role} may be called {name!r}, since that is {what} too: choose another name"
        )


def misnamed(training: Training) -> Iterator[tuple[str, str, str]]:
    """Yield each name of a parameter or metric that is taken: which of the two it is, the name, and what has it."""
    drawn = () if "functions" in training.figures else OF_LEARNED
    medians = (median_of(metric.name) for metric in training.metrics[1:])
    taken = dict.fromkeys((*(RESERVED - {*drawn}), *medians), "a column of the tables")
    taken |= dict.fromkeys(GRID_KEYS, "a key of [grid]")
    metrics = [metric.name for metric in training.metrics]
    yield from (("parameter", name, taken[name]) for name in training.parameters if name in taken)
    yield from (("metric", name, taken[name]) for name in metrics if name in taken)
    yield from (("metric", name, "a parameter") for name in metrics if name in training.parameters)
