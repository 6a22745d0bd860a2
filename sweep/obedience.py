"""Does a function obey its seed, and is a shorter training the beginning of a longer one? One setting is tried."""

from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.pool import choose_pool
from sweep.errors import RunsError
from sweep.plan import Plan
from sweep.plan.batches import batch_of
from sweep.tables.axes import setting_values
from sweep.terms.outcome import Outcome
from sweep.terms.reasons import headline_of
from sweep.terms.values import TableValue
from sweep.training.batch import Batch

_TOLD = (
    "it is told its `epochs`, so each number of them is trained by itself. A generator that yields after each epoch, "
    "and is not told how many there will be, gives all of them by one training."
)


@dataclass(frozen=True, repr=False)
class Obedience:
    """What came of training one setting several times; `str` says what follows from it.

    Attributes
    ----------
    setting
        The values of its axes.
    first, second
        Its metrics, trained twice alike in processes of their own.
    shorter
        By metric what a shorter training gave, and what the longer one had at that step; None without steps.
    steps
        The name of the steps; None if there are none.
    takes_seed
        Whether replicates differ at all.
    is_told_epochs
        Whether it takes a number of epochs as a parameter.
    seconds
        What one training took.
    """

    setting: dict[str, TableValue]
    first: dict[str, float]
    second: dict[str, float]
    shorter: dict[str, tuple[float, float]] | None
    steps: str | None
    takes_seed: bool
    is_told_epochs: bool
    seconds: float

    @property
    def repeats(self) -> bool:
        """Whether both trainings gave the same bits."""
        return _same(list(self.first.values()), list(self.second.values()))

    @property
    def is_beginning(self) -> bool:
        """Whether the shorter training gave what the longer one had on its way; True without steps."""
        return self.shorter is None or all(_same([a], [b]) for a, b in self.shorter.values())

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        where = ", ".join(f"{axis} = {value}" for axis, value in self.setting.items()) or "the only setting"
        lines = [f"tried on {where}, replicate 0; a training takes {self.seconds:.3g} s", ""]
        return "\n".join([*lines, *self._of_seed(), *self._of_steps()])

    def _of_seed(self) -> list[str]:
        if self.repeats:
            told = "trained twice, it gives the same bits"
            so = "replicates are paired, and `--code check` can tell whether a change matters"
            if not self.takes_seed:
                so = "it takes no seed, so there is one replicate, and no comparison of pairs"
            return [f"{told}: {so}."]
        name = next(name for name in self.first if not _same([self.first[name]], [self.second[name]]))
        return [
            f"trained twice, it gives {name} {self.first[name]:.17g} and {self.second[name]:.17g}: it does not obey "
            "its seed.",
            "So pairs of replicates are none: comparisons of pairs see more noise than there need be, and "
            "`--code check` cannot tell anything. Start every random number from `seed` (also those of libraries), and "
            "set aside what depends on time or threads.",
        ]

    def _of_steps(self) -> list[str]:
        if self.shorter is None:
            return [_TOLD] if self.is_told_epochs else []
        if self.is_beginning:
            return [
                f"a shorter training is the beginning of a longer one: all {self.steps} are read off one."
            ]
        name, (short, long) = next(
            (name, pair) for name, pair in self.shorter.items() if not _same([pair[0]], [pair[1]])
        )
        return [
            f"a shorter training gives {name} {short:.17g} where the longer one had {long:.17g}: it is not "
            f"its beginning. Let it take `{self.steps}` as a parameter: then each count is trained by itself."
        ]


def obedience(plan: Plan) -> Obedience:
    """Train the first setting of a plan twice, and once shorter. Raises `RunsError` if it fails."""
    training, long = plan.training, replace(batch_of(plan, 0, 0), curve_steps=())
    last = long.steps[-1]
    short = max(1, last // 2)
    if training.steps is not None:
        long = replace(long, steps=tuple(sorted({short, last})))
    first, second = _train(plan, long), _train(plan, long)
    shorter = None
    if training.steps is not None and short < last:
        begun = _train(plan, replace(long, steps=(short,)))
        shorter = {
            name: (float(v[0, 0]), float(first.metrics[name][0, 0])) for name, v in begun.metrics.items()
        }
    return Obedience(
        setting_values(plan, 0),
        _at_the_end(first),
        _at_the_end(second),
        shorter,
        training.steps,
        training.repeats,
        training.steps is None and "epochs" in training.parameters,
        first.seconds,
    )


def _train(plan: Plan, batch: Batch) -> Outcome:
    """Train a batch of one trajectory in a process of its own, which knows of no other."""
    pool = choose_pool(1, 1, np.inf, plan.training.isolation)
    with closing(dispatch(iter([batch]), plan.training, pool)) as outcomes:
        _, outcome = next(outcomes)
    if outcome.reasons:
        raise RunsError(f"it cannot be tried, since the run failed: {headline_of(outcome.reasons[0])}")
    return outcome


def _at_the_end(outcome: Outcome) -> dict[str, float]:
    return {name: float(values[0, -1]) for name, values in outcome.metrics.items()}


def _same(one: list[float], other: list[float]) -> bool:
    return np.array(one).tobytes() == np.array(other).tobytes()
