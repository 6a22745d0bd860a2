"""The grid, the training of one run by hand, and the heatmap."""

import numpy as np

from tests.benchmarks.single_networks import train_by_vectors

LEARNING_RATES = [0.003, 0.01, 0.02, 0.03, 0.05]
NEURONS = [1, 2, 3, 5, 7, 10]
EPOCHS = [100, 300, 1000]
REPLICATES = 32
AXES = ["learning_rate", "neurons", "epochs", "replicate"]
PROCESSES = 2

BATCH_SIZE, INIT_RANGE, CHECK_POINTS = 10, 0.5, 11


def final_loss(learning_rate, neurons, epochs, replicate):
    """Return the final loss of one run."""
    return losses(learning_rate, neurons, [epochs], replicate)[0]


def losses(learning_rate, neurons, epochs, replicate):
    """Return the losses of one training after several epoch counts, by the numbers that a sweep draws too."""
    drawn, x = draw(neurons, epochs[-1], replicate)
    w1, b1, w2 = drawn[1:].reshape(neurons, 3).T
    check = np.linspace(0, 3, CHECK_POINTS)
    return train_by_vectors(
        [w1[:, None], w2[None]],
        [b1, drawn[:1]],
        learning_rate / BATCH_SIZE,
        x,
        x**2,
        (check, check**2),
        set(epochs),
    )


def draw(neurons, epochs, replicate):
    """Return the initial parameters of a training, and the samples of each epoch."""
    initial, samples = (
        np.random.default_rng(np.random.SeedSequence(0, spawn_key=(replicate, s))) for s in (0, 1)
    )
    drawn = initial.uniform(-INIT_RANGE, INIT_RANGE, 3 * neurons + 1)
    return drawn, samples.uniform(0, 3, (epochs, BATCH_SIZE + 1))


def finish(runs):
    """Write the table of runs and its heatmap; `runs` has a column for each axis, and `final_loss`."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    import seaborn as sns
    from matplotlib.colors import LogNorm

    runs.to_csv("runs.csv", index=False)
    cells = runs.groupby(AXES[:3])["final_loss"].median().reset_index()
    norm = LogNorm(cells["final_loss"].min(), cells["final_loss"].max())
    figure, panels = plt.subplots(1, len(EPOCHS), figsize=(15, 4))
    for panel, epochs in zip(panels, EPOCHS, strict=True):
        of_epochs = cells[cells["epochs"] == epochs]
        values = of_epochs.pivot(index="learning_rate", columns="neurons", values="final_loss")
        sns.heatmap(values, annot=True, fmt=".3g", norm=norm, ax=panel)
        panel.set_title(f"{epochs} epochs")
    figure.savefig("heatmap.png", dpi=150)
