"""Long texts made short, all of a list at once: whatever is cut, those that differ are still told apart."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from sweep.words import say

LONGEST = 28
"""Letters of a label."""

_ROW = re.compile(r"-?\d+(?:-\d+)+")


def shortened(texts: Sequence[str], longest: int = LONGEST) -> list[str]:
    """Return the texts with at most so many letters each, cut where that leaves them different; else whole.

    >>> shortened(["a short one", "sin(2*pi*x) + 0.5*cos(4*pi*x) + 0.1"])
    ['a short one', 'sin(2*pi*x) + 0.5*cos(4*pi*…']
    >>> shortened(["sin(2*pi*x) + 0.5*cos(4*pi*x) + 0.1", "sin(2*pi*x) + 0.5*cos(4*pi*x) + 0.2"])
    ['sin(2*pi*x) +…(4*pi*x) + 0.1', 'sin(2*pi*x) +…(4*pi*x) + 0.2']
    >>> shortened(["-".join(["10"] * 10), "-".join(["10"] * 11)])
    ['10-10-10-…-10 (10 numbers)', '10-10-10-…-10 (11 numbers)']
    """
    distinct = list(dict.fromkeys(texts))
    short = dict.fromkeys(distinct, "")
    left = [text for text in distinct if len(text) > longest]
    short.update((text, text) for text in distinct if len(text) <= longest)
    for cut in _CUTS:
        cut_now = {text: cut(text, left, longest) for text in left}
        counts = Counter([*short.values(), *cut_now.values()])
        short.update((text, cut) for text, cut in cut_now.items() if counts[cut] == 1)
        left = [text for text in left if not short[text]]
    return [short[text] for text in texts]


def _end(text: str, _others: Sequence[str], longest: int) -> str:
    return text[: longest - 1] + "…"


def _row(text: str, _others: Sequence[str], longest: int) -> str:
    """Return the beginning, the last and the number of a row of whole numbers; any other text without its end."""
    if not _ROW.fullmatch(text):
        return _end(text, _others, longest)
    first, last = text.split("-")[0], text.split("-")[-1]
    n = text.count("-") + 1
    tail = say("-…-{last} ({n} numbers)", last=last, n=n)
    beginning = text[: max(longest - len(tail), len(first))].rsplit("-", 1)[0]
    return beginning + tail


def _middle(text: str, _others: Sequence[str], longest: int) -> str:
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[half - longest + 1 :]}"


def _where_they_differ(text: str, others: Sequence[str], longest: int) -> str:
    """Return the part around the place where a text begins to differ from the others."""
    n_alike = next((i for i, letters in enumerate(zip(*others, strict=False)) if len(set(letters)) > 1), 0)
    start = max(0, n_alike - longest // 3)
    part = text[start : start + longest - 2]
    return f"{'…' if start else ''}{part}{'…' if start + len(part) < len(text) else ''}"


def _whole(text: str, _others: Sequence[str], _longest: int) -> str:
    return text


_CUTS: Sequence[Callable[[str, Sequence[str], int], str]] = (_row, _middle, _where_they_differ, _whole)
