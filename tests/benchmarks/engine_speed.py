"""The engine's speed beside that of others, measured in turns in one run.

    python tests/benchmarks/engine_speed.py [--quick]

Rivals that are not installed are left out with a word: JAX (`pip install jax`), Node.js. Before anything is timed, all
must have trained to the same losses. Times are nanoseconds per training and epoch, medians of five turns; compiling is
left out, and so is drawing the samples, which every rival is given. Losses are checked after the last epoch.

Measured on two shared cores of a Zen 4 with AVX-512, whose speed changed by a third between runs; the engine in two
processes, and JAX, in ns per training and epoch:

    1-10-1, M = 10 printed        31 against 412   13 times as fast   (1 process, nobody else on the machine: 46)
    1-10-10-10-10-1, M = 100    4500    26 800     6
    1-100-1, M = 100            2300    46 900    20
    1-1000-1, M = 100          19 000   436 000    23
    1-100-100-1, M = 100      101 000   345 000    3.4 (2.1 to 3.4 from run to run)
    numerical gradient, 1 process 340, Node.js 48 000: 141 times as fast

What limits it there. Article's case: additions, maxima and comparisons share a processor's adders, so an epoch takes
at least 770 cycles for eight networks, 27 ns each; the rest is loads, loop ends and the drawing of samples. tanh and
sigmoid take 3 times ReLU's time: the division alone is 9 cycles for eight numbers, during which the multipliers wait.
1-100-100-1: two thirds of the peak without fused multiply-add; with it, a sixth less time, but other bits than the
readable trainer's. Trainings with a stream of samples each cost 65 to 75 ns instead of 46, beside f at every sample.
"""

import argparse
import json
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from train.vectorised import train_vectorised

from sweep.train.engine import train_engine
from sweep.train.network import parameter_count, split_parameters
from sweep.train.target import Target
from sweep.train.task import Task

try:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
except ImportError:
    jax = None

STREAMS = 32

PRINTED_PROGRAM = """
const fs = require("fs");
const [folder, size, epochs, samples, step, divisor, runs] = process.argv.slice(2);
function numbers(name) {
  const bytes = fs.readFileSync(folder + "/" + name);
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
}
const initial = numbers("initial"), xs = numbers("samples"), rates = numbers("rates");
const n = +size, M = +samples, h = +step, P = 3 * n + 1, losses = [], start = process.hrtime.bigint();
const relu = z => z > 0 ? z : 0;
for (let k = 0; k < +runs; k++) {
  const p = Array.from(initial.slice(k * P, k * P + P));
  const loss = x => {
    let s = 0;
    for (let j = 0; j < n; j++) s += p[n + j] * relu(p[j] * x + p[2 * n + j]);
    const d = s + p[3 * n] - x * x;
    return 0.5 * d * d;
  };
  for (let t = 0; t < +epochs; t++) {
    const G = new Array(P).fill(0);
    for (let i = 0; i < M; i++) {
      const x = xs[t * M + i], before = loss(x);
      for (let q = 0; q < P; q++) {
        p[q] += h; const after = loss(x); p[q] -= h;
        G[q] += (after - before) / h / +divisor;
      }
    }
    for (let q = 0; q < P; q++) p[q] -= rates[k] * G[q];
  }
  let sum = 0;
  for (let i = 0; i <= 10; i++) sum += loss(3 * i / 10);
  losses.push(sum);
}
console.log(JSON.stringify({ losses, ns: Number(process.hrtime.bigint() - start) }));
"""


def make_task(
    layer_sizes=(1, 10, 1),
    samples=11,
    n=512,
    epochs=1000,
    activation="relu",
    gradient="backprop",
    n_streams=STREAMS,
):
    rng = np.random.default_rng(1)
    return Task(
        layer_sizes=layer_sizes,
        activation=activation,
        output="identity",
        gradient=gradient,
        target=Target("x*x", (0.0, 3.0)),
        divisor=samples - 1.0 if samples == 11 else float(samples),
        check_points=11,
        record_epochs=np.array([epochs]),
        learning_rate=np.geomspace(1e-4, 1e-3 if max(layer_sizes) >= 100 else 1e-2, n),
        difference_step=np.full(n, 1e-4),
        initial=rng.uniform(-0.5, 0.5, (n, parameter_count(layer_sizes)))
        * (0.1 if max(layer_sizes) >= 100 else 1.0),
        samples=[rng.uniform(0, 3, (epochs, samples, n_streams))],
        stream=np.arange(n) * n_streams // n,
    )


