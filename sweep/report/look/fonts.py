"""The fonts of figures: the one that comes with matplotlib, and beside it one for Japanese where there is one."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from matplotlib import font_manager

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
