"""What is trained: the interface of all kinds, and the kinds behind it.

`kind` is the interface, `parameter` what a training takes, `shown` what it can show of its insides; `checked` looks at
what it gives. `network` is the article's network.
"""

from sweep.training.kind import Training
from sweep.training.network.kind import NetworkTraining


def usual_training() -> Training:
    """Return what is trained if nothing else is handed over: the article's network."""
    return NetworkTraining()
