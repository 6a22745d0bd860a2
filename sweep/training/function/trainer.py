"""What trains a user's function in a worker: as much of it as a worker needs, so that it is soon at work."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from sweep.terms.outcome import Outcome
from sweep.training.batch import Batch, Desk
from sweep.training.function.code import Code
from sweep.training.function.origin import Origin
from sweep.training.function.rows import Rows
from sweep.training.function.together import Together


@dataclass(frozen=True, eq=False)
class FunctionTrainer:
    """Trains batches of a function, which is loaded with the first of them.

    Attributes
    ----------
    name, emitted
        As of the training that it is of.
    origin
        Where the function comes from.
    metrics
        The names of what it returns, in their order.
    handed, is_generator, batched
        What is known of it; see `Signature`.
    defaults
        The defaults of its parameters, as parts of the code.
    """

    name: str
    origin: Origin
    metrics: tuple[str, ...]
    handed: frozenset[str]
    is_generator: bool
    batched: tuple[str, ...]
    defaults: Mapping[str, str]

    @property
    def emitted(self) -> frozenset[str]:
        """The names of its metrics."""
        return frozenset(self.metrics)

    def moved(self, code_folder: Path) -> "FunctionTrainer":
        """Return the same of a copy of the code in another folder."""
        return replace(self, origin=replace(self.origin, folder=str(code_folder)))

    def train_in_parts(self, batch: Batch, desk: Desk) -> Iterator[Outcome]:
        """Yield outcomes of the batch's first trajectories as they come."""
        return _loop(self).outcomes(batch, desk, self._code)

    def _code(self) -> Code:
        return {**self.defaults, **self.origin.loaded_code()}


@lru_cache(maxsize=8)
def _loop(trainer: FunctionTrainer) -> Rows | Together:
    """Return the loop over the runs of a batch; it is kept, since it learns how many are best given at once."""
    function = trainer.origin.load()
    if trainer.batched:
        return Together(function, trainer.metrics, trainer.handed, trainer.is_generator, trainer.batched)
    return Rows(function, trainer.metrics, trainer.handed, trainer.is_generator)
