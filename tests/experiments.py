"""Small experiments for the tests, made without a config file."""

from sweep.config.experiment import Axis, Experiment, Grid
from sweep.terms.values import Value
from sweep.training.network.kind import NetworkTraining

DEFAULTS: dict[str, Value] = {
    "function": "x**2",
    "interval": (0.0, 3.0),
    "activation": "relu",
    "output": "identity",
    "hidden_layers": 1,
    "neurons": 3,
    "layers": (),
    "init_range": 0.5,
    "learning_rate": 0.03,
    "epochs": 20,
    "batch_size": 4,
    "batch_rule": "printed",
    "gradient": "backprop",
    "difference_step": 1e-4,
    "check_points": 11,
    "precision": "float64",
    "networks": 1,
    "round_epochs": 0,
}


def axis(name: str, *values: Value) -> Axis:
    return Axis((name,), tuple((value,) for value in values))


def grid(*axes: Axis, replicates: int = 3, exclude: tuple[dict[str, tuple[Value, ...]], ...] = ()) -> Grid:
    return Grid(axes, replicates, exclude)


def experiment(
    *grids: Grid, seed: int = 0, keep: frozenset[str] = frozenset({"curves"}), **fixed: Value
) -> Experiment:
    return Experiment(
        name="test",
        training=NetworkTraining(),
        fixed=DEFAULTS | fixed,
        grids=grids,
        seed=seed,
        max_runs=1_000_000,
        keep=keep,
    )
