"""A table of cells or a pivot as the text of a document: LaTeX or Markdown."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from sweep.report.look.labels import short_words
from sweep.report.pages.report_page import escape_markdown
from sweep.terms.text import visible

_LATEX = str.maketrans(
    {
        **{sign: rf"\{sign}" for sign in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "|": r"\textbar{}",  # these three are other signs in the usual encoding of fonts
        "<": r"\textless{}",
        ">": r"\textgreater{}",
    }
)


def latex(table: pd.DataFrame, axes: Sequence[str] = ()) -> str:
    """Return a table for a document in LaTeX with the package booktabs.

    Numbers have three digits, but for the values of `axes`; text is escaped.
    """
    plain = _worded(table, axes)
    styler = plain.style
    for place, column in enumerate(plain.columns):
        cells = (slice(None), [column])
        if pd.api.types.is_float_dtype(plain.iloc[:, place]):
            styler.format(_latex_number, subset=cells)
        else:
            styler.format(_latex_text, subset=cells)
    if _is_pivot(table):
        styler.format_index(_latex_text, axis=0)
    else:
        styler.hide(axis="index")
    styler.format_index(_latex_text, axis=1)
    columns = "l" * (plain.index.nlevels if _is_pivot(table) else 0) + "".join(
        "r" if one else "l" for one in _are_numeric(table)
    )
    text: str = styler.to_latex(hrules=True, column_format=columns, multirow_align="t")
    return text


def markdown(table: pd.DataFrame, axes: Sequence[str] = ()) -> str:
    """Return a table in Markdown as GitHub and others show it.

    Numbers have three digits, but for the values of `axes`; text is escaped.
    """
    plain, numeric = _worded(table, axes), _are_numeric(table)
    head = [_shown(column) for column in plain.columns]
    body = [[_number(value) for value in row] for row in plain.itertuples(index=False, name=None)]
    if _is_pivot(table):
        names = [str(name) for name in plain.index.names]
        names[-1] = f"{names[-1]} \\ {plain.columns.name}"
        head = [*names, *head]
        keys = plain.index if plain.index.nlevels > 1 else [(key,) for key in plain.index]
        body = [[*map(_shown, key), *row] for key, row in zip(keys, body, strict=True)]
        numeric = [False] * plain.index.nlevels + numeric
    rule = ["---:" if one else "---" for one in numeric]
    lines = [[escape_markdown(text) for text in row] for row in (head, *body)]
    return "".join(f"| {' | '.join(row)} |\n" for row in (lines[0], rule, *lines[1:]))


def _worded(table: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    """Return a table whose names are words; values of axes are text, with every digit, but for those of rows."""
    if _is_pivot(table):
        named = table.rename_axis(index=short_words, columns=short_words)
        return named.set_axis(
            pd.Index([_shown(column) for column in table.columns], name=named.columns.name), axis=1
        )
    texts = {axis: table[axis].map(_shown).astype(object) for axis in axes if axis in table}
    return table.assign(**texts).rename(columns=short_words)


def _are_numeric(table: pd.DataFrame) -> list[bool]:
    return [pd.api.types.is_numeric_dtype(table.iloc[:, place]) for place in range(table.shape[1])]


def _is_pivot(table: pd.DataFrame) -> bool:
    return table.index.names[0] is not None


def _shown(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).lower() if isinstance(value, bool) else visible(str(value))


def _number(value: Any) -> str:
    if not isinstance(value, float):
        return _shown(value)
    return "–" if math.isnan(value) else f"{value:.3g}"


def _latex_text(value: Any) -> str:
    return _shown(value).translate(_LATEX)


def _latex_number(value: Any) -> str:
    if math.isnan(value):
        return "--"
    if math.isinf(value):
        return r"$\infty$" if value > 0 else r"$-\infty$"
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    if not exponent:
        return mantissa if value >= 0 else f"${mantissa}$"
    return rf"${mantissa}\times10^{{{int(exponent)}}}$"
