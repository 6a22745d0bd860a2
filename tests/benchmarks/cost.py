"""Measured against estimated time of the batch trainer, for networks of many shapes.

    python tests/benchmarks/cost.py

The constants of `sweep.training.network.cost` come from here. What was learned: with a replicate for every second
training, as here, drawing the samples and gathering them costs more than the training of small networks; trainings
that share a replicate share that cost.
"""

import statistics
import time
from dataclasses import replace

import numpy as np

from sweep.config import parse_experiment
from sweep.plan import make_batches, make_plan
from sweep.training.network.batch import train_batch

CASES = [
    ("", 10, "backprop", "relu"),
    ("neurons = 1", 10, "backprop", "relu"),
    ("neurons = 100", 10, "backprop", "relu"),
    ("neurons = 10", 100, "backprop", "relu"),
    ("hidden_layers = 4", 10, "backprop", "relu"),
    ("hidden_layers = 4", 100, "backprop", "tanh"),
    ("neurons = 100\nhidden_layers = 2", 10, "backprop", "relu"),
    ("", 10, "backprop", "tanh"),
    ("", 10, "backprop", "sigmoid"),
    ("neurons = 3", 10, "numerical", "relu"),
    ("", 10, "numerical", "relu"),
    ("", 10, "numerical", "tanh"),
    ("hidden_layers = 2", 10, "numerical", "relu"),
]
CASES = [(*case, "float64") for case in CASES] + [
    (*case, "float32") for case in CASES if "numerical" not in case
]


def first_batch(network, batch_size, gradient, activation, precision, replicates):
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
    learning_rate = [0.001, 0.002]
    replicates = {replicates}
    [store]
    curves = false
    """
    plan = make_plan(parse_experiment(text, "benchmark"))
    return next(iter(make_batches(plan, np.ones(plan.n_runs, dtype=bool))))


def main():
    print(
        f"{'network':34} {'M':>4} {'gradient':10} {'activation':10} {'precision':9} {'n':>4} "
        f"{'µs/epoch':>9} {'ns/training':>12} ratio"
    )
    for case in CASES:
        for replicates in (1, 1000):
            batch = first_batch(*case, replicates)
            epochs = max(3, min(1000, int(1000 * 0.3 / batch.seconds)))
            batch = replace(batch, epochs=(epochs,), seconds=batch.seconds * epochs / 1000)
            times = []
            for _ in range(3):
                started = time.perf_counter()
                train_batch(batch)
                times.append(time.perf_counter() - started)
            took = statistics.median(times)
            print(
                f"{case[0].replace(chr(10), ', '):34} {case[1]:4} {case[2]:10} {case[3]:10} {case[4]:9} {len(batch):4} "
                f"{took / epochs * 1e6:9.0f} {took / epochs / len(batch) * 1e9:12.0f} {batch.seconds / took:5.2f}"
            )


if __name__ == "__main__":
    main()
