"""Keys: what can be written in a config, each with its type, range, unit, default and meaning.

They are derived from pydantic models, whose annotations are the source: of the check of a value, of the message about
one that is wrong, and of the list of all keys in the documents. A model's instances are typed records of the values.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)
from pydantic.fields import FieldInfo

from sweep.terms.text import remedy, toml_text
from sweep.terms.values import Value

KeyType: TypeAlias = Literal[
    "text", "choice", "flag", "whole", "number", "interval", "layers", "any", "special"
]

LARGEST_END = 1e300
"""The largest end of an interval, up or down: beyond it, its length would not be finite."""


def as_tuple(value: object) -> object:
    """Return a list as a tuple, all else as it is."""
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


Interval = Annotated[tuple[float, float], BeforeValidator(as_tuple), AfterValidator(_ordered)]
Width = Annotated[int, Ge(1), Le(10_000)]
Layers = Annotated[tuple[Width, ...], BeforeValidator(as_tuple), MinLen(1), MaxLen(100)]
Names = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]


class Table(BaseModel):
    """The keys of one table of a config: a model's fields, made by `key`."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, defer_build=True)


def key(default: Any = ..., *, meaning: str, unit: str = "", range: str = "", **limits: Any) -> Any:  # noqa: A002 - as the list of keys calls it
    """Return a field of a `Table`.

    Parameters
    ----------
    default
        What holds if the key is not written; without one it must be.
    meaning
        In words, for the list of all keys.
    unit, range
        Of a number, and what is allowed; `range` reads on from "must be", and is derived from the limits if it is "".
    **limits
        gt, ge, lt, le, min_length of pydantic.
    """
    return Field(default, description=meaning, json_schema_extra={"unit": unit, "range": range}, **limits)


@dataclass(frozen=True)
class Key:
    """One key of a config.

    Attributes
    ----------
    name, table
        The table is "" for the top of the file.
    type
        What kind of value it holds; "choice" is one of `choices`, "any" whatever a config can say, and "special" is
        checked elsewhere.
    default
        None where the key must be given.
    unit, range, meaning
        In words; `range` reads on from "must be".
    choices
        The texts that a choice can be.
    """

    name: str
    table: str
    type: KeyType
    default: Any
    unit: str
    range: str
    meaning: str
    choices: tuple[str, ...]
    adapter: TypeAdapter[Any] = dataclasses.field(repr=False, compare=False)

    @property
    def is_numeric(self) -> bool:
        """Whether its values are numbers, and so have an order and distances."""
        return self.type in ("whole", "number")

    @property
    def is_whole(self) -> bool:
        """Whether its numbers are whole ones."""
        return self.type == "whole"

    @property
    def holds_lists(self) -> bool:
        """Whether a list of numbers is one value of it."""
        return self.type in ("interval", "layers")

    def check(self, found: object) -> Value:
        """Return the value in its canonical type, such as a float for `1` where numbers are expected.

        Raises ValueError, whose text goes on from the key's name: "must be ..., got .... <What to do.>"
        """
        try:
            value: Value = self.adapter.validate_python(found)
        except ValidationError as error:
            cause = error.errors(include_url=False)[0].get("ctx", {}).get("error", "")
            advice = str(cause) or remedy(self.type, found, self.choices)
            raise ValueError(f"must be {self.range}, got {toml_text(found)}. {advice}".rstrip()) from None
        return value


def keys_of(model: type[BaseModel], table: str) -> Mapping[str, Key]:
    """Return the keys of a table in the order of the model."""
    return {name: Key(table=table, **described) for name, described, _ in fields_of(model)}


def fields_of(model: type[BaseModel]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield name, attributes of a `Key` but its table, and further attributes of each field of a model."""
    for name, info in model.model_fields.items():
        extra = dict(info.json_schema_extra) if isinstance(info.json_schema_extra, dict) else {}
        kind = _type(info.annotation)
        annotated: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
        described = {
            "name": name,
            "type": kind,
            "default": None if info.is_required() else info.default,
            "unit": str(extra.pop("unit", "")),
            "range": str(extra.pop("range", "")) or _range(kind, info),
            "meaning": info.description or "",
            "choices": get_args(info.annotation) if kind == "choice" else (),
            "adapter": TypeAdapter(annotated, config=model.model_config),
        }
        yield name, described, extra


def _type(annotation: Any) -> KeyType:
    if get_origin(annotation) is Literal:
        return "choice"
    types: dict[Any, KeyType] = {str: "text", bool: "flag", int: "whole", float: "number"}
    types |= {tuple[float, float]: "interval", tuple[Width, ...]: "layers"}
    return types.get(annotation, "special")


def _range(kind: KeyType, info: FieldInfo) -> str:
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
            return " and ".join(["a number " + _low(limits), *_high(limits)]).strip()
        case "whole" if Le in limits and Ge in limits:
            return f"a whole number from {limits[Ge].ge} to {limits[Le].le:_}"
        case "whole":
            return " and ".join(["a whole number " + _low(limits), *_high(limits)]).strip()
    return "text"


def _low(limits: Mapping[type, Any]) -> str:
    return f"> {limits[Gt].gt}" if Gt in limits else f">= {limits[Ge].ge}" if Ge in limits else ""


def _high(limits: Mapping[type, Any]) -> list[str]:
    return [f"< {limits[Lt].lt}"] if Lt in limits else [f"<= {limits[Le].le:_}"] if Le in limits else []
