"""Reading a config: a TOML text becomes an `Experiment`, or one error that tells every mistake with its line.

The only file touched is the config itself, once; nothing is expanded or trained.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sweep.config.experiment import Experiment, Grid, Source
from sweep.config.general import MOST_RUNS, ClaimsTable, GridTable, TopTable
from sweep.config.grids import check_size, read_grid
from sweep.config.kinds import training_in
from sweep.config.places import Mistakes, Place
from sweep.config.python import ConfigPath, Given, given_by
from sweep.config.quick import with_quick, without_quick
from sweep.config.schema import QUICK, Schema
from sweep.config.stated_claims import few, read_claims
from sweep.config.together import Draft, check_required, check_together, without_effect
from sweep.config.toml import read_document
from sweep.errors import ConfigError, InputError
from sweep.training.kind import Training

MOST_KEYS = 200
"""Among so many keys, at most, one is looked for that was meant to be another."""


@dataclass(frozen=True)
class BothForms:
    """The form of a config that is asked for, the usual or the quick one, and the other one, if there are two."""

    asked: Experiment
    other: Experiment | None


def read_experiment(
    path: ConfigPath,
    *,
    max_runs: int | None = None,
    quick: bool = False,
    training: Training | None = None,
) -> Experiment:
    """Return the experiment that a config file describes; its name is the file's, without the ending.

    `max_runs`, if it is given, goes before the config's own; with `quick`, the values under [quick] go before the
    others; `training` is what is trained, the article's network if None. Raises `ConfigError` with all mistakes of the
    config, or if there is no such file or it is no TOML.
    """
    given = given_by(path, {})
    return read_both(given, max_runs=max_runs, quick=quick, training=training).asked


def read_both(
    given: Given, *, max_runs: int | None = None, quick: bool = False, training: Training | None = None
) -> BothForms:
    """Return both forms of what a config describes. Arguments and errors are those of `read_experiment`.

    The quick one is read in any case: a mistake in it is not to wait for the day it is used.
    """
    source = given.source
    document = read_document(source.text.removeprefix("\ufeff"), source.path)
    mistakes = source.mistakes()
    if training is not None and given.function is not None:
        raise InputError(
            "`training` and a function are two answers to what is trained: leave one of them out"
        )
    training = training or training_in(document, source, given.function, mistakes)
    reader = _Reader(given.name, source, Schema(training), max_runs, mistakes)
    usual = reader.experiment(without_quick(document, mistakes), is_quick=False)
    short = None
    if QUICK in document:
        short = reader.experiment(with_quick(document, reader.schema, mistakes), is_quick=True)
    elif quick:
        remedy = "Add it, and below it what is to be smaller, such as `replicates = 4`."
        if given.function is not None:
            remedy = 'Say what is to be smaller, such as `quick_values={"replicates": 4}`.'
        mistakes.add((QUICK,), f"is missing, and the quick form is asked for. {remedy}")
    if mistakes:
        raise ConfigError(source.path, mistakes.in_order())
    return BothForms(short, usual) if quick and short is not None else BothForms(usual, short)


def parse_experiment(
    text: str,
    name: str,
    path: str = "<config>",
    *,
    max_runs: int | None = None,
    quick: bool = False,
    training: Training | None = None,
) -> Experiment:
    """Return the experiment that a config's text describes. `path` is what errors call it.

    Arguments and errors are those of `read_experiment`; the mistakes come in the order of their lines.
    """
    given = Given(Source(path, text, folder=Path(path).parent), name)
    return read_both(given, max_runs=max_runs, quick=quick, training=training).asked


@dataclass(frozen=True)
class _Reader:
    """Reads one form of a config after the other, with what they have in common."""

    name: str
    source: Source
    schema: Schema
    max_runs: int | None
    mistakes: Mistakes

    def experiment(self, document: dict[str, Any], *, is_quick: bool) -> Experiment:
        """Return the experiment, which is of use only if no mistake was noted."""
        schema, mistakes = self.schema, self.mistakes
        top = self._top(document)
        limit = top.max_runs if self.max_runs is None else min(self.max_runs, MOST_RUNS)
        keep = self._keep(document)
        remarks: list[str] = []
        grids, seed = self._grids(document.get("grid", {}), limit, remarks)
        draft = self._draft(document, grids)
        check_required(draft, mistakes, partial(_is_misplaced, document=document, schema=schema))
        check_together(draft, mistakes)
        check_size(tuple(grids.values()), limit, ("grid",), mistakes)
        fixed = {**_defaults(schema.training), **draft.given}
        if not mistakes:
            remarks += without_effect(schema.training, fixed, tuple(grids.values()))
        judged = ClaimsTable.model_construct(None, **self._table(document, "claims"))
        return Experiment(
            name=self.name,
            training=schema.training,
            fixed=fixed,
            grids=tuple(grids.values()),
            seed=seed,
            max_runs=limit,
            keep=keep,
            claims=read_claims(document.get("claim", []), schema, mistakes),
            confidence=judged.confidence,
            most_replicates=judged.most_replicates,
            title=top.title,
            source=top.source,
            note=top.note,
            figures=top.figures,
            lang=top.lang,
            is_quick=is_quick,
            remarks=tuple(dict.fromkeys(remarks)),
            read=self.source,
        )

    def _table(self, document: Mapping[str, Any], table: str) -> dict[str, Any]:
        return self.schema.check_table(document.get(table, {}), table, (table,), self.mistakes)

    def _top(self, document: Mapping[str, Any]) -> TopTable:
        unknown_tables = {key: value for key, value in document.items() if key not in self.schema.table_names}
        return TopTable.model_construct(
            None, **self.schema.check_table(unknown_tables, "", (), self.mistakes)
        )

    def _keep(self, document: Mapping[str, Any]) -> frozenset[str]:
        stated = self._table(document, "store")
        keeps = self.schema.training.keeps
        return frozenset(name for name, switch in keeps.items() if stated.get(name, switch.default))

    def _draft(self, document: Mapping[str, Any], grids: Mapping[Place, Grid]) -> Draft:
        training = self.schema.training
        given = {
            name: value for table in training.tables for name, value in self._table(document, table).items()
        }
        return Draft(training, given, _stated(document, self.schema), grids)

    def _grids(self, found: object, max_runs: int, remarks: list[str]) -> tuple[dict[Place, Grid], int]:
        """Return the grid of [grid], or of each [[grid]], by its place, and the seed of all."""
        tables: dict[Place, Any] = {("grid",): found}
        if isinstance(found, list) and found:
            tables = {("grid", index): table for index, table in enumerate(few(found, "grid", self.mistakes))}
        grids, seeds = {}, {}
        for place, table in tables.items():
            grids[place], seed = read_grid(table, place, self.schema, max_runs, self.mistakes, remarks)
            if seed is not None:
                seeds[place] = seed
        return grids, _one_seed(seeds, self.mistakes)


def _defaults(training: Training) -> dict[str, Any]:
    """Return what holds where a config is silent; "" stands for a parameter that is an axis of every grid."""
    return {name: "" if one.default is None else one.default for name, one in training.parameters.items()}


def _stated(document: Mapping[str, Any], schema: Schema) -> dict[str, Place]:
    """Return the place of every parameter that stands in its own table, whether it is right or not."""
    tables = {table: document.get(table) for table in schema.training.tables}
    return {
        name: (table, name)
        for table, found in tables.items()
        if isinstance(found, dict)
        for name in found
        if name in schema.keys[table]
    }


def _is_misplaced(name: str, document: Mapping[str, Any], schema: Schema) -> bool:
    """Tell whether a parameter is there under a wrong name or in a wrong table: that is told already."""
    table = schema.parameters[name].table
    if not isinstance(document.get(table, {}), dict):
        return True
    elsewhere = [found for table, found in document.items() if table != "grid" and isinstance(found, dict)]
    written = dict.fromkeys(key for table in (document, *elsewhere) for key in table)
    grids = document.get("grid", {})
    tables = [grid for grid in (grids if isinstance(grids, list) else [grids]) if isinstance(grid, dict)]
    swept = dict.fromkeys(key for grid in tables for key in grid if key not in schema.parameters)
    meant = (schema.meant_by(key, "grid") for key in islice(swept, MOST_KEYS))
    return name in meant or any(schema.meant_by(key, table) == name for key in islice(written, MOST_KEYS))


def _one_seed(seeds: Mapping[Place, int], mistakes: Mistakes) -> int:
    """Return the seed that all grids agree on."""
    first = next(iter(seeds.values()), int(GridTable.model_fields["seed"].default))
    for place, seed in seeds.items():
        if seed != first:
            hint = "All grids share their random numbers: state `seed` once, or alike in each [[grid]]."
            mistakes.add((*place, "seed"), f"must be {first}, as in the [[grid]] above, got {seed}. {hint}")
    return first
