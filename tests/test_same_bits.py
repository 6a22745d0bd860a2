"""The same config gives the same bits: whatever the workers, the batches, the order of its lines, and its history."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import bits, saved, stored_runs, write_config

import sweep
from sweep.dispatch import pool
from sweep.training.kind import Cost

AXES = {
    "gradient": ["backprop", "numerical"],
    "activation": ["relu", "tanh", "sigmoid"],
    "hidden_layers": [1, 2],
    "neurons": [1, 3],
    "learning_rate": [0.03, 0.1, 1e60],  # with the last many diverge
    "epochs": [1, 5, 12],
}
FIXED = {
    "target": {"function": "x**2 - exp(x)/4", "interval": [0, 3]},
    "training": {"batch_size": 3, "batch_rule": "printed"},
}
MORE = {"replicates": 4, "seed": 7}


def reverse(table):
    return dict(reversed(table.items()))


def with_grid(*grids, **tables):
    return FIXED | tables | {"grid": list(grids) if len(grids) > 1 else grids[0]}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The tables of the sweep, made in one go in one process."""
    folder = tmp_path_factory.mktemp("undisturbed")
    config = write_config(folder / "all.toml", with_grid(AXES | MORE))
    found = sweep.run(config, results=folder / "all", workers=1, report=False)
    assert len(found.runs) == found.n_planned == 2 * 3 * 2 * 2 * 3 * 3 * 4
    assert {"ok", "diverged"} == set(found.runs["status"])
    assert len({*stored_runs(folder / "all")}) == found.n_planned
    return saved(folder / "all")


@pytest.fixture
def tables_of(tmp_path):
    """Return a function that runs configs one after the other on the same results, and returns the last tables."""

    def run(*configs, workers=1):
        for number, tables in enumerate(configs):
            config = write_config(tmp_path / f"{number}.toml", tables)
            sweep.run(config, results=tmp_path / "results", workers=workers, report=False)
        runs = stored_runs(tmp_path / "results")
        assert len(runs) == len(set(runs)), "a run was trained twice"
        return saved(tmp_path / "results")

    return run


@pytest.mark.parametrize("workers", [2, 4])
def test_any_number_of_workers_gives_the_same_bits(workers, tables_of, undisturbed, monkeypatch):
    monkeypatch.setattr(pool, "SECONDS_TO_START_WORKERS", 0.0)
    monkeypatch.setattr(pool, "in_process", None)  # so that it cannot be used
    assert tables_of(with_grid(AXES | MORE), workers=workers) == undisturbed


@pytest.mark.parametrize("most", [1, 3])
def test_any_size_of_batches_gives_the_same_bits(most, tables_of, undisturbed, monkeypatch):
    monkeypatch.setattr(Cost, "trajectories_in", lambda *_: most)
    assert tables_of(with_grid(AXES | MORE)) == undisturbed


def test_the_order_of_tables_and_axes_does_not_matter(tables_of, undisturbed):
    assert tables_of(reverse(with_grid(reverse(AXES | MORE)))) == undisturbed


def in_any_order(tables):
    """Return the rows of tables, sorted: words stand in the order in which the config has them."""
    n = len(tables["runs"]["activation"][1])
    columns = []
    for _, values in tables["runs"].values():
        width = len(values) // n  # of a number's bits; words are listed
        columns.append([values[i : i + width] for i in range(0, len(values), width)])
    return sorted(tables["cells"].splitlines()), sorted(map(repr, zip(*columns, strict=True)))


def test_the_order_of_values_changes_no_more_than_the_order_of_rows(tables_of, undisturbed):
    backwards = {axis: values[::-1] for axis, values in AXES.items()}
    assert in_any_order(tables_of(with_grid(backwards | MORE))) == in_any_order(undisturbed)


def test_a_union_of_grids_that_begins_with_another_word_has_the_same_rows(tables_of, undisturbed):
    first, *others = AXES["gradient"]
    one, two = AXES | MORE | {"gradient": [first]}, AXES | MORE | {"gradient": others}
    assert in_any_order(tables_of(with_grid(two, reverse(one)))) == in_any_order(undisturbed)


