"""The records of a claim: a sentence that a sweep confirms or refutes, in a form that can be computed.

A record per form; `Claim` holds what all of them have. `sweep.claims` judges them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sweep.terms.values import Value


@dataclass(frozen=True)
class Better:
    """On `axis`, `value` gives a smaller loss than each of `than`, replicate by replicate; by a share `by` of it.

    `by` is at least 0 and below 1: with 0.5, the loss has to be less than half of the other's.
    """

    axis: str
    value: Value
    than: tuple[Value, ...]
    by: float


@dataclass(frozen=True)
class Reaches:
    """More than `share` of the runs succeed: their `rms_error` is below a bound. A diverged run does not."""

    rms_error: float
    share: float


@dataclass(frozen=True)
class Fails:
    """Fewer than `share` of the runs succeed: their `rms_error` is below a bound. A diverged run does not."""

    rms_error: float
    share: float


@dataclass(frozen=True)
class Monotone:
    """Along `axis`, from each of `values` to the next larger one, the loss falls, or rises, replicate by replicate."""

    axis: str
    values: tuple[Value, ...]
    direction: Literal["falls", "rises"]


@dataclass(frozen=True)
class Enough:
    """From `value` of `axis` on, going to any of `further` lowers the loss by less than a share `gain` of it."""

    axis: str
    value: Value
    further: tuple[Value, ...]
    gain: float


@dataclass(frozen=True)
class Unlike:
    """Networks with nearly equal outputs have different weights.

    Of two networks whose outputs differ by less than `rms_difference` (in the unit of the target), more than `share`
    have weights at a relative distance above `distance`, the hidden neurons brought into the best matching order.
    """

    rms_difference: float
    distance: float
    share: float


Form = Better | Reaches | Fails | Monotone | Enough | Unlike


@dataclass(frozen=True)
class Claim:
    """A sentence, where it comes from, and what is to be computed.

    `where` fixes axes at one value each; for every combination of the values of the axes in `over` there is a verdict
    of its own. Together with the axis of the form they name every axis that has more than one value, so that nothing
    is averaged in silence.
    """

    sentence: str
    source: str
    form: Form
    where: Mapping[str, Value]
    over: tuple[str, ...]
