"""How long this machine takes, against the one that the constants of the cost model are from: measured in 3 ms.

What is timed needs no compiler, so that a plan is told before anything was trained here: products of small matrices,
which numpy leaves to a library that uses what the processor has, as the engine's compiled code does. With AVX-512,
AVX2 and SSE alone they take 1, 1.25 and 3.0 times as long, and trainings 1, 1.03 to 1.5 and 2.3 to 2.8 times. Some
processors have a unit for matrices alone, which trainings have nothing of: so the machine counts as no faster than
it is at adding arrays.
"""

import time
from collections.abc import Callable
from functools import cache

import numpy as np

MATRICES_SECONDS, ARRAYS_SECONDS = 98e-6, 10.2e-6
"""Of 20 products and 10 sums, on the machine of the constants: an AMD EPYC with AVX-512."""
REPEATS = 15
"""The fastest counts: whatever else the machine does only takes time."""


@cache
def slowness() -> float:
    """Return how many times as long as `network_cost` says a training takes here."""
    matrix, array = np.ones((48, 48)), np.ones(1024)
    product, summed = np.empty_like(matrix), np.empty_like(array)

    def multiply() -> None:
        for _ in range(20):
            np.matmul(matrix, matrix, out=product)

    def add() -> None:
        for _ in range(10):
            np.add(array, array, out=summed)
            np.add(summed, array, out=summed)

    return max(_seconds(multiply) / MATRICES_SECONDS, _seconds(add) / ARRAYS_SECONDS)


def _seconds(work: Callable[[], None]) -> float:
    """Return what some work takes at the fastest."""
    took = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return min(took)
