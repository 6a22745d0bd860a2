"""The lists of config keys, as configs/README.md shows them, derived from the keys themselves."""

from collections.abc import Sequence

from sweep.config.schema import Schema
from sweep.terms.keys import Key
from sweep.terms.text import toml_text
from sweep.training.function.declared import FUNCTION_KEYS
from sweep.training.kind import Training

HEADINGS = ("key", "table", "type and range", "unit", "default", "meaning")
_TABLES = {"": "(top of the file)", "axis": "an axis in `[grid]`", "claim": "`[[claim]]`"}


def key_list(training: Training) -> list[tuple[str, str, str, str, str, str]]:
    """Return a row for every key of a config: key, table, type and range, unit, default, meaning."""
    return [_row(key) for keys in Schema(training).keys.values() for key in keys.values()]


def key_list_markdown(training: Training) -> str:
    """Return the rows as a Markdown table, without a line end behind it."""
    return _markdown(key_list(training))


def function_key_list_markdown() -> str:
    """Return the rows of [function], the table of a user's own function, in the same way."""
    return _markdown([_row(key) for key in FUNCTION_KEYS.values()])


def _markdown(rows: Sequence[tuple[str, ...]]) -> str:
    marked = [(f"`{key}`", *rest) for key, *rest in rows]
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *marked]
    return "\n".join(f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in lines)


def _row(key: Key) -> tuple[str, str, str, str, str, str]:
    table = _TABLES.get(key.table, f"`[{key.table}]`")
    return key.name, table, key.range, key.unit or "–", _default(key), key.meaning


def _default(key: Key) -> str:
    if key.default is None:
        return "–" if key.table == "axis" else "required"
    if key.default in ("", (), {}):
        return "none"
    return f"`{key.default:_}`" if key.type == "whole" else f"`{toml_text(key.default)}`"


def _escaped(cell: str) -> str:
    # Markdown reads a star outside of backticks as emphasis
    return cell.replace("*", "\\*") if "`" not in cell else cell
