"""`unlike`: networks of equal outputs are as far apart as networks of unequal ones. A form that only networks have.

How far apart the weights of two networks are, whatever their neurons are called, says `matching`. A distance by itself
says little: there is no distance that unrelated networks have whatever the layers, the activation and the training. So
the distance of two networks of equal outputs is compared with that of two networks of unequal outputs of the same cell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np

from sweep.forms import Form, Found, Kept, Successes
from sweep.forms.form import AxisFinder
from sweep.forms.shared import share_key
from sweep.terms.arrays import Bools, Floats, Ints
from sweep.terms.keys import Key, Table, key, keys_of
from sweep.terms.metric import Metric
from sweep.training.network.activation import ACTIVATIONS
from sweep.training.network.matching import MATCHED_POINTS, layers_of, normal_form, sums, weight_distance
from sweep.training.network.setting import NetworkSetting
from sweep.training.network.target import Target
from sweep.words import say

LEARNED = 0.5
"""A network has learned if its rms error is below this share of the best constant's."""

THE_SAME = 1e-6
"""Networks at a smaller distance are the same but for rounding, and never count as far apart."""

NEARLY = 0.9

FORMER_KEYS = {
    "distance": "is not a key any more: networks of equal outputs are compared with those of unequal ones. "
    "Take it out; how nearly as far apart they must be says `nearly`, 0.9 if it is left out."
}
"""What is said of a key that the form had before; it reads on from the key's name."""


class _Keys(Table):
    rms_difference: float = key(
        meaning="two networks have equal outputs if these differ by less", unit="unit of f", gt=0
    )
    nearly: float = key(
        NEARLY,
        meaning="they are as far apart as two of unequal outputs if their distance is above this share of that",
        gt=0,
        le=1,
    )
    share: float = share_key()


@dataclass(frozen=True)
class Unlike(Form):
    """Networks of equal outputs are as far apart in their weights as networks of unequal outputs.

    Only networks that have learned are looked at: their rms error at the check points is below half of that of the
    best constant. They are taken in pairs in the order of the replicates, each once. The outputs of a pair are equal
    if they differ by less than `rms_difference` at the check points, root mean square. The first pair of equal outputs
    and the first of unequal ones make a *couple*, the second ones the next, and so on; a couple speaks for the claim if
    the distance of the one is more than `nearly` times the distance of the other. More than `share` of them must.

    Replicates are independent and of one distribution, and which pairs make a couple depends on outputs alone, so the
    couples are independent, and each speaks for the claim with the same probability. Further replicates make
    further couples, and leave those that there are as they are.
    """

    name: ClassVar[str] = "unlike"
    meaning: ClassVar[str] = "networks of equal outputs have weights as far apart as those of unequal outputs"
    keys: ClassVar[Mapping[str, Key]] = keys_of(_Keys, "claim")
    at_the_end: ClassVar[bool] = True
    replicates_a_count: ClassVar[int] = 4
    finds: ClassVar[str] = (
        "a setting where {share} of couples are as far apart, if each four replicates make one"
    )
    needs: ClassVar[str] = "weights"
    needs_words: ClassVar[str] = "the trained networks"

    metric: Metric
    rms_difference: float
    nearly: float = NEARLY
    share: float = 0.5
    axis: None = field(default=None, init=False)
    """Cells are judged by themselves."""

    @classmethod
    def resolve(cls, stated: Mapping[str, Any], metric: Metric, finder: AxisFinder) -> Self | None:  # noqa: ARG003 - the interface of all forms
        """Return the form; it asks nothing of the axes."""
        return cls(metric, stated["rms_difference"], stated.get("nearly", NEARLY), stated.get("share", 0.5))

    @property
    def bound(self) -> float:
        """The share itself."""
        return self.share

    def count_kept(self, kept: Kept) -> Successes:
        """Return the couples of the first n replicates, of shape (n // 2,) each.

        A couple stands at r // 2, where r is the replicate that completes it; so further ones change none.
        """
        setting, n_slots = NetworkSetting.of(kept.setting), kept.n // 2
        found = _Couples.of(setting, kept, self.rms_difference)
        success, counted = np.zeros(n_slots, dtype=bool), np.zeros(n_slots, dtype=bool)
        distances = np.array([[_apart(setting, kept, pair) for pair in couple] for couple in found.couples])
        equal, unequal = distances.reshape(-1, 2).T
        counted[found.slots] = True
        success[found.slots] = (equal > self.nearly * unequal) & (equal > THE_SAME)
        return Successes(
            success, counted, _note(found, equal, unequal) if len(equal) else self._why_none(found)
        )

    def sentence(self, found: Found) -> str:
        """Return in how many couples networks of equal outputs were as far apart, and how far."""
        said = say(
            "networks of equal outputs are as far apart as others in {share} of {n} couples",
            share=found.percent,
            n=found.n_words,
        )
        return f"{said} ({found.note})" if found.note else said

    def silence(self, found: Found) -> str:
        """Return why there is no couple."""
        return found.note if found.replicates and found.note else say("no results yet")

    def _why_none(self, found: "_Couples") -> str:
        if found.n_learned < 2:
            return say(
                "no two of {n} networks learned: an rms error below {limit}, half of the best constant's",
                n=f"{found.n_networks:,}",
                limit=f"{found.limit:.3g}",
            )
        places = {"n": f"{found.n_learned:,}", "limit": f"{self.rms_difference:g}"}
        if found.n_equal:
            return say(
                "of the {n} networks that learned no pair has outputs that differ by {limit} or more",
                **places,
            )
        return say(
            "of the {n} networks that learned no pair has outputs that differ by less than {limit}", **places
        )


