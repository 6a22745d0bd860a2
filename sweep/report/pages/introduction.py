"""What stands at the top of the page of a series: the Markdown of its author, as HTML.

Headings, paragraphs, lists, bold and slanted words, code and links are what an introduction has; whatever else there
is, such as a table, is shown as it was written. No text of it is taken for HTML.
"""

import re

from markupsafe import Markup, escape

_FENCED = re.compile(r"^(`{3,}|~{3,})[^\n]*\n(.*?)^\1[`~]*[ \t]*$", re.MULTILINE | re.DOTALL)
_ALONE = re.compile(r"^#{1,6}\s.*$", re.MULTILINE)
_LIST_AFTER_WORDS = re.compile(r"^(?![-*+]\s|\s).+\n(?=[-*+]\s)", re.MULTILINE)
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
_ITEM = re.compile(r"^(?:[-*+]|\d+[.)])\s+", re.MULTILINE)
_AS_WRITTEN = re.compile(r"\||>|\t| {4}|<")
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<strong>.+?)\*\*|\*(?P<em>[^*\s][^*]*)\*|\[(?P<text>[^\]]+)\]\((?P<to>[^)\s]+)\)|\\(?P<mark>[^\w\s])"
)


def heading_of(markdown: str) -> str:
    r"""Return the first heading of a text, "" if it has none.

    >>> heading_of("# My *series*\n\nIt begins so.")
    'My series'
    """
    found = _ALONE.search(markdown)
    heading = _HEADING.fullmatch(found[0].strip()) if found else None
    return _inline(heading[2]).striptags() if heading else ""


def introduction_html(markdown: str) -> Markup:
    r"""Return an introduction as HTML.

    >>> introduction_html("# Title\n\nSome *slanted* & [linked](https://example.org) words.")
    Markup('<h1>Title</h1>\n<p>Some <em>slanted</em> &amp; <a href="https://example.org">linked</a> words.</p>')
    """
    parts, end = [], 0
    for found in _FENCED.finditer(markdown):
        parts += [*_blocks(markdown[end : found.start()]), _as_written(found[2])]
        end = found.end()
    return Markup("\n").join([*parts, *_blocks(markdown[end:])])


def _blocks(markdown: str) -> list[Markup]:
    apart = _ALONE.sub(r"\n\g<0>\n", _LIST_AFTER_WORDS.sub(r"\g<0>\n", markdown))
    return [_block(block.strip("\n")) for block in re.split(r"\n[ \t]*\n", apart) if block.strip()]


def _block(text: str) -> Markup:
    if heading := _HEADING.fullmatch(text.strip()):
        return _element(f"h{len(heading[1])}", _inline(heading[2]))
    if _ITEM.match(text):
        items = Markup("").join(_element("li", _inline(item.rstrip())) for item in _ITEM.split(text)[1:])
        return _element("ol" if text[0].isdigit() else "ul", items)
    return _as_written(text) if _AS_WRITTEN.match(text) else _element("p", _inline(text))


def _inline(text: str) -> Markup:
    """Return the words of a paragraph with their marks; of a link that leads to no other site, the words alone."""
    parts, end = [], 0
    for found in _INLINE.finditer(text):
        parts += [escape(text[end : found.start()]), _marked(found)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _marked(found: re.Match[str]) -> Markup:
    kind = found.lastgroup
    if kind == "code":
        return _element("code", escape(found["code"]))
    if kind in ("strong", "em"):
        return _element(kind, _inline(found[kind]))
    if kind == "mark":
        return escape(found["mark"])
    words = _inline(found["text"])
    is_elsewhere = found["to"].startswith(("https://", "http://"))
    return Markup('<a href="{}">{}</a>').format(found["to"], words) if is_elsewhere else words


def _as_written(text: str) -> Markup:
    return _element("pre", escape(text.rstrip("\n")))


def _element(name: str, content: Markup) -> Markup:
    return Markup(f"<{name}>") + content + Markup(f"</{name}>")
