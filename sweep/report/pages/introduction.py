"""What stands at the top of the page of a series: the Markdown of its author, as HTML.

No text of it is taken for HTML. The page is one file: a link that leads to no other site is its words alone, and a
picture what is said in its place.
"""

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_READER = MarkdownIt("commonmark", {"html": False}).enable("table")


def heading_of(markdown: str) -> str:
    r"""Return the first heading of a text, "" if it has none.

    >>> heading_of("# My *series*\n\nIt begins so.")
    'My series'
    """
    tokens = _READER.parse(markdown)
    headings = (tokens[i + 1] for i, token in enumerate(tokens) if token.type == "heading_open")
    return next(("".join(child.content for child in each.children or ()) for each in headings), "")


def introduction_html(markdown: str) -> Markup:
    r"""Return an introduction as HTML.

    >>> introduction_html("*Some* & [linked](https://example.org) words, [one](that.md) not.")
    Markup('<p><em>Some</em> &amp; <a href="https://example.org">linked</a> words, one not.</p>\n')
    """
    tokens = _READER.parse(markdown)
    for token in tokens:
        if token.children:
            token.children = list(_within_the_page(token.children))
    return Markup(_READER.renderer.render(tokens, _READER.options, {}))


def _within_the_page(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the parts of a paragraph, without links into a folder that the page may not be in, and pictures."""
    is_elsewhere = True
    for token in tokens:
        if token.type == "link_open":
            is_elsewhere = str(token.attrs["href"]).startswith(("https://", "http://"))
        if token.type == "image":
            yield Token("text", "", 0, content=token.content)
        elif is_elsewhere or not token.type.startswith("link_"):
            yield token
        if token.type == "link_close":
            is_elsewhere = True
