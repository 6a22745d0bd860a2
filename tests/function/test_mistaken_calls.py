"""A mistake in a call of `sweep.run` with a function is told in one line, before anything is trained."""

# ruff: noqa: ARG001 - functions that stand for trainings

import datetime
import functools
import threading

import numpy as np
import pandas as pd
import pytest

import sweep
from sweep import api
from sweep.errors import ConfigError, InputError
from sweep.training.network.kind import NetworkTraining

METRICS = {"error": "lower"}
GRID = {"learning_rate": [0.1, 0.2]}
LOCK = threading.Lock()


def train(learning_rate, width=32, *, seed):
    return learning_rate * width


def unseeded(learning_rate):
    return 1.0


def curve(learning_rate, *, seed):
    while True:
        yield 1.0


async def later(learning_rate):
    return 1.0


def by_place(learning_rate, /):
    return 1.0


class Net:
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate


def over_a_lock():
    lock = threading.Lock()

    def locked(learning_rate):
        with lock:
            return learning_rate

    return locked


def planned(config=train, **stated):
    return api.judgement_of(config, **{"metrics": METRICS, "grid": GRID, **stated}).plan


def axis(*values):
    return lambda: planned(grid={"learning_rate": list(values)})


def claimed(**claim):
    return lambda: planned(claims=[{"sentence": "s", **claim}])


