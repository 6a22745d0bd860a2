"""From a config to its `Experiment`: defaults, canonical values, several grids, files."""

import pickle
from pathlib import Path

import pytest

from sweep.config import Grid, example_config, grid_size, parse_experiment, read_experiment
from sweep.errors import ConfigError
from sweep.training.network.setting import PARAMETERS as FIELDS

SMALLEST = '[target]\nfunction = "x**2"\n'


def test_a_config_of_one_line_is_one_cell_with_all_defaults() -> None:
    experiment = parse_experiment(SMALLEST, "smallest")

    assert dict(experiment.fixed) == {
        "function": "x**2",
        "interval": (0.0, 1.0),
        "activation": "relu",
        "output": "identity",
        "hidden_layers": 1,
        "neurons": 10,
        "layers": (),
        "init_range": 0.5,
        "learning_rate": 0.1,
        "epochs": 1000,
        "batch_size": 10,
        "batch_rule": "mean",
        "gradient": "backprop",
        "difference_step": 1e-4,
        "check_points": 11,
        "precision": "float64",
        "networks": 1,
        "round_epochs": 0,
    }
    assert tuple(experiment.fixed) == tuple(FIELDS)
    assert experiment.grids == (Grid(axes=(), replicates=10),)
    assert (experiment.name, experiment.title, experiment.source) == ("smallest", "", "")
    assert (experiment.seed, experiment.max_runs, experiment.keep) == (0, 10_000_000, {"curves"})


def test_fixed_values_are_canonical() -> None:
    experiment = parse_experiment(
        '[target]\nfunction = "x"\ninterval = [-0.0, 3]\n'
        "[network]\nlayers = [10, 20]\n[training]\nlearning_rate = 1\n",
        "test",
    )

    assert repr(experiment.fixed["interval"]) == "(0.0, 3.0)"
    assert experiment.fixed["layers"] == (10, 20)
    assert repr(experiment.fixed["learning_rate"]) == "1.0"


def test_everything_at_the_top_and_in_the_store_is_read() -> None:
    text = (
        'title = "t"\nsource = "s"\nmax_runs = 5\n[store]\ncurves = false\n[grid]\nseed = 7\nreplicates = 5\n'
    )

    experiment = parse_experiment(text + SMALLEST, "test")

    assert (experiment.title, experiment.source, experiment.max_runs) == ("t", "s", 5)
    assert (experiment.seed, experiment.keep, experiment.grids[0].replicates) == (7, set(), 5)


def test_several_grids_stand_side_by_side_and_share_the_seed() -> None:
    text = (
        SMALLEST
        + "[[grid]]\nneurons = [1, 2]\nseed = 3\n[[grid]]\nepochs = 5\nreplicates = 2\n[[grid]]\nseed = 3\n"
    )

    experiment = parse_experiment(text, "test")

    assert [grid.names for grid in experiment.grids] == [("neurons",), ("epochs",), ()]
    assert [grid.replicates for grid in experiment.grids] == [10, 2, 10]
    assert experiment.seed == 3
    assert experiment.axes == ("neurons", "epochs")


def test_a_fixed_field_may_be_an_axis_in_some_of_the_grids() -> None:
    text = SMALLEST + "[network]\nneurons = 5\n[[grid]]\nneurons = [1, 2]\n[[grid]]\nepochs = [10, 20]\n"

    assert parse_experiment(text, "test").fixed["neurons"] == 5


def test_the_function_may_be_an_axis_alone() -> None:
    experiment = parse_experiment('[grid]\nfunction = ["x", "x**2"]', "test")

    assert experiment.axes == ("function",)


def test_the_limit_of_runs_can_be_raised() -> None:
    grid = "[grid]\nepochs = { range = [1, 2_000] }\nneurons = { range = [1, 1_000] }\nreplicates = 10\n"

    experiment = parse_experiment("max_runs = 20_000_000\n" + SMALLEST + grid, "test")

    assert grid_size(experiment.grids[0]) == 20_000_000
    assert parse_experiment(SMALLEST + grid, "test", max_runs=20_000_000) == experiment
    with pytest.raises(ConfigError, match=r"20_000 runs .* more than `max_runs` = 5"):
        parse_experiment("max_runs = 20_000_000\n" + SMALLEST + grid, "test", max_runs=5)


def test_an_experiment_can_be_sent_to_another_process() -> None:
    experiment = parse_experiment(example_config(), "example")

    assert pickle.loads(pickle.dumps(experiment)) == experiment


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_a_file_is_read_with_its_name(tmp_path: Path, mark: bytes, end: str) -> None:
    path = tmp_path / "my square.toml"
    path.write_bytes(mark + f'title = "x²"\n{SMALLEST}'.replace("\n", end).encode())

    experiment = read_experiment(path)

    assert (experiment.name, experiment.title) == ("my square", "x²")
    assert read_experiment(str(path)) == experiment


def test_the_example_is_a_valid_config_of_the_articles_experiment() -> None:
    experiment = parse_experiment(example_config(), "example")

    assert experiment.fixed["function"] == "x**2"
    assert experiment.fixed["interval"] == (0.0, 3.0)
    assert {0.1, 0.03} <= {rate for (rate,) in experiment.grids[0].axes[1].points}


def test_the_example_shows_every_key() -> None:
    text = example_config()

    keys = [*FIELDS, "title", "source", "max_runs", "replicates", "seed", "zip", "exclude", "curves"]
    forms = ["log", "linear", "num", "range", "step"]
    assert [key for key in (*keys, *forms) if f"{key} = " not in text.replace("  ", " ")] == []
