"""Forms of claims: what a sentence about a sweep can say, a file for each form."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from sweep.terms.keys import Interval, Key, Table, as_tuple, keys_of

LEFT_OUT: Any = ()
RUNS: dict[str, Any] = {"unit": "runs"}


class ClaimTable(Table):
    """[[claim]], as often as there are claims: a sentence that the sweep confirms or refutes.

    Values on an axis are checked together with the grids, in claims.py, and which form has which keys is there too.
    """

    sentence: str = Field(
        min_length=1, json_schema_extra={"range": "text, not empty"}, description="what is claimed, in words"
    )
    source: str = Field("", description="where the claim comes from")
    form: Literal["better", "reaches", "fails", "monotone", "enough", "unlike"] = Field(
        description="how it is judged: `better`: a value gives a smaller loss than others; `reaches`, `fails`: "
        "more, or fewer, runs than a share succeed; `monotone`: the loss falls or rises along an axis; "
        "`enough`: going further gains little; `unlike`: networks of equal outputs have different weights"
    )
    axis: str = Field(
        json_schema_extra={"range": 'an axis of the grid, such as "learning_rate"'},
        description="`better`, `monotone`, `enough`: the axis along which losses are compared, "
        "replicate by replicate and all else equal",
    )
    value: Any = Field(
        json_schema_extra={"range": "a value of that axis"},
        description="`better`: the value that gives the smaller loss; `enough`: the one from which on "
        "larger values gain little",
    )
    than: Any = Field(
        LEFT_OUT,
        json_schema_extra={"range": "a value of that axis, or a list of them"},
        description="`better`: the values that it is compared with; left out, all others",
    )
    by: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="`better`: the share of the other's loss by which it is smaller: with 0.5, less than half of it",
    )
    direction: Literal["falls", "rises"] = Field(
        description="`monotone`: what the loss does from each value of the axis to the next larger one"
    )
    between: Interval = Field(
        LEFT_OUT, description="`monotone`: only the values of the axis from low to high count"
    )
    gain: float = Field(
        gt=0,
        lt=1,
        description="`enough`: going on to a larger value lowers the loss by less than this share of it",
    )
    rms_error: float = Field(
        gt=0,
        json_schema_extra={"unit": "unit of f"},
        description="`reaches`, `fails`: a run succeeds if its rms_error is smaller; a diverged run does not",
    )
    rms_difference: float = Field(
        gt=0,
        json_schema_extra={"unit": "unit of f"},
        description="`unlike`: two networks have equal outputs if these differ by less",
    )
    distance: float = Field(
        gt=0,
        description="`unlike`: their weights differ if they are farther apart than this; about 1 is unrelated",
    )
    share: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="`reaches`, `fails`, `unlike`: the share of runs, or of pairs, that is the bound",
    )
    where: dict[str, Any] = Field(
        {},
        json_schema_extra={"range": "a table of axes and values, such as { neurons = 10, epochs = 1000 }"},
        description="axes that are fixed, each at one of its values",
    )
    over: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = Field(
        (),
        json_schema_extra={"range": 'a list of axes, such as ["activation", "batch_size"]'},
        description="axes with a verdict for each combination of their values",
    )


def claim_keys(training: object) -> Mapping[str, Key]:  # noqa: ARG001
    """Return the keys of a claim."""
    return keys_of(ClaimTable, "claim")
