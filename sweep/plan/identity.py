"""The identity of a setting: 16 bytes that stand for everything a trajectory's result depends on, but its replicate.

The key of a setting is the sum, modulo 2⁶⁴ in each of two halves, of one hash per parameter and value. A sum is the
same in any order, needs one hash per value of an axis instead of one per setting, and is computed for all settings at
once.
"""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweep.terms.arrays import Codes, Keys
from sweep.terms.values import Value, exactly
from sweep.training.kind import Merged, Training
from sweep.training.parameter import Parameter

Hashes: TypeAlias = NDArray[np.uint64]
"""Two halves of 64 bits along the last axis."""


def setting_keys(
    training: Training,
    codes: Mapping[str, Codes],
    levels: Mapping[str, Sequence[Value]],
    fixed: Mapping[str, Value],
    seed: int,
) -> Keys:
    """Return the keys of the settings, of shape (n_settings,) and dtype V16.

    Setting i has the value `levels[axis][codes[axis][i]]` in each axis of `codes`, and `fixed` in all other
    parameters. The steps are not part of a setting. Parameters that the training merges enter by what they come to.
    """
    n_settings = len(next(iter(codes.values()))) if codes else 1
    total = np.zeros((n_settings, 2), dtype=np.uint64)
    total += _hash("semantics", training.identity) + _hash("seed", str(seed))
    merged = {name for each in training.merged for name in each.parameters}
    for name, parameter in training.parameters.items():
        if name in merged or name == training.steps:
            continue
        if name in codes:
            total += _hashes(parameter, levels[name])[codes[name]]
        else:
            total += _value_hash(parameter, fixed[name])
    for each in (*training.merged, *training.marks):
        total += _merged_hashes(each, codes, levels, fixed)
    return np.ascontiguousarray(total).view("V16").reshape(n_settings)


def _merged_hashes(
    merged: Merged,
    codes: Mapping[str, Codes],
    levels: Mapping[str, Sequence[Value]],
    fixed: Mapping[str, Value],
) -> Hashes:
    """Return the hash of what merged parameters come to, for all settings: one hash a combination of their values."""
    columns = [levels[name] if name in codes else (fixed[name],) for name in merged.parameters]
    found = [_named_hash(merged.name, merged.value(*values)) for values in product(*columns)]
    table = np.array(found, dtype=np.uint64).reshape(*map(len, columns), 2)
    return np.asarray(table[tuple(codes.get(name, 0) for name in merged.parameters)])


def _hashes(parameter: Parameter, values: Sequence[Value]) -> Hashes:
    return np.array([_value_hash(parameter, value) for value in values], dtype=np.uint64)


def _value_hash(parameter: Parameter, value: Value) -> Hashes:
    """Return the hash of a value; 0, as if it were not there, for the default of a parameter that was added later."""
    is_silent = parameter.added_later and exactly(value) == exactly(parameter.default)
    return _named_hash(parameter.name, None if is_silent else value)


def _named_hash(name: str, value: Value | None) -> Hashes:
    if value is None:
        return np.zeros(2, dtype=np.uint64)
    # repr is exact for floats and tells 1 from 1.0; a config has made the type of each parameter's values uniform.
    return _hash(name, repr(value))


def _hash(name: str, text: str) -> Hashes:
    digest = hashlib.blake2b(f"{name}={text}".encode(), digest_size=16).digest()
    return np.frombuffer(digest, dtype="<u8").astype(np.uint64)
