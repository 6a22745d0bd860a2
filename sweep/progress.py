"""What a person sees of a sweep while it runs: a reporter is told what is done, and shows it or not."""

import sys
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Reporter(ABC):
    """Is told how far a sweep has got; used as a context manager, once for each time that something is trained."""

    @abstractmethod
    def begin(self, n_runs: int, already_done: int) -> None:
        """Take the number of planned runs, and how many of them have a result already."""

    @abstractmethod
    def advance(self, n_runs: int) -> None:
        """Count further runs as done."""

    @abstractmethod
    def end(self) -> None:
        """Stop showing anything: it is over, or was stopped."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


class Silent(Reporter):
    """Shows nothing."""

    def begin(self, n_runs: int, already_done: int) -> None:
        """Do nothing."""

    def advance(self, n_runs: int) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


class Bar(Reporter):
    """A bar on a terminal or in a notebook: runs done, rate and time left."""

    def begin(self, n_runs: int, already_done: int) -> None:
        """Show the bar."""
        from tqdm import tqdm

        self._bar = tqdm(total=n_runs, initial=already_done, unit=" runs", unit_scale=True, leave=False)

    def advance(self, n_runs: int) -> None:
        """Move the bar."""
        self._bar.update(n_runs)

    def end(self) -> None:
        """Take the bar away."""
        self._bar.close()


def usual_reporter() -> Reporter:
    """Return a bar where somebody is looking, on a terminal or in a notebook, and else one that shows nothing."""
    return Bar() if sys.stderr.isatty() or "ipykernel" in sys.modules else Silent()
