"""Traces of the articles' printed program, run under Node.js with a seeded generator: the oracle of the oracle."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import sweep

TRACES = sorted((Path(__file__).parent / "golden").glob("*.json"))
AS_PRINTED = {"lin": "x", "quad": "x*x", "cubic": "x*x*x - 2.5*x*x"}


@cache
def retrained(path, gradient):
    """Train anew what a trace is of: two tests look at one training."""
    trace = json.loads(path.read_text())
    network = sweep.Network(
        trace["initial"]["weights"],
        trace["initial"]["biases"],
        trace["activation"],
        trace["output_activation"],
    )
    return sweep.train_network(
        network,
        sweep.Target(AS_PRINTED[trace["target"]], interval=trace["interval"]),
        trace["samples"],
        learning_rate=trace["learning_rate"],
        gradient=gradient,
        difference_step=trace["difference_step"],
        divisor=trace["batch_size"],
        check_points=trace["batch_size"] + 1,
    )


each_trace = pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)


@each_trace
def test_numerical_differentiation_gives_the_printed_programs_losses(path):
    losses, trace = retrained(path, "numerical").losses, json.loads(path.read_text())
    if trace["activation"] == "relu":
        assert losses.tolist() == trace["losses"]  # to the last bit
    else:
        np.testing.assert_allclose(losses, trace["losses"], rtol=1e-10)  # another exp, another tanh


@each_trace
def test_numerical_differentiation_ends_with_the_printed_programs_parameters(path):
    network, trace = retrained(path, "numerical").network, json.loads(path.read_text())
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        np.testing.assert_allclose(weights, trace["final"]["weights"][layer], rtol=1e-8)
        np.testing.assert_allclose(biases, trace["final"]["biases"][layer], rtol=1e-8)


@each_trace
def test_backpropagation_stays_close_to_the_printed_program(path):
    trace = json.loads(path.read_text())
    # A forward difference is not quite the derivative: the traces part slowly. 2e-2 was measured on all of them.
    np.testing.assert_allclose(retrained(path, "backprop").losses, trace["losses"], rtol=2e-2)


def test_there_are_traces():
    assert len(TRACES) == 6
