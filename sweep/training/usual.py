"""What is trained where a config says nothing of it."""

from sweep.training.kind import Training
from sweep.training.network.kind import NetworkTraining


def usual_training() -> Training:
    """Return what is trained if nothing else is handed over: the article's network."""
    return NetworkTraining()
