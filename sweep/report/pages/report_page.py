"""The two pages of a report: one content, two templates, and every text of a user escaped."""

import base64
import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sweep.claims.sentences import assurance
from sweep.report.explorer.fragment import explorer_fragment
from sweep.report.pages.content import Report, ReportContent
from sweep.report.pages.findings import findings
from sweep.report.pages.page_tables import PageTable, best_table, failures_table, fixed_table, pivot_tables
from sweep.report.pages.pictures import Picture, pictures_of
from sweep.report.pages.summary import counting, summary
from sweep.terms.text import harmless, one_line

_WORDY = ("verdict", "grounds", "why", "for example")
"""Columns of words, which begin at the left."""

_LARGEST_SVG = 300_000
"""An SVG with more bytes is put into the HTML page as PNG: four pictures stay below 2 MB together."""

_BEGINS_A_BLOCK = re.compile(r"^(\d*)([-+.)])(?=\s|$|-+$)")
"""What would make a list or a rule of a paragraph: "- ", "1986. ", "---"."""


def build_report(content: ReportContent) -> Report:
    """Draw the figures of a sweep and write its pages; nothing is written to disk.

    The same content gives the same bytes.
    """
    pictures, found = pictures_of(content), findings(content)
    of_claims = [picture for finding in found for picture in finding.pictures]
    page = {
        "title": content.title or "Results of a sweep",
        "source": content.source,
        "note": paragraphs(content.note),
        "summary": summary(content),
        "findings": found,
        "assurance": assurance(content.verdicts, content.confidence) if found else "",
        "pictures": pictures,
        "best": best_table(content),
        "failures": failures_table(content),
        "pivots": pivot_tables(content),
        "counting": counting(content),
        "medians": f"Median {content.training.objective.many_words_in_full}",
        "fixed": fixed_table(content),
        "config": content.config_text.rstrip("\n"),
        "explorer": explorer_fragment(content.explored),
        "versions": [f"{name} {version}" for name, version in content.versions.items()],
    }
    return Report(
        figures={
            f"{picture.name}.{kind}": data
            for picture in [*of_claims, *pictures]
            for kind, data in (("png", picture.png), ("svg", picture.svg))
            if data
        },
        markdown=harmless(markdown_environment().get_template("report.md.j2").render(page)),
        html=harmless(html_environment().get_template("report.html.j2").render(page)),
    )


def paragraphs(text: str) -> list[str]:
    r"""Return the paragraphs of a text, which empty lines part, each on one line.

    >>> paragraphs("One,\nand so on.\n\nTwo.\n")
    ['One, and so on.', 'Two.']
    """
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def escape_markdown(text: object) -> str:
    r"""Write a text so that GitHub's Markdown shows it as it is, on one line.

    >>> escape_markdown("x**2 | <b>")
    'x\\*\\*2 \\| &lt;b&gt;'
    """
    marked = re.sub(r"([\\`*_{}\[\]#|~$!^])", r"\\\1", one_line(str(text)).replace("&", "&amp;"))
    marked = _BEGINS_A_BLOCK.sub(r"\1\\\2", marked)
    return marked.replace("<", "&lt;").replace(">", "&gt;")


class Verbatim(str):
    """A text that a Markdown template takes as it stands."""


def _fenced(text: str) -> Verbatim:
    """Write a code block whose fence is longer than any row of backticks in it."""
    longest = max((len(row) for row in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return Verbatim(f"{fence}toml\n{text}\n{fence}")


def _rows(table: PageTable) -> Verbatim:
    """Write a table of GitHub's Markdown: its first column to the left, numbers to the right."""
    lines = [[escape_markdown(text) for text in row] for row in (table.head, *table.rows)]
    lines.insert(1, [":--", *[":--" if name in _WORDY else "--:" for name in table.head[1:]]])
    return Verbatim("\n".join(f"| {' | '.join(line)} |" for line in lines))


def markdown_environment() -> Environment:
    """Return the environment of Markdown templates: what they put out is escaped, unless it is `Verbatim`."""
    # jinja's autoescape knows HTML only: here `finalize` escapes whatever a template puts out.
    environment = _environment(
        autoescape=False,
        finalize=lambda value: value if isinstance(value, Verbatim) else escape_markdown(value),
    )
    environment.filters.update(fenced=_fenced, rows=_rows)
    return environment


def html_environment() -> Environment:
    """Return the environment of HTML templates: what they put out is escaped, unless it is `Markup`."""
    environment = _environment(autoescape=True)
    environment.filters["data_uri"] = _data_uri
    return environment


def _environment(**options: Any) -> Environment:
    return Environment(
        loader=PackageLoader("sweep.report.pages"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **options,
    )


def _data_uri(picture: Picture) -> str:
    large = len(picture.svg) > max(_LARGEST_SVG, len(picture.png))
    kind, data = ("png", picture.png) if large else ("svg+xml", picture.svg)
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
