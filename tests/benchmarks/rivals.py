"""Rivals of the engine: the same task trained by JAX, PyTorch, numpy and the articles' program; and the engine itself.

Each is called without arguments and gives the final losses, so that they can be compared before anything is timed. What
is drawn at random is given to all of them, and compiling is done before.
"""

import json
import multiprocessing
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

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
try:
    import torch
except ImportError:
    torch = None

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
        return np.array(answer["losses"])


class InNumpyLoop:
    """One network after the other by backpropagation, as a user writes it; the better of two ways to write it."""

    def __init__(self, task, runs):
        self.task, self.runs = task, runs
        ways = (self._by_matrices, self._by_vectors)
        self.train = min(ways, key=self._time)

    def _time(self, way):
        started = time.perf_counter()
        way(0)
        return time.perf_counter() - started

    def __call__(self):
        return np.array([self.train(run) for run in range(self.runs)])

    def _start(self, run):
        task = self.task
        (samples,) = task.samples
        weights, biases = split_parameters(task.initial[run].copy(), task.layer_sizes)
        x = samples[:, :, task.stream[run]]
        return weights, biases, x, task.target(x), task.learning_rate[run] / task.divisor

    def _by_matrices(self, run):
        (w1, w2), (b1, b2), xs, fs, rate = self._start(run)
        for x, f in zip(xs, fs, strict=True):
            x = x[:, None]
            z = x @ w1.T + b1
            a = np.maximum(z, 0)
            delta = a @ w2.T + b2 - f[:, None]
            back = (delta @ w2) * (z > 0)
            w2 -= rate * (delta.T @ a)
            b2 -= rate * delta.sum(axis=0)
            w1 -= rate * (back.T @ x)
            b1 -= rate * back.sum(axis=0)
        points = self.task.target.points(self.task.check_points)
        error = np.maximum(points[:, None] @ w1.T + b1, 0) @ w2.T + b2 - self.task.target(points)[:, None]
        return 0.5 * np.sum(error**2)

    def _by_vectors(self, run):
        (w1, w2), (b1, b2), xs, fs, rate = self._start(run)
        w1, w2 = w1[:, 0].copy(), w2[0].copy()
        b2 = float(b2[0])
        for x, f in zip(xs, fs, strict=True):
            a = np.multiply.outer(x, w1)
            a += b1
            np.maximum(a, 0, out=a)
            delta = a.dot(w2)
            delta += b2 - f
            back = np.multiply.outer(delta, w2)
            back *= a > 0
            w2 -= rate * delta.dot(a)
            b2 -= rate * delta.sum()
            w1 -= rate * x.dot(back)
            b1 -= rate * back.sum(axis=0)
        points = self.task.target.points(self.task.check_points)
        error = np.maximum(np.multiply.outer(points, w1) + b1, 0).dot(w2) + b2 - self.task.target(points)
        return 0.5 * np.sum(error**2)


class InTorch:
    """One network after the other with nn.Sequential and SGD, on one thread."""

    def __init__(self, task, runs):
        self.task, self.runs = task, runs
        torch.set_num_threads(1)

    def __call__(self):
        return np.array([self._train(run) for run in range(self.runs)])

    def _train(self, run):
        task = self.task
        (samples,) = task.samples
        weights, biases = split_parameters(task.initial[run], task.layer_sizes)
        layers = []
        for w, b in zip(weights, biases, strict=True):
            layer = torch.nn.Linear(w.shape[1], w.shape[0], dtype=torch.float64)
            layer.weight.data, layer.bias.data = torch.tensor(w), torch.tensor(b)
            layers += [layer, torch.nn.ReLU()]
        network = torch.nn.Sequential(*layers[:-1])
        optimizer = torch.optim.SGD(network.parameters(), lr=task.learning_rate[run] / task.divisor)
        x = torch.tensor(samples[:, :, task.stream[run], None])
        f = torch.tensor(task.target(samples[:, :, task.stream[run], None]))
        for inputs, wanted in zip(x, f, strict=True):
            optimizer.zero_grad()
            (0.5 * ((network(inputs) - wanted) ** 2).sum()).backward()
            optimizer.step()
        points = task.target.points(task.check_points)[:, None]
        with torch.no_grad():
            error = network(torch.tensor(points)) - torch.tensor(task.target(points))
        return float(0.5 * (error**2).sum())
