"""How values, keys and advice are worded in the messages to the user. Nothing is decided here."""

import difflib
import json
import math
import re
from collections.abc import Iterable, Sequence

LONGEST_SHOWN = 60


def shown(value: object) -> str:
    """Return a value as it is written in TOML, in one line, cut where it is long."""
    text = _toml(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 4] + " ..."


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False)
        case int() if abs(value) >= 10**30:
            return hex(value)  # long decimal numbers are something that Python refuses to print
        case list() | tuple():
            # no more items than can be seen: a list may have a million
            return "[" + ", ".join(_toml(item) for item in value[:LONGEST_SHOWN]) + "]"
        case dict():
            items = (f"{shown_key(str(key))} = {_toml(item)}" for key, item in value.items())
            return "{ " + ", ".join(items) + " }" if value else "{}"
    return str(value)


def shown_key(key: str) -> str:
    """Return a key as it is written in TOML."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else shown(key)


def listed(words: Iterable[str], joint: str = "and") -> str:
    """Return one word or more as a list in prose, each in code quotes.

    >>> listed(["log", "linear", "range"], "or")
    '`log`, `linear` or `range`'
    """
    *first, last = (f"`{word}`" for word in words)
    return f"{', '.join(first)} {joint} {last}" if first else last


def counted(n: int, noun: str) -> str:
    """Return a count with its noun, such as "1 value" or "20_000 values"."""
    return f"{n:_} {noun}{'' if n == 1 else 's'}"


def repeated(times: int) -> str:
    """Return "twice", "3 times" and so on."""
    return "twice" if times == 2 else f"{times} times"


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the word that was probably meant, if there is one."""
    by_lower = {candidate.lower(): candidate for candidate in words}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None


def remedy(kind: str, found: object, choices: Sequence[str]) -> str:
    """Return what to do about a value that does not fit a field of that kind; "" if the range says it all."""
    match kind, found:
        case "text", bool() | int() | float():
            return f'Put it in quotes: "{shown(found)}".'
        case "whole", float() if math.isfinite(found) and found.is_integer() and abs(found) < 1e15:
            return f"Write {int(found)}, without a point."
        case (("whole" | "number" | "flag"), str()) if _is_number(found) or found in ("true", "false"):
            return "Remove the quotes."
        case "choice", str():
            meant = nearest(found, choices)
            return f"Did you mean {shown(meant)}?" if meant else ""
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
