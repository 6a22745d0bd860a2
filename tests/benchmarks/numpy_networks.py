"""A task trained in numpy: one network at a time, in two ways to write it, or all side by side."""

import numpy as np

from tests.benchmarks.single_networks import train_by_layers, train_by_vectors
from tests.benchmarks.tasks import check_of, singles
from tests.network.vectorised import train_vectorised


def by_layers(task):
    return _loop(task, train_by_layers)


def by_vectors(task):
    return _loop(task, train_by_vectors)


def _loop(task, train):
    networks, check, recorded = singles(task), check_of(task), set(task.record_epochs.tolist())
    return lambda: np.array([train(s.weights, s.biases, s.rate, s.x, s.f, check, recorded) for s in networks])


def side_by_side(task):
    """Train all networks together, in arrays whose last axis runs over them."""
    return lambda: train_vectorised(task).losses