# --- JAX ------------------------------------------------------------------------------------------------------------


class InJax:
    """The task for JAX, in the best of four ways to write it: two of mapping, two of summing."""

    def __init__(self, task):
        self.task = task
        (samples,) = task.samples
        wanted = task.target(samples)
        n_streams = samples.shape[2]
        self.by_stream = [np.flatnonzero(task.stream == s) for s in range(n_streams)]
        order = np.array(self.by_stream)  # (streams, settings): every stream has as many trainings
        self.order = order.ravel()
        self.arguments = (
            jnp.array(task.initial[order]),
            jnp.array(task.learning_rate[order] / task.divisor),
            jnp.array(samples.transpose(2, 0, 1)),
            jnp.array(wanted.transpose(2, 0, 1)),
        )
        check_x = task.target.points(task.check_points)
        check = jnp.array(check_x), jnp.array(task.target(check_x))
        g = {"relu": jax.nn.relu, "tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid}[task.activation]
        sizes = task.layer_sizes

        def product(a, weights):
            return a @ weights.T if self.by_matrices else (a[:, None, :] * weights).sum(axis=2)

        def forward(layers, x):
            a = x[:, None]
            for depth, (weights, biases) in enumerate(layers):
                a = product(a, weights) + biases
                a = a if depth == len(layers) - 1 else g(a)
            return a[:, 0]

        def loss(layers, x, f):
            error = forward(layers, x) - f
            return 0.5 * jnp.sum(error * error)

        def layers_of(parameters):
            weights, biases = split_parameters(parameters, sizes)
            return list(zip(weights, biases, strict=True))

        def epoch(layers, rate, x, f):
            gradient = jax.grad(loss)(layers, x, f)
            return jax.tree.map(lambda p, q: p - rate * q, layers, gradient)

        def train_one(parameters, rate, xs, fs):
            step = lambda layers, sample: (epoch(layers, rate, *sample), None)  # noqa: E731
            return loss(jax.lax.scan(step, layers_of(parameters), (xs, fs))[0], *check)

        each = jax.vmap(jax.vmap(epoch, in_axes=(0, 0, None, None)))

        def train_together(parameters, rates, xs, fs):
            step = lambda layers, sample: (each(layers, rates, *sample), None)  # noqa: E731
            start = jax.vmap(jax.vmap(layers_of))(parameters)
            layers = jax.lax.scan(step, start, (xs.transpose(1, 0, 2), fs.transpose(1, 0, 2)))[0]
            return jax.vmap(jax.vmap(lambda one: loss(one, *check)))(layers)

        alone = jax.vmap(jax.vmap(train_one, in_axes=(0, 0, None, None)))
        times = {}
        for self.by_matrices in (True, False):
            for way in (alone, train_together):
                compiled = jax.jit(lambda *arguments, way=way: way(*arguments))
                times[compiled] = self._time(compiled)
        self.train = min(times, key=times.get)

    def _time(self, way):
        way(*self.arguments).block_until_ready()
        started = time.perf_counter()
        way(*self.arguments).block_until_ready()
        return time.perf_counter() - started

    def __call__(self):
        losses = np.empty(len(self.order))
        losses[self.order] = np.asarray(self.train(*self.arguments)).ravel()
        return losses


# --- the others -----------------------------------------------------------------------------------------------------


def some_of(task, lanes):
    return replace(
        task,
        learning_rate=task.learning_rate[lanes],
        difference_step=task.difference_step[lanes],
        initial=task.initial[lanes],
        stream=task.stream[lanes],
    )


class InTwoProcesses:
    """The engine, half of the trainings in each of two processes that hold their half already."""

    def __init__(self, task):
        half = len(task.learning_rate) // 2
        spawn = multiprocessing.get_context("spawn")
        self.pools = [
            ProcessPoolExecutor(1, mp_context=spawn, initializer=hold, initargs=(some_of(task, lanes),))
            for lanes in (slice(half), slice(half, None))
        ]

    def __call__(self):
        return np.concatenate(
            [future.result() for future in [pool.submit(train_held) for pool in self.pools]]
        )

    def close(self):
        for pool in self.pools:
            pool.shutdown()


HELD = []


def hold(task):
    HELD.append(task)


def train_held():
    return train_engine(HELD[0]).losses[:, -1]


class InNode:
    """The articles' printed program, with numbers given instead of drawn; one stream only."""

    def __init__(self, task, runs):
        self.runs = runs
        self.folder = tempfile.mkdtemp()
        self.task = task
        folder = Path(self.folder)
        task.initial[:runs].tofile(folder / "initial")
        task.learning_rate[:runs].tofile(folder / "rates")
        task.samples[0][:, :, 0].tofile(folder / "samples")
        (folder / "program.js").write_text(PRINTED_PROGRAM)

    def __call__(self):
        task = self.task
        epochs, samples, _ = task.samples[0].shape
        arguments = (task.layer_sizes[1], epochs, samples, 1e-4, task.divisor, self.runs)
        program = ["node", f"{self.folder}/program.js", self.folder, *map(str, arguments)]
        answer = json.loads(subprocess.run(program, check=True, capture_output=True, text=True).stdout)
        self.ns = answer["ns"] / epochs / self.runs
        return np.array(answer["losses"])


def in_turns(ways, turns):
    """Return the median seconds of each way, called in turns."""
    times = {name: [] for name in ways}
    for _ in range(turns):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - started)
    return {name: statistics.median(taken) for name, taken in times.items()}


