"""Finds the line of every key and value of a TOML text, so that a mistake can be told with its place.

tomllib gives no positions, and neither do tomli, tomlkit and rtoml. The scan relies on tomllib having
accepted the text before: it knows how TOML is cut into pieces, and nothing of what is allowed.
"""

import re
import tomllib
from collections.abc import Iterator
from itertools import count

from sweep.errors import Mistake
from sweep.terms.text import toml_key

Place = tuple[str | int, ...]
"""The keys and list indices that lead to a value, such as `("grid", 0, "neurons", 3)`."""

_SPACE = re.compile(r"(?:[ \t\r\n,]+|#[^\n]*)*")  # a comma says no more than that an item has ended
_STRING = re.compile(
    r'''"""(?:\\.|[^\\])*?"""(?:"{0,2})'''
    r"""|'''.*?'''(?:'{0,2})"""
    r"""|"(?:\\.|[^"\\])*"|'[^']*'""",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")  # a number, a truth value, or a date (which may hold a blank)
_HEADER = re.compile(r"(\[\[?)[ \t]*")
_HEADER_END = re.compile(r"[ \t]*\]\]?")

LONGEST_KEY = 120
"""Of a key that is told."""


class Mistakes:
    """Collects the mistakes in one config, to tell them all at once; of a text that is None they have no lines."""

    def __init__(self, text: str | None) -> None:
        self._text = text
        self._found: list[tuple[Place, str]] = []
        self._origins: dict[Place, Place] = {}

    def __len__(self) -> int:
        return len(self._found)

    def add(self, place: Place, message: str) -> None:
        """Note a mistake at a place. The message goes on from the name of its key: "must be ..."."""
        for length in range(len(place), 0, -1):
            if place[:length] in self._origins:
                place = self._origins[place[:length]] + place[length:]
                break
        self._found.append((place, message))

    def redirect(self, place: Place, origin: Place) -> None:
        """Let mistakes at a place be told at another one, where its value was written."""
        self._origins[place] = origin

    def in_order(self) -> list[Mistake]:
        """Return the mistakes by line; what is missing is told at the end of the file, where it can be written."""
        lines = find_lines(self._text) if self._found and self._text is not None else {}
        end = None if self._text is None else self._text.rstrip().count("\n") + 1
        once = dict.fromkeys(self._found)  # what is read in two forms is wrong twice, and told once
        mistakes = [Mistake(dotted(place), _line(place, lines) or end, message) for place, message in once]
        return sorted(mistakes, key=lambda mistake: mistake.line or 0)


def dotted(place: Place) -> str:
    """Return the dotted key of a place, without list indices: its line tells which of several is meant."""
    key = ".".join(toml_key(part) for part in place if isinstance(part, str))
    return key if len(key) <= LONGEST_KEY else f"{key[:LONGEST_KEY]} ..."


def _line(place: Place, lines: dict[Place, int]) -> int | None:
    """Return the line of the innermost part of the place that stands in the file."""
    ancestors = (place[:length] for length in range(len(place), 0, -1))
    return next((lines[ancestor] for ancestor in ancestors if ancestor in lines), None)


def find_lines(text: str) -> dict[Place, int]:
    """Return the line, from 1, on which each key and each list item of a valid TOML text stands first."""
    scan = _Scan(text)
    scan.document()
    return scan.lines


class _Scan:
    """One pass over the text, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: dict[Place, int] = {}
        self.position = 0
        self.line = 1
        self.newest: dict[Place, int] = {}  # the index of the last item of each [[list of tables]]

    def document(self) -> None:
        """Scan headers and `key = value` pairs to the end."""
        table: Place = ()
        while not self._at_end():
            if header := self._take(_HEADER):
                table = self._header(is_list="[[" in header)
            else:
                self._pair(table)

    def _at_end(self) -> bool:
        self._take(_SPACE)
        return self.position == len(self.text)

    def _header(self, *, is_list: bool) -> Place:
        *outer, last = self._keys()
        place: Place = ()
        for key in outer:
            place = self._into_newest(self._note((*place, key)))
        place = self._note((*place, last))
        if is_list:
            self.newest[place] = self.newest.get(place, -1) + 1
        self._take(_HEADER_END)
        return self._into_newest(place)

    def _into_newest(self, place: Place) -> Place:
        return self._note((*place, self.newest[place])) if place in self.newest else place

    def _pair(self, table: Place) -> None:
        for key in self._keys():
            table = self._note((*table, key))
        self._take(_EQUALS)
        self._value(table)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            quoted = self._take(_STRING)
            keys.append(tomllib.loads(f"key = {quoted}")["key"] if quoted else self._take(_BARE_KEY))
            if not self._take(_DOT):
                return keys

    def _value(self, place: Place) -> None:
        opening = self.text[self.position]
        if opening == "[":
            for index in self._items("]"):
                self._value(self._note((*place, index)))
        elif opening == "{":
            for _ in self._items("}"):
                self._pair(place)
        elif not self._take(_STRING):
            self._take(_BARE_VALUE)

    def _items(self, closing: str) -> Iterator[int]:
        """Stop at the start of each item between two brackets, and go on behind the closing one."""
        self.position += 1
        for index in count():
            self._take(_SPACE)
            if self.text[self.position] == closing:
                self.position += 1
                return
            yield index

    def _take(self, pattern: re.Pattern[str]) -> str:
        """Go on behind the pattern, if it stands here, and return what it was."""
        match = pattern.match(self.text, self.position)
        taken = match.group() if match else ""
        self.position += len(taken)
        self.line += taken.count("\n")
        return taken

    def _note(self, place: Place) -> Place:
        self.lines.setdefault(place, self.line)
        return place
