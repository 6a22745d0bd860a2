"""The engine: the batch trainer that sweeps use, its inner loops compiled to machine code by numba.

Read on in this order:

1. `lanes` - a register full of numbers as one value, so that a kernel reads as if it trained a single network.
2. `elementary` and `activations` - tanh and the logistic function of lanes; the four activations and their slopes.
3. `memory` - the arrays that hold a group of networks, and the space they are trained in.
4. `shallow` and `deep` - backpropagation for one hidden layer and for any number of them.
5. `numerical` - the printed program's gradient.
6. `epochs` - the loop over the epochs: samples in, update, look for divergence, check the loss.
7. `wide` - backpropagation for deep networks with wide layers, one network at a time.
8. `drive` - a task's arrays laid out for the kernel that its networks take.
9. `compiling`, `kept_code` and `trust` - compiled when first called, kept on disk, and never used unchecked.

The kernel is chosen by the networks' shape alone, every training has a lane of its own, and no operation mixes
lanes; so a training's bits do not depend on the task around it. They are the readable trainer's with ReLU and identity
(in wide networks, wherever the processor has a fused multiply-add).
tanh and sigmoid are off by up to 5e-16 of themselves, so with them the last digits differ.

There is one source for both precisions. Numba compiles a kernel for the arrays it is called with, and a task's arrays
are made here in its precision; only `lanes` and `elementary` know how the two differ. Sixteen networks in float32
train side by side, from the same random numbers, rounded: measured, they take 0.50 to 0.55 of the time with ReLU,
0.42 to 0.45 with tanh and sigmoid, and 0.6 with wide layers, where drawing the random numbers takes as long as
before. The losses of trainings that converge differ from float64's by some millionths of themselves after 1000
epochs; at the edge of diverging, where every rounding error grows, a training ends elsewhere.

The tests hold the two trainers together: bit for bit with ReLU and identity (also in float32), within 1e-12 with tanh
and sigmoid, 1e-9 with the numerical gradient, which divides rounding errors by the difference step, 1e-5 in float32.
"""

from sweep.training.network.engine.drive import drive
from sweep.training.network.engine.trust import trust
from sweep.training.network.kernels import Kind
from sweep.training.network.task import Task, Trained

__all__ = ["Kind", "train_engine", "trust"]


def train_engine(task: Task) -> Trained:
    """Train all networks of the task.

    A training that leaves the finite numbers is NaN from there on: its losses from that epoch, its parameters and its
    outputs. Raises an `EngineError` if the kernel gives other numbers than the readable trainer.
    """
    trust(Kind.of(task.layer_sizes, task.gradient, task.activation, task.precision))
    return drive(task)