@dataclass(frozen=True, eq=False)
class _Couples:
    """The couples among some networks, with what they were chosen from.

    Attributes
    ----------
    couples
        Shape (couples, 2, 2): the replicates of the two pairs, the one of equal outputs first.
    n_networks, n_learned, limit
        How many networks there are, how many of them have learned, and the rms error below which one has.
    n_equal
        How many pairs have equal outputs.
    """

    couples: Ints
    n_networks: int
    n_learned: int
    limit: float
    n_equal: int

    @staticmethod
    def of(setting: NetworkSetting, kept: Kept, rms_difference: float) -> "_Couples":
        """Return the couples that a walk through the replicates finds, first come, first served."""
        target = setting.target(setting.target.points(setting.check_points))
        limit = LEARNED * float(np.std(target))
        outputs = checked_outputs(setting, kept)
        learned = np.flatnonzero(_rms(outputs - target) < limit)
        pairs = learned[: 2 * (len(learned) // 2)].reshape(-1, 2)
        is_equal = _rms(outputs[pairs[:, 0]] - outputs[pairs[:, 1]]) < rms_difference
        return _Couples(_coupled(pairs, is_equal), kept.n, len(learned), limit, int(is_equal.sum()))

    @property
    def slots(self) -> Ints:
        """Shape (couples,): where each of them stands, by the last of its replicates."""
        return np.asarray(self.couples.max(axis=(1, 2), initial=0) // 2)


def _coupled(pairs: Ints, is_equal: Bools) -> Ints:
    """Return the first pair of equal outputs with the first of unequal ones, and so on: shape (couples, 2, 2)."""
    equal, unequal = pairs[is_equal], pairs[~is_equal]
    n = min(len(equal), len(unequal))
    return np.stack([equal[:n], unequal[:n]], axis=1)


def _note(found: _Couples, equal: Floats, unequal: Floats) -> str:
    return say(
        "median distance {equal} against {unequal}; {learned} of {n} networks learned",
        equal=f"{np.median(equal):.2g}",
        unequal=f"{np.median(unequal):.2g}",
        learned=f"{found.n_learned:,}",
        n=f"{found.n_networks:,}",
    )


def checked_outputs(setting: NetworkSetting, kept: Kept) -> Floats:
    """Return the networks at the check points, of shape (2 (n // 2), check_points): what is there at an even n.

    Not finite for one that diverged or is not there.
    """
    x = setting.target.points(setting.check_points)
    outputs = np.full((2 * (kept.n // 2), len(x)), np.nan)
    last = len(setting.layer_sizes) - 2
    for replicate in kept.arrays.keys() & set(range(len(outputs))):
        values = x[None, :]
        with np.errstate(all="ignore"):  # what diverged
            for number, layer in enumerate(layers_of(kept.arrays[replicate], setting.layer_sizes)):
                g = ACTIVATIONS[setting.output if number == last else setting.activation]
                values = g.of_array(sums(layer, values))
        outputs[replicate] = values[0]
    return outputs


def _rms(differences: Floats) -> Floats:
    with np.errstate(all="ignore"):  # of what diverged
        return np.asarray(np.sqrt(np.mean(differences**2, axis=1)))


def _apart(setting: NetworkSetting, kept: Kept, pair: Ints) -> float:
    one, other = (
        np.asarray(kept.arrays[replicate], dtype=np.float64).tobytes() for replicate in pair.tolist()
    )
    return _distance(one, other, setting.layer_sizes, setting.activation, setting.target)


@lru_cache(maxsize=4096)
def _distance(
    one: bytes, other: bytes, layer_sizes: tuple[int, ...], activation: str, target: Target
) -> float:
    """Return the distance of two networks; every look at a claim asks again for those of the looks before."""
    first, second = (
        normal_form(layers_of(np.frombuffer(each), layer_sizes), activation) for each in (one, other)
    )
    return weight_distance(first, second, activation, target.points(MATCHED_POINTS))
