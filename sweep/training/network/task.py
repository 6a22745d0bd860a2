"""What a batch trainer is given and what it gives back: arrays in, arrays out.

A `Task` is n trainings of networks of one shape. A trainer is a function from a task to a `Trained`; whatever it does
inside, the result of each training must not depend on the others in the task.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.terms.arrays import Floats, Ints
from sweep.training.network.target import Target


@dataclass(frozen=True, eq=False)
class Task:
    """n trainings, alike in everything but rates, initial parameters and samples.

    Attributes
    ----------
    layer_sizes
        Neurons per layer, input and output included.
    activation, output, gradient
        As in a config.
    target
        The function that is learned.
    divisor
        What the sum of an epoch's gradients is divided by.
    check_points
        Number of points that the loss is summed over.
    record_epochs
        Shape (k,), strictly rising from at least 1: after which epochs the loss is checked. The last ends the training.
    learning_rate, difference_step
        Shape (n,).
    initial
        Shape (n, n_parameters), in the order of `sweep.training.network.model.split_parameters`.
    samples
        Arrays of shape (epochs, samples per epoch, n_streams) that follow one another in time: inputs x, of at least
        as many epochs as are trained. Iterated over once.
    stream
        Shape (n,): which of the streams of samples each training uses.
    precision
        "float64", or "float32": then all of the above are rounded to it, and so are the wanted values (those of the
        inputs before they were rounded), and all arithmetic is done in it, the sum of the checked loss included.
    """

    layer_sizes: tuple[int, ...]
    activation: str
    output: str
    gradient: str
    target: Target
    divisor: float
    check_points: int
    record_epochs: Ints
    learning_rate: Floats
    difference_step: Floats
    initial: Floats
    samples: Iterable[Floats]
    stream: Ints
    precision: str = "float64"


@dataclass(frozen=True, eq=False)
class Trained:
    """The outcome of a task: float64, also where it was computed in float32.

    Attributes
    ----------
    losses
        Shape (n, k): the checked loss after each of `record_epochs`; inf or NaN beyond the finite numbers.
    diverged_at
        Shape (n,): first epoch after which a parameter was not finite, 0 if all stayed finite.
    parameters
        Shape (n, n_parameters), after the last epoch.
    outputs
        Shape (n, check_points): the networks at the check points after the last epoch.
    """

    losses: Floats
    diverged_at: Ints
    parameters: Floats
    outputs: Floats


Trainer = Callable[[Task], Trained]


def joined(parts: Sequence[Trained]) -> Trained:
    """Return the outcomes of several tasks as one, in their order."""
    if len(parts) == 1:
        return parts[0]
    return Trained(
        losses=np.concatenate([part.losses for part in parts]),
        diverged_at=np.concatenate([part.diverged_at for part in parts]),
        parameters=np.concatenate([part.parameters for part in parts]),
        outputs=np.concatenate([part.outputs for part in parts]),
    )
