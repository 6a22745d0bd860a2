"""The explorer's data → the part of a page that shows them, script included: nothing is asked from a network."""

import json
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sweep.report.explorer.columns import Json
from sweep.report.explorer.data import explorer_data
from sweep.report.explorer.explored import Explored
from sweep.words import language, say

_PARTS = (
    "words",
    "columns",
    "numbers",
    "sweep",
    "theme",
    "map",
    "details",
    "importance",
    "parallel",
    "downloads",
    "explorer",
)
"""The files of the script, in their order."""


def explorer_fragment(explored: Explored | None, *, says_what_matters: bool = True) -> Markup:
    """Return the explorer of results as a part of a page; "" if there is nothing to explore.

    It does not say which axes matter where the page says it elsewhere.
    """
    data = None if explored is None else explorer_data(explored)
    if data is None:
        return Markup("")
    return fragment_of(data if says_what_matters else {**data, "importance": None})


def fragment_of(data: Json | None) -> Markup:
    """Return the explorer of some data as HTML; without data it is hidden until its script is given some."""
    return _rendered("explorer.html.j2", data)


def explorer_page(explored: Explored) -> str:
    """Return the explorer of results as a page by itself."""
    return str(_rendered("page.html.j2", explorer_data(explored)))


def _rendered(template: str, data: Json | None) -> Markup:
    environment = Environment(
        loader=PackageLoader("sweep.report.explorer", "parts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return Markup(
        environment.get_template(template).render(
            heading=say("Explorer"),
            nothing=say("No run has a result yet."),
            language=language(),
            title=data["title"] if data else "",
            data=_embedded(data),
            has_data=data is not None,
            style=_part("explorer.css"),
            bokeh=bokeh_script(),
            script=Markup("\n").join(_part(f"{name}.js") for name in _PARTS),
        )
    )


@cache
def bokeh_script() -> Markup:
    """Return the script of Bokeh, out of its wheel; Bokeh itself is not imported, which would take half a second."""
    found = find_spec("bokeh")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("bokeh is not installed: pip install bokeh", name="bokeh")
    folder = Path(found.origin).parent / "server" / "static" / "js"
    return Markup(
        "\n".join((folder / f"{name}.min.js").read_text("utf-8") for name in ("bokeh", "bokeh-api"))
    )


def _embedded(data: Json | None) -> Markup:
    """Return data as JSON in which no text can end the script around it."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _part(name: str) -> Markup:
    return Markup(files("sweep.report.explorer").joinpath("parts", name).read_text("utf-8"))