@pytest.mark.parametrize("axis", ["neurons", "learning_rate", "epochs"])
def test_a_union_of_two_grids_is_the_same_as_one_grid(axis, tables_of, undisturbed):
    first, *others = AXES[axis]
    one, two = AXES | MORE | {axis: [first]}, AXES | MORE | {axis: others}
    assert tables_of(with_grid(two, reverse(one))) == undisturbed


def test_grids_that_overlap_are_trained_once(tables_of, undisturbed):
    small = AXES | MORE | {"learning_rate": [0.1, 1e60], "replicates": 2, "epochs": [5]}
    assert tables_of(with_grid(small, AXES | MORE)) == undisturbed


@pytest.mark.parametrize(
    "less",
    [
        {"learning_rate": [0.03, 1e60]},
        {"neurons": [3]},
        {"epochs": [1, 12]},
        {"epochs": [1, 5]},
        {"replicates": 1},
        {"replicates": 3, "epochs": [5], "gradient": ["numerical"]},
    ],
    ids=str,
)
def test_a_sweep_in_steps_is_the_same_as_one_at_once(less, tables_of, undisturbed):
    assert tables_of(with_grid(AXES | MORE | less), with_grid(AXES | MORE)) == undisturbed


def test_a_sweep_in_many_steps_is_the_same_as_one_at_once(tables_of, undisturbed):
    growing = {"epochs": [5], "neurons": [1], "learning_rate": [0.1], "replicates": 2}
    steps = []
    for name in list(growing):
        steps.append(with_grid(AXES | MORE | growing))
        growing.pop(name)
    assert tables_of(*steps, with_grid(AXES | MORE)) == undisturbed


def test_values_may_also_be_written_as_ranges_and_steps(tables_of, undisturbed):
    forms = {"hidden_layers": {"range": [1, 2]}, "neurons": {"linear": [1, 3], "num": 2}}
    assert tables_of(with_grid(AXES | MORE | forms)) == undisturbed


@pytest.mark.parametrize("first", [True, False])
def test_curves_do_not_change_the_results(first, tables_of, undisturbed):
    without, half = {"curves": False}, AXES | MORE | {"learning_rate": [0.03]}
    if first:
        assert tables_of(with_grid(half, store=without), with_grid(AXES | MORE)) == undisturbed
    else:
        assert tables_of(with_grid(half), with_grid(AXES | MORE, store=without)) == undisturbed


LEVELS = {
    "learning_rate": (0.001, 0.03, 0.1, 1e60),
    "neurons": (1, 2, 3),
    "init_range": (0.1, 0.5, 40.0),
    "epochs": (1, 2, 3, 7),
    "batch_rule": ("mean", "printed"),
    "interval": ((0, 1), (-1, 2.5)),
}


def _values(axis):
    return st.lists(st.sampled_from(LEVELS[axis]), min_size=1, max_size=3, unique=True)


@st.composite
def _grids(draw):
    """Return a grid, and two parts of it that may overlap or leave something out."""
    names = ["learning_rate", "neurons", "init_range", "batch_rule", "interval"]
    axes = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    whole = {axis: draw(_values(axis)) for axis in draw(st.permutations([*axes, "epochs"]))}
    whole |= {"replicates": draw(st.integers(1, 4)), "seed": draw(st.integers(0, 2**63 - 1))}
    parts = []
    for _ in range(2):
        part = {
            axis: draw(st.lists(st.sampled_from(values), min_size=1, unique=True))
            for axis, values in whole.items()
            if isinstance(values, list)
        }
        parts.append(whole | part | {"replicates": draw(st.integers(1, whole["replicates"]))})
    return whole, parts


@settings(max_examples=12)
@given(grids=_grids(), curves=st.booleans(), together=st.booleans())
def test_any_sweep_in_any_parts_is_the_same_as_one_at_once(grids, curves, together):
    whole, parts = grids
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def run(grid, results, curves=True):
            tables = {"target": {"function": "x*x - x"}, "training": {"batch_size": 2}, "grid": grid}
            config = write_config(folder / "c.toml", tables | {"store": {"curves": curves}})
            return sweep.run(config, results=folder / results, workers=1, report=False)

        once = run(whole, "once")
        for grid in [parts] if together else parts:
            run(grid, "parts", curves)
        again = run(whole, "parts")
        assert bits(again.runs) == bits(once.runs)
        assert bits(again.cells) == bits(once.cells)
        assert saved(folder / "parts") == saved(folder / "once")
        assert again.n_stored == again.n_planned
