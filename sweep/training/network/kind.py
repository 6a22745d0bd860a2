"""The article's network as a kind of training: what it takes and gives, and its one call."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.errors import TargetError
from sweep.terms.arrays import Floats
from sweep.terms.keys import Table, key, keys_of
from sweep.terms.outcome import Outcome
from sweep.terms.values import Value
from sweep.training.batch import Batch
from sweep.training.kind import Alternative, Cost, Display, Merged, Training
from sweep.training.network.batch import train_batch
from sweep.training.network.cost import network_cost
from sweep.training.network.expression import compile_expression
from sweep.training.network.fused import is_wide
from sweep.training.network.kernels import Kind, was_right
from sweep.training.network.machine import slowness
from sweep.training.network.metrics import METRICS
from sweep.training.network.model import Network, split_parameters
from sweep.training.network.setting import PARAMETERS, NetworkSetting, hidden_sizes
from sweep.training.network.target import Target
from sweep.training.network.unlike import FORMER_KEYS, Unlike
from sweep.training.shown import Inside, Learned

SEMANTICS_VERSION = "1"
"""Raised whenever the same setting and replicate would give other numbers: stored results are then trained anew."""

FUSED_SEMANTICS_VERSION = "1"
"""The same for wide networks alone, whose arithmetic is fused: a mark that joins the version of all."""

LINE_POINTS = 301
"""Of a target that is drawn as a line."""
INSIDE_POINTS = 201
"""Of the function that one network has learned."""


class _Keeps(Table):
    curves: bool = key(
        True, meaning="keep the losses at about 50 epochs of each training, and what the network learned"
    )
    weights: bool = key(
        False,
        meaning="keep the weights and biases of each trained network; what is stored without them is trained again",
    )


def _fused_version(hidden_layers: int, neurons: int, layers: tuple[int, ...], gradient: str) -> str | None:
    """Return a mark for networks that are trained in fused arithmetic."""
    sizes = (1, *hidden_sizes(hidden_layers, neurons, layers), 1)
    return FUSED_SEMANTICS_VERSION if is_wide(sizes, gradient) else None


@dataclass(frozen=True)
class NetworkTraining(Training):
    """The network of the articles, trained by plain gradient descent."""

    name = "the article's network"
    version = SEMANTICS_VERSION
    parameters = PARAMETERS
    metrics = METRICS
    steps = "epochs"
    varying = frozenset({"learning_rate", "init_range", "difference_step"})
    keeps = keys_of(_Keeps, "store")
    demanded = frozenset({"weights"})
    merged = (Merged("layers", ("hidden_layers", "neurons", "layers"), hidden_sizes),)
    marks = (Merged("fused", ("hidden_layers", "neurons", "layers", "gradient"), _fused_version),)
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
    forms = (Unlike,)
    figures = ("functions", "weights")
    learned_from = "outputs"
    trained_from = "weights"

    @property
    def identity(self) -> str:
        """The version alone, as it was before there were other kinds: keys in old stores stay valid."""
        return self.version

    def check(self, values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with a target, and float32 with numerical gradients.

        There a loss changes by less, on a small step, than it is rounded.
        """
        match values:
            case {"precision": "float32", "gradient": "numerical"}:
                remedy = 'Use "float64", or the gradient "backprop".'
                yield "precision", f'"float32" does not go with `gradient` "numerical". {remedy}'
            case {"function": str(function), **others}:
                try:
                    compile_expression(function)
                    if isinstance(interval := others.get("interval"), tuple):
                        Target(function, (interval[0], interval[1]))
                except TargetError as error:
                    yield "function", f"cannot be used: {error}{'' if str(error).endswith('?') else '.'}"

    def idle(self, values: Mapping[str, tuple[Value, ...]]) -> Iterator[tuple[str, str]]:
        """Yield steps of differences that nobody takes, and rounds of networks that are alone, or never end."""
        if "backprop" in values["gradient"] and _is_stated("difference_step", values):
            yield "difference_step", 'with `gradient` "backprop"'
        if 1 in values["networks"] and _is_stated("round_epochs", values):
            yield "round_epochs", "with `networks` 1, since there is no other network to go on from"
        elif _is_stated("round_epochs", values):
            longest = max(count for count in values["epochs"] if isinstance(count, int))
            if all(
                isinstance(count, int) and (not count or count > longest) for count in values["round_epochs"]
            ):
                yield "round_epochs", f"within {longest:_} epochs"

    @property
    def packages(self) -> tuple[str, ...]:
        """What compiles and runs the engine."""
        return ("numpy", "numba", "llvmlite")

    def without_effect(self, values: Mapping[str, tuple[Value, ...]]) -> frozenset[str]:
        """Return the step of differences that nobody takes, rounds without others, and widths that `layers` says."""
        idle = {"difference_step"} if "numerical" not in values["gradient"] else set[str]()
        idle |= {"round_epochs"} if values["networks"] == (1,) else set()
        return frozenset(idle | ({"neurons", "hidden_layers"} if () not in values["layers"] else set()))

    def unknown(self, name: str, table: str) -> str:
        """Return what to write instead of a key that claims had before."""
        return FORMER_KEYS.get(name, "") if table == "claim" else ""

    def cost(self, setting: Mapping[str, Value]) -> Cost:
        """Return what a trajectory takes, trained to the setting's epochs."""
        return network_cost(NetworkSetting.of(setting))

    def slowness(self) -> float:
        """Return how many times as long as `cost` says it takes on this machine, measured in some milliseconds."""
        return slowness()

    def prepare(self, settings: Collection[Mapping[str, Value]], *, here: bool = True) -> None:
        """Have the code for these settings compiled and looked at, before several workers want it.

        What was compiled and right before, workers fetch and look at themselves.
        """
        kinds = {
            Kind.of(each.layer_sizes, each.gradient, each.activation, each.precision)
            for each in map(NetworkSetting.of, settings)
        }
        for kind in kinds if here else {kind for kind in kinds if not was_right(kind)}:
            from sweep.training.network.engine import trust

            trust(kind)

    def train(self, batch: Batch) -> Outcome:
        """Train a batch of networks, all at once."""
        return train_batch(batch)

    def trained(self, setting: Mapping[str, Value], kept: Mapping[str, NDArray[Any]]) -> Network | None:
        """Return the trained network, if the weights are those of a network of these layers."""
        typed, weights = NetworkSetting.of(setting), kept.get("weights")
        if weights is None or weights.shape != (typed.n_parameters,):
            return None
        return Network(*split_parameters(weights, typed.layer_sizes), typed.activation, typed.output)

    def learned(self, setting: Mapping[str, Value], kept: Mapping[str, NDArray[Any]]) -> Learned | None:
        """Return the functions that networks have learned, from their outputs at the check points."""
        outputs = kept.get("outputs")
        if outputs is None:
            return None
        target = NetworkSetting.of(setting).target
        x, line_x = target.points(outputs.shape[1]), target.points(LINE_POINTS)
        return Learned(x, target(x), outputs, line_x, target(line_x))

    def inside(self, setting: Mapping[str, Value], kept: Mapping[str, NDArray[Any]]) -> Inside | None:
        """Return the weights of one network, and the function that it has learned."""
        network, target = self.trained(setting, kept), NetworkSetting.of(setting).target
        if network is None:
            return None
        x = target.points(INSIDE_POINTS)
        output: Floats = np.asarray(network(x))
        return Inside(network.weights, x, target(x), output)


def _is_stated(name: str, values: Mapping[str, tuple[Value, ...]]) -> bool:
    """Tell whether a parameter has another value than its default, in any setting."""
    return values[name] != (PARAMETERS[name].default,)
