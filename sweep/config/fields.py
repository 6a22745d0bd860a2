"""Every key that a config knows: its type, range, unit, default and meaning, said once, here.

The pydantic models below are the source. Checking a value, the error messages and the README's list of keys
come from them, so a new key is one new entry.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic import Field as Key
from pydantic.fields import FieldInfo

from sweep.terms.text import remedy, toml_text
from sweep.terms.values import Value

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
        raise ValueError(
            f"Swap them: [{toml_text(high)}, {toml_text(low)}]." if low > high else "Its length is 0."
        )
    return low + 0.0, high + 0.0  # -0.0 becomes 0.0: equal intervals shall read alike


ActivationName = Literal["relu", "tanh", "sigmoid", "identity"]
FigureName = Literal["heatmap", "curves", "functions", "neurons", "weights"]
Figures = Annotated[tuple[FigureName, ...], BeforeValidator(_as_tuple)]
Interval = Annotated[tuple[float, float], BeforeValidator(_as_tuple), AfterValidator(_ordered)]
Width = Annotated[int, Ge(1), Le(10_000)]
Layers = Annotated[tuple[Width, ...], BeforeValidator(_as_tuple), MinLen(1), MaxLen(100)]
Ends = Annotated[tuple[float, float], BeforeValidator(_as_tuple)]
WholeEnds = Annotated[tuple[int, int], BeforeValidator(_as_tuple)]

UNIT_OF_X: dict[str, Any] = {"unit": "unit of x"}
NEURONS: dict[str, Any] = {"unit": "neurons"}
RUNS: dict[str, Any] = {"unit": "runs"}
ADDED_LATER: dict[str, Any] = {"added_later": True}
"""Marks a field that came when results were stored already: see `Field.added_later`."""
LEFT_OUT: Any = ()
"""Default of a key that has none, but need not be given."""


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class TopLevel(_Table):
    """Keys before the first table header."""

    title: str = Key("", description="what the experiment asks: the heading of its report")
    source: str = Key("", description="where the experiment comes from: a paper, a page, a lecture")
    note: str = Key(
        "", description="what else its readers should know: paragraphs at the beginning of the report"
    )
    figures: Figures = Key(
        (),
        json_schema_extra={"range": "a list of " + ", ".join(f'"{name}"' for name in get_args(FigureName))},
        description="the figures of the report; left out, all that make sense",
    )
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
    precision: Literal["float64", "float32"] = Key(
        "float64",
        json_schema_extra=ADDED_LATER,
        description="of all arithmetic: float32 takes about half the time, and has about 7 digits instead of 16; "
        "only with backprop",
    )


class RoundsTable(_Table):
    """[rounds]: several networks side by side in one run, and how they go on."""

    networks: int = Key(
        1,
        ge=1,
        le=1000,
        json_schema_extra={"unit": "networks"} | ADDED_LATER,
        description="networks of a run that train side by side, each with random numbers of its own; "
        "the one with the smallest loss counts",
    )
    round_epochs: int = Key(
        0,
        ge=0,
        le=10_000_000,
        json_schema_extra={"unit": "updates"} | ADDED_LATER,
        description="after so many updates, each time, all networks of a run go on from the best of them; 0: never",
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
    weights: bool = Key(
        False,
        description="keep the weights and biases of each trained network; what is stored without them is trained again",
    )


class ClaimsTable(_Table):
    """[claims]: how sure the verdicts on all claims are to be."""

    confidence: float = Key(
        0.95, gt=0.5, lt=1, description="probability that none of the config's verdicts is wrong, at least"
    )
    most_replicates: int = Key(
        1024,
        ge=1,
        json_schema_extra=RUNS,
        description="as many replicates of a cell are trained at most to decide its claims",
    )


class ClaimTable(_Table):
    """[[claim]], as often as there are claims: a sentence that the sweep confirms or refutes.

    Values on an axis are checked together with the grids, in claims.py, and which form has which keys is there too.
    """

    sentence: str = Key(
        min_length=1, json_schema_extra={"range": "text, not empty"}, description="what is claimed, in words"
    )
    source: str = Key("", description="where the claim comes from")
    form: Literal["better", "reaches", "fails", "monotone", "enough", "unlike"] = Key(
        description="how it is judged: `better`: a value gives a smaller loss than others; `reaches`, `fails`: "
        "more, or fewer, runs than a share succeed; `monotone`: the loss falls or rises along an axis; "
        "`enough`: going further gains little; `unlike`: networks of equal outputs have different weights"
    )
    axis: str = Key(
        json_schema_extra={"range": 'an axis of the grid, such as "learning_rate"'},
        description="`better`, `monotone`, `enough`: the axis along which losses are compared, "
        "replicate by replicate and all else equal",
    )
    value: Any = Key(
        json_schema_extra={"range": "a value of that axis"},
        description="`better`: the value that gives the smaller loss; `enough`: the one from which on "
        "larger values gain little",
    )
    than: Any = Key(
        LEFT_OUT,
        json_schema_extra={"range": "a value of that axis, or a list of them"},
        description="`better`: the values that it is compared with; left out, all others",
    )
    by: float = Key(
        0.0,
        ge=0,
        lt=1,
        description="`better`: the share of the other's loss by which it is smaller: with 0.5, less than half of it",
    )
    direction: Literal["falls", "rises"] = Key(
        description="`monotone`: what the loss does from each value of the axis to the next larger one"
    )
    between: Interval = Key(
        LEFT_OUT, description="`monotone`: only the values of the axis from low to high count"
    )
    gain: float = Key(
        gt=0,
        lt=1,
        description="`enough`: going on to a larger value lowers the loss by less than this share of it",
    )
    rms_error: float = Key(
        gt=0,
        json_schema_extra={"unit": "unit of f"},
        description="`reaches`, `fails`: a run succeeds if its rms_error is smaller; a diverged run does not",
    )
    rms_difference: float = Key(
        gt=0,
        json_schema_extra={"unit": "unit of f"},
        description="`unlike`: two networks have equal outputs if these differ by less",
    )
    distance: float = Key(
        gt=0,
        description="`unlike`: their weights differ if they are farther apart than this; about 1 is unrelated",
    )
    share: float = Key(
        0.5,
        gt=0,
        lt=1,
        description="`reaches`, `fails`, `unlike`: the share of runs, or of pairs, that is the bound",
    )
    where: dict[str, Any] = Key(
        {},
        json_schema_extra={"range": "a table of axes and values, such as { neurons = 10, epochs = 1000 }"},
        description="axes that are fixed, each at one of its values",
    )
    over: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = Key(
        (),
        json_schema_extra={"range": 'a list of axes, such as ["activation", "batch_size"]'},
        description="axes with a verdict for each combination of their values",
    )


TABLES: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "": TopLevel,
        "target": TargetTable,
        "network": NetworkTable,
        "training": TrainingTable,
        "rounds": RoundsTable,
        "grid": GridTable,
        "axis": AxisForm,
        "store": StoreTable,
        "claims": ClaimsTable,
        "claim": ClaimTable,
    }
)
"""The models by table, in canonical order: "" is the top level, "axis" a form inside of [grid]."""


@dataclass(frozen=True)
class Field:
    """A key of a config.

    `default` is None where the key must be given; `range` reads on from "must be"; `choices` are the texts
    that a field of kind "choice" can be. A field that was `added_later` enters the identity of a setting only where
    it differs from its default, so that what was stored before it was there is still found.
    """

    name: str
    table: str
    kind: Kind
    default: Value | None
    unit: str
    range: str
    meaning: str
    choices: tuple[str, ...]
    added_later: bool
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
            raise ValueError(f"must be {self.range}, got {toml_text(found)}. {advice}".rstrip()) from None
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
            return "one of " + ", ".join(toml_text(choice) for choice in get_args(info.annotation))
        case "flag":
            return "true or false"
        case "interval":
            return "two numbers [low, high] with low < high"
        case "layers":
            return "a list of 1 to 100 whole numbers from 1 to 10_000, such as [10, 20, 10]"
        case "number":
            low = f"> {limits[Gt].gt}" if Gt in limits else f">= {limits[Ge].ge}"
            return f"a number {low} and < {limits[Lt].lt}" if Lt in limits else f"a number {low}"
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
            added_later=bool(extra.get("added_later", False)),
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
    {
        name: field
        for table in ("target", "network", "training", "rounds")
        for name, field in KEYS[table].items()
    }
)
"""The fields of a run by name, in canonical order: each may be an axis of a grid."""
