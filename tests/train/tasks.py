"""Small training tasks, and the oracle: the readable trainer behind the interface of a batch trainer."""

import numpy as np

from sweep.train.network import Network, join_parameters, parameter_count, split_parameters
from sweep.train.reference import train_network
from sweep.train.target import Target
from sweep.train.task import Task, Trained


def make_task(
    layer_sizes=(1, 5, 1),
    activation="relu",
    output="identity",
    gradient="backprop",
    n=3,
    n_streams=2,
    epochs=12,
    samples=4,
    divisor=3.0,
    learning_rate=0.05,
    function="x*x*x - 2.5*x*x",
    seed=0,
):
    rng = np.random.default_rng(seed)
    return Task(
        layer_sizes=tuple(layer_sizes),
        activation=activation,
        output=output,
        gradient=gradient,
        target=Target(function, (0.0, 3.0)),
        divisor=divisor,
        check_points=7,
        record_epochs=np.unique([1, max(1, epochs // 2), epochs]),
        learning_rate=learning_rate * rng.uniform(0.5, 1.5, n),
        difference_step=np.full(n, 1e-4),
        initial=rng.uniform(-0.5, 0.5, (n, parameter_count(layer_sizes))),
        samples=[rng.uniform(0, 3, (epochs, samples, n_streams))],
        stream=np.arange(n) % n_streams,
    )


def train_readably(task: Task) -> Trained:
    samples = np.concatenate(list(task.samples))[: task.record_epochs[-1]]
    losses, diverged_at, parameters, outputs = [], [], [], []
    for lane in range(len(task.learning_rate)):
        weights, biases = split_parameters(task.initial[lane], task.layer_sizes)
        trained = train_network(
            Network(weights, biases, task.activation, task.output),
            task.target,
            samples[:, :, task.stream[lane]],
            learning_rate=task.learning_rate[lane],
            gradient=task.gradient,
            difference_step=task.difference_step[lane],
            divisor=task.divisor,
            check_points=task.check_points,
        )
        losses.append(trained.losses[task.record_epochs - 1])
        diverged_at.append(trained.diverged_at or 0)
        parameters.append(join_parameters(trained.network.weights, trained.network.biases))
        outputs.append(trained.network(task.target.points(task.check_points)))
    return Trained(np.array(losses), np.array(diverged_at), np.array(parameters), np.array(outputs))