MISTAKES = {
    "a lambda": (lambda: planned(lambda a: a), 'a lambda has no name: give it one, `name="..."`'),
    "no metrics": (lambda: api.judgement_of(train, grid=GRID), "`function.metrics` is missing"),
    "metrics as a list": (
        lambda: planned(metrics=["error"]),
        'Write { error = "lower" } if lower is better.',
    ),
    "a wrong direction": (
        lambda: planned(metrics={"error": "min"}),
        'Say of error whether "lower" or "higher"',
    ),
    "a direction of None": (
        lambda: planned(metrics={"error": None}),
        "`metrics.error` is None: give it a value",
    ),
    "a direction that is a function": (
        lambda: planned(metrics={"error": min}),
        "`metrics.error` is a function",
    ),
    "a metric named as a column": (
        lambda: planned(metrics={"mean": "lower"}),
        "cannot have `mean`, which is a col",
    ),
    "a keyword misspelt": (
        lambda: planned(replicats=3),
        "`replicats` is no argument of a sweep: did you mean `repl",
    ),
    "a parameter as a keyword": (
        lambda: planned(gamma=3),
        "`gamma` is no argument of a sweep: there are grid, ",
    ),
    "a keyword beside a file": (
        lambda: api.judgement_of("digits.toml", replicates=3),
        "`replicates` goes with a function, not with a config file, which holds all of it: write it there",
    ),
    "a keyword beside a dict": (
        lambda: api.judgement_of({"grid": {}}, replicates=3),
        "`replicates` goes with a function, not with a dict, which holds all of it: write it there",
    ),
    "a function within a dict": (
        lambda: api.judgement_of({"function": {"call": train, "metrics": METRICS}, "grid": GRID}),
        "`function.call` is a function: hand it over itself, `sweep.run(train, grid=..., metrics=...)`",
    ),
    "a dict with a mistake": (
        lambda: api.judgement_of({"target": {"function": "x"}, "grid": {"neuron": [1]}}),
        "sweep: `grid.neuron` is not a key of [grid]; did you mean `neurons`?",
    ),
    "None on an axis": (
        axis(0.1, None),
        "`grid.learning_rate` is None, which no value of a sweep can be: leave it out for the function's own "
        'default, or give it a text such as "none" that the function knows',
    ),
    "None for a parameter": (
        lambda: planned(parameters={"width": None}),
        "`parameters.width` is None, which",
    ),
    "None for replicates": (
        lambda: planned(replicates=None),
        "`grid.replicates` is None: give it a value, or",
    ),
    "functions on an axis": (
        axis(np.sin, np.cos),
        "`grid.learning_rate` is a function, and a value of a sweep is a text, true or false, a number, or a list of "
        "these: give it a name as text, and let the function look it up",
    ),
    "a class on an axis": (axis(Net), "`grid.learning_rate` is a class, and a value of a sweep is a text"),
    "an object on an axis": (axis(object()), "`grid.learning_rate` is of type object, and a value"),
    "a date on an axis": (axis(datetime.date(2026, 1, 1)), "is of type date"),
    "a complex number": (axis(1j), "is of type complex"),
    "bytes": (axis(b"a"), "is of type bytes"),
    "not a number": (axis(float("nan")), "a finite number, or a list of these, got nan."),
    "no grid": (lambda: planned(grid=None), "`grid` must be a dict, or a list of dicts, such as"),
    "a grid of names": (lambda: planned(grid=["learning_rate"]), "`grid` must be a dict, or a list of dicts"),
    "claims as text": (
        lambda: planned(claims="better"),
        "`claims` must be a dict, or a list of dicts, such as",
    ),
    "a claim on no axis": (
        claimed(form="better", axis="widht", value=1, than=2),
        'train: `claim.axis` must name axes of the sweep, got "widht"; its axes are `learning_rate`.',
    ),
    "a claim on no metric": (
        claimed(form="reaches", metric="accuracy", above=0.9, share=0.5),
        'train: `claim.metric` must be one of "error", got "accuracy".',
    ),
    "quick without values": (lambda: planned(quick=True), 'such as `quick_values={"replicates": 4}`.'),
    "weights of a function": (
        lambda: planned(store={"weights": True}),
        "`store.weights` is not a key of [store]",
    ),
    "an axis misspelt": (
        lambda: planned(grid={"learning_rat": [1]}),
        "train: `grid.learning_rat` is no parameter of the function `train`, which has `learning_rate` and `width`; "
        "did you mean `learning_rate`?",
    ),
    "a parameter that is needed": (lambda: planned(grid={}), "`parameters.learning_rate` is missing."),
    "replicates without a seed": (
        lambda: planned(unseeded, replicates=10),
        "must be 1, got 10: the function",
    ),
    "epochs that it does not know": (
        lambda: planned(grid={**GRID, "epochs": [1, 2]}),
        "and it does not yield",
    ),
    "a generator without epochs": (
        lambda: planned(curve),
        "`parameters.epochs` is missing. The function yields",
    ),
    "seeds as an axis": (lambda: planned(seed=[1, 2]), "say how many by `replicates`"),
    "a class": (lambda: planned(Net), "cannot use `Net`: it is a class: write a `def` that makes one"),
    "an async function": (lambda: planned(later), "cannot use `later`: it is `async`: write a plain `def`."),
    "a positional parameter": (
        lambda: planned(by_place),
        "its parameter `learning_rate` cannot be given by name",
    ),
    "a builtin": (lambda: planned(min), "its parameters cannot be read: wrap it in a `def` of your own."),
    "a lock in a closure": (
        lambda: planned(over_a_lock()),
        "`locked` cannot be handed to a worker process (TypeError: cannot pickle '_thread.lock' object): make what it "
        "refers to inside of it",
    ),
    "what the function returned": (
        lambda: planned(train(1, seed=1)),
        "a sweep is of a config file, a dict or a",
    ),
    "a list of functions": (
        lambda: planned([train]),
        "a sweep is of a config file, a dict or a function, got [",
    ),
    "an empty name": (lambda: planned(name=""), "`name` must be a text that a folder can be called by"),
    "a path as a name": (
        lambda: planned(name="../digits"),
        "`name` must be a text that a folder can be called by",
    ),
    "a negative time": (lambda: planned(timeout_seconds=-1), "must be a number >= 0, got -1."),
    "a negative device": (lambda: planned(devices=[-1]), "a list of whole numbers from 0 on"),
    "half a retry": (lambda: planned(retries=1.5), "a whole number from 0 to 100, got 1.5."),
    "a kind of training beside it": (
        lambda: planned(training=NetworkTraining()),
        "`training` and a function are two answers to what is trained: leave one of them out",
    ),
    "an axis from zero by log": (
        lambda: planned(grid={"learning_rate": sweep.log(0, 1, 3)}),
        "`grid.learning_rate.log` must be two numbers > 0, got [0.0, 1.0]. Start above 0, or take `linear`.",
    ),
    "arrays of no parameter": (
        lambda: planned(sweep.batched("rate", "seed")(functools.partial(train))),
        "`sweep.batched` names `rate`, which is no parameter of it.",
    ),
    "arrays without the seed": (
        lambda: planned(sweep.batched("learning_rate")(functools.partial(train))),
        "`sweep.batched` must name `seed` too: it differs within a batch.",
    ),
    "arrays of no names": (
        lambda: sweep.batched(train),
        "`sweep.batched` takes the names of parameters: @sweep.",
    ),
    "a word for changed code": (
        lambda: sweep.run(train, grid=GRID, metrics=METRICS, code="chekc"),
        '`code` must be "check", "new" or "same", got \'chekc\'',
    ),
    "results in a number": (
        lambda: sweep.run(train, grid=GRID, metrics=METRICS, results=3),
        "`results` must be the path of a folder, got 3",
    ),
}


@pytest.mark.parametrize(("call", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_one_line(call, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises((ConfigError, InputError)) as error:
        call()

    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "values",
    [
        (0.1, 0.2),
        iter([0.1, 0.2]),
        np.array([0.1, 0.2]),
        pd.Series([0.1, 0.2]),
        [np.float64(0.1), np.float64(0.2)],
        {0.2, 0.1},
        map(float, ["0.1", "0.2"]),
    ],
    ids=lambda values: type(values).__name__,
)
def test_whatever_lists_values_is_an_axis(values):
    (values_of_axis,) = planned(grid={"learning_rate": values}).experiment.grids[0].axes

    assert values_of_axis.points == ((0.1,), (0.2,))
