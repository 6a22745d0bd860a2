"""Estimated against measured time of the batch trainer, for networks of many shapes, in CPU time of one core.

    python tests/benchmarks/cost.py

The constants of `sweep.training.network.cost` come from here, and those of `machine` from the same machine: on it the
first line says 1.00. What was learned: what an epoch takes is a sum over its samples, its parameters and their
products; a numerical gradient takes what lies behind each parameter anew; wide networks fill no lanes, so that few of
them take no longer than their number says.
"""

import statistics
import time
from dataclasses import replace

import numpy as np

from sweep.config import parse_experiment
from sweep.plan import make_batches, make_plan
from sweep.training.network.batch import train_batch
from sweep.training.network.cost import network_cost
from sweep.training.network.machine import slowness
from sweep.training.network.setting import NetworkSetting

SECONDS = 0.1
CASES = [
    ("", 10, "backprop", "relu"),
    ("neurons = 1", 10, "backprop", "relu"),
    ("neurons = 1000", 10, "backprop", "relu"),
    ("", 100, "backprop", "relu"),
    ("neurons = 100", 100, "backprop", "relu"),
    ("neurons = 3", 100, "backprop", "tanh"),
    ("", 100, "backprop", "sigmoid"),
    ("hidden_layers = 2", 10, "backprop", "relu"),
    ("hidden_layers = 4", 100, "backprop", "tanh"),
    ("hidden_layers = 10\nneurons = 5", 30, "backprop", "tanh"),
    ("hidden_layers = 2\nneurons = 30", 100, "backprop", "relu"),
    ("hidden_layers = 2\nneurons = 64", 30, "backprop", "relu"),
    ("hidden_layers = 2\nneurons = 100", 10, "backprop", "relu"),
    ("hidden_layers = 2\nneurons = 100", 100, "backprop", "relu"),
    ("hidden_layers = 2\nneurons = 100", 100, "backprop", "tanh"),
    ("hidden_layers = 2\nneurons = 300", 100, "backprop", "relu"),
    ("hidden_layers = 5\nneurons = 64", 100, "backprop", "relu"),
]
CASES = [(*case, precision) for precision in ("float64", "float32") for case in CASES] + [
    (*case, "float64")
    for case in [
        ("neurons = 3", 10, "numerical", "relu"),
        ("", 10, "numerical", "relu"),
        ("", 100, "numerical", "relu"),
        ("", 10, "numerical", "tanh"),
        ("neurons = 30", 10, "numerical", "tanh"),
        ("neurons = 100", 10, "numerical", "relu"),
        ("hidden_layers = 2\nneurons = 3", 10, "numerical", "relu"),
        ("hidden_layers = 2", 10, "numerical", "tanh"),
        ("hidden_layers = 2", 100, "numerical", "relu"),
        ("hidden_layers = 2\nneurons = 30", 10, "numerical", "relu"),
        ("hidden_layers = 4\nneurons = 3", 20, "numerical", "relu"),
        ("hidden_layers = 4", 10, "numerical", "tanh"),
    ]
]


def first_batch(network, batch_size, gradient, activation, precision, rates, replicates):
    text = f"""
    [target]
    function = "x**2"
    interval = [0, 3]
    [network]
    activation = "{activation}"
    {network}
    [training]
    batch_size = {batch_size}
    gradient = "{gradient}"
    precision = "{precision}"
    epochs = 1000
    [grid]
    learning_rate = {{ log = [1e-6, 1e-4], num = {rates} }}
    replicates = {replicates}
    [store]
    curves = false
    """
    plan = make_plan(parse_experiment(text, "benchmark"))
    return next(iter(make_batches(plan, np.ones(plan.n_runs, dtype=bool))))


def measured(batch):
    """Return the epochs of a batch that take about a tenth of a second, with their estimated and measured seconds."""
    epochs = max(3, min(1000, int(1000 * SECONDS / batch.seconds)))
    cost = network_cost(NetworkSetting.of({**batch.fixed, "epochs": epochs}))
    seconds = slowness() * cost.seconds(len(batch), len(np.unique(batch.replicates)))
    batch = replace(batch, steps=(epochs,), seconds=seconds)
    times = []
    for _ in range(3):
        started = time.process_time()
        train_batch(batch)
        times.append(time.process_time() - started)
    return epochs, seconds, statistics.median(times)


def main():
    print(f"this machine takes {slowness():.2f} times as long as that of the constants")
    print(
        f"{'network':32} {'M':>4} {'gradient':10} {'activation':10} {'precision':9} {'n':>5} {'streams':>7} "
        f"{'ns/training':>12} ratio"
    )
    ratios = []
    for case in CASES:
        for rates, replicates in ((100, 1), (2, 1000)):
            batch = first_batch(*case, rates, replicates)
            epochs, estimated, took = measured(batch)
            ratios.append(estimated / took)
            print(
                f"{case[0].replace(chr(10), ', '):32} {case[1]:4} {case[2]:10} {case[3]:10} {case[4]:9} "
                f"{len(batch):5} {len(np.unique(batch.replicates)):7} {took / epochs / len(batch) * 1e9:12.0f} "
                f"{ratios[-1]:5.2f}"
            )
    print(
        f"estimated / measured: {min(ratios):.2f} to {max(ratios):.2f}, median {statistics.median(ratios):.2f}"
    )


if __name__ == "__main__":
    main()
