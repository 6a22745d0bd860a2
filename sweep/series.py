"""Several sweeps together: a folder of configs becomes one page that says which of their claims hold.

Each config is run as `sweep.run` runs it, with replicates added until its claims are decided; its results have a folder
of their own beside the page. What a reader sees on one page is one family: all verdicts of the folder together are
right with the confidence that the configs state. The configs that make claims share its error equally, and the verdicts
of a config its own part of that.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from sweep.api import judgement_of, preview, run
from sweep.arguments import check_path
from sweep.at_once import STOPPED
from sweep.claims import Judgement
from sweep.config.python import ConfigPath
from sweep.dispatch.interrupts import ending_at_once
from sweep.errors import InputError
from sweep.forecast import Preview
from sweep.recheck import ChangedCode
from sweep.results import Results
from sweep.save import save_series
from sweep.store import SeriesFolder

INTRODUCTION = "README.md"
"""What stands at the top of the page, if the folder of the configs has it."""


def reproduce(
    configs: ConfigPath = "configs/series",
    *,
    results: ConfigPath | None = None,
    workers: int | None = None,
    quick: bool = False,
    code: ChangedCode | None = None,
    on_result: Callable[[Results], None] = lambda _: None,
) -> list[Results]:
    """Run all configs of a folder, judge their claims, and write one page on all of them.

    Parameters
    ----------
    configs
        A folder of configs, which are taken in the order of their names. Its README.md, if there is one, is the
        beginning of the page.
    results
        The folder of the page, `report.md`, and of a folder of results for each config; `results/NAME` in the current
        folder if None, NAME being that of the folder of configs.
    workers
        As for `sweep.run`.
    quick
        Whether the values under [quick] of each config go before its others; each must have some.
    code
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
    paths, folder = _configs(configs), _folder(configs, results)
    judgements = [judgement_of(path, quick=quick) for path in paths]
    sweeps = _n_judged(judgements)
    has_code = [judgement.plan.training.has_code for judgement in judgements]
    found = []
    for path, is_own in zip(paths, has_code, strict=True):
        one = run(
            path,
            results=folder.sweep(path.stem),
            workers=workers,
            report=False,
            until_decided=True,
            quick=quick,
            code=code if is_own else None,
            sweeps=sweeps,
        )
        found.append(one)
        on_result(one)
    introduction = Path(configs, INTRODUCTION)
    with ending_at_once(lambda: _farewell(folder)):
        save_series(found, folder, introduction.read_text(encoding="utf-8") if introduction.exists() else "")
    return found


def _farewell(folder: SeriesFolder) -> str:
    folder.tidy()
    return STOPPED


def page_of(configs: ConfigPath, results: ConfigPath | None = None) -> Path:
    """Return the path of the page that `reproduce` writes for a folder of configs."""
    return _folder(configs, results).report


def preview_series(
    configs: ConfigPath = "configs/series",
    *,
    results: ConfigPath | None = None,
    workers: int | None = None,
    max_runs: int | None = None,
    quick: bool = False,
) -> list[Preview]:
    """Return what `reproduce` would do for each config, before replicates are added. Arguments and errors are its."""
    paths, folder = _configs(configs), _folder(configs, results)
    sweeps = _n_judged([judgement_of(path, quick=quick) for path in paths])
    return [
        preview(
            path,
            results=folder.sweep(path.stem),
            workers=workers,
            max_runs=max_runs,
            quick=quick,
            sweeps=sweeps,
        )
        for path in paths
    ]


def _n_judged(judgements: Sequence[Judgement]) -> int:
    """Return how many of some sweeps make claims."""
    return max(1, sum(judgement.n_verdicts > 0 for judgement in judgements))


def _configs(folder: ConfigPath) -> list[Path]:
    check_path("configs", folder)
    if not Path(folder).is_dir():
        raise InputError(f"{folder} is no folder: name one that holds configs, such as configs/series")
    found = sorted(Path(folder).glob("*.toml"))
    if not found:
        raise InputError(f"{folder} holds no config: each is a file whose name ends in .toml")
    return found


def _folder(configs: ConfigPath, results: ConfigPath | None) -> SeriesFolder:
    check_path("configs", configs)
    check_path("results", results)
    return SeriesFolder(Path("results") / Path(configs).resolve().name if results is None else Path(results))
