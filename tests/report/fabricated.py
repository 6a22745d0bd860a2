"""Results that look like those of trainings, made without training: for tests of pictures and pages."""

import itertools

import numpy as np
import pandas as pd


def final_losses(setting: dict, epochs: int, n_replicates: int, rng: np.random.Generator) -> np.ndarray:
    """Losses that fall with epochs, rate and width, and are infinite where these are too large together."""
    rate, neurons = setting.get("learning_rate", 0.05), setting.get("neurons", 10)
    spread = rng.normal(size=n_replicates)
    floor = 0.02 + 3 / (1 + neurons) ** 2
    loss = (floor + 6 * np.exp(-rate * epochs / 25)) * np.exp(0.5 * spread)
    steepness = np.log(rate * np.sqrt(neurons) / 0.9) + 0.5 * rng.normal(size=n_replicates)
    loss = loss * np.exp(np.clip(3 * (steepness + 1), 0, 12))
    loss[steepness > 0] = np.inf
    return loss


def quantile(losses: np.ndarray, share: float) -> float:
    kept = np.sort(losses[~np.isnan(losses)])
    return float(kept[round(share * (len(kept) - 1))]) if len(kept) else np.nan


def cells_of(axes: dict, n_replicates: int = 32, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for values in itertools.product(*axes.values()):
        setting = dict(zip(axes, values, strict=True))
        losses = final_losses(setting, setting.get("epochs", 1000), n_replicates, rng)
        rows.append({**setting, **statistics(losses)})
    return pd.DataFrame(rows)


def statistics(losses: np.ndarray) -> dict:
    kept = losses[~np.isnan(losses)]
    return {
        "n_runs": len(losses),
        "n_diverged": int(np.isinf(losses).sum()),
        "n_failed": int(np.isnan(losses).sum()),
        "median": quantile(losses, 0.5),
        "mean": float(kept.mean()) if len(kept) else np.nan,
        "lower_quartile": quantile(losses, 0.25),
        "upper_quartile": quantile(losses, 0.75),
        "minimum": quantile(losses, 0.0),
        "maximum": quantile(losses, 1.0),
        "median_rms_error": float(np.sqrt(2 * quantile(losses, 0.5) / 11)),
    }


def large_cells(n_rows: int, n_columns: int) -> pd.DataFrame:
    """A cell for each of many learning rates and widths, made at once."""
    rng = np.random.default_rng(0)
    rates, widths = np.logspace(-4, 0, n_rows), np.arange(1, n_columns + 1)
    rate, width = (grid.ravel() for grid in np.meshgrid(rates, widths, indexing="ij"))
    loss = 0.01 + 3 / (1 + width) + 5 * np.exp(-rate * 40) * np.exp(0.2 * rng.normal(size=rate.size))
    loss[rate * np.sqrt(width) > 4 * np.exp(0.2 * rng.normal(size=rate.size))] = np.inf
    table = pd.DataFrame({"learning_rate": rate, "neurons": width, "epochs": 1000})
    for name in ("n_runs", "n_diverged", "n_failed"):
        table[name] = 10 if name == "n_runs" else 0
    for name in (
        "median",
        "mean",
        "lower_quartile",
        "upper_quartile",
        "minimum",
        "maximum",
        "median_rms_error",
    ):
        table[name] = loss
    return table


def curves_of(axes: dict, last_epoch: int = 1000, n_replicates: int = 32, seed: int = 0) -> pd.DataFrame:
    """Curves of the settings in `axes` (without epochs) at 40 epochs; a diverged replicate stays infinite."""
    rng = np.random.default_rng(seed)
    epochs = np.unique(np.geomspace(1, last_epoch, 40).round().astype(int))
    rows = []
    for values in itertools.product(*axes.values()):
        setting = dict(zip(axes, values, strict=True))
        end = final_losses(setting, last_epoch, n_replicates, rng)
        for epoch in epochs:
            rate = setting.get("learning_rate", 0.05)
            now = np.where(np.isfinite(end), end, 1.0) + 6 * np.exp(
                -rate * epoch / 12 + 0.3 * rng.normal(size=end.size)
            )
            now[np.isinf(end) & (epoch > 3)] *= 10.0 ** min(epoch / 2, 100)
            now[np.isinf(end) & (epoch > 30)] = np.inf
            row = {**setting, "epoch": int(epoch), "median": quantile(now, 0.5)}
            row |= {"lower_quartile": quantile(now, 0.25), "upper_quartile": quantile(now, 0.75)}
            rows.append({**row, "n_runs": n_replicates, "n_diverged": int(np.isinf(now).sum())})
    return pd.DataFrame(rows)


def functions_of(axes: dict, n_replicates: int = 32, n_points: int = 11, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 3, n_points)
    target = x**3 - 2.5 * x**2
    tables = []
    for values in itertools.product(*axes.values()):
        setting = dict(zip(axes, values, strict=True))
        losses = final_losses(setting, 1000, n_replicates, rng)
        for replicate, loss in enumerate(losses):
            wiggle = rng.normal() * np.cos(2 * x) + rng.normal() * np.sin(3 * x)
            output = target + np.sqrt(loss / 6) * wiggle if np.isfinite(loss) else np.full(n_points, np.nan)
            columns = {"replicate": replicate, "x": x, "target": target, "learned": output}
            tables.append(pd.DataFrame({**setting, **columns, "diverged": bool(np.isinf(loss))}))
    return pd.concat(tables, ignore_index=True)
