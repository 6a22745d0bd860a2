"""Several sweeps together: a folder of configs becomes one page that says which of their claims hold.

Each config is run as `sweep.run` runs it, with replicates added until its claims are decided; its results have a folder
of their own beside the page. What a reader sees on one page is one family: all verdicts of the folder together are
right with the confidence that the configs state. The configs that make claims share its error equally, and the verdicts
of a config its own part of that.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sweep.api import judgement_of, preview_judgement, refuse_namesake, run_judgement
from sweep.arguments import path_of
from sweep.claims import Judgement
from sweep.config.python import ConfigPath
from sweep.dispatch.interrupts import ending_at_once
from sweep.errors import InputError
from sweep.forecast import Preview
from sweep.progress import Reporter
from sweep.recheck import ChangedCode
from sweep.results import Results
from sweep.save import save_series
from sweep.store import ResultsFolder, SeriesFolder, lock
from sweep.store.folder import usual_place

if TYPE_CHECKING:
    from distributed import Client

INTRODUCTION = "README.md"
"""What stands at the top of the page, if the folder of the configs has it."""


def reproduce(
    configs: ConfigPath = "configs/series",
    *,
    results: ConfigPath | None = None,
    workers: int | None = None,
    client: "Client | None" = None,
    quick: bool = False,
    code: ChangedCode | None = None,
    reporter: Reporter | None = None,
    on_result: Callable[[Results], None] = lambda _: None,
) -> list[Results]:
    """Run all configs of a folder, judge their claims, and write one page on all of them.

    Parameters
    ----------
    configs
        A folder of configs, which are taken in the order of their names. Its README.md, if there is one, is the
        beginning of the page.
    results
        The folder of the page, `report.html` and `report.md`, and of a folder of results for each config;
        `results/NAME` in the current folder if None, or `results/NAME-quick` for the quick form, NAME being that of
        the folder of configs.
    workers, client
        As for `sweep.run`.
    quick
        Whether the values under [quick] of each config go before its others; each must have some.
    code, reporter
        As for `sweep.run`.
    on_result
        Is called with the results of each config as soon as they are there.

    Raises
    ------
    InputError
        If there is no such folder, or no config in it.
    ConfigError, ResultsError, PlanError, Stopped
        As `sweep.run` does, for the first config that has a mistake; nothing is trained before all have been read.
    """
    if not callable(on_result):
        raise InputError(f"`on_result` must be a function, got {on_result!r}")
    folder = _folder(configs, results, quick)
    judgements, introduction = _read(configs, quick=quick), _introduction(configs)
    folder.prepare([_name(judgement) for judgement in judgements], quick=quick)
    with lock(folder) as held:
        _check_folders(judgements, folder)
        found = []
        for judgement in judgements:
            one = run_judgement(
                judgement,
                folder.sweep(_name(judgement)),
                workers=workers,
                client=client,
                report=False,
                until_decided=True,
                code=code if judgement.plan.training.has_code else None,
                reporter=reporter,
            )
            found.append(one)
            on_result(one)
        with ending_at_once(folder.tidy):
            save_series(found, folder, held, introduction)
        held.check()
    return found


def page_of(configs: ConfigPath, results: ConfigPath | None = None, *, quick: bool = False) -> Path:
    """Return the path of the page that `reproduce` writes for a folder of configs, as one file to hand on."""
    return _folder(configs, results, quick).page


def preview_series(
    configs: ConfigPath = "configs/series",
    *,
    results: ConfigPath | None = None,
    workers: int | None = None,
    client: "Client | None" = None,
    max_runs: int | None = None,
    quick: bool = False,
) -> list[Preview]:
    """Return what `reproduce` would do for each config, before replicates are added. Arguments and errors are its."""
    folder = _folder(configs, results, quick)
    judgements = _read(configs, quick=quick, max_runs=max_runs)
    return [preview_judgement(each, folder.sweep(_name(each)), workers, client) for each in judgements]


def _read(configs: ConfigPath, *, quick: bool, max_runs: int | None = None) -> list[Judgement]:
    """Return what is to be judged of each config of a folder, read here and nowhere else."""
    found = [judgement_of(path, max_runs, quick) for path in _paths(configs)]
    n_judged = sum(judgement.n_verdicts > 0 for judgement in found)
    return [judgement.among(max(1, n_judged)) for judgement in found]


def _paths(configs: ConfigPath) -> list[Path]:
    if not path_of("configs", configs).is_dir():
        raise InputError(f"{configs} is no folder: name one that holds configs, such as configs/series")
    found = sorted(Path(configs).glob("*.toml"))
    if not found:
        raise InputError(f"{configs} holds no config: each is a file whose name ends in .toml")
    return found


def _introduction(configs: ConfigPath) -> str:
    path = Path(configs, INTRODUCTION)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _folder(configs: ConfigPath, results: ConfigPath | None, quick: bool) -> SeriesFolder:
    usual = usual_place(path_of("configs", configs).resolve().name, quick=quick)
    return SeriesFolder(path_of("results", usual if results is None else results))


def _name(judgement: Judgement) -> str:
    return judgement.plan.experiment.name


def _check_folders(judgements: Sequence[Judgement], folder: SeriesFolder) -> None:
    """Refuse, before anything is trained, what could not be written later."""
    for judgement in judgements:
        mine = ResultsFolder(folder.sweep(_name(judgement)))
        mine.check(quick=judgement.plan.experiment.is_quick)
        refuse_namesake(mine, judgement.plan.experiment.read)
