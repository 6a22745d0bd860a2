"""The articles' case in C, written by hand for it alone: what this processor gives to whoever needs nothing else."""

import ctypes
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.tasks import check_of

SOURCE = Path(__file__).with_name("article.c")
LANES = 8


def trainer(task):
    """Return a function that trains a task of 1-n-1 networks with ReLU; neighbours in eights share their stream."""
    library, n = compiled(task.layer_sizes[1]), len(task.learning_rate)
    streams = task.stream.reshape(-1, LANES)
    assert (streams == streams[:, :1]).all()
    samples = np.ascontiguousarray(task.samples[0].transpose(2, 0, 1))  # (streams, epochs, samples)
    wanted, (check_x, check_f) = task.target(samples), check_of(task)
    rates = _aligned((task.learning_rate / task.divisor).reshape(-1, LANES))
    initial = task.initial.reshape(n // LANES, LANES, -1).transpose(0, 2, 1)
    parameters, losses = _aligned(initial), _aligned(np.zeros((n // LANES, LANES)))
    _, epochs, per_epoch = samples.shape

    def train():
        parameters[:] = initial
        for group, stream in enumerate(streams[:, 0]):
            x, f = _at(samples[stream]), _at(wanted[stream])
            library.train(epochs, per_epoch, x, f, _at(rates[group]), _at(parameters[group]))
            library.losses(
                len(check_x), _at(check_x), _at(check_f), _at(parameters[group]), _at(losses[group])
            )
        return losses.reshape(n, 1).copy()

    return train


def compiled(neurons):
    """Return the library for so many neurons."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "article.so")
        flags = ["-O3", "-march=native", "-funroll-loops", "-shared", "-fPIC"]
        subprocess.run(["cc", *flags, f"-DNEURONS={neurons}", "-o", path, SOURCE], check=True)
        library = ctypes.CDLL(str(path))
    numbers, pointer = ctypes.c_long, ctypes.c_void_p
    library.train.argtypes = (numbers, numbers, pointer, pointer, pointer, pointer)
    library.losses.argtypes = (numbers, pointer, pointer, pointer, pointer)
    library.train.restype = library.losses.restype = None
    return library


def _aligned(values):
    """Return the values in memory that begins at a multiple of 64 bytes."""
    space = np.empty(values.size + LANES)
    first = -space.ctypes.data // space.itemsize % LANES
    result = space[first : first + values.size].reshape(values.shape)
    result[:] = values
    return result


def _at(values):
    return values.ctypes.data
