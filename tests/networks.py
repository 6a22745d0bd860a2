"""Networks that are the same, though their weights are not."""

from itertools import pairwise

import numpy as np

from sweep.training.network.matching import SCALING, TURNING


def copy_of(layers, activation, chance):
    """Return the same network with its neurons in another order, turned where that is the same, and rescaled."""
    layers = [layer.copy() for layer in layers]
    for layer, following in pairwise(layers):
        n = len(layer)
        factor = chance.choice((-1.0, 1.0), n) if activation in TURNING else np.ones(n)
        if activation in SCALING:
            factor *= np.exp(chance.normal(size=n))
        if activation == "sigmoid":  # g(-z) = 1 - g(z)
            following[:, -1] += following[:, :-1] @ (factor < 0.0)
        order = chance.permutation(n)
        layer[:] = (layer * factor[:, None])[order]
        following[:, :-1] = (following[:, :-1] / factor)[:, order]
    return layers
