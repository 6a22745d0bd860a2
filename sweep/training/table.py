"""A table that was made elsewhere, as a kind of training: its parameters are columns, and it is never trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from sweep.terms.keys import KeyType
from sweep.terms.metric import Metric
from sweep.terms.outcome import Outcome
from sweep.training.batch import Batch
from sweep.training.kind import Training
from sweep.training.parameter import TABLE, Parameter

EPOCHS = "epochs"
"""What the steps of a table are called, whatever the name of their column."""

_TYPES: Mapping[type, tuple[KeyType, str]] = {
    str: ("text", "text"),
    bool: ("flag", "true or false"),
    int: ("whole", "a whole number"),
    float: ("number", "a number"),
}


@dataclass(frozen=True, eq=False)
class TableTraining(Training):
    """What a table is the result of, as far as its columns say it.

    Attributes
    ----------
    kinds
        For each axis the type of its values: str, bool, int or float.
    metrics
        The metrics; the first is the objective.
    has_epochs
        Whether a row is one of several epochs of a training.
    """

    kinds: Mapping[str, type]
    metrics: tuple[Metric, ...]
    has_epochs: bool = False

    name = "a table"
    version = "1"
    recorded_alike = False

    @property
    def steps(self) -> str | None:  # type: ignore[override]  # computed, where others say it
        """The name of the epochs, if there are any."""
        return EPOCHS if self.has_epochs else None

    @property
    def parameters(self) -> Mapping[str, Parameter]:  # type: ignore[override]  # computed, where others say it
        """A parameter for each axis, in their order; the epochs come last."""
        kinds = {**self.kinds, **({EPOCHS: int} if self.has_epochs else {})}
        return {name: column_parameter(name, kind) for name, kind in kinds.items()}

    def train(self, batch: Batch) -> Outcome:  # noqa: ARG002 - there is nothing to be trained
        """Raise a TypeError: what is not in the table is not there."""
        raise TypeError("a table that was made elsewhere cannot be trained")


def column_parameter(name: str, kind: type) -> Parameter:
    """Return the parameter that a column of values of this type is."""
    key_type, words = _TYPES[kind]
    adapter: TypeAdapter[Any] = TypeAdapter(kind, config=ConfigDict(strict=True, allow_inf_nan=False))
    return Parameter(
        name=name,
        table=TABLE,
        type=key_type,
        default=None,
        unit="",
        range=words,
        meaning="a column of the table",
        choices=(),
        adapter=adapter,
        one="number of epochs" if name == EPOCHS else "",
        many="numbers of epochs" if name == EPOCHS else "",
    )
