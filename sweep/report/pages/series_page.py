"""The page of several sweeps: a table of all their claims first, then a chapter for each sweep."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sweep.claims.sentences import OUTCOMES, assurance
from sweep.report.look.labels import list_words
from sweep.report.pages.alt_texts import described
from sweep.report.pages.content import ReportContent
from sweep.report.pages.findings import Finding, findings
from sweep.report.pages.introduction import heading_of, introduction_html
from sweep.report.pages.page_tables import PageTable, failures_table
from sweep.report.pages.pictures import Picture, pictures_of
from sweep.report.pages.report_page import Verbatim, html_environment, markdown_environment, paragraphs
from sweep.report.pages.summary import summary, together
from sweep.terms.text import harmless
from sweep.words import message, say, word

_QUICK = (
    message(
        "This is the quick form: fewer replicates and shorter studies, as each config says under [quick]."
    ),
    message("What it leaves undecided, the full form may decide."),
)


@dataclass(frozen=True)
class Chapter:
    """One sweep on the page; the names of its pictures begin with its own."""

    name: str
    title: str
    source: str
    note: list[str]
    summary: str
    findings: list[Finding]
    assurance: str
    pictures: list[Picture]
    failures: PageTable | None
    config: str

    @property
    def anchor(self) -> Verbatim:
        """What links to the chapter; it needs no escaping, which would be other letters in HTML."""
        return Verbatim(re.sub(r"[^\w.-]", "-", self.name))

    def other_source(self, finding: Finding) -> bool:
        """Tell whether a finding has a source of its own, beside the chapter's."""
        return bool(finding.source) and finding.source != self.source


@dataclass(frozen=True)
class SeriesPage:
    """The page in Markdown, and its pictures by file name, which it expects in `figures/`; and as one file of HTML."""

    markdown: str
    html: str
    figures: Mapping[str, bytes]


def make_chapter(name: str, content: ReportContent) -> Chapter:
    """Draw what the page shows of one sweep."""
    return Chapter(
        name=name,
        title=content.title,
        source=content.source,
        note=paragraphs(content.note),
        summary=together(
            summary(replace(content, is_quick=False))  # what the page says elsewhere
        ),
        findings=findings(content, f"{name}-claim"),
        assurance=assurance(content.verdicts, content.confidence) if content.verdicts else "",
        pictures=[
            replace(picture, name=f"{name}-{picture.name}", alt=described(picture, content))
            for picture in pictures_of(content)
        ],
        failures=failures_table(content),
        config=content.config_text.rstrip("\n"),
    )


def build_series(
    introduction: str, chapters: list[Chapter], is_quick: bool, versions: list[str]
) -> SeriesPage:
    """Write the page; `introduction` is Markdown, and its heading that of the page."""
    pictures = [picture for chapter in chapters for picture in _pictures(chapter) if picture.drawing]
    text = introduction.strip() or f"# {say('Findings')}"
    page = {
        "chapters": chapters,
        "is_quick": is_quick,
        "quick": together(say(sentence) for sentence in _QUICK),
        "counts": together(_counts(chapters)),
        "versions": list_words(versions),
    }
    as_markdown = markdown_environment().get_template("series.md.j2")
    as_html = html_environment().get_template("series.html.j2")
    return SeriesPage(
        harmless(as_markdown.render(page, introduction=Verbatim(text))),
        harmless(as_html.render(page, title=heading_of(text), introduction=introduction_html(text))),
        {f"{picture.name}.png": picture.png for picture in pictures},
    )


def _pictures(chapter: Chapter) -> list[Picture]:
    return [*(picture for finding in chapter.findings for picture in finding.pictures), *chapter.pictures]


def _counts(chapters: list[Chapter]) -> list[str]:
    """Return how many claims come to what, over all of their conditions, and what their sentences lead to."""
    every = [finding.outcome for chapter in chapters for finding in chapter.findings]
    if not every:
        return []
    said = [
        say("{n} {outcome}", n=every.count(outcome), outcome=say(text))
        for outcome, text in OUTCOMES.items()
        if outcome in every
    ]
    alike = any(word("alike") in finding.verdict for chapter in chapters for finding in chapter.findings)
    return [
        say("{n} claims: {outcomes}.", n=len(every), outcomes=list_words(said)),
        *([say("Alike counts as refuted here.")] if alike else []),
        say(
            "Each sentence leads to its grounds: the share of replicates that speak for it, with its interval, "
            "under every condition."
        ),
    ]
