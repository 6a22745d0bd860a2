"""The list of all config keys, as the README shows it, derived from the fields."""

from sweep.config.fields import KEYS, Field
from sweep.terms.text import toml_text

HEADINGS = ("key", "table", "type and range", "unit", "default", "meaning")
_TABLES = {"": "(top of the file)", "axis": "an axis in `[grid]`", "claim": "`[[claim]]`"}


def reference() -> list[tuple[str, str, str, str, str, str]]:
    """Return a row for every key of a config: key, table, type and range, unit, default, meaning."""
    return [_row(field) for keys in KEYS.values() for field in keys.values()]


def reference_markdown() -> str:
    """Return the rows as a Markdown table, without a line end behind it."""
    rows = [(f"`{key}`", *rest) for key, *rest in reference()]
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *rows]
    return "\n".join(f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in lines)


def _row(field: Field) -> tuple[str, str, str, str, str, str]:
    table = _TABLES.get(field.table, f"`[{field.table}]`")
    return field.name, table, field.range, field.unit or "–", _default(field), field.meaning


def _default(field: Field) -> str:
    if field.default is None:
        return "–" if field.table == "axis" else "required"
    if field.default in ("", (), {}):
        return "none"
    return f"`{field.default:_}`" if field.kind == "whole" else f"`{toml_text(field.default)}`"


def _escaped(cell: str) -> str:
    # Markdown reads a star outside of backticks as emphasis
    return cell.replace("*", "\\*") if "`" not in cell else cell
