"""What can go wrong, one class for each person who can repair it.

A `SweepError` is always meant for the person at the terminal: it carries one line (or one line a mistake) that says
what was expected, what was found and what to do, and the exit code of the command line. Anything else that is raised
is a bug of ours and keeps its traceback.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass


class SweepError(Exception):
    """Something that the person who started the sweep can repair."""

    exit_code = 1


class InputError(SweepError, ValueError):
    """An argument of a Python call that does not fit: a wrong shape, an unknown name, a number out of range."""

    exit_code = 2


class TargetError(SweepError):
    """A target's expression that is outside of the language of `sweep.Target`.

    `position` is the offset of the offending character in the expression, counted from 0.
    """

    exit_code = 2

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class Mistake:
    """One mistake in a config: the dotted key, its line in the file (None if it has none), and what to do."""

    key: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}`{self.key}` {self.message}" if self.key else f"{place}{self.message}"


MOST_TOLD = 100
"""As many mistakes are told in words: whoever has more of them has made one, many times."""


class ConfigError(SweepError):
    """A config with mistakes; all of them are told at once, up to a hundred, in the order of their lines."""

    exit_code = 2

    def __init__(self, path: str, mistakes: Sequence[Mistake]) -> None:
        self.path = path
        self.mistakes = tuple(mistakes)
        lines = [f"{path}: {mistake}" for mistake in mistakes[:MOST_TOLD]]
        if len(mistakes) > MOST_TOLD:
            lines.append(f"{path}: and {len(mistakes) - MOST_TOLD:_} more mistakes")
        super().__init__("\n".join(line.replace("\n", "\\n") for line in lines))


class PlanError(SweepError):
    """A plan that is larger than its limit, or empty."""

    exit_code = 2


class CodeError(SweepError):
    """The user's own code has changed since results were stored, or while they were made: he is to decide."""

    exit_code = 2


class RunsError(SweepError):
    """All runs of the user's own code fail, and alike."""


class EngineError(SweepError):
    """The compiled engine does not compute what the readable trainer computes: nothing is trained with it."""


class WorkersError(SweepError):
    """No worker process can be started, or none gets to training."""


class ResultsError(SweepError):
    """A results folder that cannot be used: somebody else's, in use, or of a newer format. It is left untouched."""


def error_line(error: BaseException) -> str:
    """Return in a line what went wrong, as the system or the one who raised it says it, and with which file.

    >>> error_line(OSError(28, "No space left on device", "runs.csv")), error_line(MemoryError())
    ('runs.csv: No space left on device', 'MemoryError')
    """
    if isinstance(error, OSError) and not has_working_folder():
        return "the working folder has been removed: go to another one, and give the same command there"
    name = getattr(error, "filename", None)
    place = f"{os.fsdecode(name)}: " if isinstance(name, str | bytes) else ""
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return place + " ".join(str(told).split())


def has_working_folder() -> bool:
    """Tell whether the working folder is still there."""
    try:
        os.getcwd()
    except OSError:
        return False
    return True
