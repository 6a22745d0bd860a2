"""The training of `by_hand.py` for many runs in one call: every array has one axis more, the first, along the runs.

Where a training is little work, most of its time is Python's own. An array of runs shares that time among them all.
What is imported from beside this file is part of the code that results depend on, as this file is.
"""

import numpy as np
from by_hand import HIGH, LOW, POINTS, start, target  # the file beside this one

import sweep

CHUNK = 100  # so many updates have their samples drawn at once


@sweep.batched("learning_rate", "seed")  # these come as arrays of shape (n,), the others as single values
def train(learning_rate, neurons=10, batch_size=10, init_range=0.5, *, seed):
    """Yield the losses and the rms errors of all runs, of shape (n,), after each update."""
    # Each run has a generator of its own, so that what it gives does not depend on those beside it.
    randoms = [np.random.default_rng(one) for one in seed]
    starts = [start(random, neurons, init_range) for random in randoms]
    w, b, v, c = (np.array(parts) for parts in zip(*starts, strict=True))  # (n, neurons), but c: (n,)
    rate = learning_rate[:, None]
    while True:
        drawn = np.array([random.uniform(LOW, HIGH, size=(CHUNK, batch_size)) for random in randoms])
        for x in drawn.transpose(1, 0, 2):
            hidden = np.maximum(x[:, :, None] * w[:, None] + b[:, None], 0.0)  # (n, samples, neurons)
            y = (hidden * v[:, None]).sum(axis=2) + c[:, None]
            dy = (y - target(x))[:, :, None] / batch_size
            dz = dy * v[:, None] * (hidden > 0)

            v = v - rate * (dy * hidden).sum(axis=1)
            c = c - learning_rate * dy[:, :, 0].sum(axis=1)
            w = w - rate * (dz * x[:, :, None]).sum(axis=1)
            b = b - rate * dz.sum(axis=1)

            outputs = (np.maximum(POINTS[:, None] * w[:, None] + b[:, None], 0.0) * v[:, None]).sum(axis=2)
            loss = 0.5 * ((outputs + c[:, None] - target(POINTS)) ** 2).sum(axis=1)
            yield {"loss": loss, "rms_error": np.sqrt(2 * loss / len(POINTS))}
