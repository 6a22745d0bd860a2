"""Looks: after how many replicates a claim is looked at, and how much of the allowed error each look spends.

Whoever looks again and again until a test decides errs more often than the test says. So each look has an error of its
own, and all of them together come to no more than the whole (alpha spending, Lan & DeMets 1983; the errors are added
up, so that it holds however the looks depend on each other). The first look has a half of it, the next a quarter, and
so on.

A verdict is that of the first look that decides. So it depends on the planned and the largest number of replicates, and
not on how often, or when, somebody asked.
"""

from itertools import takewhile


def looks(planned: int, most: int) -> tuple[int, ...]:
    """Return the numbers of replicates at which a claim is looked at: planned, twice as many and so on, and the most.

    >>> looks(32, 200)
    (32, 64, 128, 200)
    >>> looks(32, 32), looks(300, 200)
    ((32,), (300,))
    """
    doubled = takewhile(lambda n: n < most, (planned << k for k in range(64)))
    return (*doubled, max(most, planned))


def spending(error: float, n_looks: int) -> tuple[float, ...]:
    """Return the error of each look; they add up to the whole error.

    >>> spending(0.05, 1), spending(1.0, 3)
    ((0.05,), (0.5, 0.25, 0.25))
    """
    halves = tuple(error / 2 ** (k + 1) for k in range(n_looks - 1))
    return (*halves, error - sum(halves))
