"""Equal outputs, different weights: pairs of trained networks, compared by what they compute and by how.

Two networks of the same layers whose hidden neurons stand in another order compute the same, so their weights are
compared in the order of the neurons that matches best.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweep.claims.evidence import Evidence
from sweep.config.claim import Unlike
from sweep.plan import Plan
from sweep.terms.arrays import Floats
from sweep.training.network.model import parameter_count, split_parameters
from sweep.training.network.setting import NetworkSetting

Layers = list[Floats]
"""For each layer but the input a matrix of a row per neuron: its incoming weights, and its bias at the end."""

MOST_SWEEPS = 20


@dataclass(frozen=True, eq=False)
class Networks:
    """The trained networks of one cell.

    Attributes
    ----------
    layer_sizes
        Neurons per layer, input and output included.
    outputs
        Shape (n, check_points), by replicate: not finite for a network that diverged, failed or is not there.
    parameters
        Shape (n, number of parameters), in the order of `split_parameters`.
    n_missing
        How many of them are not there yet.
    """

    layer_sizes: tuple[int, ...]
    outputs: Floats
    parameters: Floats
    n_missing: int


def trained_networks(plan: Plan, setting: int, parameters: Mapping[int, Floats], n: int) -> Networks:
    """Return the first n replicates of a setting as networks, from the parameters of those that are there."""
    typed = NetworkSetting.of(plan.values(setting))
    sizes = typed.layer_sizes
    x = typed.target.points(typed.check_points)
    outputs, rows = np.full((n, len(x)), np.nan), np.full((n, parameter_count(sizes)), np.nan)
    for replicate in parameters.keys() & range(n):
        rows[replicate] = parameters[replicate]
        outputs[replicate] = plan.training.trained(plan.values(setting), {"weights": parameters[replicate]})(
            x
        )
    return Networks(sizes, outputs, rows, n - len(parameters.keys() & range(n)))


def evidence_of_networks(
    form: Unlike, cells: NDArray[np.int64], n: int, networks_of: Callable[[int, int], Networks]
) -> Evidence:
    """Return what the networks of cells, of shape (c, 1), say: a pair of replicates each, none of them used twice."""
    each = [_pairs(form, networks_of(int(cell), n), n // 2) for cell in cells[:, 0]]
    success, counted, complete = (np.stack(parts) for parts in zip(*each, strict=True))
    nothing = np.zeros((len(cells), 1), dtype=np.int64)
    return Evidence(success[:, None], counted[:, None], None, nothing, complete[:, None])


def _pairs(
    form: Unlike, networks: Networks, n_pairs: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], bool]:
    """Return which pairs have different weights, which have equal outputs, and whether all networks are there."""
    success, counted = np.zeros(n_pairs, dtype=bool), np.zeros(n_pairs, dtype=bool)
    one, other = networks.outputs[0:-1:2], networks.outputs[1::2]
    with np.errstate(invalid="ignore"):
        difference = np.sqrt(np.mean((one - other) ** 2, axis=1))
    alike = np.flatnonzero(difference < form.rms_difference)
    counted[alike] = True
    for pair in alike:
        first, second = (layers_of(networks.parameters[2 * pair + k], networks.layer_sizes) for k in (0, 1))
        success[pair] = weight_distance(first, second) > form.distance
    return success, counted, networks.n_missing == 0


def layers_of(parameters: Floats, layer_sizes: tuple[int, ...]) -> Layers:
    """Return the parameters of a network as a matrix for each layer."""
    weights, biases = split_parameters(parameters, layer_sizes)
    return [np.column_stack([w, b]) for w, b in zip(weights, biases, strict=True)]


def weight_distance(one: Layers, other: Layers) -> float:
    """Return how far apart the weights are: 0 for the same network, about 1 for unrelated ones.

    It is ‖a − b‖ / sqrt(‖a‖² + ‖b‖²), where the hidden neurons of the second network are brought into the order that
    makes it smallest: the assignment problem, exact for one hidden layer. For several it is solved layer by layer until
    nothing improves (Ainsworth et al. 2023), and gives an upper bound.
    """
    other = [layer.copy() for layer in other]
    distance = _distance(one, other)
    for _ in range(MOST_SWEEPS):
        for layer in range(len(other) - 1):
            _match(one, other, layer)
        before, distance = distance, _distance(one, other)
        if len(other) <= 2 or distance >= before:
            break
    return distance


def _match(one: Layers, other: Layers, layer: int) -> None:
    """Bring the neurons of a hidden layer into the order in which their weights, in and out, are nearest."""
    from scipy.optimize import (
        linear_sum_assignment,  # a quarter of a second that only these claims are to take
    )

    neurons = len(one[layer])
    alike = one[layer] @ other[layer].T + one[layer + 1][:, :neurons].T @ other[layer + 1][:, :neurons]
    _, order = linear_sum_assignment(alike, maximize=True)
    other[layer] = other[layer][order]
    other[layer + 1][:, :neurons] = other[layer + 1][:, order]


def _distance(one: Layers, other: Layers) -> float:
    apart = sum(float(np.sum((a - b) ** 2)) for a, b in zip(one, other, strict=True))
    size = sum(float(np.sum(a**2) + np.sum(b**2)) for a, b in zip(one, other, strict=True))
    return float(np.sqrt(apart / size)) if size else 0.0
