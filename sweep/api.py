"""The stages, wired together: what the command line and Python users call.

Config → plan → what is stored already is subtracted → the rest is dispatched, stored as it finishes, and shown.
"""

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Unpack, get_args

from sweep import __version__, ahead
from sweep.arguments import check_flags, path_of, whole, whole_or_none
from sweep.at_once import STOPPED
from sweep.claims import Judgement, resolve_claims
from sweep.claims.sentences import what_is_found
from sweep.config import read_both
from sweep.config.experiment import Source
from sweep.config.python import Config, ConfigPath, Stated, given_by
from sweep.dispatch.cluster.connection import Cluster, cluster_of
from sweep.dispatch.interrupts import ending_at_once, only_once
from sweep.dispatch.pool import choose_pool
from sweep.errors import InputError, ResultsError
from sweep.forecast import Preview
from sweep.gather import Gathered
from sweep.obedience import Obedience, obedience
from sweep.pace import pace_beforehand, pace_so_far
from sweep.plan import Pace, Plan, make_batches, make_plan
from sweep.progress import Reporter, usual_reporter
from sweep.recheck import ChangedCode, settle
from sweep.results import Results
from sweep.save import save
from sweep.store import ResultsFolder, lock
from sweep.store.decisions import read_decisions
from sweep.store.folder import usual_place
from sweep.store.place import ANOTHER_FOLDER, shown
from sweep.store.surroundings import note_surroundings, read_surroundings
from sweep.tables.collected import Collected
from sweep.tables.made_by import MadeBy
from sweep.terms.surroundings import surroundings_here
from sweep.train import Trainer
from sweep.training.kind import Training

if TYPE_CHECKING:
    from distributed import Client

MOST_WORKERS_A_CORE = 16
"""Functions may wait for something else than a core; thousands of processes only fill the memory."""


class Stopped(KeyboardInterrupt):
    """Ctrl-C during a sweep: what had finished is stored. `results` says how far it got, `by` is the signal."""

    def __init__(self, results: Results, by: int) -> None:
        stored = f"{results.n_stored:,} of {results.n_planned:,} runs are stored in {results.place}"
        super().__init__(f"{STOPPED} {stored}; the same command goes on from there.")
        self.results = results
        self.by = by


def run(
    config: Config,
    *,
    results: ConfigPath | None = None,
    workers: int | None = None,
    client: "Client | None" = None,
    max_runs: int | None = None,
    retry_failed: bool = False,
    report: bool = True,
    until_decided: bool = False,
    quick: bool = False,
    code: ChangedCode | None = None,
    training: Training | None = None,
    reporter: Reporter | None = None,
    sweeps: int = 1,
    **stated: Unpack[Stated],
) -> Results:
    """Train what a sweep asks for and is not stored yet, judge its claims, and write tables, figures and report.

    Parameters
    ----------
    config
        Path of a TOML config, a dict of the same shape, or a function to be trained.
    results
        Folder of the results; `results/NAME` in the current folder if None, or `results/NAME-quick` for the quick
        form, NAME being the config's file name, or the function's.
    workers
        Number of worker processes; the machine's cores if None, or one for each of a function's `devices`. There are
        16 for each core at most, and no more than there are batches. With 1 the
        article's network is trained in this process, as it also is when the work is so small that starting processes
        costs more; a function of the user's always has processes of its own.
    client
        A client of a Dask cluster, whose workers train in place of this machine's: whoever is there, also those that
        join later. It needs `pip install 'sweep[dask]'`.
    max_runs
        Limit on the number of runs, in place of the config's own.
    retry_failed
        Train again what failed before; otherwise a failed run is a result, unless its process was killed from outside.
    report
        Whether figures and report pages are written, beside the tables; if not, those of other results are removed.
    until_decided
        Whether replicates are added, to the cells that undecided claims need, until all are decided or have
        `most_replicates`.
    quick
        Whether the values under [quick] go before the config's others. The quick form never writes over the full one's
        results and pages.
    code
        What to do if the function's code has changed since results were stored: "check" trains a few of them again and
        goes on if they come out bit for bit the same, "new" trains all anew, "same" takes them as they are.
    training
        What is trained, if not what the config says.
    reporter
        Is told how far it has got; if None, a bar where somebody is looking.
    sweeps
        With how many sweeps the verdicts are shown, this one included: they share the error equally, so that all
        verdicts together have the confidence.
    **stated
        What is said of a function: `grid`, `parameters`, `metrics`, `replicates`, `seed`, `claims`, `timeout_seconds`
        and others; see `sweep.config.python.Stated`.

    Raises
    ------
    ConfigError, ResultsError
        If the config has mistakes; or the results folder is in use, not one of this program's, belongs to another
        config, or was moved or removed meanwhile.
    PlanError
        If nothing is left to train, a claim compares what is not in the grid, or `until_decided` may take more than
        `max_runs`.
    CodeError
        If the function's code has changed, and `code` does not say what to do.
    RunsError
        If all runs of a function fail, and alike.
    Stopped
        After Ctrl-C; it is a KeyboardInterrupt.

    Examples
    --------
    >>> import numpy, sweep, tempfile
    >>> def train(learning_rate, *, seed):
    ...     start = numpy.random.default_rng(seed).normal()
    ...     return abs(start * (1 - 2 * learning_rate) ** 20)
    >>> found = sweep.run(train, grid={"learning_rate": [0.01, 0.1, 0.3]}, replicates=5, metrics={"error": "lower"},
    ...                   results=tempfile.mkdtemp(), report=False)
    >>> int(found.cells["median"].argmin())
    2
    """
    if code not in (None, *get_args(ChangedCode)):
        raise InputError(f'`code` must be "check", "new" or "same", got {code!r}')
    check_flags(retry_failed=retry_failed, report=report, until_decided=until_decided)
    if reporter is not None and not isinstance(reporter, Reporter):
        raise InputError(f"`reporter` must be an instance of sweep.progress.Reporter, got {reporter!r}")
    judgement = judgement_of(config, max_runs, quick, training, sweeps, **stated)
    return run_judgement(
        judgement,
        results,
        workers=workers,
        client=client,
        retry_failed=retry_failed,
        report=report,
        until_decided=until_decided,
        code=code,
        reporter=reporter,
    )


