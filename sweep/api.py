"""The stages, wired together: what the command line and Python users call.

Config → plan → what is stored already is subtracted → the rest is dispatched, stored as it finishes, and shown.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from sweep.claims import Judgement, Need, resolve_claims
from sweep.claims.sentences import what_is_found
from sweep.config import read_both
from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.executors import choose_pool
from sweep.dispatch.interrupts import held_back, only_once
from sweep.errors import InputError
from sweep.forecast import Preview
from sweep.forms import Kept
from sweep.plan import Plan, make_batches, make_plan
from sweep.plan.batches import SECONDS_PER_BATCH
from sweep.progress import Reporter, usual_reporter
from sweep.results import Results
from sweep.save import save
from sweep.store import Database, DatabaseWriter, ResultsFolder, Stored, lock
from sweep.tables.collected import Collected
from sweep.tables.examples import kept_of, last_steps
from sweep.terms.outcome import Outcome, Status
from sweep.training.checked import train_checked
from sweep.training.kind import Batch, Desk, Training

ConfigPath = str | os.PathLike[str]


class Stopped(KeyboardInterrupt):
    """Ctrl-C during a sweep: what had finished is stored. `results` says how far it got."""

    def __init__(self, results: Results) -> None:
        super().__init__()
        self.results = results


def run(
    config: ConfigPath,
    *,
    results: ConfigPath | None = None,
    workers: int | None = None,
    max_runs: int | None = None,
    retry_failed: bool = False,
    report: bool = True,
    until_decided: bool = False,
    quick: bool = False,
    training: Training | None = None,
    reporter: Reporter | None = None,
) -> Results:
    """Train what the config asks for and is not stored yet, judge its claims, and write tables, figures and report.

    Parameters
    ----------
    config
        Path of a TOML config.
    results
        Folder of the results; `results/NAME` in the current folder if None, NAME being the config's file name.
    workers
        Number of worker processes; the machine's cores if None. With 1 everything is trained in this process, as it
        also is when the work is so small that starting processes costs more.
    max_runs
        Limit on the number of runs, in place of the config's own.
    retry_failed
        Train again what failed before; otherwise a failed run is a result.
    report
        Whether figures and report pages are written, beside the tables.
    until_decided
        Whether replicates are added, to the cells that undecided claims need, until all are decided or have
        `most_replicates`.
    quick
        Whether the values under [quick] go before the config's others.
    training
        What is trained; the article's network if None.
    reporter
        Is told how far it has got; if None, a bar where somebody is looking.

    Raises
    ------
    ConfigError, ResultsError
        If the config has mistakes, or the results folder is in use, or not one of this program's.
    PlanError
        If nothing is left to train, a claim compares what is not in the grid, or `until_decided` may take more than
        `max_runs`.
    Stopped
        After Ctrl-C; it is a KeyboardInterrupt.
    """
    n_workers = _n_workers(workers)
    judgement = judgement_of(config, max_runs, quick, training)
    plan = judgement.plan
    if until_decided:
        judgement.check_size()
    folder = _folder(plan, results)
    folder.prepare()
    with lock(folder), only_once():
        with folder.writer(plan.training.objective.name) as writer:
            sweep = _Sweep(writer, n_workers, retry_failed, reporter or usual_reporter())
            collected, stopped = sweep.train(_collect(plan, writer, retry_failed))
            stopped |= _judge(judgement, collected, writer, sweep, add=until_decided and not stopped)
        found = Results(folder.path, tuple(writer.damage), tuple(judgement.verdicts), collected)
        try:
            if not stopped:
                save(found, folder, report=report)
        except KeyboardInterrupt:
            stopped = True
    if stopped:
        raise Stopped(found)
    return found


def load(
    config: ConfigPath,
    *,
    results: ConfigPath | None = None,
    max_runs: int | None = None,
    quick: bool = False,
    training: Training | None = None,
) -> Results:
    """Return the results that are stored, without training anything; a sweep may be running meanwhile.

    Arguments and errors are those of `run`.
    """
    return _load(judgement_of(config, max_runs, quick, training), results)


def _load(judgement: Judgement, results: ConfigPath | None) -> Results:
    plan = judgement.plan
    folder = _folder(plan, results)
    folder.check()
    with folder.read(plan.training.objective.name) as stored:
        collected = _collect(plan, stored, retry_failed=False)
        _judge(judgement, collected, stored)
    return Results(folder.path, tuple(stored.damage), tuple(judgement.verdicts), collected)


def write_report(found: Results, folder: ConfigPath | None = None) -> None:
    """Write tables, figures and report of results anew, as far as the sweep has got.

    Parameters
    ----------
    found
        The results, of a sweep or of `sweep.from_table`.
    folder
        Where to; if None, where they are stored.

    Raises
    ------
    InputError
        If they are stored nowhere, and no folder is named.
    ResultsError
        If the folder is in use, or not one of this program's.
    """
    path = found.folder if folder is None else Path(folder)
    if path is None:
        raise InputError(
            '`folder` must be named: these results are stored nowhere. Write `folder="results/mine"`.'
        )
    _write_report(found, ResultsFolder(path))


def _write_report(found: Results, folder: ResultsFolder) -> None:
    folder.prepare()
    with lock(folder):
        save(found, folder, report=True, anew=True)


def preview(
    config: ConfigPath,
    *,
    results: ConfigPath | None = None,
    workers: int | None = None,
    max_runs: int | None = None,
    quick: bool = False,
    training: Training | None = None,
) -> Preview:
    """Return what `run` would do, without training or writing anything. Arguments and errors are those of `run`."""
    judgement = judgement_of(config, max_runs, quick, training)
    can_find = what_is_found(judgement) if judgement.n_verdicts else ""
    found = _load(judgement, results)
    batches = make_batches(found.plan, found.collected.missing)
    pool = choose_pool(_n_workers(workers), len(batches), batches.seconds)
    return Preview(found, len(batches), batches.seconds, pool.workers, batches.is_estimated, can_find)


def judgement_of(
    config: ConfigPath,
    max_runs: int | None = None,
    quick: bool = False,
    training: Training | None = None,
) -> Judgement:
    """Return what is to be judged, and with it the plan, of a config, which is read here and nowhere else.

    Raises `ConfigError` and `PlanError` as `run` does.
    """
    forms = read_both(config, max_runs=max_runs, quick=quick, training=training)
    plan = make_plan(forms.asked)
    other = make_plan(forms.other) if forms.other is not None and forms.other.claims else None
    return Judgement(plan, resolve_claims(plan, other))


def _folder(plan: Plan, results: ConfigPath | None) -> ResultsFolder:
    return ResultsFolder(Path("results") / plan.experiment.name if results is None else Path(results))


def _n_workers(workers: int | None) -> int:
    if workers is None:
        from joblib import cpu_count

        return int(cpu_count())
    if workers < 1:
        raise InputError(f"workers must be at least 1 (1 trains in this process), got {workers}")
    return workers


def _collect(plan: Plan, stored: Database | DatabaseWriter, retry_failed: bool) -> Collected:
    """Return the stored results of the plan's runs."""
    collected = Collected(plan)
    demanded = plan.training.demanded & plan.experiment.keep

    def wanted(each: Stored) -> frozenset[str]:
        """Read what is demanded: what is damaged is not there."""
        is_planned = demanded and (plan.settings_of(each.outcome.keys) >= 0).any()
        return demanded if is_planned else frozenset()

    for each in stored.outcomes(wanted):
        collected.add(each.outcome, each.kept, retry_failed=retry_failed)
    collected.forget_without_kept()
    return collected


