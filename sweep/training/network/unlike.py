"""`unlike`: networks with nearly equal outputs have different weights. A form of claim that only networks have.

Two networks of the same layers whose hidden neurons stand in another order compute the same, so their weights are
compared in the order of the neurons that matches best.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from sweep.forms import Form, Found, Kept, Successes
from sweep.forms.form import AxisFinder
from sweep.forms.shared import share_key
from sweep.terms.arrays import Floats
from sweep.terms.keys import Key, Table, key, keys_of
from sweep.terms.metric import Metric
from sweep.training.network.model import Network, split_parameters
from sweep.training.network.setting import NetworkSetting

Layers = list[Floats]
"""For each layer but the input a matrix of a row per neuron: its incoming weights, and its bias at the end."""

MOST_SWEEPS = 20


class _Keys(Table):
    rms_difference: float = key(
        meaning="two networks have equal outputs if these differ by less", unit="unit of f", gt=0
    )
    distance: float = key(
        meaning="their weights differ if they are farther apart than this; about 1 is unrelated", gt=0
    )
    share: float = share_key()


@dataclass(frozen=True)
class Unlike(Form):
    """Networks with nearly equal outputs have different weights.

    Of two networks whose outputs differ by less than `rms_difference` (in the unit of the target), more than `share`
    have weights at a relative distance above `distance`, the hidden neurons brought into the best matching order. Each
    pair is of two replicates of a cell, and none is used twice.
    """

    name: ClassVar[str] = "unlike"
    meaning: ClassVar[str] = "networks of equal outputs have different weights"
    keys: ClassVar[Mapping[str, Key]] = keys_of(_Keys, "claim")
    at_the_end: ClassVar[bool] = True
    replicates_a_count: ClassVar[int] = 2
    needs: ClassVar[str] = "weights"
    needs_words: ClassVar[str] = "the trained networks"

    metric: Metric
    rms_difference: float
    distance: float
    share: float = 0.5
    axis: None = field(default=None, init=False)
    """Cells are judged by themselves."""

    @classmethod
    def resolve(cls, stated: Mapping[str, Any], metric: Metric, finder: AxisFinder) -> Self | None:  # noqa: ARG003 - the interface of all forms
        """Return the form; it asks nothing of the axes."""
        return cls(metric, stated["rms_difference"], stated["distance"], stated.get("share", 0.5))

    @property
    def bound(self) -> float:
        """The share itself."""
        return self.share

    def count_kept(self, kept: Kept) -> Successes:
        """Return which pairs have different weights, and which have equal outputs."""
        setting, n_pairs = NetworkSetting.of(kept.setting), kept.n // 2
        success, counted = np.zeros(n_pairs, dtype=bool), np.zeros(n_pairs, dtype=bool)
        outputs = checked_outputs(setting, kept)
        with np.errstate(invalid="ignore"):
            difference = np.sqrt(np.mean((outputs[0:-1:2] - outputs[1::2]) ** 2, axis=1))
        alike = np.flatnonzero(difference < self.rms_difference)
        counted[alike] = True
        for pair in alike.tolist():
            first, second = (layers_of(kept.arrays[2 * pair + k], setting.layer_sizes) for k in (0, 1))
            success[pair] = weight_distance(first, second) > self.distance
        return Successes(success, counted)

    def sentence(self, found: Found) -> str:
        """Return how many pairs had different weights."""
        apart = f"{found.percent} have weights farther apart than {self.distance:g}"
        return f"of {found.n:,} pairs with equal outputs, {apart}"

    def silence(self, found: Found) -> str:
        """Return why no pair speaks."""
        return f"no two of {found.replicates:,} networks have outputs as equal as that"


def checked_outputs(setting: NetworkSetting, kept: Kept) -> Floats:
    """Return the networks at the check points, (n, check_points); not finite for one that diverged or is not there."""
    x = setting.target.points(setting.check_points)
    outputs = np.full((2 * (kept.n // 2), len(x)), np.nan)
    for replicate in kept.arrays.keys() & set(range(len(outputs))):
        weights, biases = split_parameters(kept.arrays[replicate], setting.layer_sizes)
        outputs[replicate] = Network(weights, biases, setting.activation, setting.output)(x)
    return outputs


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
