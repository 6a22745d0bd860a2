"""Combinations of a table → an experiment, and the plan of exactly these; what is claimed of them is checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sweep.claims import Claim, resolve_claims
from sweep.config.experiment import Axis, Experiment, Grid
from sweep.config.places import Mistakes
from sweep.config.schema import Schema
from sweep.config.stated_claims import StatedClaim, read_claims
from sweep.elsewhere.columns import Told
from sweep.elsewhere.layout import Layout
from sweep.errors import ConfigError, Mistake
from sweep.plan import Plan
from sweep.training.table import EPOCHS, TableTraining

MOST_RUNS = 10_000_000
"""As many runs are planned at most: a table with labels of its own for each row would ask for every pair of rows."""


@dataclass(frozen=True)
class Texts:
    """What a report says beside the results."""

    name: str
    title: str
    note: str


def table_experiment(
    training: TableTraining, layout: Layout, steps: Sequence[int], confidence: float, texts: Texts
) -> Experiment:
    """Return the experiment whose cells are the combinations that occur, each with its replicates."""
    points = layout.settings.points
    grids = []
    for count in np.unique(layout.n_replicates).tolist():
        mine = np.flatnonzero(layout.n_replicates == count).tolist()
        axes = [Axis(tuple(training.kinds), tuple(points[i] for i in mine))]
        axes += [Axis((EPOCHS,), tuple((step,) for step in steps))] if training.has_epochs else []
        grids.append(Grid(tuple(axes), count))
    return Experiment(
        name=texts.name,
        training=training,
        fixed=dict.fromkeys(training.parameters, ""),
        grids=tuple(grids),
        seed=0,
        max_runs=MOST_RUNS,
        keep=frozenset({"curves"} if training.has_epochs else ()),
        confidence=confidence,
        title=texts.title,
        note=texts.note,
    )


def n_planned(layout: Layout, steps: Sequence[int]) -> int:
    """Return how many runs the plan of a layout has."""
    return int(layout.n_replicates.sum()) * max(1, len(steps))


def stated_claims(
    claims: Sequence[Mapping[str, Any]], training: TableTraining, unpaired: str, told: Told
) -> tuple[StatedClaim, ...]:
    """Return the claims as they are written; mistakes are noted with the claim's index."""
    schema, found = Schema(training), []
    for index, written in enumerate(claims):
        mistakes = Mistakes(None)
        read = read_claims([_plain(written)], schema, mistakes)
        for claim in read:
            # Two epochs of one training are a pair in any case.
            if unpaired and claim.form.compares and claim.axis != (EPOCHS,):
                mistakes.add(
                    (*claim.place, "form"), f'"{claim.form.name}" compares pairs of runs: it {unpaired}'
                )
        found += [replace(claim, place=("claim", index)) for claim in read]
        _tell(mistakes.in_order(), index, told)
    return tuple(found)


def resolved_claims(plan: Plan, told: Told) -> tuple[Claim, ...]:
    """Return the claims of a plan's experiment on its axes; mistakes are noted with the claim's index."""
    found: list[Claim] = []
    for index, stated in enumerate(plan.experiment.claims):
        try:
            found += resolve_claims(replace(plan, experiment=replace(plan.experiment, claims=(stated,))))
        except ConfigError as error:
            _tell(error.mistakes, index, told)
    return tuple(found)


def _tell(mistakes: Sequence[Mistake], index: int, told: Told) -> None:
    for mistake in mistakes:
        key = mistake.key.removeprefix("claim").removeprefix(".")
        told.add(f"`claims[{index}]{f'.{key}' if key else ''}` {mistake.message}")


def _plain(written: object) -> object:
    """Return what is written in Python as a config has it: dicts, lists, and numbers that are Python's own."""
    match written:
        case Mapping():
            return {key: _plain(value) for key, value in written.items()}
        case list() | tuple():
            return [_plain(item) for item in written]
        case np.ndarray() | np.generic():
            return written.tolist()
    return written