def _judge(
    judgement: Judgement,
    collected: Collected,
    stored: Database | DatabaseWriter,
    sweep: "_Sweep | None" = None,
    *,
    add: bool = False,
) -> bool:
    """Judge the claims by what is stored; with `add`, train what replicates they need. Return whether Ctrl-C came."""
    stopped, retry_failed = False, sweep is not None and sweep.retry_failed
    while not stopped and (replicates := judgement.wanted()) is not None:
        if (replicates > collected.plan.cells.replicates).any():
            collected = _collect(collected.plan.with_replicates(replicates), stored, retry_failed)
        if add and sweep is not None:
            collected, stopped = sweep.train(collected)
        judgement.look(collected, partial(_kept, collected.plan, stored))
    return stopped


def _kept(plan: Plan, stored: Database | DatabaseWriter, needs: Sequence[Need]) -> Mapping[int, Kept]:
    """Return what claims need beside the metrics, by cell; the store is read once for all of them."""
    names = {need.name for need in needs}
    setting_of = {
        need.cell: int(np.searchsorted(plan.first_cell, need.cell, side="right")) - 1 for need in needs
    }
    keys = plan.keys[list(setting_of.values())]

    def wanted(each: Stored) -> set[str]:
        return names if np.isin(each.outcome.keys.view("S16"), keys.view("S16")).any() else set()

    outcomes = [each.outcome for each in stored.outcomes(wanted) if names & each.outcome.extras.keys()]
    found = {}
    for need in needs:
        setting = setting_of[need.cell]
        arrays = kept_of(plan, setting, need.name, last_steps(plan, setting), outcomes)
        first = {replicate: array for replicate, array in arrays.items() if replicate < need.n}
        found[need.cell] = Kept(plan.values(setting), first, need.n)
    return found


class _Sweep:
    """Trains what is missing, and stores it as it finishes."""

    def __init__(self, writer: DatabaseWriter, workers: int, retry_failed: bool, reporter: Reporter) -> None:
        self.writer, self.workers = writer, workers
        self.retry_failed, self.reporter = retry_failed, reporter

    def train(self, collected: Collected) -> tuple[Collected, bool]:
        """Train what is missing; return what is there then, and whether Ctrl-C stopped it."""
        plan = collected.plan
        if not collected.missing.any():
            return collected, False
        batches = make_batches(plan, collected.missing)
        pool = choose_pool(self.workers, len(batches), batches.seconds)
        outcomes = dispatch(iter(batches), partial(_train, plan.training), _without_result, pool)
        try:
            with held_back():  # a compiler would swallow a Ctrl-C
                plan.training.prepare(batches.settings)
            with closing(outcomes), self.reporter:
                self.reporter.begin(plan.n_runs, collected.n_stored)
                for batch, outcome in outcomes:
                    self._store(batch, outcome, collected)
        except KeyboardInterrupt:  # perhaps between storing a batch and counting it
            return _collect(plan, self.writer, self.retry_failed), True
        return collected, False

    def _store(self, batch: Batch, outcome: Outcome, collected: Collected) -> None:
        self.writer.append(outcome)
        collected.add(outcome, outcome.extras.keys())
        self.reporter.advance(batch.n_runs)
        if batch.seconds > SECONDS_PER_BATCH / 2:
            self.writer.commit()  # the next may take as long: this one must not wait for it


def _train(training: Training, batch: Batch) -> Outcome:
    (outcome,) = train_checked(training, batch, Desk())
    return outcome


def _without_result(batch: Batch, reason: str) -> Outcome:
    return Outcome.without_result(batch.keys, batch.replicates, Status.FAILED, reason)
