"""The explorer's data → the part of a page that shows them, script included: nothing is asked from a network."""

import json
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sweep.report.explorer.data import Json, explorer_data
from sweep.report.pages.content import ReportContent

_PARTS = (
    "words",
    "columns",
    "numbers",
    "sweep",
    "theme",
    "map",
    "details",
    "parallel",
    "downloads",
    "explorer",
)
"""The files of the script, in their order."""


def explorer_fragment(content: ReportContent) -> Markup:
    """Return the explorer of a report as HTML; "" if there is nothing to explore."""
    data = explorer_data(content)
    return Markup("") if data is None else fragment_of(data)


def fragment_of(data: Json | None) -> Markup:
    """Return the explorer of some data as HTML; without data it is hidden until its script is given some."""
    environment = Environment(
        loader=PackageLoader("sweep.report.explorer", "parts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("explorer.html.j2")
    return Markup(page.render(data=_embedded(data), style=_style(), bokeh=bokeh_script(), script=_script()))


@cache
def bokeh_script() -> Markup:
    """Return the script of Bokeh, out of its wheel; Bokeh itself is not imported, which would take half a second."""
    found = find_spec("bokeh")
    assert found is not None  # a dependency
    assert found.origin is not None
    folder = Path(found.origin).parent / "server" / "static" / "js"
    return Markup(
        "\n".join((folder / f"{name}.min.js").read_text("utf-8") for name in ("bokeh", "bokeh-api"))
    )


def _embedded(data: Json | None) -> Markup:
    """Return data as JSON that no text in it can end: "<" begins a tag, also one that ends a script."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _style() -> Markup:
    return Markup(_part("explorer.css"))


def _script() -> Markup:
    return Markup("\n".join(_part(f"{name}.js") for name in _PARTS))


def _part(name: str) -> str:
    return files("sweep.report.explorer").joinpath("parts", name).read_text("utf-8")
