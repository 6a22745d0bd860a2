"""A task trained in JAX: jit, vmap and scan, in the best of four ways to write it.

The networks of a stream of samples are mapped over inside a map over the streams, so that samples are not copied;
around a whole training or around each epoch; and the product of a layer is a matrix product or a sum of products. With
several devices the streams are shared out among them: so JAX can use all cores of a CPU for small networks.
"""

from functools import partial
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np

from sweep.training.network.model import split_parameters
from tests.benchmarks.tasks import check_of, first_epochs
from tests.benchmarks.turns import fastest, timed

HIDDEN = {"relu": jax.nn.relu, "tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid}


def trainer(task, devices=1):
    """Return the fastest of the ways, chosen by how long each takes over the first tenth of the epochs."""
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_num_cpu_devices", devices)
    few = first_epochs(task, max(1, int(task.record_epochs[-1]) // 10))
    ways = {}
    for by_matrices, whole in product((True, False), (True, False)):
        train = InJax(few, by_matrices, whole)
        train()  # compiles
        ways[partial(timed, train)] = by_matrices, whole
    return InJax(task, *ways[fastest(list(ways), tries=3)])


class InJax:
    """A task in one of the ways; calling it trains."""

    def __init__(self, task, by_matrices, whole):
        self._layer_sizes = task.layer_sizes
        self._hidden = HIDDEN[task.activation]
        self._by_matrices = by_matrices
        self._every_update = len(task.record_epochs) > 1
        self._check = tuple(jnp.array(values, dtype=task.precision) for values in check_of(task))
        by_stream = np.array([np.flatnonzero(task.stream == s) for s in range(task.samples[0].shape[2])])
        self._order = by_stream.ravel()  # every stream has as many trainings
        self._arguments = _shared_out(_arguments(task, by_stream))
        self._train = jax.jit(self._map_of_trainings() if whole else self._training_of_maps)

    def __call__(self):
        losses = np.asarray(self._train(*self._arguments))  # (streams, settings, k)
        in_order = np.empty((len(self._order), losses.shape[2]))
        in_order[self._order] = losses.reshape(-1, losses.shape[2])
        return in_order

    def _forward(self, layers, x):
        a = x[:, None]
        for depth, (weights, biases) in enumerate(layers):
            total = a @ weights.T if self._by_matrices else (a[:, None, :] * weights).sum(axis=2)
            a = total + biases
            a = a if depth == len(layers) - 1 else self._hidden(a)
        return a[:, 0]

    def _loss(self, layers, x, f):
        error = self._forward(layers, x) - f
        return 0.5 * jnp.sum(error * error)

    def _checked(self, layers):
        return self._loss(layers, *self._check)

    def _epoch(self, layers, rate, x, f):
        gradient = jax.grad(self._loss)(layers, x, f)
        return jax.tree.map(lambda p, q: p - rate * q, layers, gradient)

    def _layers_of(self, parameters):
        weights, biases = split_parameters(parameters, self._layer_sizes)
        return list(zip(weights, biases, strict=True))

    def _map_of_trainings(self):
        return _over_networks(self._training, (0, 0, None, None))

    def _training(self, parameters, rate, xs, fs):
        def step(layers, sample):
            layers = self._epoch(layers, rate, *sample)
            return layers, self._checked(layers) if self._every_update else None

        layers, losses = jax.lax.scan(step, self._layers_of(parameters), (xs, fs))
        return losses if self._every_update else self._checked(layers)[None]

    def _training_of_maps(self, parameters, rates, xs, fs):
        epoch = _over_networks(self._epoch, (0, 0, None, None))
        checked = _over_networks(self._checked, (0,))

        def step(layers, sample):
            layers = epoch(layers, rates, *sample)
            return layers, checked(layers) if self._every_update else None

        start = _over_networks(self._layers_of, (0,))(parameters)
        layers, losses = jax.lax.scan(step, start, (xs.transpose(1, 0, 2), fs.transpose(1, 0, 2)))
        return jnp.moveaxis(losses, 0, -1) if self._every_update else checked(layers)[:, :, None]


def _over_networks(function, in_axes):
    """Map over streams, and in each over its networks."""
    return jax.vmap(jax.vmap(function, in_axes=in_axes))


def _arguments(task, by_stream):
    """Return parameters and rates by stream and setting, and samples and wanted values by stream and epoch."""
    (samples,) = task.samples
    arguments = (
        task.initial[by_stream],
        task.learning_rate[by_stream] / task.divisor,
        samples.transpose(2, 0, 1),
        task.target(samples).transpose(2, 0, 1),
    )
    return tuple(values.astype(task.precision) for values in arguments)


def _shared_out(arguments):
    """Put each device's share of the streams on it."""
    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("streams",))
    by_stream = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("streams"))
    return tuple(jax.device_put(np.ascontiguousarray(a), by_stream) for a in arguments)
