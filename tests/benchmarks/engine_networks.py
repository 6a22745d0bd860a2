"""The engine on a task."""

from sweep.training.network.engine import train_engine


def trainer(task):
    return lambda: train_engine(task).losses
