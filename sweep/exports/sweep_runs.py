"""What all exports are made from: the runs as a table, and what their columns are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pandas as pd

from sweep.errors import InputError
from sweep.terms.metric import Metric
from sweep.terms.values import TableValue


@dataclass(frozen=True, eq=False)
class SweepRuns:
    """The runs of a sweep, or a part of them.

    Attributes
    ----------
    name, title, config_text
        Of the sweep.
    runs
        The table of runs: axes, replicate, metrics, status, diverged_at if there are steps.
    levels
        The values of each axis, in their order.
    metrics
        The metrics; the first is the objective.
    steps
        The axis that is read off one training, "epochs", if there is one.
    fixed
        What is no axis, and its value.
    reasons
        Why trainings have no result, by the values of their axes without steps, and the replicate.
    """

    name: str
    title: str
    config_text: str
    runs: pd.DataFrame
    levels: Mapping[str, Sequence[TableValue]]
    metrics: Sequence[Metric]
    steps: str | None
    fixed: Mapping[str, Any]
    reasons: Mapping[tuple[Any, ...], str] = field(default_factory=dict)

    @property
    def moving(self) -> list[str]:
        """The axes with two values or more."""
        return [axis for axis, values in self.levels.items() if len(values) > 1]

    def reason(self, run: Mapping[Any, Any]) -> str:
        """Return in a line why a run has no result, or that it diverged; "" if it has one."""
        at = run.get("diverged_at")
        if run["status"] == "diverged":
            return "diverged" if at is None or pd.isna(at) else f"diverged at {self.steps} {at}"
        place = tuple(run[axis] for axis in self.levels if axis != self.steps)
        why = self.reasons.get((*place, run["replicate"]), "")
        return "" if run["status"] == "ok" else f"{run['status']}: {why}" if why else str(run["status"])


def needed(module: str, extra: str) -> Any:
    """Import what a format needs. Raises `InputError` that says how to install it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise InputError(
            f"this needs {module.split('.')[0]}, which is not installed: pip install 'sweep[{extra}]' ({error})"
        ) from None
