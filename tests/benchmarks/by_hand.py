"""The same sweep as people write it today: a loop around a training function, by joblib, pipefunc, xyzpy and Optuna.

x² over 5 learning rates, 6 neuron counts, 3 epoch counts and 32 replicates, to a heatmap. A training function of one
network is what each of them is given, and each combination is a run of its own, also where one training could serve
several epoch counts: none of these tools knows that. joblib is the better of two ways to cut the work.
"""

import itertools
import tempfile
from pathlib import Path

import numpy as np

AXES = {
    "learning_rate": [0.003, 0.01, 0.03, 0.1, 0.2],
    "neurons": [1, 2, 3, 5, 7, 10],
    "epochs": [100, 300, 1000],
    "replicate": list(range(32)),
}


def train(learning_rate, neurons, epochs, replicate):
    """Return the final loss of one network, trained by backpropagation in numpy."""
    random = np.random.default_rng(replicate)
    w1, b1, w2 = random.uniform(-0.5, 0.5, (3, neurons))
    b2 = random.uniform(-0.5, 0.5)
    for _ in range(epochs):
        x = random.uniform(0, 3, 11)
        a = np.maximum(np.multiply.outer(x, w1) + b1, 0)
        delta = (a.dot(w2) + b2 - x * x) / 10
        back = np.multiply.outer(delta, w2) * (a > 0)
        w2 -= learning_rate * delta.dot(a)
        b2 -= learning_rate * delta.sum()
        w1 -= learning_rate * x.dot(back)
        b1 -= learning_rate * back.sum(axis=0)
    x = np.linspace(0, 3, 11)
    return float(0.5 * np.sum((np.maximum(np.multiply.outer(x, w1) + b1, 0).dot(w2) + b2 - x * x) ** 2))


def combinations():
    return [dict(zip(AXES, values, strict=True)) for values in itertools.product(*AXES.values())]


def draw(table):
    """Draw the heatmaps of a table with a column for each axis and one of final losses."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import seaborn as sns
    from matplotlib.colors import LogNorm

    cells = table.groupby(["learning_rate", "neurons", "epochs"], as_index=False)["final_loss"].median()
    figure, panels = plt.subplots(1, 3, figsize=(15, 4))
    for axes, (epochs, part) in zip(panels, cells.groupby("epochs"), strict=True):
        sns.heatmap(
            part.pivot(index="learning_rate", columns="neurons", values="final_loss"),
            ax=axes,
            annot=True,
            norm=LogNorm(),
        )
        axes.set_title(f"{epochs} epochs")
    with tempfile.TemporaryDirectory() as folder:
        figure.savefig(Path(folder) / "heatmap.png", dpi=144)
    plt.close(figure)


def by_joblib(batch_size):
    import joblib
    import pandas as pd

    runs = combinations()
    losses = joblib.Parallel(n_jobs=2, batch_size=batch_size)(joblib.delayed(train)(**run) for run in runs)
    draw(pd.DataFrame(runs).assign(final_loss=losses))


def by_pipefunc():
    import pandas as pd
    from pipefunc import Pipeline, pipefunc

    mapspec = f"{', '.join(f'{axis}[{index}]' for axis, index in zip(AXES, 'ijkl', strict=True))} -> loss[i, j, k, l]"
    pipeline = Pipeline([pipefunc(output_name="loss", mapspec=mapspec)(train)])
    with tempfile.TemporaryDirectory() as folder:
        losses = pipeline.map(AXES, run_folder=folder, parallel=True, show_progress=False)["loss"].output
        draw(pd.DataFrame(combinations()).assign(final_loss=np.asarray(losses, dtype=float).ravel()))


def by_xyzpy():
    import xyzpy

    losses = xyzpy.Runner(train, "final_loss").run_combos(AXES, parallel=True, num_workers=2, verbosity=0)
    draw(losses["final_loss"].to_dataframe().reset_index())


def by_optuna():
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.GridSampler(AXES))

    def objective(trial):
        return train(**{axis: trial.suggest_categorical(axis, values) for axis, values in AXES.items()})

    study.optimize(objective, n_trials=len(combinations()), n_jobs=2)
    table = study.trials_dataframe(attrs=("params", "value"))
    draw(
        table.rename(columns=lambda name: name.removeprefix("params_")).rename(
            columns={"value": "final_loss"}
        )
    )
