"""The kinds of arrays that travel from stage to stage."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.int32]
"""Indices of values in a list of them, such as those of an axis."""
Statuses: TypeAlias = NDArray[np.uint8]
"""Values of `sweep.terms.outcome.Status`."""
Keys: TypeAlias = NDArray[np.void]
"""Identities of settings: 16 raw bytes each (dtype V16)."""
