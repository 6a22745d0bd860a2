"""The parameters of the article's network, each said once: type, range, unit, default and meaning.

`NetworkSetting` is both: where the parameters are described, and the record of their values in one setting.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from sweep.terms.keys import Interval, Layers, Table, Width
from sweep.training.network.model import parameter_count
from sweep.training.network.target import Target
from sweep.training.parameter import parameter, parameters_of

ActivationName = Literal["relu", "tanh", "sigmoid", "identity"]


class NetworkSetting(Table):
    """One setting of the article's network, checked, or the description of its parameters."""

    function: str = parameter(
        table="target",
        meaning="the function to be learned, an expression in x",
        range='an expression in x, such as "x**2" or "sin(2*pi*x)"',
        words={
            "label": "target function",
            "one": "target function",
            "many": "target functions",
            "synonyms": ("expression", "formula"),
            "advice": 'Say what is to be learned, such as `function = "x**2"` under [target].',
        },
    )
    interval: Interval = parameter(
        (0.0, 1.0),
        table="target",
        unit="unit of x",
        meaning="where it is learned and checked",
        words={"synonyms": ("domain", "range")},
    )

    activation: ActivationName = parameter(
        "relu",
        table="network",
        meaning="what a hidden neuron does with its weighted sum",
        words={"one": "activation", "many": "activations"},
    )
    output: ActivationName = parameter(
        "identity",
        table="network",
        meaning="what the output neuron does with its weighted sum",
        words={"label": "output activation"},
    )
    hidden_layers: int = parameter(
        1,
        table="network",
        unit="layers",
        meaning="layers between input and output",
        words={
            "one": "number of hidden layers",
            "many": "numbers of hidden layers",
            "synonyms": ("depth",),
        },
        ge=1,
        le=100,
    )
    neurons: Width = parameter(
        10,
        table="network",
        unit="neurons",
        meaning="neurons in each hidden layer",
        words={
            "label": "neurons per hidden layer",
            "one": "number of neurons",
            "many": "numbers of neurons",
            "synonyms": ("width", "units", "hidden"),
        },
    )
    layers: Layers = parameter(
        (),
        table="network",
        unit="neurons",
        meaning="neurons of each hidden layer in turn; instead of `neurons` and `hidden_layers`",
        words={"label": "neurons, layer by layer"},
    )
    init_range: float = parameter(
        0.5,
        table="network",
        meaning="initial weights and biases are uniform on [-init_range, init_range]",
        words={"label": "range of initial parameters"},
        gt=0,
    )

    learning_rate: float = parameter(
        0.1,
        table="training",
        meaning="step of gradient descent: parameter -= learning_rate * gradient",
        words={
            "one": "learning rate",
            "many": "learning rates",
            "synonyms": ("lr", "eta", "rate", "step_size"),
        },
        gt=0,
    )
    epochs: int = parameter(
        1000,
        table="training",
        unit="updates",
        meaning="updates of the parameters",
        words={
            "one": "number of epochs",
            "many": "numbers of epochs",
            "synonyms": ("iterations", "steps", "updates"),
        },
        ge=1,
        le=10_000_000,
    )
    batch_size: int = parameter(
        10,
        table="training",
        unit="samples",
        meaning="fresh samples of each update",
        words={"one": "batch size", "many": "batch sizes", "synonyms": ("samples", "minibatch")},
        ge=1,
        le=100_000,
    )
    batch_rule: Literal["mean", "printed"] = parameter(
        "mean",
        table="training",
        meaning="`mean`: the mean gradient of batch_size samples; `printed`: as the article's program, "
        "the sum over batch_size + 1 samples, divided by batch_size",
    )
    gradient: Literal["backprop", "numerical"] = parameter(
        "backprop",
        table="training",
        meaning="exact, by backpropagation, or by forward differences as in the article",
    )
    difference_step: float = parameter(
        1e-4,
        table="training",
        meaning="step of the forward difference of the numerical gradient",
        words={"synonyms": ("delta",)},
        gt=0,
    )
    check_points: int = parameter(
        11,
        table="training",
        unit="points",
        meaning="equispaced points of the interval; final_loss is the sum of ½(y − f)² over them",
        words={"synonyms": ("points",)},
        ge=2,
        le=100_000,
    )
    precision: Literal["float64", "float32"] = parameter(
        "float64",
        table="training",
        added_later=True,
        meaning="of all arithmetic: float32 takes about half the time, and has about 7 digits instead of 16; "
        "only with backprop",
    )

    networks: int = parameter(
        1,
        table="rounds",
        unit="networks",
        added_later=True,
        meaning="networks of a run that train side by side, each with random numbers of its own; "
        "the one with the smallest loss counts",
        ge=1,
        le=1000,
    )
    round_epochs: int = parameter(
        0,
        table="rounds",
        unit="updates",
        added_later=True,
        meaning="after so many updates, each time, all networks of a run go on from the best of them; 0: never",
        ge=0,
        le=10_000_000,
    )

    @staticmethod
    def of(values: Mapping[str, Any]) -> "NetworkSetting":
        """Return the record of a setting whose values are checked; what it is silent about has its default."""
        return NetworkSetting.model_construct(None, **values)

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Neurons per layer, input and output included."""
        return (1, *hidden_sizes(self.hidden_layers, self.neurons, self.layers), 1)

    @property
    def n_parameters(self) -> int:
        """The number of weights and biases."""
        return parameter_count(self.layer_sizes)

    @property
    def samples_per_epoch(self) -> int:
        """How many samples an update sees: M, or M + 1 by the printed program's rule."""
        return self.batch_size + 1 if self.batch_rule == "printed" else self.batch_size

    @cached_property
    def target(self) -> Target:
        """What is learned. Raises `TargetError`."""
        return Target(self.function, self.interval)


def hidden_sizes(hidden_layers: int, neurons: int, layers: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sizes of the hidden layers: `layers` if there are any, else `neurons`, `hidden_layers` times.

    >>> hidden_sizes(2, 10, ()), hidden_sizes(1, 10, (5, 3))
    ((10, 10), (5, 3))
    """
    return layers or (neurons,) * hidden_layers


PARAMETERS = parameters_of(NetworkSetting)
"""By name, in canonical order."""
