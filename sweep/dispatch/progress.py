"""The progress bar: runs done, rate and time left; silent where nobody is looking."""

import sys
from types import TracebackType


class Progress:
    """A bar on a terminal or in a notebook, nothing elsewhere. Use as a context manager."""

    def __init__(self, n_runs: int, already_done: int) -> None:
        from tqdm import tqdm

        someone_looks = sys.stderr.isatty() or "ipykernel" in sys.modules
        self._bar = tqdm(
            total=n_runs,
            initial=already_done,
            unit=" runs",
            unit_scale=True,
            disable=not someone_looks,
            leave=False,
        )

    def advance(self, n_runs: int) -> None:
        """Count further runs as done."""
        self._bar.update(n_runs)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()