def run_judgement(
    judgement: Judgement,
    results: ConfigPath | None,
    *,
    workers: int | None,
    client: "Client | None" = None,
    retry_failed: bool = False,
    report: bool = True,
    until_decided: bool = False,
    code: ChangedCode | None = None,
    reporter: Reporter | None = None,
) -> Results:
    """Run what was read before, as `run` does, which says what the arguments mean."""
    plan, cluster = judgement.plan, _cluster(client, workers)
    n_workers = _n_workers(workers, plan.training) if cluster is None else max(1, cluster.threads)
    if until_decided:
        judgement.check_size()
    folder = folder_of(plan, results)
    folder.prepare(quick=plan.experiment.is_quick)
    with only_once() as stop, lock(folder) as held:
        with folder.writer(plan.training.objective.name) as writer:
            made_by = MadeBy(plan.training, read_decisions(folder))
            gathered = Gathered(writer, made_by, retry_failed, retry_killed=True, takes_changed=False)
            _check_owner(plan, folder, gathered, is_named=results is not None)
            _take(plan, folder)
            told = settle(plan, gathered, folder, code)
            needed_later = (*ahead.TABLES, *(ahead.REPORT if report else ()))
            shown = reporter or usual_reporter()
            collected = gathered.collect(plan)
            if collected.missing.any():
                note = partial(note_surroundings, folder, has_results=collected.n_stored > 0)
                if cluster is None:
                    note(surroundings_here(__version__, plan.training.packages))
                else:
                    cluster = replace(cluster, used=note)
            trainer = Trainer(writer, gathered, folder.path, n_workers, shown, needed_later, cluster)
            collected, stopped = trainer.train(collected)
            gathered.retry_failed = gathered.retry_killed = False  # once is enough, however often claims look
            stopped |= _judge(
                judgement, collected, gathered, trainer if until_decided and not stopped else None
            )
        found = Results(
            folder.path,
            (*writer.damage, *told, *([trainer.note] if trainer.note else []), *trainer.told),
            tuple(judgement.verdicts),
            collected,
            remarks=made_by.remarks,
        )
        held.watch(folder.database)
        try:
            if not stopped:
                with ending_at_once(folder.tidy, str(Stopped(found, stop.by))):
                    save(found, folder, held, report=report)
        except KeyboardInterrupt:
            stopped = True
        held.check()  # nothing is claimed of a folder that is not there
    if stopped:
        raise Stopped(found, stop.by)
    return found


