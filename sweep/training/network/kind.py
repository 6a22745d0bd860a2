"""The article's network as a kind of training: what it takes and gives, and its one call."""

from sweep.terms.keys import Table, key, keys_of
from sweep.training.kind import Alternative, Display, Merged, Training
from sweep.training.network.metrics import METRICS
from sweep.training.network.setting import PARAMETERS, hidden_sizes


class _Keeps(Table):
    curves: bool = key(
        True, meaning="keep the losses at about 50 epochs of each training, and what the network learned"
    )
    weights: bool = key(
        False,
        meaning="keep the weights and biases of each trained network; what is stored without them is trained again",
    )


class NetworkTraining(Training):
    """The network of the articles, trained by plain gradient descent."""

    name = "the article's network"
    version = "1"
    parameters = PARAMETERS
    metrics = METRICS
    steps = "epochs"
    varying = frozenset({"learning_rate", "init_range", "difference_step"})
    keeps = keys_of(_Keeps, "store")
    demanded = frozenset({"weights"})
    merged = (Merged("layers", ("hidden_layers", "neurons", "layers"), hidden_sizes),)
    alternatives = (
        Alternative(
            "layers",
            ("neurons", "hidden_layers"),
            "does not go with `layers`, which says the neurons of each layer. "
            "Describe every network of a config by `layers`, or none.",
        ),
    )
    checked_together = (("precision", "gradient"), ("function", "interval"))
    display = Display(
        upwards=("learning_rate",),
        colours=("round_epochs", "learning_rate"),
        panels=("function", "neurons"),
        against=("neurons", "hidden_layers"),
        against_name="neurons",
        problems=("function", "interval"),
    )
    figures = ("functions", "weights")
