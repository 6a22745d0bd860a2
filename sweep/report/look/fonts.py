"""The fonts of figures: the one that comes with matplotlib, and beside it one for Japanese where there is one."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties, get_font

from sweep.report.look.shortened import shortened
from sweep.terms.text import visible
from sweep.words import ENGLISH, language, speaking

PLAIN = "DejaVu Sans"
"""It comes with matplotlib: with any other a picture would differ between machines."""

JAPANESE = (
    "IPAexGothic",
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "Hiragino Sans",
    "Hiragino Kaku Gothic Pro",
    "Yu Gothic",
    "Meiryo",
    "TakaoPGothic",
    "IPAPGothic",
    "VL PGothic",
)
"""Those that are looked for, the first one first: the one that the extra `ja` installs, and those of systems."""

_NO_FONT = "no Japanese font is installed; `pip install 'sweep[ja]'` brings one"


def font_families() -> tuple[str, ...]:
    """Return the fonts: a sign comes from the first that has it, so that another one is for what the first lacks.

    Values and titles may be Japanese in whatever language a page speaks.
    """
    japanese = japanese_font()
    return (PLAIN,) if japanese is None else (PLAIN, japanese)


@contextmanager
def speaking_drawably() -> Iterator[None]:
    """Speak English while a figure is drawn if there is no font for the language: better than boxes."""
    with speaking(language() if can_draw(language()) else ENGLISH):
        yield


@contextmanager
def boxes_without_warnings() -> Iterator[None]:
    """Let matplotlib draw a box for a sign that no font has, without a warning for each: `what_lacks` tells of them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ |Matplotlib currently does not support ", UserWarning)
        yield


def what_lacks(language: str, texts: Iterable[str]) -> str:
    """Return what a person is told of fonts, a line: figures in a language with such texts are not as they should be.

    It is "" if there is a sign for everything.
    """
    if not can_draw(language):
        return f"figures are in English: {_NO_FONT}"
    lost = next((text for text in map(visible, texts) if not drawable(text)), "")
    if not lost:
        return ""
    why = "no font here has its signs" if japanese_font() else _NO_FONT
    return f"figures have boxes in place of {shortened([lost])[0]!r}: {why}"


def drawable(text: str) -> bool:
    """Whether the fonts have a sign for every character of the text (that of English has none for Japanese)."""
    fonts = [get_font(font_manager.findfont(FontProperties(family=[name]))) for name in font_families()]
    return all(any(font.get_char_index(ord(character)) for font in fonts) for character in text)


def can_draw(language: str) -> bool:
    """Tell whether there is a font that has the signs of a language."""
    return language == ENGLISH or japanese_font() is not None


@cache
def japanese_font() -> str | None:
    """Return the name of a font that has Japanese signs, None if there is none."""
    bundled = find_spec(
        "matplotlib_fontja"
    )  # found, and not imported: that would change matplotlib's settings
    if bundled is not None and bundled.origin is not None:
        path = Path(bundled.origin).parent / "fonts" / "ipaexg.ttf"
        if path.is_file():
            font_manager.fontManager.addfont(path)
    names = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in JAPANESE if name in names), None)
