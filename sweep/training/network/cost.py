"""What a training of the article's network costs, in seconds on one core.

The model counts the multiplications and additions of an epoch, and the random numbers of each replicate, which the
trainings that share them pay for once. The constants were measured with `tests/benchmarks/cost.py`, in float64.
"""

from sweep.training.kind import Cost
from sweep.training.network.setting import NetworkSetting

OVERHEAD_SECONDS = 1e-3
"""Of a batch: drawing the initial parameters, sending it to a worker and storing its results."""
MOST_BYTES = 32 * 2**20
"""Of the parameters of a batch."""

SHALLOW_SECONDS, DEEP_SECONDS = 0.12e-9, 0.21e-9
"""Forward and backward pass, for a sample and parameter; with one hidden layer, and with more."""
CURVED_SECONDS = 0.9e-9
"""Value and slope of tanh or the logistic function, for a sample and neuron."""
PERTURBED_SECONDS = 0.1e-9
"""Numerical gradient: for a sample, a perturbed parameter, and a parameter whose product is computed anew."""
SAMPLE_SECONDS = 20e-9
"""Drawing a sample and evaluating the target."""
ROUND_SECONDS = 0.2e-3
"""Ending a round of a batch: finding the best networks and starting the trainer again."""

LEAST_BYTES = {"float64": 32, "float32": 24}
"""Of memory, for each parameter of each network: 33 to 63 and 24 to 40 were seen."""

LANES = {"float64": 8, "float32": 16}
"""How many networks the engine trains at once, by precision: fewer take as long."""


def network_cost(setting: NetworkSetting) -> Cost:
    """Return the cost of trajectories of a setting, trained to its number of epochs.

    The networks of a trajectory that train side by side share the lanes with those of others.
    """
    lanes, networks, epochs = LANES[setting.precision], setting.networks, setting.epochs
    per_epoch = setting.samples_per_epoch * _sample_seconds(setting) * LANES["float64"] / lanes
    return Cost(
        per_trajectory=networks * epochs * per_epoch,
        per_replicate=networks * epochs * setting.samples_per_epoch * SAMPLE_SECONDS,
        per_batch=OVERHEAD_SECONDS + _n_rounds(setting) * ROUND_SECONDS,
        at_once=lanes / networks,
        most=MOST_BYTES / (8 * setting.n_parameters * networks),
    )


def network_bytes(setting: NetworkSetting, n_trajectories: int) -> int:
    """Return how much memory it takes at least to train so many trajectories of a setting at once."""
    return n_trajectories * setting.networks * setting.n_parameters * LEAST_BYTES[setting.precision]


def _sample_seconds(setting: NetworkSetting) -> float:
    """Return the seconds that one sample takes in one network."""
    parameters, neurons = setting.n_parameters, sum(setting.layer_sizes[1:-1])
    is_shallow = len(setting.layer_sizes) == 3
    curved = CURVED_SECONDS * neurons * (setting.activation in ("tanh", "sigmoid"))
    if setting.gradient == "numerical":
        # A perturbed parameter of a network with one hidden layer changes one neuron, and the sum in the output.
        redone = neurons if is_shallow else 0.5 * parameters
        return parameters * (redone * PERTURBED_SECONDS + curved / (neurons if is_shallow else 1))
    return parameters * (SHALLOW_SECONDS if is_shallow else DEEP_SECONDS) + curved


def _n_rounds(setting: NetworkSetting) -> int:
    rounds = setting.epochs // setting.round_epochs if setting.round_epochs else 0
    return rounds if setting.networks > 1 else 0
