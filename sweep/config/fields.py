"""Every key that a config knows: its type, range, unit, default and meaning, said once, here.

The pydantic models below are the source. Checking a value, the error messages and the README's list of keys
come from them, so a new key is one new entry.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic import Field as Key
from pydantic.fields import FieldInfo

from sweep.config.experiment import Value
from sweep.config.wording import remedy, shown

Kind = Literal["text", "choice", "flag", "whole", "number", "interval", "layers", "special"]

LARGEST_END = 1e300
"""The largest end of an interval, up or down: beyond it, its length would not be finite."""

MOST_RUNS = 1_000_000_000
"""The highest limit of runs that a user can set: the plan of more would not fit into memory."""


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _ordered(interval: tuple[float, float]) -> tuple[float, float]:
    low, high = interval
    if not max(abs(low), abs(high)) <= LARGEST_END:
        raise ValueError(f"Both ends must lie within ±{LARGEST_END:g}.")
    if not low < high:
        raise ValueError(f"Swap them: [{shown(high)}, {shown(low)}]." if low > high else "Its length is 0.")
    return low + 0.0, high + 0.0  # -0.0 becomes 0.0: equal intervals shall read alike


ActivationName = Literal["relu", "tanh", "sigmoid", "identity"]
Interval = Annotated[tuple[float, float], BeforeValidator(_as_tuple), AfterValidator(_ordered)]
Width = Annotated[int, Ge(1), Le(10_000)]
Layers = Annotated[tuple[Width, ...], BeforeValidator(_as_tuple), MinLen(1), MaxLen(100)]
Ends = Annotated[tuple[float, float], BeforeValidator(_as_tuple)]
WholeEnds = Annotated[tuple[int, int], BeforeValidator(_as_tuple)]

UNIT_OF_X: dict[str, Any] = {"unit": "unit of x"}
NEURONS: dict[str, Any] = {"unit": "neurons"}
RUNS: dict[str, Any] = {"unit": "runs"}


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class TopLevel(_Table):
    """Keys before the first table header."""

    title: str = Key("", description="what the experiment asks: the heading of its report")
    source: str = Key("", description="where the experiment comes from: a paper, a page, a lecture")
    max_runs: int = Key(
        10_000_000, ge=1, le=MOST_RUNS, json_schema_extra=RUNS, description="a config of more runs is refused"
    )


class TargetTable(_Table):
    """[target]: what is learned."""

    function: str = Key(
        description="the function to be learned, an expression in x",
        json_schema_extra={"range": 'an expression in x, such as "x**2" or "sin(2*pi*x)"'},
    )
    interval: Interval = Key(
        (0.0, 1.0), json_schema_extra=UNIT_OF_X, description="where it is learned and checked"
    )


class NetworkTable(_Table):
    """[network]: what learns."""

    activation: ActivationName = Key("relu", description="what a hidden neuron does with its weighted sum")
    output: ActivationName = Key("identity", description="what the output neuron does with its weighted sum")
    hidden_layers: int = Key(
        1, ge=1, le=100, json_schema_extra={"unit": "layers"}, description="layers between input and output"
    )
    neurons: Width = Key(10, json_schema_extra=NEURONS, description="neurons in each hidden layer")
    layers: Layers = Key(
        (),
        json_schema_extra=NEURONS,
        description="neurons of each hidden layer in turn; instead of `neurons` and `hidden_layers`",
    )
    init_range: float = Key(
        0.5, gt=0, description="initial weights and biases are uniform on [-init_range, init_range]"
    )


class TrainingTable(_Table):
    """[training]: how it learns."""

    learning_rate: float = Key(
        0.1, gt=0, description="step of gradient descent: parameter -= learning_rate * gradient"
    )
    epochs: int = Key(
        1000,
        ge=1,
        le=10_000_000,
        json_schema_extra={"unit": "updates"},
        description="updates of the parameters",
    )
    batch_size: int = Key(
        10,
        ge=1,
        le=100_000,
        json_schema_extra={"unit": "samples"},
        description="fresh samples of each update",
    )
    batch_rule: Literal["mean", "printed"] = Key(
        "mean",
        description="`mean`: the mean gradient of batch_size samples; `printed`: as the article's program, "
        "the sum over batch_size + 1 samples, divided by batch_size",
    )
    gradient: Literal["backprop", "numerical"] = Key(
        "backprop", description="exact, by backpropagation, or by forward differences as in the article"
    )
    difference_step: float = Key(
        1e-4, gt=0, description="step of the forward difference of the numerical gradient"
    )
    check_points: int = Key(
        11,
        ge=2,
        le=100_000,
        json_schema_extra={"unit": "points"},
        description="equispaced points of the interval; final_loss is the sum of ½(y − f)² over them",
    )


class GridTable(_Table):
    """[grid], or [[grid]] several times: what is swept. Any field of the tables above may be an axis here."""

    replicates: int = Key(
        10, ge=1, json_schema_extra=RUNS, description="runs of a grid point, with random numbers of their own"
    )
    seed: int = Key(
        0,
        ge=0,
        le=2**63 - 1,
        json_schema_extra={"range": "a whole number from 0 to 2**63 - 1"},
        description="start of all random numbers: the same seed gives the same results",
    )
    # `zip` and `exclude` name axes, and are checked together with them, in grids.py
    zip: tuple[str, ...] = Key(
        (),
        json_schema_extra={"range": 'lists of axes, such as [["function", "interval"]]'},
        description="axes that move together, value by value, instead of being combined",
    )
    exclude: tuple[str, ...] = Key(
        (),
        json_schema_extra={"range": "a list such as [{ learning_rate = 1.0, neurons = [1, 2] }]"},
        description="combinations that are left out: those with one of the listed values in every named axis",
    )


class AxisForm(_Table):
    """An axis of numbers by its ends, instead of a list: { log = [low, high], num = n } and the like."""

    log: Ends = Key(
        json_schema_extra={"range": "two numbers [low, high] with 0 < low <= high"},
        description="`num` values in equal ratios, both ends included, rounded to 12 digits "
        "(to whole numbers in fields of whole numbers)",
    )
    linear: Ends = Key(
        json_schema_extra={"range": "two numbers [low, high] with low <= high"},
        description="`num` values in equal steps, both ends included, rounded likewise",
    )
    num: int = Key(
        ge=1, json_schema_extra={"unit": "values"}, description="how many values, for `log` and `linear`"
    )
    range: WholeEnds = Key(
        json_schema_extra={"range": "two whole numbers [low, high] with low <= high"},
        description="the whole numbers from low to high, both ends included",
    )
    step: int = Key(
        1, ge=1, description="distance of the values of `range`, from low on; high is met if they lead there"
    )


class StoreTable(_Table):
    """[store]: what is kept beside the final losses."""

    curves: bool = Key(
        True, description="keep the losses at about 50 epochs of each training, and what the network learned"
    )


TABLES: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "": TopLevel,
        "target": TargetTable,
        "network": NetworkTable,
        "training": TrainingTable,
        "grid": GridTable,
        "axis": AxisForm,
        "store": StoreTable,
    }
)
"""The models by table, in canonical order: "" is the top level, "axis" a form inside of [grid]."""


@dataclass(frozen=True)
class Field:
    """A key of a config.

    `default` is None where the key must be given; `range` reads on from "must be"; `choices` are the texts
    that a field of kind "choice" can be.
    """

    name: str
    table: str
    kind: Kind
    default: Value | None
    unit: str
    range: str
    meaning: str
    choices: tuple[str, ...]
    adapter: TypeAdapter[Any] = dataclasses.field(repr=False, compare=False)

    def check(self, found: object) -> Value:
        """Return the value in its canonical type, such as a float for `1` in a field of numbers.

        Raises ValueError, whose text goes on from the key's name: "must be ..., got .... <What to do.>"
        """
        try:
            value: Value = self.adapter.validate_python(found)
        except ValidationError as error:
            cause = error.errors(include_url=False)[0].get("ctx", {}).get("error", "")
            advice = str(cause) or remedy(self.kind, found, self.choices)
            raise ValueError(f"must be {self.range}, got {shown(found)}. {advice}".rstrip()) from None
        return value


def _kind(annotation: Any) -> Kind:
    if get_origin(annotation) is Literal:
        return "choice"
    kinds: dict[Any, Kind] = {str: "text", bool: "flag", int: "whole", float: "number"}
    kinds |= {tuple[float, float]: "interval", tuple[Width, ...]: "layers"}
    return kinds.get(annotation, "special")


def _range(kind: Kind, info: FieldInfo) -> str:
    limits = {type(limit): limit for limit in info.metadata}
    match kind:
        case "choice":
            return "one of " + ", ".join(shown(choice) for choice in get_args(info.annotation))
        case "flag":
            return "true or false"
        case "interval":
            return "two numbers [low, high] with low < high"
        case "layers":
            return "a list of 1 to 100 whole numbers from 1 to 10_000, such as [10, 20, 10]"
        case "number":
            return f"a number > {limits[Gt].gt}"
        case "whole" if Le in limits:
            return f"a whole number from {limits[Ge].ge} to {limits[Le].le:_}"
        case "whole":
            return f"a whole number >= {limits[Ge].ge}"
    return "text"


def _fields(table: str, model: type[BaseModel]) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        kind = _kind(info.annotation)
        annotated: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
        yield Field(
            name=name,
            table=table,
            kind=kind,
            default=None if info.is_required() else info.default,
            unit=str(extra.get("unit", "")),
            range=str(extra.get("range", "")) or _range(kind, info),
            meaning=info.description or "",
            choices=get_args(info.annotation) if kind == "choice" else (),
            adapter=TypeAdapter(annotated, config=model.model_config),
        )


KEYS: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        table: MappingProxyType({field.name: field for field in _fields(table, model)})
        for table, model in TABLES.items()
    }
)
"""Every key by table and name, in canonical order."""

FIELDS: Mapping[str, Field] = MappingProxyType(
    {name: field for table in ("target", "network", "training") for name, field in KEYS[table].items()}
)
"""The fields of a run by name, in canonical order: each may be an axis of a grid."""
