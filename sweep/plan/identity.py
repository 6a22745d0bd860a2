"""The identity of a setting: 16 bytes that stand for everything a trajectory's result depends on, but its replicate.

The key of a setting is the sum, modulo 2⁶⁴ in each of two halves, of one hash per field and value. A sum is the same in
any order, needs one hash per value of an axis instead of one per setting, and is computed for all settings at once.
"""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sweep.config.experiment import Value
from sweep.config.fields import FIELDS
from sweep.terms.arrays import Keys
from sweep.training.network import SEMANTICS_VERSION

SHAPE_FIELDS = ("hidden_layers", "neurons", "layers")
"""The fields that describe the layers: they enter the identity together, as the layers they come to."""


def setting_keys(
    codes: Mapping[str, NDArray[np.int32]],
    levels: Mapping[str, Sequence[Value]],
    fixed: Mapping[str, Value],
    seed: int,
) -> Keys:
    """Return the keys of the settings, of shape (n_settings,) and dtype V16.

    Setting i has the value `levels[field][codes[field][i]]` in each field of `codes`, and `fixed` in all others. Epochs
    are not part of a setting.
    """
    n_settings = len(next(iter(codes.values()))) if codes else 1
    total = np.zeros((n_settings, 2), dtype=np.uint64)
    total += _hash("semantics", SEMANTICS_VERSION) + _hash("seed", seed)
    for field, value in fixed.items():
        if field in SHAPE_FIELDS or field == "epochs":
            continue
        if field in codes:
            total += _hashes(field, levels[field])[codes[field]]
        else:
            total += _field_hash(field, value)
    total += _layers_hashes(codes, levels, fixed)
    return np.ascontiguousarray(total).view("V16").reshape(n_settings)


def hidden_sizes(layers: Value, hidden_layers: Value, neurons: Value) -> tuple[int, ...]:
    """Return the sizes of the hidden layers: `layers` if it is given, else `neurons`, `hidden_layers` times."""
    if isinstance(layers, tuple) and layers:
        return tuple(int(size) for size in layers)
    assert isinstance(hidden_layers, int)
    assert isinstance(neurons, int)
    return (neurons,) * hidden_layers


def _layers_hashes(
    codes: Mapping[str, NDArray[np.int32]], levels: Mapping[str, Sequence[Value]], fixed: Mapping[str, Value]
) -> NDArray[np.uint64]:
    """Return the hash of the hidden layers, for all settings; one hash per combination of the shape fields' values."""
    depths, widths, stacks = (levels[f] if f in codes else [fixed[f]] for f in SHAPE_FIELDS)
    table = np.array(
        [
            [[_hash("layers", hidden_sizes(stack, depth, width)) for stack in stacks] for width in widths]
            for depth in depths
        ]
    )
    where = tuple(codes.get(f, 0) for f in SHAPE_FIELDS)
    return np.asarray(table[where], dtype=np.uint64)


def _hashes(field: str, values: Sequence[Value]) -> NDArray[np.uint64]:
    return np.array([_field_hash(field, value) for value in values], dtype=np.uint64)


def _field_hash(field: str, value: Value) -> NDArray[np.uint64]:
    """Return the hash of a field's value; 0, as if it were not there, for the default of one that was added later."""
    if FIELDS[field].added_later and value == FIELDS[field].default:
        return np.zeros(2, dtype=np.uint64)
    return _hash(field, value)


def _hash(field: str, value: Value) -> NDArray[np.uint64]:
    # repr is exact for floats and tells 1 from 1.0; a config has made the type of each field's values uniform.
    digest = hashlib.blake2b(f"{field}={value!r}".encode(), digest_size=16).digest()
    return np.frombuffer(digest, dtype="<u8").astype(np.uint64)
