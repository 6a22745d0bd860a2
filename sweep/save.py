"""Results → the files of a results folder: tables, figures, report.

They are made from the stored results alone, so that the same results give the same bytes. What was made from these
results already, and is still there as it was written, is left alone.
"""

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sweep import __version__
from sweep.config.experiment import Experiment
from sweep.plan.cells import n_excluded
from sweep.results import Results
from sweep.store import Held, ResultsFolder, SeriesFolder
from sweep.store.folder import PAGE
from sweep.store.made import Making
from sweep.store.surroundings import read_surroundings
from sweep.tables.files import repetitive, write_csv, write_parquet
from sweep.tables.runs import runs_in_parts
from sweep.terms.values import Value
from sweep.words import ENGLISH, speaking, wanted

if TYPE_CHECKING:
    from sweep.report.pages.content import ReportContent

RUNS_AT_ONCE = 200_000
MOST_CELLS_AS_CSV = 100_000
"""Beside Parquet: of more nobody reads a text of so many megabytes."""


def save(found: Results, folder: ResultsFolder, held: Held, *, report: bool, anew: bool = False) -> None:
    """Write the tables and, if asked, the figures and the report; with `anew` also what is up to date.

    If the report is not asked for, one that was made from other results is removed: it would contradict the tables
    beside it. `held` is the folder's lock.
    """
    origin = _origin(found)
    if anew or not held.is_vouched("tables", origin) or not folder.cells_parquet.exists():
        with held.making("tables", origin) as made:
            _write_tables(found, folder, made)
    if not report:
        held.withdraw_others("report", origin)
    elif anew or not held.is_vouched("report", origin):
        with held.making("report", origin) as made:
            _write_report(found, folder, made)


def _write_tables(found: Results, folder: ResultsFolder, made: Making) -> None:
    with made.replacing(folder.runs) as partial:
        _write_runs(found, partial)
    with made.replacing(folder.cells_parquet) as partial:
        write_parquet(found.cells, partial)
    if len(found.cells) <= MOST_CELLS_AS_CSV:
        with made.replacing(folder.cells) as partial:
            write_csv(found.cells, partial)
    if found.experiment.claims:
        made.write(folder.verdicts, found.verdicts.to_csv(index=False))
    else:
        made.withdraw(folder.verdicts)
    if found.experiment.read.text:  # a table that was made elsewhere has no config
        made.write(folder.config, found.experiment.read.text)


def _write_runs(found: Results, path: Path) -> None:
    """Write the runs part by part: of a million runs, the whole table and its copy for the file would be large."""
    from pyarrow import Table
    from pyarrow.parquet import ParquetWriter

    parts = runs_in_parts(found.collected, RUNS_AT_ONCE)
    of_first = next(parts)
    first = Table.from_pandas(of_first, preserve_index=False, nthreads=1)
    dictionaries = repetitive(of_first)
    # opened here: a path that looks like an address would be one to pyarrow
    with path.open("wb") as file, ParquetWriter(file, first.schema, use_dictionary=dictionaries) as writer:
        writer.write_table(first)
        for part in parts:
            writer.write_table(Table.from_pandas(part, first.schema, preserve_index=False, nthreads=1))


def _write_report(found: Results, folder: ResultsFolder, made: Making) -> None:
    from sweep.report.pages.report_page import build_report

    with speaking(wanted(found.experiment.lang)):
        report = build_report(report_content(found))
    for name, picture in report.figures.items():
        made.write(folder.figures / name, picture)
    made.write(folder.report, report.markdown)
    made.write(folder.page, report.html)


def report_content(found: Results) -> "ReportContent":
    """Return what a report on these results is made from."""
    from sweep.claims.cases import cases
    from sweep.claims.thresholds import thresholds
    from sweep.report.pages.content import ReportContent
    from sweep.tables.duels import duels_table

    experiment, curves = found.experiment, found.curves
    problems = found.plan.training.display.problems
    has_portraits = found.plan.training.trained_from in experiment.keep
    portrayed, portraits = found.portraits() if has_portraits else ({}, [])
    return ReportContent(
        title=experiment.title or experiment.name,
        source=experiment.source,
        note=experiment.note,
        config_text=experiment.read.text,
        training=found.plan.training,
        axes=found.levels,
        cells=found.cells,
        replicates=int(found.plan.cells.replicates.max()),
        planned_runs=found.n_planned,
        stored_runs=found.n_stored,
        curves=None if curves is None else curves.learning,
        other_curves={} if curves is None else curves.others,
        functions=None if curves is None else curves.functions,
        targets=None if curves is None else curves.targets,
        recorded=None if curves is None else curves.recorded,
        kept=None if curves is None else curves.kept,
        fixed=_fixed(found),
        versions=_versions(bool(found.judged)),
        verdicts=found.judged,
        confidence=experiment.confidence,
        thresholds=thresholds(found.judged, found.collected, experiment.confidence),
        figures=experiment.figures,
        is_quick=experiment.is_quick,
        portraits=portraits,
        failures=found.failed,
        remarks=found.remarks,
        portrayed=portrayed,
        planned=found.planned,
        command=_command(found),
        seed=None if found.folder is None else experiment.seed,
        seconds=found.collected.seconds,
        surroundings=() if found.folder is None else read_surroundings(ResultsFolder(found.folder)),
        name=experiment.name,
        is_file=found.folder is not None and experiment.read.is_file,
        duels=None if found.folder is None else duels_table(found.collected, problems),
        excluded=n_excluded(experiment, len(found.plan.cells)),
        cases=cases(found.judged, found.collected),
        explored=found.explored,
    )


