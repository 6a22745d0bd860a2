"""What is trained: the interface of all kinds, and the kinds behind it.

`kind` is the interface, `parameter` what a training takes, `shown` what it can show of its insides; `checked` looks at
what it gives. `network` is the article's network.
"""

from collections.abc import Mapping
from typing import Any

from sweep.training.kind import Training
from sweep.training.network.kind import NetworkTraining


def training_of(document: Mapping[str, Any]) -> Training:  # noqa: ARG001
    """Return what a config, as a document of tables, trains: the article's network."""
    return NetworkTraining()