def load(
    config: Config,
    *,
    results: ConfigPath | None = None,
    max_runs: int | None = None,
    quick: bool = False,
    training: Training | None = None,
    sweeps: int = 1,
    **stated: Unpack[Stated],
) -> Results:
    """Return the results that are stored, without training anything; a sweep may be running meanwhile.

    Arguments and errors are those of `run`.
    """
    return load_judgement(judgement_of(config, max_runs, quick, training, sweeps, **stated), results)


def load_judgement(judgement: Judgement, results: ConfigPath | None, *, as_run: bool = False) -> Results:
    """Load what is stored for what was read before; `as_run` as far as `run` would not train it again."""
    plan = judgement.plan
    folder = folder_of(plan, results)
    folder.check(quick=as_run and plan.experiment.is_quick)
    made_by = MadeBy(plan.training, read_decisions(folder))
    with folder.read(plan.training.objective.name) as stored:
        gathered = Gathered(stored, made_by, retry_killed=as_run)
        _check_owner(plan, folder, gathered, is_named=results is not None)
        collected = gathered.collect(plan)
        _judge(judgement, collected, gathered)
        is_old = plan.training.has_code and gathered.needs_changed(plan)
    messages = list(stored.damage)
    if is_old:
        parts = ", ".join(made_by.changed_parts)
        messages.append(f"changed since results were stored in {folder}, which are of older code: {parts}")
    verdicts = tuple(judgement.verdicts)
    return Results(folder.path, tuple(messages), verdicts, collected, remarks=made_by.remarks)


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
    if not isinstance(found, Results):
        raise InputError(f"`found` must be results, such as those of `sweep.load`, got {found!r}")
    path = found.folder if folder is None else path_of("folder", folder)
    if path is None:
        raise InputError(
            '`folder` must be named: these results are stored nowhere. Write `folder="results/mine"`.'
        )
    target = ResultsFolder(path)
    other = None if path == found.folder else target.other_config(found.experiment.read.file)
    if other is not None:
        raise ResultsError(f"{target} belongs to {shown(other)}: name another folder")
    target.prepare(quick=found.experiment.is_quick)
    with lock(target) as held, ending_at_once(target.tidy):
        save(found, target, held, report=True, anew=True)
        held.check()


def preview(
    config: Config,
    *,
    results: ConfigPath | None = None,
    workers: int | None = None,
    client: "Client | None" = None,
    max_runs: int | None = None,
    quick: bool = False,
    training: Training | None = None,
    sweeps: int = 1,
    **stated: Unpack[Stated],
) -> Preview:
    """Return what `run` would do, without training or writing anything. Arguments and errors are those of `run`."""
    judgement = judgement_of(config, max_runs, quick, training, sweeps, **stated)
    return preview_judgement(judgement, results, workers, client)


def preview_judgement(
    judgement: Judgement, results: ConfigPath | None, workers: int | None, client: "Client | None" = None
) -> Preview:
    """Return what `run_judgement` would do."""
    cluster = _cluster(client, workers)
    can_find = what_is_found(judgement)
    found = load_judgement(judgement, results, as_run=True)
    n_workers = _n_workers(workers, found.plan.training) if cluster is None else max(1, cluster.threads)
    batches = make_batches(found.plan, found.collected.missing, n_workers, _pace(found))
    if cluster is None:
        n_workers = choose_pool(
            n_workers, len(batches), batches.seconds, found.plan.training.isolation
        ).workers
    return Preview(
        found, len(batches), batches.seconds, n_workers, batches.is_measured, can_find, str(cluster or "")
    )


def _pace(found: Results) -> Pace:
    """Return the pace by which the time of what is missing is estimated."""
    here = surroundings_here(__version__, found.plan.training.packages)
    was_here = found.folder is not None and read_surroundings(ResultsFolder(found.folder)) == (here,)
    return (pace_so_far if was_here else pace_beforehand)(found.collected)


def check(
    config: Config,
    *,
    quick: bool = False,
    training: Training | None = None,
    **stated: Unpack[Stated],
) -> Obedience:
    """Train one setting twice, and a generator once shorter, and say what follows; nothing is stored.

    Arguments and errors are those of `run`; it is a `RunsError` as well if the run fails.
    """
    return obedience(judgement_of(config, None, quick, training, **stated).plan)


