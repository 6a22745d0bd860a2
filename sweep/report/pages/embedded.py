"""Pictures as the HTML page holds them: of the file's SVG a copy that follows the page into the dark."""

import base64
import re
from functools import lru_cache

from sweep.report.look.style import FAINT_INK, GRID_COLOUR, INK, ON_COLOUR
from sweep.report.pages.pictures import Picture

LARGEST_SVG = 300_000
"""An SVG with more bytes is put into the page as PNG: four pictures stay below 2 MB together."""
BROAD = 480
"""Pixels: a picture of more is broader than a phone."""

_DARK_PAPER = "#15181c"
_IN_THE_DARK = {INK: "#e4e7eb", FAINT_INK: "#9aa3ae", GRID_COLOUR: "#333a42"}
"""What is neither black nor white nor a colour, and what it is in the dark."""
_LEAST_CONTRAST = 4.0
"""Of a line with the dark paper."""

_WIDTH = re.compile(rb'<svg [^>]*?width="([\d.]+)pt"')
_OUTLINE = re.compile(r' d="[^"]*"')
_NUMBER = re.compile(r"\d+\.\d{3,}")
_ROOT = re.compile(r"<svg [^>]*>")
_PATH_OF_PAPER = re.compile(r'(<g id="patch_\d+">\s*<path [^>]*style="[^"]*fill: )#ffffff')
_EDGE = re.compile(r"stroke: #(ffffff|000000)")
_LINE = re.compile(r'style="(?:fill: none; )?(?:stroke-[^;"]*; )*stroke: (#[0-9a-f]{6})')


def embedded(picture: Picture) -> str:
    """Return a picture as an address that holds it."""
    kind, data = ("png", picture.png) if _is_large(picture) else ("svg+xml", _adapted(picture.svg))
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def ground(picture: Picture) -> str:
    """Return what is behind a picture: "white" if it has a ground of its own, else ""."""
    return "white" if _is_large(picture) else ""


def width(picture: Picture) -> int:
    """Return how many pixels of a page a picture is broad."""
    found = _WIDTH.search(picture.svg)
    return round(float(found[1]) * 96 / 72) if found else 640


def is_broad(picture: Picture) -> bool:
    """Return whether a picture is broader than a phone."""
    return width(picture) > BROAD


def _is_large(picture: Picture) -> bool:
    return len(_adapted(picture.svg)) > max(LARGEST_SVG, len(picture.png))


@lru_cache(maxsize=32)
def _adapted(svg: bytes) -> bytes:
    """Return an SVG on a ground that is the page's, whose lines and letters change colours in the dark.

    Colours of squares stay, and so does what is written on them, in black or white: they have a meaning.
    """
    text = _OUTLINE.sub(lambda outline: _NUMBER.sub(_rounded, outline[0]), svg.decode())
    text = _PATH_OF_PAPER.sub(r"\1none", text)
    text = _EDGE.sub(r"stroke: var(--edge-\1)", text)
    neutral = {ON_COLOUR, "#ffffff", *_IN_THE_DARK}
    lines = sorted({colour for colour in _LINE.findall(text) if colour not in neutral})
    dark = {**_IN_THE_DARK, **{colour: _lighter(colour) for colour in lines}}
    for colour in dark:
        text = text.replace(f": {colour}", f": var(--{colour[1:]})")
    by_day = "".join(f"--{colour[1:]}:{colour};" for colour in dark)
    by_night = "".join(f"--{colour[1:]}:{other};" for colour, other in dark.items())
    edges = "--edge-ffffff:{};--edge-000000:{};"
    by_day += edges.format("#ffffff", "#000000")
    by_night += edges.format(_DARK_PAPER, "#ffffff")
    style = f"<style>:root{{{by_day}}}@media (prefers-color-scheme: dark){{:root{{{by_night}}}}}</style>"
    return _ROOT.sub(lambda found: found[0] + style, text, count=1).encode()


def _rounded(found: re.Match[str]) -> str:
    """Return a number of points with two digits: a hundredth of a point is not seen, and half of the page is such."""
    return f"{float(found[0]):.2f}"


def _lighter(colour: str) -> str:
    """Return a colour of lines for the dark: mixed with white until it stands out, the lighter the lighter it was."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    wanted = _LEAST_CONTRAST + 0.5 * _contrast(parts)
    for step in range(0, 100, 4):
        mixed = [part + (255 - part) * step / 100 for part in parts]
        if _contrast(mixed) >= wanted:
            break
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def _contrast(parts: "list[int] | list[float]") -> float:
    """Return the contrast of a colour with the dark paper (WCAG)."""
    paper = [int(_DARK_PAPER[i : i + 2], 16) for i in (1, 3, 5)]
    return (_luminance(parts) + 0.05) / (_luminance(paper) + 0.05)


def _luminance(parts: "list[int] | list[float]") -> float:
    shares = [part / 255 for part in parts]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
