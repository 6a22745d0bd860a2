"""No kernel is used before what it computes has been seen to be right, in each process anew.

Two small networks are trained by it for two epochs, and by the readable trainer: 1 to 20 ms. So code that was
kept on disk, and is not what its name says, trains nothing; nor does a compiler with a fault.
"""

from functools import cache
from threading import Lock
from typing import cast

import llvmlite
import numba
import numpy as np

from sweep.errors import EngineError
from sweep.terms.arrays import Floats
from sweep.training.network.engine.compiling import KERNELS
from sweep.training.network.engine.drive import train_alone, train_in_groups
from sweep.training.network.engine.kept_code import KeptCode
from sweep.training.network.engine.lanes import lanes_of
from sweep.training.network.kernels import Kind, note_right
from sweep.training.network.model import Network, join_parameters, parameter_count, split_parameters
from sweep.training.network.readable import Gradient, train_network
from sweep.training.network.target import Target
from sweep.training.network.task import Task

EPOCHS = 2
FARTHEST = {"float64": 1e-9, "float32": 1e-3}
"""So far numbers of about 1 may be from the readable trainer's: far more than rounding does in so few epochs."""

_only_one = Lock()


def trust(kind: Kind) -> None:
    """Have the kernel compiled, or fetched from where it is kept, and look at what it computes, once in a process.

    Raises an `EngineError` if it is wrong, also when it is compiled anew.
    """
    with _only_one:
        _trust(kind)


@cache
def _trust(kind: Kind) -> None:
    task = _small_task(kind)
    wanted = [_train_readably(task, n) for n in range(len(task.learning_rate))]
    if not _agrees(kind, task, wanted) and KeptCode.is_trusted:
        KeptCode.is_trusted = False
        for kernel in KERNELS:
            kernel.recompile()
    if not _agrees(kind, task, wanted):
        raise EngineError(
            f"what is compiled for {kind.activation} networks does not compute what it should on this machine, "
            f"numba {numba.__version__} and llvmlite {llvmlite.__version__}: nothing was trained. Another version of "
            "numba may do better, or another machine"
        )
    note_right(kind)


def _agrees(kind: Kind, task: Task, wanted: list[Floats]) -> bool:
    trained = (train_alone if kind.is_alone else train_in_groups)(task)
    found = np.hstack([trained.losses, trained.outputs, trained.parameters])
    return np.allclose(found, wanted, rtol=FARTHEST[kind.precision], atol=FARTHEST[kind.precision])


def _small_task(kind: Kind) -> Task:
    """Return two networks, in lanes of their own, with samples of their own: the sizes leave no loop out."""
    lanes = lanes_of(kind.precision)
    sizes = (1, 5, 4, 1) if kind.is_alone else (1, 5, 3, 1) if kind.is_deep else (1, 3, 1)
    samples = 3 * lanes + 2 if kind.is_alone else 5
    size = (2, parameter_count(sizes))
    return Task(
        layer_sizes=sizes,
        activation=kind.activation,
        output="identity",
        gradient=kind.gradient,
        target=Target("x*x", (0.0, 1.0)),
        divisor=float(samples),
        check_points=3,
        record_epochs=np.arange(1, EPOCHS + 1),
        learning_rate=np.array([0.2, 0.3]),
        difference_step=np.array([0.01, 0.02]),
        initial=np.cos(np.arange(np.prod(size))).reshape(size),
        samples=[np.linspace(0.0, 1.0, EPOCHS * samples * 2).reshape(EPOCHS, samples, 2)],
        stream=np.arange(2),
        precision=kind.precision,
    )


def _train_readably(task: Task, n: int) -> Floats:
    """Return the losses of one of a task's networks, its outputs and its parameters, as one array."""
    (samples,) = task.samples
    trained = train_network(
        Network(*split_parameters(task.initial[n], task.layer_sizes), task.activation, task.output),
        task.target,
        samples[:, :, n],
        learning_rate=task.learning_rate[n],
        gradient=cast(Gradient, task.gradient),
        difference_step=task.difference_step[n],
        divisor=task.divisor,
        check_points=task.check_points,
    )
    network = trained.network
    outputs = np.asarray(network(task.target.points(task.check_points)))
    return np.concatenate([trained.losses, outputs, join_parameters(network.weights, network.biases)])
