"""Columns of a table that was made elsewhere → values, codes and numbers; whatever is wrong is noted with its row."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sweep.terms.arrays import Bools, Floats, Ints
from sweep.terms.text import count_of, nearest_word
from sweep.terms.values import Value

_KINDS: dict[str, type] = {
    "string": str,
    "empty": str,
    "boolean": bool,
    "integer": int,
    "floating": float,
    "mixed-integer-float": float,
    "decimal": float,
}
"""By what pandas infers of a column's values; dates and times become text, and all else is a mixture."""

_AS_TEXT = ("datetime64", "datetime", "date", "timedelta64", "timedelta", "time", "period", "interval")


@dataclass
class Told:
    """The mistakes in a call, a line each; all of them are told at once."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Note a mistake."""
        self.lines.append(line)

    def add_rows(self, rows: Bools, line: str) -> None:
        """Note a mistake in those rows that are marked, if any are: how many they are, and the first."""
        n = int(np.count_nonzero(rows))
        if n:
            where = f"frame.iloc[{int(rows.argmax())}]"
            self.add(f"{line} (in {where})" if n == 1 else f"{line} (in {n:_} rows, the first is {where})")


@dataclass(frozen=True, eq=False)
class Axis:
    """The values of a column, ascending, and for each row the index of its own: shape (n_rows,)."""

    kind: type
    levels: list[Value]
    codes: Ints


def check_columns(frame: pd.DataFrame, role: str, names: Iterable[object], told: Told) -> list[str]:
    """Return those names that are columns of the frame; what are none is noted."""
    known = [name for name in frame.columns if isinstance(name, str)]
    found = []
    for name in names:
        if not isinstance(name, str) or name not in known:
            near = nearest_word(name, known) if isinstance(name, str) else None
            hint = f"did you mean {near!r}?" if near else f"it has {', '.join(map(repr, known))}."
            told.add(f"`{role}` must name columns of the frame, got {name!r}; {hint}")
        elif known.count(name) > 1:
            told.add(f"`{role}` names {name!r}, which {known.count(name)} columns of the frame are called.")
        else:
            found.append(name)
    return found


def read_axis(frame: pd.DataFrame, name: str, told: Told) -> Axis | None:
    """Return the values of a column that may be text, numbers or true and false; None after a mistake."""
    before = len(told.lines)
    column = frame[name]
    told.add_rows(column.isna().to_numpy(), f"{name!r} has no value")
    kind = _kind(column)
    if kind is None:
        kinds = "must be all text, all numbers or all true and false"
        told.add(
            f"{name!r} {kinds}, got {_kinds_in(column)}: make it text, by `frame[{name!r}].astype(str)`."
        )
    if kind is None or len(told.lines) > before:
        return None
    codes, levels = pd.factorize(_uniform(column, kind), sort=True)
    if kind is float:
        told.add_rows(~np.isfinite(np.asarray(levels, dtype=float))[codes], f"{name!r} must be finite")
    values = [kind(level) for level in levels.tolist()]
    return Axis(kind, values, codes.astype(np.int64)) if len(told.lines) == before else None


def read_numbers(frame: pd.DataFrame, name: str, told: Told) -> Floats | None:
    """Return a column of numbers, NaN where there is none; None after a mistake."""
    column = frame[name]
    numbers = pd.to_numeric(column.astype(object) if column.dtype.name == "category" else column, "coerce")
    if np.iscomplexobj(numbers) or _kind(column) is None or column.dtype.kind in "mM":
        told.add(f"{name!r} must hold numbers, got {_kinds_in(column)}.")
        return None
    found = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.isnan(found) & column.notna().to_numpy()
    if wrong.any():
        got = str(column.iloc[int(wrong.argmax())])
        told.add_rows(wrong, f"{name!r} must hold numbers, got {got!r}")
        return None
    return found


def read_epochs(frame: pd.DataFrame, name: str, told: Told) -> Ints | None:
    """Return a column of whole numbers from 0 on; None after a mistake."""
    found = read_numbers(frame, name, told)
    if found is None:
        return None
    wrong = ~((found >= 0) & (found == np.floor(found)) & (found < 2**53))
    told.add_rows(wrong, f"{name!r} must hold whole numbers from 0 on")
    return None if wrong.any() else found.astype(np.int64)


def _kind(column: "pd.Series[Any]") -> type | None:
    """Return the type of a column's values; None for a mixture, or for what is no value of an axis."""
    inferred = _inferred(column)
    return str if inferred in _AS_TEXT else _KINDS.get(inferred)


def _inferred(column: "pd.Series[Any]") -> str:
    values = column.cat.categories if column.dtype.name == "category" else column
    return pd.api.types.infer_dtype(values, skipna=True)


def _uniform(column: "pd.Series[Any]", kind: type) -> Any:
    """Return the column with all values of one type, so that they can be sorted; nothing is missing in it."""
    plain = column.astype(column.cat.categories.dtype) if column.dtype.name == "category" else column
    if kind is str:
        return plain.astype(str).astype(object)
    if kind is float:
        return plain.to_numpy(dtype=np.float64) + 0.0  # -0.0 becomes 0.0: equal values shall be one
    return plain.to_numpy(dtype=bool) if kind is bool else plain.astype(object).infer_objects().to_numpy()


def _kinds_in(column: "pd.Series[Any]") -> str:
    """Return what a column holds, in words, with an example of each."""
    examples = {type(value).__name__: value for value in column.dropna().iloc[:1000:-1].tolist()}
    examples |= {type(value).__name__: value for value in column.dropna().iloc[1000::-1].tolist()}
    return " and ".join(f"{name} ({value!r})" for name, value in sorted(examples.items())) or count_of(
        0, "value"
    )
