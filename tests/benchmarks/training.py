"""Trainings side by side: the engine and its rivals on the same numbers, in turns, after their losses were compared.

The articles' case is a 1-10-1 network with ReLU on x², M = 10 by the printed rule, its loss checked at 11 points.
Seconds are those of one training and epoch. Compiling is left out, and so is drawing the samples.
"""

from contextlib import ExitStack, closing

import numpy as np

from tests.benchmarks.held import Held
from tests.benchmarks.printed_program import PrintedProgram
from tests.benchmarks.rivals import is_installed, left_out
from tests.benchmarks.table import at_least, at_most, times_as_fast, times_the_time
from tests.benchmarks.tasks import make_task, some_of
from tests.benchmarks.turns import fastest, in_turns, seconds

ENGINE = "engine_networks.trainer"
JAX = {"JAX vmap": 1, "JAX vmap on 2 devices": 2}
"""The ways to run JAX, and how many devices it is told that the CPU is."""
LOOPS = {
    "numpy, a loop of trainings": ["numpy_networks.by_layers", "numpy_networks.by_vectors"],
    "PyTorch, a loop of trainings": ["torch_networks.by_optimizer", "torch_networks.by_gradients"],
}
CHECKS = {False: "loss checked at the end", True: "loss checked after every update"}
TOLERANCES = {"float64": 1e-6, "float32": 1e-2}
"""Relative, between losses: rounding adds up over a thousand epochs."""


def article(size):
    """Yield the articles' case beside JAX, and beside C."""
    for every_update, when in CHECKS.items():
        task = make_task(n=4096, epochs=size.of(1000), every_update=every_update)
        yield from against_jax(f"article's case, {when}", task, [at_least(10, 16), None], size)
    single = make_task(n=4096, epochs=size.of(1000), precision="float32")
    yield from against_jax(f"article's case, {CHECKS[False]}, float32", single, [None, None], size)


def larger(size):
    """Yield the larger cases beside JAX."""
    for precision in TOLERANCES:
        for layer_sizes, n, epochs, *goals in (
            ((1, 10, 10, 10, 10, 1), 512, 100, at_least(5, 8), None),
            ((1, 100, 1), 512, 100, at_least(2.5, 5), None),
            ((1, 1000, 1), 64, 50, at_least(2.5, 5), None),
            ((1, 100, 100, 1), 64, 50, at_least(2.9, 4), at_least(1.9, 4)),
        ):
            task = make_task(layer_sizes, samples=100, n=n, epochs=size.of(epochs), precision=precision)
            name = f"{'-'.join(map(str, layer_sizes))}, M = 100, {precision}"
            yield from against_jax(name, task, goals if precision == "float64" else [None, None], size)


def against_jax(measure, task, goals, size):
    if not is_installed("JAX"):
        yield left_out("JAX")
        return
    rivals = {
        name: [Held("jax_networks.trainer", task, one_thread=False, devices=n)] for name, n in JAX.items()
    }
    tolerance = TOLERANCES[task.precision]
    taken = side_by_side(Held(ENGINE, task, processes=2), rivals, size.turns, tolerance)
    for name, goal in zip(JAX, goals, strict=True):
        yield times_as_fast(f"{measure}, 2 cores", name, taken["engine"], taken[name], goal)


def cores(size):
    """Yield two processes beside one, training the articles' case; and one beside C that can train nothing else."""
    task = make_task(n=4096, epochs=size.of(2000))
    with ExitStack() as held:
        ways = {n: held.enter_context(closing(Held(ENGINE, task, processes=n))) for n in (1, 2)}
        in_turns(ways, 1)
        taken = {n: seconds(turns) for n, turns in in_turns(ways, size.turns).items()}
    yield times_as_fast(
        "article's case, training alone, 2 processes", "1", taken[2], taken[1], at_least(1.95, 1.98)
    )
    if not is_installed("a C compiler"):
        yield left_out("a C compiler")
        return
    taken = side_by_side(Held(ENGINE, task), {"C": [Held("c_networks.trainer", task)]}, size.turns)
    yield times_as_fast("article's case, training alone, 1 core", "C", taken["engine"], taken["C"])


def loops(size):
    """Yield the articles' case on one core beside those who train one network at a time, and vectorised numpy."""
    rivals = {name: ways for name, ways in LOOPS.items() if "PyTorch" not in name or is_installed("PyTorch")}
    if len(rivals) < len(LOOPS):
        yield left_out("PyTorch")
    for every_update, when in CHECKS.items():
        task = make_task(n=2048, epochs=size.of(1000), every_update=every_update)
        few, many = some_of(task, slice(8)), some_of(task, slice(512))
        held = {name: [Held(way, few) for way in ways] for name, ways in rivals.items()}
        held["numpy, 512 networks at once"] = [Held("numpy_networks.side_by_side", many)]
        taken = side_by_side(Held(ENGINE, task), held, size.turns)
        for name in held:
            goal = at_least(150, 400) if "numpy, a loop" in name else None
            yield times_as_fast(f"article's case, 1 core, {when}", name, taken["engine"], taken[name], goal)


def activations(size):
    """Yield tanh and the logistic function beside ReLU, all in the engine."""
    tasks = {
        name: make_task(n=1024, epochs=size.of(1000), activation=name) for name in ("relu", "tanh", "sigmoid")
    }
    with ExitStack() as held:
        ways = {name: held.enter_context(closing(Held(ENGINE, task))) for name, task in tasks.items()}
        in_turns(ways, 1)
        taken = {name: seconds(turns) for name, turns in in_turns(ways, size.turns).items()}
    for name in ("tanh", "sigmoid"):
        yield times_the_time(f"{name} in the engine", "ReLU", taken[name], taken["relu"], at_most(4, 2.5))


def numerical(size):
    """Yield the numerical gradient beside the articles' own program: the same losses, to the last bit."""
    if not is_installed("Node.js"):
        yield left_out("Node.js")
        return
    task = make_task(n=1024, epochs=size.of(300), gradient="numerical", n_streams=1)
    rivals = {"printed program, Node.js": [PrintedProgram(some_of(task, slice(8)))]}
    taken = side_by_side(Held(ENGINE, task), rivals, size.turns, tolerance=0.0)
    for name in rivals:
        yield times_as_fast(
            "article's case, numerical gradient, 1 core",
            name,
            taken["engine"],
            taken[name],
            at_least(40, 100),
        )


def side_by_side(engine, rivals, turns, tolerance=TOLERANCES["float64"]):
    """Return the seconds of the engine and of each rival's fastest way, which have trained to the same losses.

    A rival trains the first of the engine's trainings, or all.
    """
    with ExitStack() as held:
        for way in [engine, *(way for ways in rivals.values() for way in ways)]:
            held.callback(way.close)
        expected = engine().outcome
        for name, ways in rivals.items():
            for way in ways:
                losses = way().outcome
                np.testing.assert_allclose(losses, expected[: len(losses)], rtol=tolerance, err_msg=name)
        ways = {"engine": engine} | {name: fastest(ways) for name, ways in rivals.items()}
        return {name: seconds(turns) for name, turns in in_turns(ways, turns).items()}
