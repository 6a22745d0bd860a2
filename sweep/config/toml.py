"""Reading TOML: a file becomes a text, and a text a document of tables, or one line that says why not."""

import os
import re
import sys
import tomllib
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from typing import Any

from sweep.errors import ConfigError, Mistake
from sweep.terms.text import nearest_word, printable, toml_text

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

_TWICE = (
    "A key or table stands once; only [[grid]] and [[claim]] may come again, in double brackets each time."
)
_ADVICE = {
    "Invalid value": 'Text stands in quotes ("x**2"), a number has a digit before and after its point (0.1).',
    "Expected newline": "Each `key = value` has its own line; text stands in quotes, numbers end in a digit.",
    "this was there before": _TWICE,
    "Duplicate inline": _TWICE,
    "Unterminated string": "Close it with the quotes that opened it.",
    "Unclosed array": "Close it with `]`.",
    "Expected '=' after a key": 'A line is `key = value`, such as `function = "x**2"`.',
    "Invalid statement": 'A line is `key = value`, such as `function = "x**2"`, or a table such as [grid].',
}
"""What to do, by the beginning of the message."""


LARGEST_FILE = 2**20
"""In bytes."""

MOST_PARTS = 20
"""Of a dotted key. What tomllib keeps of one grows with the square of its parts: 2 GB of one of 20 000."""

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')"""
_LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*{_PART}(?:[ \t]*\.[ \t]*{_PART}){{{MOST_PARTS},}}[ \t]*[=\]]")


def read_text(path: Path) -> str:
    """Return the text of a config file, with or without a byte order mark.

    Raises `ConfigError` for a file that cannot be read, or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)  # a device may never end
    except (OSError, ValueError) as error:
        raise _refusal(str(path), None, _unreadable(path, error)) from None
    if len(content) > LARGEST_FILE:
        raise _refusal(str(path), None, f"is larger than {LARGEST_FILE // 2**20} MiB: this is no config.")
    if path.suffix == ".py":
        raise _refusal(str(path), None, _a_program(path))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = f"must be UTF-8 text, got the byte 0x{content[error.start]:02x}. Save the file as UTF-8."
        raise _refusal(str(path), line, message) from None


def read_document(text: str, path: str) -> dict[str, Any]:
    """Return the tables of a TOML text. Raises `ConfigError` at the first place where it is no TOML."""
    for number, content in enumerate(text.split("\n"), start=1):
        if content.count(".") >= MOST_PARTS and _LONG_KEY.search(content):
            message = f"has a key of more than {MOST_PARTS} parts: no table of a config is as deep."
            raise _refusal(path, number, message)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refusal(path, *_syntax(text, str(error))) from None
    except RecursionError:
        line = _line_at(text, _deepest(text))
        raise _refusal(path, line, "is nested too deeply to be a config. Write it flatter.") from None
    except ValueError:  # Python's limit to the digits of a whole number
        digits = re.search(rf"[\d_]{{{sys.get_int_max_str_digits()},}}", text)
        line = _line_at(text, digits.start() if digits else 0)
        raise _refusal(path, line, "has a number of thousands of digits. Write a smaller one.") from None


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _deepest(text: str) -> int:
    """Return the position of the bracket that is nested most deeply."""
    depth = accumulate(1 if sign in "[{" else -1 if sign in "]}" else 0 for sign in text)
    return max(enumerate(depth), key=itemgetter(1))[0]


def _refusal(path: str, line: int | None, message: str) -> ConfigError:
    return ConfigError(printable(path), [Mistake("", line, message)])


def _syntax(text: str, message: str) -> tuple[int, str]:
    """Return the line of tomllib's message, and the message in our words."""
    place = _PLACE.search(message)
    problem = re.sub(
        r"Cannot (declare|overwrite|mutate).*", "this was there before,", _PLACE.sub("", message)
    )
    advice = next((advice for start, advice in _ADVICE.items() if problem.startswith(start)), "")
    if place is None or place[1] is None:
        line, where = text.rstrip().count("\n") + 1, "at the end of the file"
    else:
        line = int(place[1])
        where = f"at column {place[2]} of {toml_text(text.split(chr(10))[line - 1])}"
    return line, f"is not valid TOML: {problem} {where}. {advice}".rstrip()


def _a_program(path: Path) -> str:
    call = f'`call = "{path.name}:train"` under [function]'
    return (
        f"is a Python file, no config: run it by `python {path}`, or name its function in a config, {call}."
    )


def _unreadable(path: Path, error: Exception) -> str:
    match error:
        case FileNotFoundError():
            meant = _neighbour(path)
            advice = f"did you mean `{meant}`?" if meant else f"`sweep init {path}` writes an example there."
            return f"there is no such file; {advice}"
        case IsADirectoryError():
            if (path / "config.toml").is_file():
                return "is a folder of results: name the config that they were made with."
            return "is a folder, expected a config file such as `configs/square.toml`."
        case PermissionError():
            return "may not be read by you. Change the permissions of the file."
    return f"cannot be read: {getattr(error, 'strerror', None) or error}."


def _neighbour(path: Path) -> Path | None:
    """Return the config file in the same folder that was probably meant."""
    try:
        names = [entry.name for entry in os.scandir(path.parent) if entry.name.endswith(".toml")]
    except OSError:
        return None
    meant = nearest_word(path.name, names)
    return path.parent / meant if meant else None