def judgement_of(
    config: Config,
    max_runs: int | None = None,
    quick: bool = False,
    training: Training | None = None,
    sweeps: int = 1,
    **stated: Unpack[Stated],
) -> Judgement:
    """Return what is to be judged, and with it the plan, of a config, which is read here and nowhere else.

    Raises `InputError`, `ConfigError` and `PlanError` as `run` does.
    """
    check_flags(quick=quick)
    max_runs = whole_or_none("max_runs", max_runs, 1)
    given = given_by(config, stated)
    forms = read_both(given, max_runs=max_runs, quick=quick, training=training)
    plan = make_plan(forms.asked)
    other = make_plan(forms.other) if forms.other is not None and forms.other.claims else None
    return Judgement(plan, resolve_claims(plan, other), sweeps)


def folder_of(plan: Plan, results: ConfigPath | None) -> ResultsFolder:
    """Return the results folder of a plan: the one that is named, else that of its config's name and form.

    Raises `ResultsError` if nobody named it, and it belongs to another config, of the same name.
    """
    usual = usual_place(plan.experiment.name, quick=plan.experiment.is_quick)
    folder = ResultsFolder(path_of("results", usual if results is None else results))
    if results is None:
        refuse_namesake(folder, plan.experiment.read)
    return folder


def refuse_namesake(folder: ResultsFolder, source: Source) -> None:
    """Raise a `ResultsError` if a folder belongs to another config file, which is not a copy of this one."""
    other = folder.other_config(source.file) if source.is_file else None
    if other is not None and not folder.keeps(source.text):
        raise ResultsError(
            f"{folder} belongs to another config of this name, {shown(other)}: {ANOTHER_FOLDER}"
        )


def _check_owner(plan: Plan, folder: ResultsFolder, gathered: Gathered, *, is_named: bool) -> None:
    """Refuse a folder with nothing but results of other settings, of a config that is still there or has no name."""
    source = plan.experiment.read
    other = folder.other_config(source.file)
    nameless = source.is_piped and not is_named
    if (other is None and not nameless) or not gathered.is_of_others(plan):
        return
    whose = (
        f"that of {shown(other)}" if other else "another one, and a config from a pipe has no name of its own"
    )
    raise ResultsError(f"{folder} has results of no setting of this sweep, but of {whose}: {ANOTHER_FOLDER}")


def _take(plan: Plan, folder: ResultsFolder) -> None:
    """Let the folder belong to the config, unless it is that of another one which shares its results."""
    file = plan.experiment.read.file
    if file is not None and folder.other_config(file) is None:
        folder.belong_to(file)


def _cluster(client: "Client | None", workers: int | None) -> Cluster | None:
    if client is not None and workers is not None:
        raise InputError("`workers` are those of this machine, and a cluster has its own: leave it out")
    return None if client is None else cluster_of(client)


def _n_workers(workers: int | None, training: Training) -> int:
    if workers is None and training.isolation is not None and training.isolation.devices:
        return len(training.isolation.devices)
    from loky import cpu_count

    try:
        cores = int(cpu_count())
    except ValueError:  # LOKY_MAX_CPU_COUNT is no number
        cores = os.cpu_count() or 1
    if workers is None:
        return cores
    return min(whole("workers", workers, 1, " (1 trains in this process)"), MOST_WORKERS_A_CORE * cores)


def _judge(
    judgement: Judgement, collected: Collected, gathered: Gathered, trainer: Trainer | None = None
) -> bool:
    """Judge the claims by what is stored; a trainer trains what replicates they need. Return whether Ctrl-C came."""
    judgement.without_limit()  # what is stored counts, whatever `most_replicates` is now
    stopped = _look(judgement, collected, gathered)
    if trainer is not None:
        judgement.go_on()
        stopped = _look(judgement, collected, gathered, trainer)
    return stopped


def _look(
    judgement: Judgement, collected: Collected, gathered: Gathered, trainer: Trainer | None = None
) -> bool:
    """Look at the claims as long as they want more replicates that are there, or that a trainer trains."""
    stopped = False
    while not stopped and (replicates := judgement.wanted()) is not None:
        if (replicates > collected.plan.cells.replicates).any():
            collected = gathered.collect(collected.plan.with_replicates(replicates))
        if trainer is not None:
            collected, stopped = trainer.train(collected)
        judgement.look(collected, partial(gathered.kept, collected.plan))
    return stopped
