"""The records that a config is turned into: what is to be swept, checked and complete, and nothing expanded yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sweep.config.places import Mistakes, Place
from sweep.config.stated_claims import StatedClaim
from sweep.terms.values import Value
from sweep.training.kind import Training


@dataclass(frozen=True)
class Axis:
    """One dimension of a grid: the parameter it moves, or the several parameters that `zip` moves together.

    `points[i]` holds the i-th value of every parameter in `names`, in their order.
    """

    names: tuple[str, ...]
    points: tuple[tuple[Value, ...], ...]

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True)
class Grid:
    """The product of its axes, less what `exclude` drops, repeated `replicates` times.

    A combination is dropped if, for any mapping in `exclude`, each of its parameters has one of the values listed
    there.
    """

    axes: tuple[Axis, ...]
    replicates: int
    exclude: tuple[Mapping[str, tuple[Value, ...]], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that the grid names."""
        return tuple(name for axis in self.axes for name in axis.names)


@dataclass(frozen=True)
class Source:
    """The config as it was read, once.

    Attributes
    ----------
    path
        What errors call the file.
    text
        Its text.
    is_file
        Whether the text is the user's, and its lines mean something to him.
    file
        Where it can be read again, absolute, or where the function at hand was defined; None for what came through a
        pipe, and for what Python holds.
    folder
        Where the files are that it names; the current folder if it has none of its own. Absolute.
    """

    path: str = "<config>"
    text: str = ""
    is_file: bool = True
    file: Path | None = None
    folder: Path = Path()

    @property
    def is_piped(self) -> bool:
        """Whether it is a user's text that can be read only once, so that its name means nothing."""
        return self.is_file and self.file is None

    def mistakes(self) -> Mistakes:
        """Return what collects mistakes in it; of a text that is not the user's they have no lines."""
        return Mistakes(self.text if self.is_file else None)

    def told(self, place: Place, message: str) -> str:
        """Return a message about one place of it, as a `ConfigError` has it."""
        mistakes = self.mistakes()
        mistakes.add(place, message)
        return f"{self.path}: {mistakes.in_order()[0]}"


@dataclass(frozen=True)
class Experiment:
    """A config, checked: the union of `grids` over the values in `fixed`.

    Attributes
    ----------
    name
        Of the config's file, without the ending.
    training
        What is trained.
    fixed
        A value for every parameter of the training, in its order (the default where the config is silent); an axis of a
        grid goes before it.
    grids, seed, max_runs
        As in the config; `max_runs` may have been given another value by the caller.
    keep
        Which of the training's `keeps` are switched on.
    claims
        As they are written, in the order of the config; nothing that is trained depends on them.
    confidence, most_replicates
        Of all verdicts together, above 0.5 and below 1; replicates are added up to so many to decide them.
    title, source, note, figures
        For the report; no figures are all that make sense.
    lang
        The language of figures and pages, one of `sweep.words.LANGUAGES`.
    is_quick
        Whether the values under [quick] stand in the places of the usual ones.
    remarks
        What the user should know of it before it is run, and may not have meant, a sentence each.
    read
        The text that all of it comes from.
    """

    name: str
    training: Training
    fixed: Mapping[str, Value]
    grids: tuple[Grid, ...]
    seed: int
    max_runs: int
    keep: frozenset[str] = frozenset()
    claims: tuple[StatedClaim, ...] = ()
    confidence: float = 0.95
    most_replicates: int = 1024
    title: str = ""
    source: str = ""
    note: str = ""
    figures: tuple[str, ...] = ()
    lang: str = "en"
    is_quick: bool = False
    remarks: tuple[str, ...] = field(default=(), compare=False)
    read: Source = field(default=Source(), compare=False)

    @property
    def axes(self) -> tuple[str, ...]:
        """The parameters that any grid names, in the order of the training's: the columns of the tables."""
        named = {name for grid in self.grids for name in grid.names}
        return tuple(name for name in self.fixed if name in named)
