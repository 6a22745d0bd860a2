"""What children of the warm process do: run the command line, disturbed or not, or many trials in one process."""

import importlib
import json
import pickle
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path

from tests.faults.points import Points, install
from tests.faults.table import Tally
from tests.running import stored_runs


def command(
    arguments: list[str], constants: Mapping[str, object], points: Mapping[str, object] | None = None
) -> None:
    """Call the command line as a terminal does, with other constants, and with points at which something happens."""
    from sweep.__main__ import main

    for name, value in constants.items():
        module, _, constant = name.rpartition(".")
        assert hasattr(importlib.import_module(module), constant), name
        setattr(importlib.import_module(module), constant, value)
    if points is not None:
        install(Points(Path("results"), **points))
    sys.argv = ["sweep", *arguments]
    main()


def count(arguments: list[str], constants: Mapping[str, object], log: str) -> None:
    """Run the command line undisturbed, and write down its operations on files, and what each commit had stored."""
    told: list[tuple[object, ...]] = []
    install(Points(Path("results"), seen=lambda *what: told.append(what)))
    _tell_of_commits(told)
    try:
        command(arguments, constants)
    finally:
        Path(log).write_bytes(pickle.dumps(told))


def _tell_of_commits(told: list[tuple[object, ...]]) -> None:
    from sweep.store.writer import DatabaseWriter

    usual = DatabaseWriter.commit

    def commit(writer: DatabaseWriter) -> None:
        usual(writer)
        told.append(("committed", str(writer.path), frozenset(stored_runs(writer.path.parent))))

    DatabaseWriter.commit = commit


def here(arguments: list[str]) -> tuple[int, str]:
    """Call the command line in this process and folder; return its exit code, and what it prints.

    The exit code is -1 if an exception came out of it, and what is printed ends with its traceback.
    """
    from click.testing import CliRunner

    from sweep.cli import main

    done = CliRunner().invoke(main, arguments)
    if done.exception is None or isinstance(done.exception, SystemExit):
        return done.exit_code, done.output
    return -1, done.output + "".join(traceback.format_exception(done.exception))


def trials(function: str, numbers: list[int], seed: int, *arguments: object) -> None:
    """Make trials in this process, by their numbers: `function`, in "module:name", is given a new tally and them."""
    module, _, name = function.partition(":")
    tally = Tally()
    getattr(importlib.import_module(module), name)(tally, numbers, seed, *arguments)
    Path("tally.json").write_text(
        json.dumps({"trials": tally.trials, "found": tally.found, "notes": tally.notes}), encoding="utf-8"
    )
