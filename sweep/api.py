"""The stages, wired together: what the command line and Python users call.

Config → plan → what is stored already is subtracted → the rest is dispatched, stored as it finishes, and shown.
"""

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from sweep.claims import Judgement
from sweep.claims.unlike import Networks, trained_networks
from sweep.config import read_experiment
from sweep.config.toml import read_text
from sweep.dispatch.dispatch import Done, Failed, dispatch
from sweep.dispatch.executors import choose_pool
from sweep.dispatch.interrupts import held_back, only_once
from sweep.dispatch.progress import Progress
from sweep.dispatch.work import BatchResult, prepare, train_batch
from sweep.errors import InputError
from sweep.plan import Batch, Plan, make_batches, make_plan
from sweep.results import Results
from sweep.save import save
from sweep.store import Curves, Database, DatabaseWriter, Failure, Record, ResultsFolder, lock
from sweep.tables.collected import Collected
from sweep.tables.networks import KeptWeights, last_epochs, parameters_of
from sweep.training.network.cost import SECONDS_PER_BATCH

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
    plan = make_plan(read_experiment(config, max_runs=max_runs, quick=quick))
    judgement = Judgement(plan)
    if until_decided:
        judgement.check_size()
    folder = _folder(plan, results)
    folder.prepare()
    with lock(folder), only_once():
        with DatabaseWriter(folder.database) as writer:
            collected = _collect(plan, writer, retry_failed)
            stopped = _train(collected, writer, n_workers)
            if stopped:  # perhaps between storing a batch and counting it
                collected = _collect(plan, writer, retry_failed)
            train = (
                partial(_train, writer=writer, workers=n_workers) if until_decided and not stopped else None
            )
            stopped |= _judge(judgement, collected, writer, retry_failed, train)
        found = Results(folder.path, tuple(writer.damage), tuple(judgement.verdicts), collected)
        try:
            if not stopped:
                save(found, folder, read_text(Path(config)), report)
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
) -> Results:
    """Return the results that are stored, without training anything; a sweep may be running meanwhile.

    Arguments and errors are those of `run`.
    """
    plan = make_plan(read_experiment(config, max_runs=max_runs, quick=quick))
    folder = _folder(plan, results)
    folder.check()
    with Database.read(folder.database) as stored:
        collected = _collect(plan, stored, retry_failed=False)
        judgement = Judgement(plan)
        _judge(judgement, collected, stored)
    return Results(folder.path, tuple(stored.damage), tuple(judgement.verdicts), collected)


def write_report(found: Results, config: ConfigPath) -> None:
    """Write tables, figures and report of results anew, as far as the sweep has got."""
    folder = ResultsFolder(found.folder)
    folder.prepare()
    with lock(folder):
        save(found, folder, read_text(Path(config)), report=True, anew=True)


@dataclass(frozen=True)
class Preview:
    """What a run would do; `str` tells it in words.

    Attributes
    ----------
    results
        The results so far.
    n_batches, seconds
        What is left to train: in how many batches, and estimated seconds on one core.
    workers
        The number of worker processes it would use; 1 is this process.
    """

    results: Results
    n_batches: int
    seconds: float
    workers: int

    @property
    def wall_seconds(self) -> float:
        """Estimated seconds until it is trained."""
        return self.seconds / self.workers

    def __str__(self) -> str:
        from sweep.wording import preview_text

        return preview_text(self)


def preview(
    config: ConfigPath,
    *,
    results: ConfigPath | None = None,
    workers: int | None = None,
    max_runs: int | None = None,
    quick: bool = False,
) -> Preview:
    """Return what `run` would do, without training or writing anything. Arguments and errors are those of `run`."""
    found = load(config, results=results, max_runs=max_runs, quick=quick)
    batches = make_batches(found.plan, found._collected.missing)
    pool = choose_pool(_n_workers(workers), len(batches), batches.seconds)
    return Preview(found, len(batches), batches.seconds, pool.workers)


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
    keep_weights = plan.experiment.keep_weights
    for record in stored.records(
        weights=lambda r: keep_weights and bool((plan.settings_of(r.keys) >= 0).any())
    ):
        collected.add(
            record.keys,
            record.replicates,
            record.epochs.tolist(),
            record.losses,
            record.diverged_at,
            has_weights=record.weights is not None,
        )
    if not retry_failed:
        for failure in stored.failures():
            collected.add_failure(failure.keys, failure.replicates)
    if keep_weights:
        collected.forget_without_weights()
    return collected


def _judge(
    judgement: Judgement,
    collected: Collected,
    stored: Database | DatabaseWriter,
    retry_failed: bool = False,
    train: Callable[[Collected], bool] | None = None,
) -> bool:
    """Judge the claims by what is stored, and with `train` by what is trained for them; return whether Ctrl-C came."""
    stopped = False
    while not stopped and (replicates := judgement.wanted()) is not None:
        if (replicates > collected.plan.cells.replicates).any():
            collected = _collect(collected.plan.with_replicates(replicates), stored, retry_failed)
        if train is not None and collected.missing.any():
            stopped = train(collected)
        judgement.look(collected, partial(_networks, collected.plan, stored))
    return stopped


def _networks(plan: Plan, stored: Database | DatabaseWriter, cell: int, n: int) -> Networks:
    """Return the first n replicates of a cell as trained networks, as far as their weights are stored."""
    setting = int(np.searchsorted(plan.first_cell, cell, side="right")) - 1
    key = plan.keys[setting]
    kept = (
        KeptWeights(r.keys, r.replicates, int(r.epochs[-1]), r.weights)
        for r in stored.records(weights=lambda r: bool((r.keys == key).any()))
        if r.weights is not None
    )
    return trained_networks(plan, setting, parameters_of(plan, setting, last_epochs(plan, setting), kept), n)


def _train(collected: Collected, writer: DatabaseWriter, workers: int) -> bool:
    """Train what is missing and store it as it finishes; return whether Ctrl-C stopped it."""
    batches = make_batches(collected.plan, collected.missing)
    pool = choose_pool(workers, len(batches), batches.seconds)
    outcomes = dispatch(iter(batches), train_batch, pool)
    try:
        with held_back():  # numba's compiler would swallow a Ctrl-C
            prepare(batches.kinds)
        with closing(outcomes), Progress(collected.plan.n_runs, collected.n_stored) as progress:
            for outcome in outcomes:
                _store(outcome, collected, writer)
                progress.advance(outcome.batch.n_runs)
                if outcome.batch.seconds > SECONDS_PER_BATCH / 2:
                    writer.commit()  # the next may take as long: this one must not wait for it
    except KeyboardInterrupt:
        return True
    return False


def _store(
    outcome: Done[Batch, BatchResult] | Failed[Batch], collected: Collected, writer: DatabaseWriter
) -> None:
    batch = outcome.batch
    if isinstance(outcome, Failed):
        writer.append_failure(Failure(batch.keys, batch.replicates, outcome.reason))
        collected.add_failure(batch.keys, batch.replicates)
        return
    result = outcome.result
    epochs, curve_epochs = (np.array(e, dtype=np.int64) for e in (batch.epochs, batch.curve_epochs))
    curves = Curves(curve_epochs, result.curve_losses, result.outputs) if len(curve_epochs) else None
    writer.append(
        Record(
            batch.keys,
            batch.replicates,
            epochs,
            result.losses,
            result.diverged_at,
            result.seconds,
            curves,
            result.weights,
        )
    )
    collected.add(
        batch.keys,
        batch.replicates,
        batch.epochs,
        result.losses,
        result.diverged_at,
        has_weights=result.weights is not None,
    )
