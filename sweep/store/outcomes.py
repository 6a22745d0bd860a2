"""The tables of the database, and how outcomes become their rows and come back, bit for bit.

An outcome is a row of `outcomes`. What is kept beside it under a name is a row of the same id in a table of that name:
`kept_curves`, `kept_weights`, ..., which is created when it is first needed. A row that is not exactly as it was
written is `None` here, and never an outcome.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.store.rows import FLOATS, INTS, Columns, Row, Section, Table, Value, floats_of, ints_of, is_whole
from sweep.store.stored import CODE_NAME, CURVES_NAME, Part, Parts, Stored, parts_of
from sweep.terms.outcome import KEY, Curves, Outcome

OUTCOMES = Table(
    "outcomes",
    (
        "trajectories INTEGER",
        "seconds REAL",
        "kept TEXT",
        "keys BLOB",
        "replicates BLOB",
        "steps BLOB",
        "status BLOB",
        "ended_at BLOB",
        "metrics TEXT",
        "metric_values BLOB",
        "reasons TEXT",
    ),
)
KEPT = "kept_"
"""With it begin the names of the tables of what is kept."""
KEPT_COLUMNS = ("trajectories INTEGER", "arrays TEXT", "content BLOB")
"""Of such a table: of any number of arrays their names, types and shapes, and all of their bytes."""
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]*")
_STEPS = "steps"
_JSON = "json"
_OF_NO_ROW = (ValueError, TypeError, AttributeError)
"""What a row raises that has the right CRC although it is damaged: one in four billion."""


def kept_table(name: str) -> Table:
    """Return the table of what is kept under a name.

    Raises ValueError unless the name is plain: lower-case letters, digits and underscores, a letter first. SQLite does
    not tell lower-case from upper-case names.
    """
    if not _PLAIN_NAME.fullmatch(name):
        rule = "a letter, then letters, digits and underscores, all lower-case"
        raise ValueError(f"what is kept beside results must have a plain name ({rule}), got {name!r}")
    return Table(f"{KEPT}{name}", KEPT_COLUMNS)


def columns_of(outcome: Outcome) -> Columns:
    """Return the columns of an outcome, in each table that it has a row in.

    Raises ValueError for extras that cannot be kept: by their names, or since they are not arrays of plain values.
    """
    for name in {CURVES_NAME, CODE_NAME} & outcome.extras.keys():
        raise ValueError(f"no extra may have the name {name!r}, which has a meaning of its own")
    parts = parts_of(outcome)
    columns = {OUTCOMES: _outcome_values(outcome, sorted(parts))}
    for name, part in parts.items():
        columns[kept_table(name)] = (len(outcome), *_pack(_arrays_of(name, part)))
    return columns


def _outcome_values(outcome: Outcome, kept: list[str]) -> tuple[Value, ...]:
    return (
        len(outcome),
        float(outcome.seconds),
        json.dumps(kept),
        outcome.keys.tobytes(),
        outcome.replicates.astype(INTS, copy=False).tobytes(),
        outcome.steps.astype(INTS, copy=False).tobytes(),
        outcome.status.tobytes(),
        outcome.ended_at.astype(INTS, copy=False).tobytes(),
        json.dumps(list(outcome.metrics)),
        b"".join(values.astype(FLOATS, copy=False).tobytes() for values in outcome.metrics.values()),
        json.dumps(_indices_by_reason(outcome.reasons)),
    )


def _indices_by_reason(reasons: Mapping[int, str]) -> dict[str, list[int]]:
    """Return where each reason holds: a traceback of a whole batch is stored once."""
    indices: dict[str, list[int]] = {}
    for index, reason in reasons.items():
        text = reason.encode("utf-8", "backslashreplace").decode("utf-8")  # such as can be printed
        indices.setdefault(text, []).append(int(index))
    return indices


def _arrays_of(name: str, part: Part) -> list[tuple[str, NDArray[Any]]]:
    if isinstance(part, Curves):
        return [(_STEPS, part.steps), *part.metrics.items()]
    if not isinstance(part, np.ndarray):
        return [(_JSON, np.frombuffer(json.dumps(dict(part)).encode(), dtype=np.uint8))]
    if part.dtype.hasobject or np.dtype(part.dtype.str) != part.dtype:
        raise ValueError(f"`extras[{name!r}]` must be an array of plain values, got {part.dtype}")
    return [(name, part)]


def _pack(arrays: list[tuple[str, NDArray[Any]]]) -> tuple[str, bytes]:
    """Return the arrays as a text that says what they are, and all of their bytes."""
    small_end_first = [
        (name, array.astype(array.dtype.newbyteorder("<"), copy=False)) for name, array in arrays
    ]
    described = [(name, array.dtype.str, array.shape) for name, array in small_end_first]
    return json.dumps(described), b"".join(array.tobytes() for _, array in small_end_first)


def _unpack(described: bytes, content: bytes) -> list[tuple[str, NDArray[Any]]]:
    arrays, start = [], 0
    for name, dtype, shape in json.loads(described):
        array: NDArray[Any] = np.ndarray(shape, np.dtype(dtype), content, start)
        arrays.append((name, array.astype(array.dtype.newbyteorder("="), copy=False)))
        start += array.nbytes
    return arrays


def _stored_of(row: Row) -> Stored | None:
    """Return what a row of `outcomes` says."""
    if not is_whole(OUTCOMES, row):
        return None
    _, n, seconds, kept, keys, replicates, steps, status, ended_at, names, values, reasons, _ = row
    try:
        outcome = Outcome(
            keys=np.frombuffer(keys, KEY),
            replicates=ints_of(replicates),
            steps=ints_of(steps),
            metrics=_metrics(_names(names), floats_of(values), (n, len(steps) // INTS.itemsize)),
            status=np.frombuffer(status, np.uint8),
            ended_at=ints_of(ended_at),
            seconds=seconds,
            reasons=_reasons(json.loads(reasons)),
        )
        return Stored(outcome, frozenset(_names(kept)))
    except _OF_NO_ROW:
        return None


@lru_cache(maxsize=64)
def _names(text: bytes) -> tuple[str, ...]:
    """Return a list of names; in most rows of a database they are the same."""
    return tuple(json.loads(text))


def _metrics(names: tuple[str, ...], values: NDArray[Any], shape: tuple[int, int]) -> dict[str, NDArray[Any]]:
    return dict(zip(names, values.reshape(len(names), *shape), strict=True))


def _reasons(indices: Mapping[str, list[int]]) -> dict[int, str]:
    return dict(sorted((index, reason) for reason, where in indices.items() for index in where))


def _parts_of(table: Table, row: Row) -> Parts | None:
    """Return what a row of a table of what is kept holds."""
    if not is_whole(table, row):
        return None
    _, n, described, content, _ = row
    name = table.name.removeprefix(KEPT)
    try:
        arrays = _unpack(described, content)
        if name == CODE_NAME:
            ((_, text),) = arrays
            return {name: json.loads(text.tobytes())}
        if name != CURVES_NAME:
            ((_, array),) = arrays
            return {name: array} if len(array) == n else None
        (_, steps), *metrics = arrays
        return {name: Curves(steps, dict(metrics))} if all(len(array) == n for _, array in metrics) else None
    except _OF_NO_ROW:
        return None


SECTION = Section(OUTCOMES, _stored_of, kept_table, _parts_of)