def _fixed(found: Results) -> dict[str, Value]:
    """Return the parameters that are no axes, and their values, without those that nothing depends on."""
    fixed, levels = found.experiment.fixed, found.plan.cells.levels
    values = {name: levels.get(name, (value,)) for name, value in fixed.items()}
    idle = found.plan.training.without_effect(values)
    return {name: value for name, value in fixed.items() if name not in levels and name not in idle}


def _command(found: Results) -> str:
    """Return how somebody else would run the sweep."""
    experiment = found.experiment
    if found.folder is None:
        return "sweep.from_table(...), in Python"
    if not experiment.read.is_file:
        return "sweep.run(...), in Python"
    return f"sweep run {experiment.name}.toml{' --quick' if experiment.is_quick else ''}"


def _versions(judges: bool) -> dict[str, str]:
    """Return the versions of what makes tables, verdicts and figures."""
    names = ("numpy", *(("scipy",) if judges else ()), "pandas", "matplotlib")
    return {"sweep": __version__, **{name: version(name) for name in names}}


def save_series(found: Sequence[Results], folder: SeriesFolder, held: Held, introduction: str) -> None:
    """Write the page on several sweeps, with its figures and the table of all verdicts; `held` is the folder's lock."""
    from sweep.report.pages.series_page import build_series, make_chapter

    named = {one.experiment.name: one for one in found}
    is_quick = any(one.experiment.is_quick for one in found)
    versions = [f"sweep {__version__}", f"numpy {np.__version__}"]
    with speaking(wanted(language_of([one.experiment for one in found]))):
        chapters = [make_chapter(name, report_content(one)) for name, one in named.items()]
        page = build_series(introduction, chapters, is_quick, versions)
    judged = {name: one for name, one in named.items() if len(one.verdicts)} or named
    verdicts = pd.concat([one.verdicts.assign(config=name) for name, one in judged.items()])
    columns = ["config", *verdicts.columns.drop("config")]
    marker = json.dumps(series_marker([one.experiment for one in found]), indent=1) + "\n"
    with held.making(PAGE, _hash(marker)) as made:
        made.withdraw(folder.marker)
        for name, picture in page.figures.items():
            made.write(folder.figures / name, picture)
        made.write(folder.verdicts, verdicts[columns].to_csv(index=False))
        made.write(folder.report, page.markdown)
        made.write(folder.page, page.html)
        made.write(folder.marker, marker)


def language_of(experiments: Sequence[Experiment]) -> str:
    """Return the language of a page on several sweeps: that of all their configs, English where they differ."""
    languages = {experiment.lang for experiment in experiments}
    return languages.pop() if len(languages) == 1 else ENGLISH


def series_marker(experiments: Sequence[Experiment]) -> dict[str, object]:
    """Return what tells whether a page belongs to the configs of these experiments, and to this program."""
    return {
        "versions": {each.training.name: each.training.version for each in experiments},
        "quick": any(each.is_quick for each in experiments),
        "configs": {each.name: _hash(each.read.text) for each in experiments},
    }


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _origin(found: Results) -> str:
    """Return a hash of everything that the files are made from."""
    collected = found.collected
    digest = hashlib.blake2b(
        f"{__version__}\n{np.__version__}\n{found.experiment.name}\n{found.experiment.read.text}".encode(),
        digest_size=16,
    )
    digest.update(repr((found.experiment.is_quick, wanted(found.experiment.lang), found.judged)).encode())
    if found.remarks:
        digest.update(repr(found.remarks).encode())
    if found.folder is not None:
        digest.update(repr(read_surroundings(ResultsFolder(found.folder))).encode())
    digest.update(collected.status.data)
    digest.update(collected.ended_at.data)
    if found.cells["n_failed"].any():
        digest.update(repr(found.failed).encode("utf-8", "surrogatepass"))
    for metric in found.plan.training.metrics:
        for _, runs in found.plan.stretches():
            digest.update(collected.given(metric.name, runs).data)
    return digest.hexdigest()
