"""The configs of the sweeps that are measured: the articles' case, x² on [0, 3] and 10 neurons by the printed rule."""

ARTICLE = {
    "target": {"function": "x**2", "interval": [0, 3]},
    "network": {"activation": "relu", "init_range": 0.5},
    "training": {"batch_size": 10, "batch_rule": "printed"},
}
HUNDRED_LEARNING_RATES = {"log": [0.001, 0.1], "num": 100}
"""Hardly a training diverges at these, which would make the rest of it free."""


def article(**grid):
    """Return the articles' case over the axes of a grid."""
    network = {field: value for field, value in ARTICLE["network"].items() if field not in grid}
    return ARTICLE | {"network": network, "grid": {"neurons": 10} | grid}


def over_init_range(n_init_ranges, replicates, epochs=1000, n_learning_rates=100):
    """Return the articles' case over learning rates, init ranges and replicates."""
    return article(
        learning_rate=HUNDRED_LEARNING_RATES | {"num": n_learning_rates},
        init_range={"linear": [0.1, 1.0], "num": n_init_ranges},
        epochs=epochs,
        replicates=replicates,
    )
