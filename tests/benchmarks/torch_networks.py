"""A task trained in PyTorch: one network at a time, nn.Sequential, on one thread; two ways to write the update."""

import numpy as np
import torch

from tests.benchmarks.tasks import check_of, singles

HIDDEN = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}


def by_optimizer(task):
    """Train with torch.optim.SGD."""
    return _trainer(task, _optimizer_steps)


def by_gradients(task):
    """Train with torch.autograd.grad, and updates written by hand."""
    return _trainer(task, _gradient_steps)


def _trainer(task, steps):
    torch.set_num_threads(1)
    networks, check, recorded = singles(task), check_of(task), set(task.record_epochs.tolist())
    x, f = (torch.tensor(values)[:, None] for values in check)
    return lambda: np.array([_train(s, HIDDEN[task.activation], steps, x, f, recorded) for s in networks])


def _train(single, hidden, steps, check_x, check_f, recorded):
    model, losses = _model(single, hidden), []
    samples = zip(torch.tensor(single.x)[:, :, None], torch.tensor(single.f)[:, :, None], strict=True)
    for epoch in steps(model, single.rate, samples):
        if epoch in recorded:
            with torch.no_grad():
                losses.append(float(_loss(model, check_x, check_f)))
    return losses


def _model(single, hidden):
    layers = []
    for weights, biases in zip(single.weights, single.biases, strict=True):
        layer = torch.nn.Linear(weights.shape[1], weights.shape[0], dtype=torch.float64)
        layer.weight.data, layer.bias.data = torch.tensor(weights), torch.tensor(biases)
        layers += [layer, hidden()]
    return torch.nn.Sequential(*layers[:-1])


def _loss(model, x, f):
    return 0.5 * ((model(x) - f) ** 2).sum()


def _optimizer_steps(model, rate, samples):
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for epoch, (x, f) in enumerate(samples, 1):
        optimizer.zero_grad()
        _loss(model, x, f).backward()
        optimizer.step()
        yield epoch


def _gradient_steps(model, rate, samples):
    parameters = list(model.parameters())
    for epoch, (x, f) in enumerate(samples, 1):
        gradients = torch.autograd.grad(_loss(model, x, f), parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(gradient, alpha=rate)
        yield epoch
