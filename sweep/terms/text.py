"""How values, keys and counts are written in messages to the user, and which word was probably meant."""

import difflib
import json
import math
import re
from collections.abc import Iterable, Sequence

LONGEST_SHOWN = 60

_OBEYED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)"
)
"""What a terminal obeys and a reader never sees: control characters but tabs and line ends, other line ends, marks that
turn the direction of what follows, and halves of a character, as in file names that are no UTF-8."""


def harmless(text: str) -> str:
    r"""Return a text in which what a terminal would obey is written out.

    >>> harmless("a title\x1b[31m\n")
    'a title\\x1b[31m\n'
    """
    return _OBEYED.sub(lambda sign: sign.group().encode("unicode_escape").decode(), text)


def visible(text: str) -> str:
    r"""Return a text on one line, in which all that is neither a sign nor a blank is written out.

    >>> visible("two\nlines")
    'two\\nlines'
    """
    return harmless(text).replace("\r", r"\r").replace("\n", r"\n").replace("\t", r"\t")


def one_line(text: str) -> str:
    r"""Return a text on one line, with single blanks.

    >>> one_line("a title\n  of two lines ")
    'a title of two lines'
    """
    return " ".join(text.split())


def toml_text(value: object) -> str:
    """Return a value as it is written in TOML, in one line, cut where it is long."""
    text = whole_toml_text(value, LONGEST_SHOWN)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 4] + " ..."


def whole_toml_text(value: object, most_items: int | None = None) -> str:
    """Return a value as it is written in TOML, however long; of a list so many items at most."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False)
        case int() if abs(value) >= 10**30:
            return hex(value)  # long decimal numbers are something that Python refuses to print
        case list() | tuple():
            # no more items than can be seen: a list may have a million
            return "[" + ", ".join(whole_toml_text(item, most_items) for item in value[:most_items]) + "]"
        case dict():
            items = (
                f"{toml_key(str(key))} = {whole_toml_text(item, most_items)}" for key, item in value.items()
            )
            return "{ " + ", ".join(items) + " }" if value else "{}"
    return str(value)


def toml_key(key: str) -> str:
    """Return a key as it is written in TOML."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml_text(key)


def code_list(words: Iterable[str], joint: str = "and") -> str:
    """Return one word or more as a list in prose, each in code quotes.

    >>> code_list(["log", "linear", "range"], "or")
    '`log`, `linear` or `range`'
    """
    *first, last = (f"`{word}`" for word in words)
    return f"{', '.join(first)} {joint} {last}" if first else last


def printable(text: str) -> str:
    r"""Return a text in one line that any terminal and any file takes: what cannot be shown becomes U+FFFD.

    >>> printable("caf\udce9\n")
    'caf\ufffd\ufffd'
    """
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def count_of(n: int, noun: str) -> str:
    """Return a count with its noun, such as "1 value" or "20_000 values"."""
    return f"{n:_} {noun}{'' if n == 1 else 's'}"


def whole_text(n: int) -> str:
    """Return a whole number with its thousands apart; of one that nobody can read, how large it is.

    >>> whole_text(10_000), whole_text(7**400)
    ('10_000', 'some 10**338')
    """
    return f"{n:_}" if abs(n) < 10**18 else f"some 10**{int(math.log10(n))}"


def times_text(times: int) -> str:
    """Return "twice", "3 times" and so on."""
    return "twice" if times == 2 else f"{times} times"


def percent_text(share: float) -> str:
    """Return a share in percent; only what is exactly so is called 0 % or 100 %.

    >>> percent_text(0.5), percent_text(0.025), percent_text(0.9996), percent_text(1.0), percent_text(1e-5)
    ('50 %', '2.5 %', '>99.9 %', '100 %', '<0.1 %')
    """
    percent = 100.0 * share
    if 0.0 < percent < 0.1:
        return "<0.1 %"
    if 99.9 < percent < 100.0:
        return ">99.9 %"
    if 10 <= percent <= 99:
        return f"{percent:.0f} %"
    return f"{percent:.3g} %" if percent > 99 else f"{percent:.2g} %"


def nearest_word(word: str, words: Iterable[str]) -> str | None:
    """Return the word that was probably meant, if there is one."""
    if len(word) > LONGEST_SHOWN:
        return None
    by_lower = {candidate.lower(): candidate for candidate in words}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None


def remedy(kind: str, found: object, choices: Sequence[str]) -> str:
    """Return what to do about a value that does not fit a field of that kind; "" if the range says it all."""
    match kind, found:
        case "text", bool() | int() | float():
            return f'Put it in quotes: "{toml_text(found)}".'
        case "whole", float() if math.isfinite(found) and found.is_integer() and abs(found) < 1e15:
            return f"Write {int(found)}, without a point."
        case (("whole" | "number" | "flag"), str()) if _is_number(found) or found in ("true", "false"):
            return "Remove the quotes."
        case "choice", str():
            meant = nearest_word(found, choices)
            return f"Did you mean {toml_text(meant)}?" if meant else ""
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
