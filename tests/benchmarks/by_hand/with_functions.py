"""The sweep with this program, of a function: the one that the libraries call, or one that trains many at once.

python -m tests.benchmarks.by_hand.with_functions N_REPLICATES WAY
"""

import sys

import numpy as np

import sweep
from tests.benchmarks.by_hand import grid

AXES = {"learning_rate": grid.LEARNING_RATES, "neurons": grid.NEURONS, "epochs": grid.EPOCHS}


@sweep.batched("learning_rate", "replicate")
def final_losses(learning_rate, neurons, epochs, *, replicate):
    """Return the final losses of runs side by side, in arrays whose last axis runs over them."""
    drawn, x = _draw(neurons, epochs, replicate)
    w1, b1, w2 = (np.ascontiguousarray(part) for part in drawn[1:].reshape(neurons, 3, -1).swapaxes(0, 1))
    b2, rate = drawn[0], learning_rate / grid.BATCH_SIZE
    a = np.empty((grid.BATCH_SIZE + 1, *w1.shape))
    back = np.empty_like(a)
    for inputs, wanted in zip(x, x**2, strict=True):
        delta = _forward(inputs, w1, b1, w2, b2, a) - wanted
        np.multiply(delta[:, None], a > 0, out=back)
        step = rate * w2
        w2 = w2 - rate * np.einsum("sn,shn->hn", delta, a)
        b2 = b2 - rate * delta.sum(axis=0)
        w1 = w1 - step * np.einsum("sn,shn->hn", inputs, back)
        b1 = b1 - step * back.sum(axis=0)
    check = np.linspace(0, 3, grid.CHECK_POINTS)[:, None]
    error = _forward(check, w1, b1, w2, b2, np.empty((grid.CHECK_POINTS, *w1.shape))) - check**2
    return 0.5 * (error**2).sum(axis=0)


def _forward(inputs, w1, b1, w2, b2, a):
    """Return the outputs, of shape (samples, n); `a` receives what the hidden neurons give."""
    np.multiply(inputs[:, None], w1, out=a)
    a += b1
    np.maximum(a, 0, out=a)
    return np.einsum("shn,hn->sn", a, w2) + b2


def _draw(neurons, epochs, replicates):
    """Return initial parameters and samples of each run; what runs of a replicate share is drawn once."""
    different, which = np.unique(replicates, return_inverse=True)
    drawn = [grid.draw(neurons, epochs, int(replicate)) for replicate in different]
    initial, samples = (np.stack(arrays, axis=-1) for arrays in zip(*drawn, strict=True))
    return initial[..., which], samples[..., which]


def swept(function, n_replicates):
    """Sweep a function, with a report of the heatmap and no other figure: nobody by hand draws more."""
    return sweep.run(
        function,
        grid=AXES,
        replicates=n_replicates,
        metrics={"final_loss": "lower"},
        figures=["heatmap"],
        workers=grid.PROCESSES,
        results="results",
    )


WAYS = {"by_run": grid.final_loss, "batched": final_losses}

if __name__ == "__main__":
    found = swept(WAYS[sys.argv[2]], int(sys.argv[1]))
    found.runs.to_csv("runs.csv", index=False)
