"""The command line: arguments become calls of `sweep.api`, and errors one line and an exit code.

Exit codes: 0 done, 1 the results cannot be used, some runs failed or `claims` finds one refuted, 2 a mistake in the
config or the arguments, 130 stopped by Ctrl-C, 143 by SIGTERM and 129 by SIGHUP. Nothing heavy is
imported before a command needs it.
"""

import atexit
import gc
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sweep.at_once import STOPPED, STOPPED_BY, Command, end_when_told, leave
from sweep.errors import InputError, SweepError, error_line
from sweep.progress import Reporter, Silent
from sweep.streams import discard_output, open_streams, say, warn
from sweep.terms.text import harmless, one_line, printable
from sweep.words import LANGUAGES, wanting

if TYPE_CHECKING:
    from sweep.recheck import ChangedCode
    from sweep.results import Results

OBJECTS_BEFORE_COLLECTING = 50_000
QUIET = "sweep.quiet"
"""Where click's context has whether `--quiet` was given."""
F = TypeVar("F", bound=Callable[..., Any])


class _Commands(click.Group):
    """A group whose commands end with one line, not with a traceback, where the user can repair it."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        open_streams()
        return super().main(*arguments, **options)

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        with _harmless_mistakes():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> None:
        # Figures are made of many objects that live as long as this process: looking for garbage among them at
        # Python's usual pace takes an eighth of its time.
        gc.set_threshold(OBJECTS_BEFORE_COLLECTING, 20, 50)
        # Nor is it looked for at the end, where the system takes everything back at once.
        atexit.register(gc.freeze)
        try:
            with _harmless_mistakes():
                super().invoke(ctx)
            say("", nl=False)  # here, where an error can still be told
        except SweepError as error:
            warn(f"Error: {error}" if "\n" not in str(error) else f"Error:\n{error}")
            ctx.exit(error.exit_code)
        except KeyboardInterrupt as stop:
            number = getattr(stop, "by", signal.SIGINT)
            if Command.is_one:
                with suppress(Exception):
                    sys.stdout.flush()
                leave(number, str(stop) or STOPPED)  # nothing is to be waited for: all that matters is stored
            warn(str(stop) or STOPPED)
            ctx.exit(number + STOPPED_BY)
        except MemoryError:
            warn("Error: there is not enough memory for this many runs: list fewer values")
            ctx.exit(1)
        except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
            discard_output()
            ctx.exit(0)
        except OSError as error:
            warn(f"Error: {error_line(error)}")
            discard_output()
            ctx.exit(1)


@contextmanager
def _harmless_mistakes() -> Iterator[None]:
    """Write out what a terminal would obey in the messages about mistaken arguments, which click prints."""
    try:
        yield
    except click.ClickException as error:
        error.message = harmless(one_line(error.message))  # type: ignore[misc]  # no other way to it
        raise


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sweep", message="%(prog)s %(version)s")
def main() -> None:
    """Sweep the hyperparameters of any training: a config in, tables, heatmaps, verdicts and a report out.

    Start with `sweep init my.toml`, look at it with `sweep plan my.toml`, and train it with `sweep run my.toml`.
    """


def _named(_ctx: click.Context, _argument: click.Parameter, text: str) -> Path:
    """Return the path that an argument names: an empty one, such as of a variable that is not set, is no folder."""
    if not text:
        raise InputError("a path that is empty names nothing: write one, such as configs/square.toml")
    return Path(text)


def _config_argument(command: F) -> F:
    command = click.argument("config", type=click.Path(), callback=_named)(command)
    command = click.option(
        "--results",
        metavar="DIR",
        help="Results folder  [default: results/NAME, or results/NAME-quick]",
    )(command)
    command = click.option("--quick", is_flag=True, help="Take the values under [quick] of the config.")(
        command
    )
    return click.option(
        "--max-runs", type=click.IntRange(min=1), help="Limit on the runs, in place of the config's."
    )(command)


_workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Worker processes; with 1 a network is trained in this process.  [default: cores]",
)


_scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Train on the workers of a Dask cluster, tcp://HOST:8786 or tls://..., in place of this machine.",
)


@contextmanager
def _client_of(scheduler: str | None) -> Iterator[Any]:
    """Give a client of a scheduler; None if none is named."""
    if scheduler is None:
        yield None
        return
    from sweep.dispatch.cluster.connection import connected

    with connected(scheduler) as client:
        yield client


_code_option = click.option(
    "--code",
    type=click.Choice(["check", "new", "same"]),
    help="If a function's code has changed: try some runs again, train all anew, or take them as they are.",
)


_lang_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), help="The language of figures and pages.  [default: the config's]"
)


def _be_quiet(ctx: click.Context, _option: click.Parameter, quiet: bool) -> None:
    ctx.meta[QUIET] = quiet


_quiet_option = click.option(
    "-q",
    "--quiet",
    is_flag=True,
    expose_value=False,
    callback=_be_quiet,
    help="Print errors and warnings only, and show no progress.",
)


def _is_quiet() -> bool:
    return bool(click.get_current_context().meta.get(QUIET))


def _say(text: str, *, nl: bool = True) -> None:
    """Print a text, unless the command is to be quiet."""
    if not _is_quiet():
        say(text, nl=nl)


def _reporter() -> Reporter | None:
    return Silent() if _is_quiet() else None


def _watched(config: Path, results: str | None, *, quick: bool) -> AbstractContextManager[None]:
    """Return what shows a sweep in a browser while it runs."""
    from sweep.watch import watching

    named = () if results is None else ("--results", results)
    return watching(config, *named, *(("--quick",) if quick else ()))


@main.command()
@_config_argument
@_workers_option
@_scheduler_option
@click.option("--retry-failed", is_flag=True, help="Train again what failed before.")
@click.option("--no-report", is_flag=True, help="Write the tables only, no figures and pages.")
@_lang_option
@click.option("--until-decided", is_flag=True, help="Add replicates where claims are undecided.")
@click.option("--watch", is_flag=True, help="Show it in a browser meanwhile, as `sweep watch` does.")
@_code_option
@_quiet_option
def run(
    config: Path,
    results: str | None,
    max_runs: int | None,
    quick: bool,
    workers: int | None,
    scheduler: str | None,
    retry_failed: bool,
    no_report: bool,
    lang: str | None,
    until_decided: bool,
    watch: bool,
    code: "ChangedCode | None",
) -> None:
    """Train what is not stored yet, and report.

    Trains what CONFIG asks for and is not stored yet, and writes tables, figures and report.
    """
    from sweep import api, terminal
    from sweep.save import MOST_CELLS_AS_CSV

    shown = _watched(config, results, quick=quick) if watch else nullcontext()
    with wanting(lang), _client_of(scheduler) as client, shown:
        found = api.run(
            config,
            results=results,
            max_runs=max_runs,
            quick=quick,
            workers=workers,
            client=client,
            retry_failed=retry_failed,
            report=not no_report,
            until_decided=until_decided,
            code=code,
            reporter=_reporter(),
        )
    _warn_of_damage(found)
    _say(terminal.summary_text(found))
    for remark in (*found.experiment.remarks, *found.remarks):
        _say(remark)
    if no_report:
        _say(
            f"tables in {found.place}; {_command('report', config, results, quick)} writes figures and report"
        )
    else:
        _say(f"tables, figures and report in {found.place}")
        _warn_of_fonts([found], lang)
    if len(found.cells) > MOST_CELLS_AS_CSV:
        _say(f"its {len(found.cells):,} cells are in cells.parquet alone; `sweep export` writes CSV")
    n_failed = int(found.cells["n_failed"].sum())
    if n_failed:
        told = f"{n_failed:,} runs failed; `--retry-failed` trains them again, `sweep failures` tells why."
        warn(f"{told} The last one: {found.last_failure()}")
        sys.exit(1)


@main.command()
@_config_argument
@_workers_option
@_scheduler_option
@_quiet_option
def plan(
    config: Path,
    results: str | None,
    max_runs: int | None,
    quick: bool,
    workers: int | None,
    scheduler: str | None,
) -> None:
    """Show what a run would do, without training.

    If CONFIG is a folder of configs, what `sweep reproduce` would do.
    """
    if config.is_dir():
        from sweep.forecast import previews_text
        from sweep.series import preview_series

        with _client_of(scheduler) as client:
            each = preview_series(
                config, results=results, max_runs=max_runs, workers=workers, client=client, quick=quick
            )
        _say(previews_text(each))
        return
    from sweep import api

    with _client_of(scheduler) as client:
        preview = api.preview(
            config, results=results, max_runs=max_runs, workers=workers, client=client, quick=quick
        )
    _warn_of_damage(preview.results)
    _say(str(preview))


@main.command()
@_config_argument
@click.option("--pivot", nargs=2, metavar="ROWS COLUMNS", help="Show one statistic over two axes.")
@click.option("--value", default="median", show_default=True, help="The statistic that a pivot shows.")
@click.option(
    "--where",
    multiple=True,
    metavar="AXIS=VALUE",
    help="Keep the cells with this value; repeated, with any of those of an axis.",
)
@_quiet_option
def table(
    config: Path,
    results: str | None,
    max_runs: int | None,
    quick: bool,
    pivot: tuple[str, str] | None,
    value: str,
    where: tuple[str, ...],
) -> None:
    """Print the cells, or one statistic over two axes.

    Of what is stored for CONFIG, whether the sweep is complete or not.
    """
    from sweep import api, terminal
    from sweep.tables.cells import pivoted, selected

    found = api.load(config, results=results, max_runs=max_runs, quick=quick)
    _warn_of_damage(found)
    axes = {
        axis: [found.meant({axis: value})[axis] for value in values]
        for axis, values in _conditions(where).items()
    }
    cells = selected(found.cells, axes)
    if cells.empty:
        _say(f"No results yet: {_command('run', config, results, quick)} trains them.")
        return
    shown = pivoted(cells, *pivot, value, found.levels) if pivot else cells
    command = _command("export", config, results, quick).strip("`")
    _say(terminal.table_text(shown, _where_all_is(found, command, pivot)))


def _where_all_is(found: "Results", export: str, pivot: tuple[str, str] | None) -> str:
    """Return where a table is of which the first rows are printed."""
    from sweep.store import ResultsFolder
    from sweep.store.place import shown
    from sweep.tables.files import n_rows

    if found.folder is not None and not pivot:
        whole = ResultsFolder(found.folder).cells_parquet
        if n_rows(whole) == len(found.cells):
            return f"{shown(whole)} has all"
    which = f" --pivot {pivot[0]} {pivot[1]}" if pivot else ""
    return f"all of it: {export} --to table.csv{which}"


@main.command()
@_config_argument
@click.option("--to", "file", required=True, metavar="FILE", help="The file; its ending says the format.")
@click.option("--as", "kind", metavar="FORMAT", help="The format, if the ending does not say it: mlflow.")
@click.option(
    "--table",
    type=click.Choice(["cells", "runs", "verdicts"]),
    default="cells",
    show_default=True,
    help="Which table.",
)
@click.option(
    "--pivot", nargs=2, metavar="ROWS COLUMNS", help="One statistic over two axes, in place of a table."
)
@click.option("--value", default="median", show_default=True, help="The statistic that a pivot has.")
@click.option(
    "--where", multiple=True, metavar="AXIS=VALUE", help="Take the part with this value; may be repeated."
)
@_quiet_option
def export(
    config: Path,
    results: str | None,
    max_runs: int | None,
    quick: bool,
    file: str,
    kind: str | None,
    table: str,
    pivot: tuple[str, str] | None,
    value: str,
    where: tuple[str, ...],
) -> None:
    """Write results to a file for another tool.

    By its ending: .csv, .parquet, .md and .tex have a table or a pivot; .nc (netCDF, for xarray) and .db (an Optuna
    study, or by `--as mlflow` a database of MLflow) have all runs.
    """
    from sweep import api
    from sweep.store.place import shown

    found = api.load(config, results=results, max_runs=max_runs, quick=quick)
    _warn_of_damage(found)
    if not found.n_stored:
        _say(f"No results yet: {_command('run', config, results, quick)} trains them.")
        return
    conditions = _one_each(_conditions(where), "an export")
    path = found.export(file, kind, table=table, pivot=pivot or None, value=value, where=conditions)
    _say(f"{shown(path)} written")


@main.command()
@_config_argument
@click.option("--csv", is_flag=True, help="Print the verdicts as CSV, with every digit.")
@_quiet_option
def claims(config: Path, results: str | None, max_runs: int | None, quick: bool, csv: bool) -> None:
    """Print the verdicts on the config's claims.

    By what is stored for CONFIG. The exit code is 1 if any claim is refuted, or nothing is stored yet, so that a claim
    can stand in a CI.
    """
    from sweep import api, terminal

    found = api.load(config, results=results, max_runs=max_runs, quick=quick)
    _warn_of_damage(found)
    if not found.experiment.claims:
        _say(
            f"{printable(str(config))} makes no claims: each begins with [[claim]], as in the file of `sweep init`."
        )
        return
    if not found.n_stored:
        warn(f"No verdicts yet: {_command('run', config, results, quick)} trains what they need.")
        sys.exit(1)
    _say(found.verdicts.to_csv(index=False) if csv else terminal.claims_text(found), nl=not csv)
    if any(verdict == "refuted" for verdict in found.verdicts["verdict"]):
        sys.exit(1)


@main.command()
@_config_argument
@_quiet_option
def failures(config: Path, results: str | None, max_runs: int | None, quick: bool) -> None:
    """Print why runs have no result.

    Runs that failed, ran out of time or were killed, grouped by what they raised, with an example of each and
    the end of what it printed.
    """
    from sweep import api, terminal

    found = api.load(config, results=results, max_runs=max_runs, quick=quick)
    _warn_of_damage(found)
    _say(terminal.failures_text(found))


@main.command()
@_config_argument
@click.option("--where", multiple=True, metavar="AXIS=VALUE", help="The value of an axis; may be repeated.")
@click.option("--replicate", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--pdb", is_flag=True, help="Start a debugger where it raises.")
@_quiet_option
def replay(
    config: Path,
    results: str | None,
    max_runs: int | None,
    quick: bool,
    where: tuple[str, ...],
    replicate: int,
    pdb: bool,
) -> None:
    """Train one run again, in this process.

    Prints what it gives, or its traceback. Nothing is stored.
    """
    from sweep import api

    found = api.load(config, results=results, max_runs=max_runs, quick=quick)
    conditions = _one_each(_conditions(where))
    try:
        given = found.replay(replicate, where=conditions)
    except SweepError:
        raise
    except Exception as error:
        from sweep.training.function.rows import traceback_of

        warn(traceback_of(error), nl=False)
        if pdb:
            import pdb as debugger

            debugger.post_mortem(error.__traceback__)
        sys.exit(1)
    stored = found.stored(replicate, where=conditions)
    for name, value in given.items():
        differs = name in stored and repr(stored[name]) != repr(value)
        _say(f"{name} = {value!r}" + (f"    (stored: {stored[name]!r})" if differs else ""))
    _warn_of_damage(found)


@main.command()
@click.argument("config", type=click.Path(), callback=_named)
@click.option("--quick", is_flag=True, help="Take the values under [quick] of the config.")
@_quiet_option
def check(config: Path, quick: bool) -> None:
    """Try whether a function obeys its seed.

    Trains one setting of CONFIG twice, and a generator once shorter, and says what follows; nothing is stored. The exit
    code is 1 if the answer to either is no.
    """
    from sweep import api

    found = api.check(config, quick=quick)
    _say(str(found))
    if not (found.repeats and found.is_beginning):
        sys.exit(1)


@main.command()
@_config_argument
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Of the page's address.  [default: one that is free]",
)
@_quiet_option
def watch(config: Path, results: str | None, max_runs: int | None, quick: bool, port: int) -> None:
    """Show a running sweep in a browser.

    Prints the address of a page, on this machine alone, that shows what is stored for CONFIG: the map fills in, the
    verdicts narrow. Trains nothing; ends with the sweep, or by Ctrl-C.
    """
    import os

    from sweep import watch as page

    with suppress(OSError, AttributeError):
        os.nice(10)  # whoever trains goes first
    ending = page.watch(
        config,
        results=results,
        quick=quick,
        max_runs=max_runs,
        port=port,
        on_address=lambda address: _say(f"watch it at {address}"),
    )
    _say(ending)


@main.command()
@_config_argument
@_lang_option
@_quiet_option
def report(config: Path, results: str | None, max_runs: int | None, quick: bool, lang: str | None) -> None:
    """Write tables, figures and report anew.

    From what is stored for CONFIG, whether the sweep is complete or not.
    """
    from sweep import api

    found = api.load(config, results=results, max_runs=max_runs, quick=quick)
    if not found.n_stored:
        _warn_of_damage(found)
        _say(f"No results yet: {_command('run', config, results, quick)} trains them.")
        return
    with wanting(lang):
        api.write_report(found)
    _warn_of_damage(found)
    _say(f"tables, figures and report of {found.n_stored:,} of {found.n_planned:,} runs in {found.place}")
    _warn_of_fonts([found], lang)


@main.command()
@click.argument("configs", type=click.Path(), callback=_named, default="configs/series")
@click.option(
    "--results",
    metavar="DIR",
    help="Folder of the page  [default: results/NAME, or results/NAME-quick]",
)
@_workers_option
@_scheduler_option
@click.option("--quick", is_flag=True, help="Take the values under [quick]: a first look in minutes.")
@_code_option
@_lang_option
@_quiet_option
def reproduce(
    configs: Path,
    results: str | None,
    workers: int | None,
    scheduler: str | None,
    quick: bool,
    code: "ChangedCode | None",
    lang: str | None,
) -> None:
    """Run a folder of configs, and write one page on their claims.

    CONFIGS is configs/series if it is left out: the articles that this program began with. Replicates are added until
    the claims are decided. The page is report.html, and report.md, in the results folder.
    """
    from sweep import series, terminal
    from sweep.store.place import shown

    def show(found: "Results") -> None:
        _warn_of_damage(found)
        _say(terminal.series_line(found))

    with wanting(lang), _client_of(scheduler) as client:
        found = series.reproduce(
            configs,
            results=results,
            workers=workers,
            client=client,
            quick=quick,
            code=code,
            reporter=_reporter(),
            on_result=show,
        )
    _say(f"the page is {shown(series.page_of(configs, results, quick=quick))}")
    _warn_of_fonts(found, lang)


@main.command()
@click.argument("file", type=click.Path(), callback=_named)
@_quiet_option
def init(file: Path) -> None:
    """Write a commented example config to FILE.

    An existing file is left alone.
    """
    from sweep.config import example_config

    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(example_config())
    except FileExistsError:
        raise SweepError(
            f"{printable(str(file))} exists already: choose another name, or remove it first"
        ) from None
    except OSError as error:
        raise SweepError(f"{printable(str(file))} cannot be written: {error.strerror}") from None
    _say(f"{printable(str(file))} written. See what it asks for: sweep plan {_quoted(file)}")


def _command(name: str, config: Path, results: str | None, quick: bool) -> str:
    """Return a command on the same results, as it is typed in a shell."""
    where = "" if results is None else f" --results {_quoted(Path(results))}"
    return f"`sweep {name} {_quoted(config)}{where}{' --quick' if quick else ''}`"


def _quoted(path: Path) -> str:
    """Return a path as it is typed in a shell."""
    return shlex.quote(printable(str(path)))


def _warn_of_damage(found: "Results") -> None:
    for message in found.messages:
        warn(f"Warning: {message}")


def _warn_of_fonts(found: "Sequence[Results]", lang: str | None) -> None:
    """Tell once if figures that were written lack a font."""
    from sweep.terminal import font_remark

    remarks = (font_remark(one, lang or one.experiment.lang) for one in found)
    if remark := next(filter(None, remarks), ""):
        warn(f"Warning: {remark}")


def _conditions(where: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the conditions of `--where`: of each axis the values that are named, as they are typed."""
    conditions: dict[str, list[str]] = {}
    for condition in where:
        axis, equals, text = (part.strip() for part in condition.partition("="))
        if not equals:
            raise click.UsageError(f"--where takes AXIS=VALUE, got {condition!r}")
        conditions.setdefault(axis, []).append(text)
    return conditions


def _one_each(conditions: dict[str, list[str]], what: str = "a run") -> dict[str, str]:
    """Return conditions that name one value of each axis."""
    for axis, values in conditions.items():
        if len(values) > 1:
            raise click.UsageError(f"--where names {len(values)} values of {axis}, and {what} has one")
    return {axis: value for axis, (value,) in conditions.items()}


if __name__ == "__main__":
    end_when_told()
    main()
