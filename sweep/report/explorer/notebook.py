"""The explorer in a notebook: a frame with a page of its own, so that several of them do not meet."""

import html
from os import PathLike
from pathlib import Path

from sweep.report.explorer.explored import Explored
from sweep.report.explorer.fragment import explorer_page

_HEIGHT = 1000
"""Of the frame, in pixels."""


class Explorer:
    """The explorer of results: it shows itself as the last line of a notebook's cell, and can be saved."""

    def __init__(self, explored: Explored) -> None:
        self._explored = explored

    @property
    def html(self) -> str:
        """The explorer as one page, which needs no other file and no network."""
        return explorer_page(self._explored)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page into a file."""
        Path(path).write_text(self.html, encoding="utf-8")

    def _repr_html_(self) -> str:
        style = f"width: 100%; height: {_HEIGHT}px; border: 0"
        return f'<iframe title="Explorer" style="{style}" srcdoc="{html.escape(self.html)}"></iframe>'

    def __repr__(self) -> str:
        return f"Explorer of {self._explored.title!r}: shown in a notebook, or saved by `save(path)`"