def compare(title, task, turns=5, numpy_lanes=512):
    """Print a line for each way to train the task."""
    n, (samples,) = len(task.learning_rate), task.samples
    two = InTwoProcesses(task)
    ways = {"engine, 1 process": lambda: train_engine(task).losses[:, -1], "engine, 2 processes": two}
    if numpy_lanes:
        some = some_of(task, slice(numpy_lanes))
        ways["numpy, vectorised"] = lambda: train_vectorised(some).losses[:, -1]
    if jax:
        ways["JAX, both cores"] = InJax(task)
    truth = ways["engine, 1 process"]()
    for name, way in ways.items():
        losses = way()
        np.testing.assert_allclose(losses, truth[: len(losses)], rtol=1e-6, err_msg=name)
    print(f"\n{title}: {n} trainings, {len(samples)} epochs")
    trained = dict.fromkeys(ways, n) | {"numpy, vectorised": numpy_lanes}
    ns = {
        name: seconds / trained[name] / len(samples) * 1e9 for name, seconds in in_turns(ways, turns).items()
    }
    for name, value in ns.items():
        print(
            f"  {name:22} {value:12.1f} ns   {value / ns['engine, 1 process']:8.2f} × 1 process "
            f"{value / ns['engine, 2 processes']:8.2f} × 2 processes",
            flush=True,
        )
    two.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--only", default="", help="part of a title")
    options = parser.parse_args()
    few = 10 if options.quick else 1
    if jax is None:
        print("JAX is not installed and left out: pip install jax", file=sys.stderr)

    cases = [
        ("article's case, ReLU", {"n": 4096, "epochs": 1000 // few}),
        (
            "1-10-10-10-10-1, M = 100",
            {"layer_sizes": (1, 10, 10, 10, 10, 1), "samples": 100, "n": 512, "epochs": 100 // few},
        ),
        ("1-100-1, M = 100", {"layer_sizes": (1, 100, 1), "samples": 100, "n": 512, "epochs": 100 // few}),
        ("1-1000-1, M = 100", {"layer_sizes": (1, 1000, 1), "samples": 100, "n": 64, "epochs": 50 // few}),
        (
            "1-100-100-1, M = 100",
            {"layer_sizes": (1, 100, 100, 1), "samples": 100, "n": 64, "epochs": 50 // few},
        ),
        ("article's case, tanh", {"n": 1024, "epochs": 1000 // few, "activation": "tanh"}),
        ("article's case, sigmoid", {"n": 1024, "epochs": 1000 // few, "activation": "sigmoid"}),
    ]
    for title, case in cases:
        if options.only in title:
            compare(title, make_task(**case), numpy_lanes=512 if "article" in title else 0)
    if options.only in "numerical":
        numerical(few)


def numerical(few):
    task = make_task(n=1024, epochs=300 // few, gradient="numerical", n_streams=1)
    engine = lambda: train_engine(task).losses[:, -1]  # noqa: E731
    losses = engine()
    seconds = in_turns({"engine": engine}, 5)["engine"]
    ns = seconds / 1024 / len(task.samples[0]) * 1e9
    print(f"\nnumerical gradient, article's case\n  engine, 1 process      {ns:12.1f} ns")
    if shutil.which("node") is None:
        print("  Node.js is not installed and left out")
        return
    node = InNode(task, 8)
    np.testing.assert_array_equal(node(), losses[:8])
    times = []
    for _ in range(5):
        node()
        times.append(node.ns)
    taken = statistics.median(times)
    print(f"  Node.js                {taken:12.1f} ns   {taken / ns:8.2f} × 1 process")


if __name__ == "__main__":
    main()
