"""The page about a running sweep: the explorer, above it how far the sweep is, and the verdicts so far."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from sweep.report.explorer.fragment import fragment_of
from sweep.words import language


def page_of(title: str) -> bytes:
    """Return the page, which asks for what it shows."""
    environment = Environment(
        loader=PrefixLoader(
            {
                "watch": PackageLoader("sweep.watch", "parts"),
                "pages": PackageLoader("sweep.report.pages"),
            }
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("watch/watch.html.j2")
    return page.render(
        title=title, language=language(), explorer=fragment_of(None), script=_script()
    ).encode()


@cache
def _script() -> Markup:
    return Markup(files("sweep.watch").joinpath("parts", "watch.js").read_text("utf-8"))
