"""What a person sees of a sweep while it runs: a reporter is told what is done, and shows it or not."""

import os
import sys
from abc import ABC, abstractmethod
from contextlib import suppress
from types import TracebackType
from typing import Any, Self


class Reporter(ABC):
    """Is told how far a sweep has got; used as a context manager, once for each time that something is trained."""

    @abstractmethod
    def begin(self, n_runs: int, already_done: int) -> None:
        """Take the number of planned runs, and how many of them have a result already."""

    @abstractmethod
    def advance(self, n_runs: int) -> None:
        """Count further runs as done."""

    def tell(self, line: str) -> None:  # noqa: B027 - who shows nothing need not say so
        """Show what the user is to know at once; he is told it again at the end."""

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


class Lines(Silent):
    """Shows only what the user is to know at once, as in the log of a batch job."""

    def tell(self, line: str) -> None:
        """Write a line."""
        with suppress(OSError, ValueError, AttributeError):  # it is closed, or of another code page, or none
            print(line, file=sys.stderr, flush=True)


class Bar(Reporter):
    """A bar on a terminal or in a notebook: runs done, rate and time left.

    Variables such as TQDM_DISABLE go before what is said here.
    """

    def begin(self, n_runs: int, already_done: int) -> None:
        """Show the bar."""
        ours: dict[str, Any] = {"unit": " runs", "unit_scale": True, "leave": False, "miniters": 1}
        shown = {name: value for name, value in ours.items() if f"TQDM_{name.upper()}" not in os.environ}
        self._bar: Any = None
        with suppress(ValueError):  # tqdm cannot be imported with TQDM_MININTERVAL=often: go on without
            from tqdm import tqdm

            class WithoutThread(tqdm):  # type: ignore[type-arg]  # it has none while it runs
                """It looks at the time whenever it is moved; a thread that does so would stay until the end."""

                monitor_interval = 0

            self._bar = WithoutThread(total=n_runs, initial=already_done, **shown)

    def advance(self, n_runs: int) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(n_runs)

    def tell(self, line: str) -> None:
        """Write a line above the bar."""
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()


def usual_reporter() -> Reporter:
    """Return a bar where somebody is looking, on a terminal or in a notebook, and else one that only writes lines."""
    return Bar() if sys.stderr is not None and (_is_terminal() or "ipykernel" in sys.modules) else Lines()


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, OSError, ValueError):  # a logger in its place, or closed
        return False
