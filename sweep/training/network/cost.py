"""What a training of the article's network costs, in seconds on one core of the machine that the constants are from.

The model counts what an epoch does in each kernel of the engine, and the random numbers of each replicate, which the
trainings that share them pay for once. `sweep.training.network.machine` tells how much longer another machine takes.
The constants are by `tests/benchmarks/cost.py`, which compares them with trainings of many shapes, in CPU time: all of
those it met within a third.
"""

from dataclasses import dataclass
from itertools import accumulate, pairwise

from sweep.training.kind import Cost
from sweep.training.network.fused import is_wide
from sweep.training.network.setting import NetworkSetting

OVERHEAD_SECONDS = 0.7e-3
"""Of a batch: sending it to a worker, making its arrays and storing its results."""
NETWORK_SECONDS = 2e-6
"""Of a network beside its epochs: its arrays, and what is recorded of it."""
STREAM_SECONDS = 30e-6
"""Of a network's two streams of random numbers: making their generators."""
SAMPLE_SECONDS = 5e-9
"""Drawing a sample and evaluating the target."""
ROUND_SECONDS = 0.2e-3
"""Ending a round of a batch: finding the best networks and starting the trainer again."""
MOST_BYTES = 32 * 2**20
"""Of the parameters of a batch."""

LEAST_BYTES = {"float64": 32, "float32": 24}
"""Of memory, for each parameter of each network: 33 to 63 and 24 to 40 were seen."""

LANES = {"float64": 8, "float32": 16}
"""How many networks the engine trains at once, by precision: fewer take as long. Wide ones are trained alone."""


@dataclass(frozen=True)
class _Kernel:
    """Seconds of an epoch by backpropagation: for a sample, for a parameter, and for a sample of a parameter."""

    per_sample: float
    per_parameter: float
    per_product: float


_SHALLOW = {"float64": _Kernel(0.7e-9, 0.25e-9, 0.127e-9), "float32": _Kernel(0.4e-9, 0.15e-9, 0.066e-9)}
_DEEP = {"float64": _Kernel(2.2e-9, 0.8e-9, 0.195e-9), "float32": _Kernel(1.1e-9, 0.4e-9, 0.098e-9)}
_WIDE = {"float64": _Kernel(0.0, 0.7e-9, 0.122e-9), "float32": _Kernel(0.0, 0.35e-9, 0.066e-9)}
_CURVED_SECONDS = {"float64": 0.8e-9, "float32": 0.28e-9}
"""Value and slope of tanh or the logistic function, for a sample and neuron."""


@dataclass(frozen=True)
class _Differences:
    """Seconds of an epoch by the numerical gradient, for each sample of each parameter.

    `per_move`, `per_product` for each that is computed anew when a parameter moves, and `per_value` for each value of
    tanh or the logistic function that is.
    """

    per_move: float
    per_product: float
    per_value: float


_SHALLOW_DIFFERENCES = _Differences(0.65e-9, 0.0275e-9, 2.4e-9)
_DEEP_DIFFERENCES = _Differences(2.9e-9, 0.1e-9, 0.85e-9)


def network_cost(setting: NetworkSetting) -> Cost:
    """Return the cost of trajectories of a setting, trained to its number of epochs.

    The networks of a trajectory that train side by side share the lanes with those of others.
    """
    networks, samples = setting.networks, setting.epochs * setting.samples_per_epoch
    is_alone = is_wide(setting.layer_sizes, setting.gradient)
    return Cost(
        per_trajectory=networks * (NETWORK_SECONDS + setting.epochs * _epoch_seconds(setting)),
        per_replicate=networks * (STREAM_SECONDS + samples * SAMPLE_SECONDS),
        per_batch=OVERHEAD_SECONDS + _n_rounds(setting) * ROUND_SECONDS,
        at_once=1.0 if is_alone else LANES[setting.precision] / networks,
        most=MOST_BYTES / (8 * setting.n_parameters * networks),
    )


def network_bytes(setting: NetworkSetting, n_trajectories: int) -> int:
    """Return how much memory it takes at least to train so many trajectories of a setting at once."""
    return n_trajectories * setting.networks * setting.n_parameters * LEAST_BYTES[setting.precision]


def _epoch_seconds(setting: NetworkSetting) -> float:
    """Return the seconds of an epoch of one network, in lanes that are all taken."""
    sizes, samples, parameters = setting.layer_sizes, setting.samples_per_epoch, setting.n_parameters
    is_shallow, is_curved = len(sizes) == 3, setting.activation in ("tanh", "sigmoid")
    if setting.gradient == "numerical":
        differences = _SHALLOW_DIFFERENCES if is_shallow else _DEEP_DIFFERENCES
        seconds = parameters * differences.per_move + _products_redone(sizes) * differences.per_product
        return samples * (seconds + is_curved * _values_redone(sizes) * differences.per_value)
    kernels = _WIDE if is_wide(sizes, setting.gradient) else _SHALLOW if is_shallow else _DEEP
    kernel = kernels[setting.precision]
    per_sample = kernel.per_sample + parameters * kernel.per_product
    curved = is_curved * sum(sizes[1:-1]) * _CURVED_SECONDS[setting.precision]
    return samples * (per_sample + curved) + parameters * kernel.per_parameter


def _products_redone(sizes: tuple[int, ...]) -> int:
    """Return how many products are computed anew when each parameter has moved once.

    These are the sum of its neuron and all layers behind it; with one hidden layer, all that goes into the output.

    >>> _products_redone((1, 2, 1)), _products_redone((1, 2, 2, 1))
    (14, 89)
    """
    parameters = [(before + 1) * to for before, to in pairwise(sizes)]
    if len(sizes) == 3:
        return sizes[1] * sum(parameters)
    behind = [sum(parameters) - so_far for so_far in accumulate(parameters)]
    return sum(n * (before + 1 + more) for n, before, more in zip(parameters, sizes, behind, strict=False))


def _values_redone(sizes: tuple[int, ...]) -> int:
    """Return how many hidden neurons' values are computed anew when each parameter has moved once.

    >>> _values_redone((1, 2, 1)), _values_redone((1, 2, 2, 1))
    (4, 18)
    """
    hidden = sizes[1:-1]
    return sum((b + 1) * to * (1 + sum(hidden[i + 1 :])) for i, (b, to) in enumerate(pairwise(sizes[:-1])))


def _n_rounds(setting: NetworkSetting) -> int:
    rounds = setting.epochs // setting.round_epochs if setting.round_epochs else 0
    return rounds if setting.networks > 1 else 0
