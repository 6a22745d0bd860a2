"""Trainings side by side: the engine, JAX, numpy, PyTorch and the articles' program, all on the same numbers."""

import shutil
from collections.abc import Iterator

import numpy as np

from sweep.train.engine import train_engine

from . import rivals
from .rivals import InJax, InNode, InNumpyLoop, InTorch, InTwoProcesses, make_task
from .table import Row, in_turns

LARGER = {
    "1-10-10-10-10-1, M = 100": {"layer_sizes": (1, 10, 10, 10, 10, 1), "n": 512, "epochs": 100},
    "1-100-1, M = 100": {"layer_sizes": (1, 100, 1), "n": 512, "epochs": 100},
    "1-1000-1, M = 100": {"layer_sizes": (1, 1000, 1), "n": 64, "epochs": 50},
    "1-100-100-1, M = 100": {"layer_sizes": (1, 100, 100, 1), "n": 64, "epochs": 50},
}


def rows(turns: int, few: int) -> Iterator[tuple[str, object]]:
    """Yield titles and functions that measure a row; `few` divides the work."""
    yield (
        "article's case against JAX",
        lambda title: against_jax(title, make_task(n=4096, epochs=1000 // few), 5, 8, turns),
    )
    for name, shape in LARGER.items():
        yield (
            f"{name} against JAX",
            lambda title, shape=shape: against_jax(
                title, make_task(**shape | {"epochs": shape["epochs"] // few}, samples=100), 2.5, 5, turns
            ),
        )
    for activation in ("tanh", "sigmoid"):
        yield f"{activation} against ReLU, engine", lambda title, a=activation: curved(title, a, turns, few)
    yield "numerical gradient against Node.js, 1 core", lambda title: against_node(title, turns, few)
    yield (
        "article's case against a loop of numpy trainings, 1 core",
        lambda title: against_loop(title, InNumpyLoop, 150, 400, turns, few),
    )
    yield (
        "article's case against a loop of PyTorch trainings, 1 core",
        lambda title: against_loop(title, InTorch if rivals.torch else None, None, None, turns, few),
    )


def against_jax(title, task, must, aim, turns):
    if rivals.jax is None:
        return "JAX is not installed"
    ways = {"engine": InTwoProcesses(task), "JAX": InJax(task)}
    check_losses(task, ways)
    seconds = in_turns(ways, turns)
    ways["engine"].close()
    return ratio(title, seconds, must, aim, task)


def curved(title, activation, turns, few):
    tasks = {name: make_task(n=1024, epochs=1000 // few, activation=name) for name in (activation, "relu")}
    for task in tasks.values():
        train_engine(task)
    seconds = in_turns({name: lambda task=task: train_engine(task) for name, task in tasks.items()}, turns)
    value = seconds[activation] / seconds["relu"]
    return Row(title, value, "× time", 4, 2.5, nanoseconds(seconds, tasks[activation]), more=False)


def against_node(title, turns, few):
    if shutil.which("node") is None:
        return "Node.js is not installed"
    task = make_task(n=1024, epochs=1000 // few, gradient="numerical", n_streams=1)
    node = InNode(task, 8)
    np.testing.assert_array_equal(node(), train_engine(task).losses[:8, -1])  # to the last bit
    seconds = in_turns({"engine": lambda: train_engine(task), "Node.js": node}, turns)
    seconds["Node.js"] *= 1024 / 8
    return ratio(title, seconds, 40, 100, task)


def against_loop(title, rival, must, aim, turns, few):
    if rival is None:
        return "PyTorch is not installed"
    task, runs = make_task(n=2048, epochs=1000 // few), 4
    loop = rival(task, runs)
    np.testing.assert_allclose(loop(), train_engine(task).losses[:runs, -1], rtol=1e-6)
    seconds = in_turns({"engine": lambda: train_engine(task), "loop": loop}, turns)
    seconds["loop"] *= 2048 / runs
    return ratio(title, seconds, must, aim, task)


def check_losses(task, ways):
    truth = train_engine(task).losses[:, -1]
    for name, way in ways.items():
        np.testing.assert_allclose(way(), truth, rtol=1e-6, err_msg=name)


def ratio(title, seconds, must, aim, task):
    ours, theirs = seconds.values()
    return Row(title, theirs / ours, "× as fast", must, aim, nanoseconds(seconds, task))


def nanoseconds(seconds, task):
    """Return each time in nanoseconds per training and epoch, in words."""
    per = len(task.learning_rate) * len(task.samples[0]) / 1e9
    return ", ".join(f"{name} {value / per:,.0f} ns" for name, value in seconds.items())
