"""A claim, resolved: a sentence that a sweep confirms or refutes, in a form that can be computed."""

from collections.abc import Mapping
from dataclasses import dataclass

from sweep.config.places import Place
from sweep.forms import Form
from sweep.terms.values import Value


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
    place: Place = ("claim",)
    """Where it stands in the config."""
