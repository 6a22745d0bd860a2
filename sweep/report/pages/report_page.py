"""The two pages of a report: one content, two templates, and every text of a user escaped."""

import re
from dataclasses import replace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from sweep.claims.sentences import assurance
from sweep.report.explorer.fragment import explorer_fragment
from sweep.report.pages.alt_texts import described
from sweep.report.pages.answer import best_sentences, brief_verdicts, confidence, how_surely
from sweep.report.pages.cautions import warnings_of
from sweep.report.pages.content import Report, ReportContent
from sweep.report.pages.drawing import draw_together
from sweep.report.pages.embedded import embedded, ground, is_broad, width
from sweep.report.pages.findings import Finding, findings
from sweep.report.pages.page_tables import PageTable, best_table, failures_table, fixed_table, pivot_tables
from sweep.report.pages.pictures import Picture, pictures_of
from sweep.report.pages.provenance import made_here, made_table
from sweep.report.pages.summary import counting, size, together
from sweep.terms.text import harmless, one_line
from sweep.words import language, message, say, word

_WORDY = (message("verdict"), message("grounds"), message("why"), message("for example"))
"""Columns of words, which begin at the left."""

_CODE = re.compile(r"`([^`]+)`")

_BEGINS_A_BLOCK = re.compile(r"^(\d*)([-+.)])(?=\s|$|-+$)")
"""What would make a list or a rule of a paragraph: "- ", "1986. ", "---"."""


def build_report(content: ReportContent) -> Report:
    """Draw the figures of a sweep and write its pages; nothing is written to disk.

    The same content gives the same bytes.
    """
    pictures, found = pictures_of(content), findings(content)
    of_claims = [picture for finding in found for picture in finding.pictures]
    drawn = [replace(picture, alt=described(picture, content)) for picture in pictures if picture.drawing]
    page = {
        "title": content.title or say("Results of a sweep"),
        "source": content.source,
        "size": together(size(content)),
        "brief": brief_verdicts(content, found),
        "confidence": confidence(content),
        "best": best_sentences(content),
        "surely": how_surely(content),
        "warnings": warnings_of(content),
        "first": _first_map(found),
        "note": paragraphs(content.note),
        "maps": [picture for picture in drawn if not _is_of_lines(picture, content)],
        "findings": found,
        "assurance": assurance(content.verdicts, content.confidence) if found else "",
        "lines": [picture for picture in drawn if _is_of_lines(picture, content)],
        "best_table": best_table(content),
        "failures": failures_table(content),
        "pivots": pivot_tables(content),
        "made": made_table(content),
        "made_here": made_here(content),
        "counting": counting(content),
        "not_drawn": [picture.caption for picture in pictures if not picture.drawing],
        "medians": say("Median {metrics}", metrics=content.training.objective.many_words_in_full),
        "fixed": fixed_table(content),
        "config": content.config_text.rstrip("\n"),
        "explorer": explorer_fragment(
            content.explored, says_what_matters=not any(picture.name == "importance" for picture in drawn)
        ),
        "versions": [f"{name} {version}" for name, version in content.versions.items()],
    }
    draw_together([picture.drawing for picture in [*of_claims, *pictures] if picture.drawing])
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


def _first_map(found: list[Finding]) -> Picture | None:
    """Return the map of the first claim that has one, with that claim in its caption."""
    one = next((finding for finding in found if finding.map is not None), None)
    if one is None or one.map is None:
        return None
    caption = f"{one.map.caption[0].lower()}{one.map.caption[1:]}"
    return replace(one.map, caption=say("“{sentence}”: {caption}", sentence=one.sentence, caption=caption))


def _is_of_lines(picture: Picture, content: ReportContent) -> bool:
    """Tell whether a picture is of curves and functions, which come after the maps."""
    others = {"functions", "weights", content.training.display.against_name}
    return picture.name.partition("-")[0] == "curves" or picture.name in others


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
    return _BEGINS_A_BLOCK.sub(r"\1\\\2", _marked(one_line(str(text))))


def _marked(text: str) -> str:
    marked = re.sub(r"([\\`*_{}\[\]#|~$!^])", r"\\\1", text.replace("&", "&amp;"))
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
    wordy = {word(name) for name in _WORDY}
    lines.insert(1, [":--", *[":--" if name in wordy else "--:" for name in table.head[1:]]])
    return Verbatim("\n".join(f"| {' | '.join(line)} |" for line in lines))


def markdown_environment() -> Environment:
    """Return the environment of Markdown templates: what they put out is escaped, unless it is `Verbatim`."""
    # jinja's autoescape knows HTML only: here `finalize` escapes whatever a template puts out.
    environment = _environment(
        autoescape=False,
        finalize=lambda value: value if isinstance(value, Verbatim) else escape_markdown(value),
    )
    environment.filters.update(fenced=_fenced, rows=_rows, code=_code_in_markdown, verbatim=Verbatim)
    return environment


def html_environment() -> Environment:
    """Return the environment of HTML templates: what they put out is escaped, unless it is `Markup`."""
    environment = _environment(autoescape=True)
    environment.filters.update(
        data_uri=embedded, code=_code_in_html, width=width, is_broad=is_broad, ground=ground
    )
    return environment


def _environment(**options: Any) -> Environment:
    environment = Environment(
        loader=PackageLoader("sweep.report.pages"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **options,
    )
    environment.globals.update(say=say, word=word, language=language)
    return environment


def _code_in_html(text: str) -> Markup:
    """Write what stands between backticks as code, all else as it is."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if i % 2 else escape(part)
        for i, part in enumerate(_CODE.split(text))
    )


def _code_in_markdown(text: str) -> Verbatim:
    return Verbatim(
        "".join(f"`{part}`" if i % 2 else _marked(part) for i, part in enumerate(_CODE.split(text)))
    )
