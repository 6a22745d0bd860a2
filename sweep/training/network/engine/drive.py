"""A task goes through the kernel for its networks: the arrays laid out, the samples passed on chunk by chunk."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sweep.terms.arrays import Ints
from sweep.training.network.engine import wide
from sweep.training.network.engine.activations import ANY, CODES
from sweep.training.network.engine.epochs import (
    BACKPROPAGATION,
    DEEP,
    NUMERICAL,
    SHALLOW,
    Check,
    Chunk,
    Groups,
    make_train,
)
from sweep.training.network.engine.lanes import Reals, lanes_of
from sweep.training.network.engine.memory import aligned, in_tiles, make_scratch, make_shape
from sweep.training.network.fused import is_wide
from sweep.training.network.task import Task, Trained


def drive(task: Task) -> Trained:
    """Train all networks of the task.

    A training that leaves the finite numbers is NaN from there on: its losses from that epoch, its parameters and its
    outputs.
    """
    return train_alone(task) if is_wide(task.layer_sizes, task.gradient) else train_in_groups(task)


def train_in_groups(task: Task) -> Trained:
    """Train as many networks at a time as there are lanes."""
    groups, check = _groups_of(task), _check_of(task)
    depth = SHALLOW if len(task.layer_sizes) == 3 else DEEP
    method = NUMERICAL if task.gradient == "numerical" else BACKPROPAGATION
    activation, output = CODES[task.activation], CODES[task.output]
    train = make_train(depth, method, activation if depth == SHALLOW else ANY)
    shape = scratch = None
    for chunk in _chunks(task):
        if shape is None or scratch is None:
            shape = make_shape(task.layer_sizes, chunk.x.shape[1], activation, output)
            scratch = make_scratch(shape, task.check_points, task.precision)
        train(shape, groups, scratch, check, chunk, _in_precision(task, task.divisor))
    n = len(task.learning_rate)
    return _trained(
        task,
        groups.diverged_at.ravel()[:n].copy(),
        *(_by_training(values, n) for values in (groups.losses, groups.parameters, groups.outputs)),
    )


def train_alone(task: Task) -> Trained:
    """Train one network at a time."""
    check, n = _check_of(task), len(task.learning_rate)
    shape = space = singles = None
    for chunk in _chunks(task):
        if shape is None or space is None or singles is None:
            codes = CODES[task.activation], CODES[task.output]
            shape = wide.make_wide_shape(
                task.layer_sizes, chunk.x.shape[1], task.check_points, *codes, precision=task.precision
            )
            space = wide.make_space(shape, task.precision)
            parameters = aligned(n, int(shape.weights[-1]), precision=task.precision)
            for own, given in wide.counterparts(shape, parameters, _in_precision(task, task.initial)):
                own[...] = given
            singles = wide.Singles(
                parameters=parameters,
                learning_rate=_in_precision(task, task.learning_rate),
                streams=task.stream,
                losses=np.full((n, len(task.record_epochs)), np.nan, dtype=task.precision),
                outputs=np.full((n, task.check_points), np.nan, dtype=task.precision),
                diverged_at=np.zeros(n, dtype=np.int64),
            )
        wide.train_wide(shape, singles, space, check, chunk, _in_precision(task, task.divisor))
    assert shape is not None
    assert singles is not None
    trained = np.empty(task.initial.shape, dtype=task.precision)
    for own, given in wide.counterparts(shape, singles.parameters, trained):
        given[...] = own
    return _trained(task, singles.diverged_at, singles.losses, trained, singles.outputs)


def _chunks(task: Task) -> Iterator[Chunk]:
    """Yield the task's samples with the wanted values, as long as epochs are to be trained."""
    epoch, last = 0, int(task.record_epochs[-1])
    for chunk in task.samples:
        yield Chunk(_in_precision(task, chunk), _in_precision(task, task.target(chunk)), epoch)
        epoch += len(chunk)
        if epoch >= last:
            return
    raise ValueError(f"the samples end after {epoch} epochs, but {last} are to be trained")


def _groups_of(task: Task) -> Groups:
    n, n_lanes = len(task.learning_rate), lanes_of(task.precision)
    n_groups = -(-n // n_lanes)
    lanes = np.minimum(np.arange(n_groups * n_lanes), n - 1).reshape(n_groups, n_lanes)
    parameters = aligned(n_groups, task.initial.shape[1], n_lanes, precision=task.precision)
    parameters[:] = _in_precision(task, task.initial)[lanes].transpose(0, 2, 1)
    return Groups(
        parameters=parameters,
        learning_rate=_in_precision(task, task.learning_rate)[lanes],
        difference_step=_in_precision(task, task.difference_step)[lanes],
        streams=task.stream[lanes],
        losses=np.full((n_groups, len(task.record_epochs), n_lanes), np.nan, dtype=task.precision),
        outputs=np.full((n_groups, task.check_points, n_lanes), np.nan, dtype=task.precision),
        diverged_at=np.zeros((n_groups, n_lanes), dtype=np.int64),
    )


def _check_of(task: Task) -> Check:
    x = task.target.points(task.check_points)
    filled = np.minimum(np.arange(in_tiles(len(x))), len(x) - 1)
    f = task.target(x)
    return Check(_in_precision(task, x[filled]), _in_precision(task, f[filled]), len(x), task.record_epochs)


def _in_precision(task: Task, values: ArrayLike) -> Any:
    """Return numbers in the task's precision, C-contiguous: rounded to the nearest, beyond its range to ±inf."""
    with np.errstate(over="ignore"):
        return np.asarray(values, dtype=task.precision, order="C")[()]


def _trained(task: Task, diverged_at: Ints, losses: Reals, parameters: Reals, outputs: Reals) -> Trained:
    """Return the outcome, NaN where a training has left the finite numbers: in whatever company it went on."""
    diverged = diverged_at > 0
    losses[diverged[:, None] & (task.record_epochs >= diverged_at[:, None])] = np.nan
    parameters[diverged] = np.nan
    outputs[diverged] = np.nan
    return Trained(
        losses.astype(np.float64), diverged_at, parameters.astype(np.float64), outputs.astype(np.float64)
    )


def _by_training(values: Reals, n: int) -> Reals:
    """Return groups of shape (groups, k, lanes) as shape (n, k)."""
    return np.ascontiguousarray(values.transpose(0, 2, 1).reshape(-1, values.shape[1])[:n])
