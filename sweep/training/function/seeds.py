"""The seeds of replicates: the same for a replicate in every setting, so that comparisons are paired."""

from collections.abc import Sequence

import numpy as np


def seeds_of(seed: int, replicates: Sequence[int]) -> dict[int, int]:
    """Return the seed of each replicate, a whole number below 2³²: the first that `SeedSequence` gives.

    >>> seeds_of(0, [0, 1]) == seeds_of(0, [1, 0])
    True
    """
    return {
        replicate: int(np.random.SeedSequence(seed, spawn_key=(replicate,)).generate_state(1)[0])
        for replicate in dict.fromkeys(replicates)
    }
