"""The parameters of a training: keys of a config that may be axes of a grid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from sweep.terms.keys import Key, fields_of

TABLE = "parameters"
"""The table of a config in which parameters stand, unless the training says another."""


@dataclass(frozen=True)
class Parameter(Key):
    """What a training takes: fixed, or an axis of the grid.

    Attributes
    ----------
    label
        Its words in full, where the name with blanks does not say enough: "neurons per hidden layer".
    one, many
        Words for one value of it and for several, for sentences; "" for what the label gives.
    synonyms
        Other people's names for it, where they are too different to be taken for a slip of the pen.
    advice
        What to do where it must be given and is not.
    added_later
        Whether it came when results were stored already: it enters the identity of a setting only where it differs from
        its default, so that what was stored before it was there is still found.
    """

    label: str = ""
    one: str = ""
    many: str = ""
    synonyms: tuple[str, ...] = ()
    advice: str = ""
    added_later: bool = False


def parameter(
    default: Any = ...,
    *,
    meaning: str,
    table: str = TABLE,
    unit: str = "",
    range: str = "",  # noqa: A002 - as the list of keys calls it
    words: Mapping[str, Any] | None = None,
    added_later: bool = False,
    **limits: Any,
) -> Any:
    """Return a field of a training's settings, a `sweep.terms.keys.Table`.

    `words` are those of a `Parameter`'s attributes that are words; all else is as in `sweep.terms.keys.key`.
    """
    further = {"table": table, "added_later": added_later, **(words or {})}
    extra = {"unit": unit, "range": range, **further}
    return Field(default, description=meaning, json_schema_extra=extra, **limits)


def parameters_of(model: type[BaseModel]) -> Mapping[str, Parameter]:
    """Return the parameters that the fields of a model describe, in their order."""
    return {name: Parameter(**described, **further) for name, described, further in fields_of(model)}
