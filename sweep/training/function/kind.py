"""A user's function as a kind of training: its parameters are those of its signature, its metrics are declared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from sweep.terms.keys import Key, Table, key, keys_of
from sweep.terms.metric import Metric
from sweep.terms.outcome import Outcome
from sweep.terms.text import code_list, nearest_word, toml_text
from sweep.terms.values import OWN_DEFAULT, Value, exactly, is_number
from sweep.training.batch import Batch, Desk, Isolation
from sweep.training.function.code import Code, imported_packages
from sweep.training.function.declared import FUNCTION_KEYS, TABLE
from sweep.training.function.origin import Origin
from sweep.training.function.replay import replay
from sweep.training.function.signature import HANDED, Signature
from sweep.training.function.trainer import FunctionTrainer
from sweep.training.kind import GRID_KEYS, Display, Training
from sweep.training.parameter import Parameter, parameter, parameters_of

STEPS = "epochs"


class _Steps(Table):
    epochs: int = parameter(
        meaning="how many times the function yields",
        ge=1,
        le=10_000_000,
        words={
            "one": "number of epochs",
            "many": "numbers of epochs",
            "advice": "The function yields once an epoch: say how often, by `epochs = ...` under [parameters].",
        },
    )


class _Keeps(Table):
    curves: bool = key(True, meaning="keep the metrics at about 50 epochs of each training")


@dataclass(frozen=True)
class FreeParameter(Parameter):
    """A parameter of a user's function: whatever a config can say is a value of it.

    `whole` says whether numbers that are spaced between two ends are rounded.
    """

    whole: bool = False

    @property
    def is_numeric(self) -> bool:
        """An axis of it may be given by its ends."""
        return True

    @property
    def is_whole(self) -> bool:
        """Whether spaced numbers are rounded."""
        return self.whole

    def check(self, found: object) -> Value:
        """Return the value, rows as tuples. Raises ValueError."""
        value = _checked(found)
        if value is None:
            advice = f'Put it in quotes: "{found}".' if isinstance(found, date | time) else ""
            raise ValueError(f"must be {self.range}, got {toml_text(found)}. {advice}".rstrip())
        return value


def _checked(found: object) -> Value | None:
    if isinstance(found, list | tuple):
        parts = [_checked(part) for part in found]
        return None if any(part is None for part in parts) else tuple(parts)
    if is_number(found):
        return found if abs(found) < float("inf") else None
    return found if isinstance(found, str | bool) else None


def free_parameter(name: str, default: Value | None, *, whole: bool = False) -> FreeParameter:
    """Return a parameter of a function; one whose default is None must be given."""
    return FreeParameter(
        name=name,
        table="parameters",
        type="any",
        default=default,
        unit="",
        range="text, true or false, a finite number, or a list of these",
        meaning="of the function",
        choices=(),
        adapter=_ANY,
        whole=whole,
        added_later=True,
    )


_ANY: TypeAdapter[Any] = TypeAdapter(Any)


@dataclass(frozen=True, eq=False)
class FunctionTraining(Training):
    """A function of the user's.

    Attributes
    ----------
    origin, signature
        Where it comes from, and what is known of it without loading it.
    metrics
        What it returns, in the order of its declaration.
    version
        The user's own: raised, everything is trained anew.
    isolation
        What its runs may take, and how they are kept apart.
    others
        Names that a config gives to a function that takes any (`**parameters`).
    """

    origin: Origin
    signature: Signature
    metrics: tuple[Metric, ...]
    version: str = "1"
    isolation: Isolation = field(default=Isolation())
    others: tuple[str, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}  # not what is made from it

    @property
    def name(self) -> str:  # type: ignore[override]  # computed, where others say it
        """In words."""
        return f"the function `{self.origin.name}`"

    @property
    def identity(self) -> str:
        """What enters the identity of every setting beside its values."""
        return f"function {self.origin.name} {self.version}"

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:  # type: ignore[override]  # computed, where others say it
        """Those of its signature, and the number of epochs, if it yields and is not told it."""
        known = dict(self.signature.defaults) | dict.fromkeys(self.others, OWN_DEFAULT)
        whole = self.signature.whole
        found = {name: free_parameter(name, value, whole=name in whole) for name, value in known.items()}
        return {**found, **(parameters_of(_Steps) if self.steps else {})}

    @property
    def steps(self) -> str | None:  # type: ignore[override]  # computed, where others say it
        """The epochs of a generator: it yields after each. One that is told how many it shall train is no such."""
        return STEPS if self.signature.is_generator and STEPS not in self.signature.defaults else None

    @property
    def varying(self) -> frozenset[str]:  # type: ignore[override]  # computed, where others say it
        """All parameters, or of a function that takes arrays those."""
        batched = self.signature.batched
        own = frozenset(self.parameters) - {self.steps}
        return own & frozenset(batched) if batched else own

    @property
    def keeps(self) -> Mapping[str, Key]:  # type: ignore[override]  # computed, where others say it
        """Learning curves, if it has epochs."""
        return keys_of(_Keeps, "store") if self.steps else {}

    @property
    def own_tables(self) -> Mapping[str, Mapping[str, Key]]:  # type: ignore[override]  # computed, where others say it
        """The table that says which function it is."""
        return {TABLE: FUNCTION_KEYS}

    @property
    def tables(self) -> tuple[str, ...]:
        """Its parameters stand in one table, also if it has none."""
        return ("parameters",)

    @property
    def repeats(self) -> bool:  # type: ignore[override]  # computed, where others say it
        """Whether replicates can differ."""
        return self.signature.repeats

    @property
    def display(self) -> Display:  # type: ignore[override]  # computed, where others say it
        """Any parameter may be to the right in the figure of the objective against one."""
        return Display(against=tuple(name for name in self.parameters if name != self.steps))

    def unknown(self, name: str, table: str) -> str:
        """Return what to say about a key that is no parameter of the function, or a table of the network's."""
        if table == "" and name in _network_tables():
            told = f"is a table of the article's network, and {self.name} is trained instead"
            return f"{told}: take it out; the parameters of a function stand under [parameters]."
        if table not in ("grid", "parameters"):
            return ""
        if name in HANDED:
            return (
                "is handed to a function that takes it: leave it out. `replicates` says how many there are."
            )
        what = f"is no parameter of {self.name}"
        if name == STEPS:
            return (
                f"{what}, and it does not yield: give it a parameter `epochs`, or let it yield once an epoch."
            )
        near = nearest_word(name, (*self.parameters, *(GRID_KEYS if table == "grid" else ())))
        there = f"which has {code_list(self.parameters)}" if self.parameters else "which has none"
        return f"{what}, {there}{f'; did you mean `{near}`?' if near else '.'}"

    @property
    def has_code(self) -> bool:
        """Its outcomes say which code made them."""
        return True

    def code_now(self, names: Sequence[str]) -> Code:
        """Return the fingerprints of parts of the code as they are now; nothing is run for that."""
        defaults = self._defaults
        return {name: defaults.get(name) or self.origin.now(name) for name in names}

    @property
    def _defaults(self) -> dict[str, str]:
        """The defaults of the parameters as parts of the code: a default that changes changes what is meant by it."""
        known = self.signature.defaults.items()
        return {
            f"{self.origin.name}({name})": repr(exactly(value)) for name, value in known if value is not None
        }

    @property
    def packages(self) -> tuple[str, ...]:
        """What its file imports; what a function at hand uses is not known."""
        return imported_packages(self.origin.text)

    @property
    def code_folder(self) -> Path:
        """The folder of its file, or that of the code around a function at hand."""
        return Path(self.origin.folder)

    @property
    def keeps_files(self) -> bool:
        """Whether it takes a `folder`."""
        return "folder" in self.signature.handed

    @property
    def loaded_from(self) -> str:
        """Its file, or in words the function."""
        return self.origin.file or self.name

    def train(self, batch: Batch) -> Outcome:
        """Train a batch, in this process."""
        (outcome,) = self.train_in_parts(batch, Desk())  # of one trajectory: more may come in parts
        return outcome

    def train_in_parts(self, batch: Batch, desk: Desk) -> Iterator[Outcome]:
        """Yield outcomes of the batch's first trajectories as they come."""
        return self._trainer.train_in_parts(batch, desk)

    def for_workers(self) -> FunctionTrainer:
        """Return what trains it, without what a config needs to know of it."""
        return self._trainer

    @cached_property
    def _trainer(self) -> FunctionTrainer:
        signature = self.signature
        return FunctionTrainer(
            name=self.name,
            origin=self.origin,
            metrics=tuple(metric.name for metric in self.metrics),
            handed=signature.handed,
            is_generator=signature.is_generator,
            batched=signature.batched,
            defaults=self._defaults,
        )

    def replay(self, batch: Batch, desk: Desk) -> Mapping[str, float]:
        """Call the function once, and return what it gave; what it raises comes out."""
        metrics = [metric.name for metric in self.metrics]
        return replay(self.origin.load(), self.signature, metrics, batch, desk)


def _network_tables() -> tuple[str, ...]:
    from sweep.training.usual import usual_training

    return usual_training().tables
