"""The article's network by hand, in numpy: one input, a hidden layer of ReLU neurons, one output; x² on [0, 3].

The built-in network does the same some hundred times faster. This is here to be compared with it, and to be read.
"""

import numpy as np

LOW, HIGH = 0.0, 3.0
POINTS = np.linspace(LOW, HIGH, 11)  # where the loss is measured


def target(x):
    """Return what is to be learned."""
    return x**2


def start(random, neurons, init_range):
    """Return the parameters at the beginning, uniform on [-init_range, init_range]: w, b (hidden), v, c (output)."""
    w, b, v = random.uniform(-init_range, init_range, size=(3, neurons))
    return w, b, v, random.uniform(-init_range, init_range)


def train(learning_rate, neurons=10, batch_size=10, init_range=0.5, *, seed):
    """Yield the loss and the rms error after each update, for ever: whoever calls says when it is enough."""
    random = np.random.default_rng(seed)  # the same numbers in every setting of a replicate
    w, b, v, c = start(random, neurons, init_range)
    while True:
        # Forward: a row for each sample, a column for each neuron.
        x = random.uniform(LOW, HIGH, size=batch_size)
        hidden = np.maximum(x[:, None] * w + b, 0.0)
        y = (hidden * v).sum(axis=1) + c

        # Backward: the slopes of the mean of ½(y - f)² in y, and in the weighted sum of each hidden neuron.
        dy = (y - target(x))[:, None] / batch_size
        dz = dy * v * (hidden > 0)

        # Downhill.
        v = v - learning_rate * (dy * hidden).sum(axis=0)
        c = c - learning_rate * dy.sum()
        w = w - learning_rate * (dz * x[:, None]).sum(axis=0)
        b = b - learning_rate * dz.sum(axis=0)

        errors = (np.maximum(POINTS[:, None] * w + b, 0.0) * v).sum(axis=1) + c - target(POINTS)
        loss = 0.5 * (errors**2).sum()
        yield {"loss": loss, "rms_error": np.sqrt(2 * loss / len(POINTS))}
