"""One network trained in numpy by backpropagation, as a user would write it, in two ways.

That of a textbook, for any number of layers, and one for a single hidden layer, which is faster. Both are for ReLU and
return the losses after the recorded epochs; `x` and `f` have a row for each epoch, `check` holds the points of the
check and the target there. Nothing but numpy is imported, since `by_hand` starts with this in new processes.
"""

import numpy as np


def train_by_layers(weights, biases, rate, x, f, check, recorded):
    weights, biases = ([p.copy() for p in part] for part in (weights, biases))
    losses = []
    for epoch, (inputs, wanted) in enumerate(zip(x, f, strict=True), 1):
        values = _forward(weights, biases, inputs)
        delta = values[-1] - wanted[:, None]
        for layer in reversed(range(len(weights))):
            received = (delta @ weights[layer]) * (values[layer] > 0) if layer else None
            weights[layer] -= rate * (delta.T @ values[layer])
            biases[layer] -= rate * delta.sum(axis=0)
            delta = received
        if epoch in recorded:
            losses.append(0.5 * np.sum((_forward(weights, biases, check[0])[-1][:, 0] - check[1]) ** 2))
    return losses


def _forward(weights, biases, x):
    values = [x[:, None]]
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True), 1):
        z = values[-1] @ w.T + b
        values.append(np.maximum(z, 0) if layer < len(weights) else z)
    return values


def train_by_vectors(weights, biases, rate, x, f, check, recorded):
    w1, w2 = weights[0][:, 0].copy(), weights[1][0].copy()
    b1, b2 = biases[0].copy(), biases[1][0]
    losses = []
    for epoch, (inputs, wanted) in enumerate(zip(x, f, strict=True), 1):
        a = np.maximum(inputs[:, None] * w1 + b1, 0)
        delta = a @ w2 + (b2 - wanted)
        back = delta[:, None] * w2 * (a > 0)
        w2 -= rate * (delta @ a)
        b2 -= rate * delta.sum()
        w1 -= rate * (inputs @ back)
        b1 -= rate * back.sum(axis=0)
        if epoch in recorded:
            error = np.maximum(check[0][:, None] * w1 + b1, 0) @ w2 + (b2 - check[1])
            losses.append(0.5 * (error @ error))
    return losses
