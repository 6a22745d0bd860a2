"""Reading a config: a TOML file becomes an `Experiment`, or one error that tells every mistake with its line.

The only file touched is the config itself, and nothing is expanded or trained.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sweep.config.claims import read_claims
from sweep.config.experiment import Experiment, Grid
from sweep.config.fields import FIELDS, KEYS, MOST_RUNS, ClaimsTable, GridTable, StoreTable, TopLevel
from sweep.config.grids import check_size, read_grid
from sweep.config.places import Mistakes, Place
from sweep.config.quick import TABLE as QUICK
from sweep.config.quick import with_quick, without_quick
from sweep.config.tables import SWEPT, TABLE_NAMES, check_table, meant_by
from sweep.config.together import Draft, check_together
from sweep.config.toml import read_document, read_text
from sweep.errors import ConfigError


def read_experiment(
    path: str | os.PathLike[str], *, max_runs: int | None = None, quick: bool = False
) -> Experiment:
    """Return the experiment that a config file describes; its name is the file's, without the ending.

    `max_runs`, if it is given, goes before the config's own; with `quick`, the values under [quick] go before the
    others. Raises `ConfigError` with all mistakes of the config, or if there is no such file or it is no TOML.
    """
    return parse_experiment(read_text(Path(path)), Path(path).stem, str(path), max_runs=max_runs, quick=quick)


def parse_experiment(
    text: str, name: str, path: str = "<config>", *, max_runs: int | None = None, quick: bool = False
) -> Experiment:
    """Return the experiment that a config's text describes. `path` is what errors call it.

    `max_runs`, if it is given, goes before the config's own. Raises `ConfigError` with all mistakes of the
    config, in the order of their lines.
    """
    text = text.removeprefix("\ufeff")
    document = read_document(text, path)
    mistakes = Mistakes(text)
    usual = _experiment(without_quick(document, mistakes), name, max_runs, False, mistakes)
    # The quick form is read whichever is asked for: a mistake in it is not to wait for the day it is used.
    changed = (
        _experiment(with_quick(document, mistakes), name, max_runs, True, mistakes)
        if QUICK in document
        else None
    )
    if quick and changed is None:
        remedy = "Add it, and below it what is to be smaller, such as `replicates = 4`."
        mistakes.add((QUICK,), f"is missing, and the quick form is asked for. {remedy}")
    if mistakes:
        raise ConfigError(path, mistakes.in_order())
    return changed if quick and changed is not None else usual


def _experiment(
    document: dict[str, Any], name: str, max_runs: int | None, quick: bool, mistakes: Mistakes
) -> Experiment:
    """Return the experiment, which is of use only if no mistake was noted."""
    unknown_tables = {key: value for key, value in document.items() if key not in TABLE_NAMES}
    top = TopLevel.model_construct(None, **check_table(unknown_tables, "", (), mistakes))
    limit = top.max_runs if max_runs is None else min(max_runs, MOST_RUNS)
    own = {
        name: check_table(document.get(name, {}), name, (name,), mistakes)
        for name in (*SWEPT, "store", "claims")
    }
    store = StoreTable.model_construct(None, **own["store"])
    given = {field: value for table in SWEPT for field, value in own[table].items()}
    by_place, seed = _grids(document.get("grid", {}), limit, mistakes)
    grids = tuple(by_place.values())
    draft = Draft(given, _stated(document), by_place)
    _check_function_is_there(document, draft, mistakes)
    check_together(draft, mistakes)
    check_size(grids, limit, ("grid",), mistakes)
    silent = {field: "" if record.default is None else record.default for field, record in FIELDS.items()}
    judged = ClaimsTable.model_construct(None, **own["claims"])
    return Experiment(
        name=name,
        title=top.title,
        source=top.source,
        note=top.note,
        figures=top.figures,
        fixed=silent | given,
        grids=grids,
        seed=seed,
        max_runs=limit,
        keep_curves=store.curves,
        claims=read_claims(document.get("claim", []), grids, silent | given, store.weights, mistakes),
        confidence=judged.confidence,
        most_replicates=judged.most_replicates,
        keep_weights=store.weights,
        is_quick=quick,
    )


def _stated(document: Mapping[str, Any]) -> dict[str, Place]:
    """Return the place of every field that stands in its own table, whether it is right or not."""
    tables = {table: document.get(table) for table in SWEPT}
    return {
        field: (table, field)
        for table, found in tables.items()
        if isinstance(found, dict)
        for field in found
        if field in KEYS[table]
    }


def _grids(found: object, max_runs: int, mistakes: Mistakes) -> tuple[dict[Place, Grid], int]:
    """Return the grid of [grid], or of each [[grid]], by its place, and the seed of all."""
    tables: dict[Place, Any] = {("grid",): found}
    if isinstance(found, list) and found:
        tables = {("grid", index): table for index, table in enumerate(found)}
    grids, seeds = {}, {}
    for place, table in tables.items():
        grids[place], seed = read_grid(table, place, max_runs, mistakes)
        if seed is not None:
            seeds[place] = seed
    return grids, _one_seed(seeds, mistakes)


def _one_seed(seeds: Mapping[Place, int], mistakes: Mistakes) -> int:
    """Return the seed that all grids agree on."""
    first = next(iter(seeds.values()), int(GridTable.model_fields["seed"].default))
    for place, seed in seeds.items():
        if seed != first:
            hint = "All grids share their random numbers: state `seed` once, or alike in each [[grid]]."
            mistakes.add((*place, "seed"), f"must be {first}, as in the [[grid]] above, got {seed}. {hint}")
    return first


def _check_function_is_there(document: Mapping[str, Any], draft: Draft, mistakes: Mistakes) -> None:
    if "function" in draft.stated or "function" in draft.in_every_grid:
        return
    if not isinstance(document.get("target", {}), dict):
        return  # it may be in there
    elsewhere = [found for table, found in document.items() if table != "grid" and isinstance(found, dict)]
    if any(meant_by(key, "target") == "function" for table in (document, *elsewhere) for key in table):
        return  # it is there under a wrong name or in a wrong table, and that is told already
    remedy = 'Say what is to be learned, such as `function = "x**2"` under [target].'
    mistakes.add(("target", "function"), f"is missing. {remedy}")
