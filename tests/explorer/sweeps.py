"""Results for the explorer: of the article's network, and of tables that could come from anywhere."""

import itertools

import numpy as np
import pandas as pd
from running import write_config

import sweep

HOSTILE = (
    "<img src=x onerror=window.hacked=1>",
    "</script><script>window.hacked=2</script>",
    "<!--<script>",
    "]]>",
    "<svg/onload=window.hacked=3>",
    '" onmouseover="window.hacked=4',
    "' onclick='window.hacked=5",
    "javascript:window.hacked=6",
    "<iframe srcdoc='<script>parent.hacked=7</script>'>",
    "<a href=javascript:window.hacked=8>x</a>",
    "<style>*{display:none}</style>",
    "<base href=//example.com>",
    "<meta http-equiv=refresh content=0;url=//example.com>",
    "<link rel=stylesheet href=//example.com/x.css>",
    "<object data=//example.com>",
    "${window.hacked=9}",
    "{{constructor.constructor('window.hacked=10')()}}",
    "{window.hacked=11}",
    "@{hacked}",
    "@axis{safe}",
    "$$\\alpha$$",
    "\\[x\\]",
    "\\(x\\)",
    "$x$",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "%s%n%x",
    "=1+1",
    '=HYPERLINK("//example.com")',
    "a,b",
    'say "so"',
    "line\nbreak",
    "tab\there",
    "&lt;b&gt;",
    "&amp;amp;",
    "\\u003cscript\\u003e",
    "\\",
    "'; window.hacked=12; '",
    "`${window.hacked=13}`",
    "*/window.hacked=14/*",
    "//window.hacked=15",
    "日本語",
    "e\u0301",
    "ﷺ",
    "😀",
    "0",
    "true",
    "null",
)
"""Fifty texts that are to do nothing but be read."""

NETWORK = {
    "title": "x² on [0, 3]",
    "target": {"function": "x**2", "interval": [0, 3]},
    "training": {"batch_size": 3},
    "grid": {
        "neurons": [2, 3, 5],
        "learning_rate": [0.01, 0.03, 0.1, 300.0],
        "epochs": [20, 60],
        "replicates": 5,
    },
    "claim": [
        {
            "sentence": "It is learned",
            "form": "reaches",
            "metric": "rms_error",
            "below": 0.8,
            "where": {"learning_rate": 0.03, "neurons": 5, "epochs": 60},
        }
    ],
}


def network(folder):
    """Train a small sweep, of which some runs diverge, and return its results."""
    return sweep.run(write_config(folder / "net.toml", NETWORK), results=folder / "net")


def of_texts():
    """Return results whose every axis value is hostile, with an accuracy of which 1024.5 is one value."""
    rows = [
        {HOSTILE[0]: one, "other": other, "replicate": r, HOSTILE[4]: 1024.5 if i == 7 else i / 7 + r}
        for i, (one, other) in enumerate(itertools.product(HOSTILE, HOSTILE[:2]))
        for r in range(2)
    ]
    return sweep.from_table(
        pd.DataFrame(rows),
        axes=[HOSTILE[0], "other"],
        replicate="replicate",
        metrics={HOSTILE[4]: "higher"},
        title=HOSTILE[1],
    )


def of_two_axes(n_rows, n_columns, n_replicates=1, wild=()):
    """Return results over two numeric axes: positive losses of all sizes; of the numbers in `wild`, one a cell."""
    rng = np.random.default_rng(5)
    places = pd.DataFrame(
        itertools.product(range(1, n_rows + 1), range(1, n_columns + 1), range(n_replicates)),
        columns=["down", "across", "replicate"],
    )
    losses = np.exp(rng.normal(0, 2, len(places)))
    losses[: len(wild)] = wild
    return sweep.from_table(
        places.assign(loss=losses),
        axes=["down", "across"],
        replicate="replicate",
        metrics={"loss": "lower"},
        missing="failed",
    )


def of_five_axes():
    """Return results over five axes of numbers, text and truth values, with a metric of which higher is better."""
    axes = {
        "optimizer": ["sgd", "adam"],
        "width": [8, 16, 32],
        "learning_rate": [0.001, 0.01, 0.1],
        "nesterov": [False, True],
        "schedule": ["step", "cosine"],
    }
    rows = pd.DataFrame(itertools.product(*axes.values(), range(2)), columns=[*axes, "replicate"])
    rng = np.random.default_rng(6)
    return sweep.from_table(
        rows.assign(accuracy=rng.uniform(0.5, 1.0, len(rows)), seconds=rng.uniform(1, 9, len(rows))),
        axes=list(axes),
        replicate="replicate",
        metrics={"accuracy": "higher", "seconds": "lower"},
    )
