"""The trainings that are compared, with all their random numbers drawn: each rival is given the same."""

from dataclasses import dataclass, replace

import numpy as np

from sweep.training.network.model import parameter_count, split_parameters
from sweep.training.network.target import Target
from sweep.training.network.task import Task

STREAMS = 32


def make_task(
    layer_sizes=(1, 10, 1),
    samples=11,
    n=512,
    epochs=1000,
    activation="relu",
    gradient="backprop",
    n_streams=STREAMS,
    every_update=False,
    precision="float64",
):
    """Return n trainings on x² whose losses are checked after the last epoch, or after every update.

    11 samples are the articles' case by the printed rule, which divides by 10. The learning rates are so small that
    nothing diverges: a rival cannot be blamed for what it does to infinities.
    """
    rng = np.random.default_rng(1)
    is_wide = max(layer_sizes) >= 100
    return Task(
        layer_sizes=layer_sizes,
        activation=activation,
        output="identity",
        gradient=gradient,
        target=Target("x*x", (0.0, 3.0)),
        divisor=samples - 1.0 if samples == 11 else float(samples),
        check_points=11,
        record_epochs=np.arange(1, epochs + 1) if every_update else np.array([epochs]),
        learning_rate=np.geomspace(1e-4, 1e-3 if is_wide else 1e-2, n),
        difference_step=np.full(n, 1e-4),
        initial=rng.uniform(-0.5, 0.5, (n, parameter_count(layer_sizes))) * (0.1 if is_wide else 1.0),
        samples=[rng.uniform(0, 3, (epochs, samples, n_streams))],
        stream=np.arange(n) * n_streams // n,
        precision=precision,
    )


def some_of(task, lanes):
    """Return the task with some of its trainings."""
    return replace(
        task,
        learning_rate=task.learning_rate[lanes],
        difference_step=task.difference_step[lanes],
        initial=task.initial[lanes],
        stream=task.stream[lanes],
    )


def first_epochs(task, epochs):
    """Return the task cut short; losses are checked after the last epoch, or after every update, as before."""
    every_update = len(task.record_epochs) > 1
    return replace(
        task,
        samples=[task.samples[0][:epochs]],
        record_epochs=np.arange(1, epochs + 1) if every_update else np.array([epochs]),
    )


@dataclass(frozen=True, eq=False)
class Single:
    """One training of a task, for those who train one network at a time: `x` and `f` have a row for each epoch."""

    weights: list
    biases: list
    rate: float
    x: np.ndarray
    f: np.ndarray


def singles(task):
    """Return the trainings of a task one by one; the arrays of parameters are their own."""
    (samples,) = task.samples
    by_stream = {s: np.ascontiguousarray(samples[:, :, s]) for s in np.unique(task.stream)}
    wanted = {s: task.target(x) for s, x in by_stream.items()}
    return [
        Single(
            *(
                [np.array(values) for values in part]
                for part in split_parameters(task.initial[i].copy(), task.layer_sizes)
            ),
            float(task.learning_rate[i] / task.divisor),
            by_stream[stream],
            wanted[stream],
        )
        for i, stream in enumerate(task.stream)
    ]


def check_of(task):
    """Return the points where the loss is checked, and the target there."""
    x = task.target.points(task.check_points)
    return x, task.target(x)
