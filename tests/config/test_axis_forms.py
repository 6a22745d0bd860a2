"""Axes: what lists, single values and forms come to."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sweep.config import Experiment, grid_size, parse_experiment
from sweep.errors import ConfigError
from sweep.terms.values import Value


def experiment(grid: str) -> Experiment:
    function = "" if "function" in grid else '[target]\nfunction = "x**2"\n'
    return parse_experiment(f"{function}[grid]\n{grid}", "test")


def values(field: str, axis: str) -> tuple[Value, ...]:
    (found,) = experiment(f"{field} = {axis}").grids[0].axes
    assert found.names == (field,)
    return tuple(value for (value,) in found.points)


@pytest.mark.parametrize(
    ("field", "axis", "expected"),
    [
        ("neurons", "[3, 1, 2]", (3, 1, 2)),
        ("neurons", "7", (7,)),
        ("learning_rate", "[1, 0.1]", (1.0, 0.1)),
        ("activation", '["tanh", "relu"]', ("tanh", "relu")),
        ("activation", '"tanh"', ("tanh",)),
        ("learning_rate", "{ log = [1e-3, 1.0], num = 4 }", (0.001, 0.01, 0.1, 1.0)),
        (
            "learning_rate",
            "{ log = [0.001, 0.1], num = 5 }",
            (0.001, 0.00316227766017, 0.01, 0.0316227766017, 0.1),
        ),
        ("learning_rate", "{ linear = [0.1, 0.5], num = 5 }", (0.1, 0.2, 0.3, 0.4, 0.5)),
        ("learning_rate", "{ linear = [0.1, 0.1], num = 1 }", (0.1,)),
        ("learning_rate", "{ range = [1, 3] }", (1.0, 2.0, 3.0)),
        ("neurons", "{ range = [1, 5] }", (1, 2, 3, 4, 5)),
        ("neurons", "{ range = [1, 9], step = 4 }", (1, 5, 9)),
        ("neurons", "{ range = [1, 10], step = 4 }", (1, 5, 9)),
        ("neurons", "{ range = [4, 4] }", (4,)),
        ("neurons", "{ log = [1, 10], num = 6 }", (1, 2, 3, 4, 6, 10)),
        ("neurons", "{ log = [1, 4], num = 9 }", (1, 2, 3, 4)),
        ("epochs", "{ log = [100, 10_000], num = 3 }", (100, 1000, 10_000)),
        ("epochs", "{ linear = [1, 100], num = 2 }", (1, 100)),
        ("interval", "[0, 3]", ((0.0, 3.0),)),
        ("interval", "[[0, 1], [0, 3]]", ((0.0, 1.0), (0.0, 3.0))),
        ("layers", "[10, 20]", ((10, 20),)),
        ("layers", "[[10], [10, 20, 10]]", ((10,), (10, 20, 10))),
    ],
)
def test_an_axis_has_the_values_that_a_reader_expects(
    field: str, axis: str, expected: tuple[Value, ...]
) -> None:
    found = values(field, axis)

    assert found == expected
    assert [type(value) for value in found] == [type(value) for value in expected]


positive = st.floats(min_value=1e-300, max_value=1e300)


@given(ends=st.tuples(positive, positive), num=st.integers(2, 50), spacing=st.sampled_from(["log", "linear"]))
def test_a_form_rises_from_end_to_end_with_values_of_twelve_digits(
    ends: tuple[float, float], num: int, spacing: str
) -> None:
    low, high = min(ends), max(ends)
    assume(low < high)

    found = [
        float(str(value))
        for value in values("learning_rate", f"{{ {spacing} = [{low!r}, {high!r}], num = {num} }}")
    ]

    assert found[0] == low
    assert found[-1] == high
    assert len(found) <= num
    assert all(one < other for one, other in pairwise(found))
    assert all(value == float(f"{value:.12g}") for value in found[1:-1])


@given(exponents=st.lists(st.integers(-12, 12), min_size=2, max_size=2, unique=True))
def test_powers_of_ten_on_a_log_axis_are_exact(exponents: list[int]) -> None:
    low, high = sorted(exponents)

    found = values("learning_rate", f"{{ log = [1e{low}, 1e{high}], num = {high - low + 1} }}")

    assert found == tuple(float(f"1e{exponent}") for exponent in range(low, high + 1))


@given(low=st.integers(1, 9_000), length=st.integers(1, 900), num=st.integers(2, 60))
def test_whole_numbers_on_a_log_axis_are_close_to_equal_ratios_and_stand_once(
    low: int, length: int, num: int
) -> None:
    high = low + length

    found = values("neurons", f"{{ log = [{low}, {high}], num = {num} }}")

    exact = [low * (high / low) ** (i / (num - 1)) for i in range(num)]
    assert len(set(found)) == len(found)
    assert all(
        isinstance(value, int) and min(abs(value - other) for other in exact) <= 0.5001 for value in found
    )
    assert all(any(abs(float(str(value)) - other) <= 0.5001 for value in found) for other in exact)


@given(low=st.integers(1, 500), high=st.integers(1, 500), step=st.integers(1, 20))
def test_a_range_is_what_python_counts_with_both_ends(low: int, high: int, step: int) -> None:
    low, high = min(low, high), max(low, high)

    assert values("neurons", f"{{ range = [{low}, {high}], step = {step} }}") == tuple(
        range(low, high + 1, step)
    )


@given(rates=st.lists(st.floats(min_value=1e-9, max_value=1e9), min_size=1, max_size=20, unique=True))
def test_a_list_keeps_its_values_and_their_order_to_the_last_bit(rates: list[float]) -> None:
    assert values("learning_rate", repr(rates)) == tuple(rates)


@given(
    sizes=st.lists(st.integers(1, 30), min_size=3, max_size=3),
    replicates=st.integers(1, 40),
)
def test_the_size_of_a_grid_is_the_product_of_its_axes_and_replicates(
    sizes: list[int], replicates: int
) -> None:
    neurons, epochs, rates = sizes
    (grid,) = experiment(
        f"neurons = {{ range = [1, {neurons}] }}\nepochs = {{ range = [1, {epochs}] }}\n"
        f"learning_rate = {{ range = [1, {rates}] }}\nreplicates = {replicates}"
    ).grids

    assert grid_size(grid) == math.prod(sizes) * replicates


def test_axes_come_in_the_canonical_order_whatever_the_order_of_the_file() -> None:
    one = experiment("epochs = [5, 6]\nlearning_rate = [0.1, 0.2]\nneurons = [3]")
    other = experiment("neurons = [3]\nlearning_rate = [0.1, 0.2]\nepochs = [5, 6]")

    assert one == other
    assert one.grids[0].names == ("neurons", "learning_rate", "epochs")


@pytest.mark.parametrize("names", ['[["interval", "function"]]', '["function", "interval"]'])
def test_zipped_axes_move_together_and_may_repeat_a_value_each(names: str) -> None:
    (grid,) = experiment(
        'function = ["x", "x**2", "x**3"]\ninterval = [[0, 1], [0, 3], [0, 3]]\n'
        f"neurons = [1, 2]\nzip = {names}"
    ).grids

    together, neurons = grid.axes
    assert together.names == ("function", "interval")
    assert together.points == (("x", (0.0, 1.0)), ("x**2", (0.0, 3.0)), ("x**3", (0.0, 3.0)))
    assert neurons.names == ("neurons",)
    assert grid_size(grid) == 3 * 2 * 10


def test_exclude_takes_single_values_and_lists_in_canonical_types() -> None:
    (grid,) = experiment(
        "learning_rate = { log = [0.01, 1], num = 3 }\nneurons = [1, 2, 3]\n"
        "exclude = [{ learning_rate = 1, neurons = [1, 2] }, { neurons = 3 }]"
    ).grids

    assert grid.exclude == ({"learning_rate": (1.0,), "neurons": (1, 2)}, {"neurons": (3,)})


def test_an_exclude_may_name_an_interval_or_layers() -> None:
    (grid,) = experiment(
        "interval = [[0, 1], [0, 3]]\nlayers = [[1], [1, 2], [3]]\n"
        "exclude = [{ interval = [0, 3], layers = [[1], [3]] }, { layers = [1, 2] }]"
    ).grids

    assert grid.exclude == ({"interval": ((0.0, 3.0),), "layers": ((1,), (3,))}, {"layers": ((1, 2),)})


@pytest.mark.parametrize("written", ["0.00177827941", "0.00177827941004"])
def test_an_exclude_finds_a_value_as_a_reader_sees_it(written: str) -> None:
    grid = f"learning_rate = {{ log = [0.001, 1], num = 13 }}\nexclude = [{{ learning_rate = {written} }}]"

    (read,) = parse_experiment(f'[target]\nfunction = "x"\n[grid]\n{grid}', "any").grids

    assert read.exclude == ({"learning_rate": (0.00177827941004,)},)


@pytest.mark.parametrize("form", ["linear", "log"])
@pytest.mark.parametrize(
    ("low", "high", "n_digits"),
    [("0.5123456789", "0.51234567891", 15), ("1.0", "1.000000000001", 17), ("0.001", "1.0", 12)],
)
def test_as_many_floats_come_as_are_asked_for_with_as_few_digits_as_tell_them_apart(
    form: str, low: str, high: str, n_digits: int
) -> None:
    found = [
        value
        for value in values("learning_rate", f"{{ {form} = [{low}, {high}], num = 1000 }}")
        if isinstance(value, float)
    ]

    assert len(found) == 1000
    assert found == sorted(set(found))
    assert (found[0], found[-1]) == (float(low), float(high))
    assert all(value == float(f"{value:.{n_digits}g}") for value in found)
    steps = [b - a for a, b in pairwise(found)] if n_digits > 12 else [1.0]
    assert max(steps) < 2 * min(steps)


def test_an_axis_may_end_at_the_largest_float() -> None:
    found = values("learning_rate", "{ log = [1e300, 1.7976931348623157e308], num = 300 }")

    assert len(found) == 300
    assert all(isinstance(value, float) and math.isfinite(value) for value in found)


def test_fewer_whole_numbers_than_asked_for_are_told() -> None:
    found = experiment("neurons = { log = [1, 30], num = 20 }\nepochs = { log = [1, 1000], num = 4 }")

    assert found.remarks == ("`neurons` has 15 of 20 values, since they are rounded to whole numbers.",)
    assert len(found.grids[0].axes[0]) == 15


def test_a_form_between_whose_ends_are_too_few_floats_is_a_mistake() -> None:
    with pytest.raises(
        ConfigError, match=r"line 4: `grid.learning_rate.num` asks for 10 values, and 3 numbers are"
    ):
        experiment("learning_rate = { linear = [0.1, 0.10000000000000003], num = 10 }")


@pytest.mark.parametrize(
    ("grid", "told"),
    [
        (
            "difference_step = [1e-3, 1e-4]",
            ["`difference_step` has no effect", "its 2 values are trained each"],
        ),
        (
            'difference_step = [1e-3, 1e-4]\ngradient = ["backprop", "numerical"]',
            ["`difference_step` has no"],
        ),
        ('difference_step = [1e-3, 1e-4]\ngradient = "numerical"', []),
        ("round_epochs = [0, 10]", ["`round_epochs` has no effect", "`networks` 1", "its 2 values"]),
        ("round_epochs = 10", ["`round_epochs` has no effect", "no other network to go on from"]),
        ("round_epochs = [0, 2000]\nnetworks = 3", ["`round_epochs` has no effect within 1_000 epochs"]),
        ("round_epochs = [0, 500]\nnetworks = 3", []),
        ("neurons = [2, 3]", []),
    ],
)
def test_a_parameter_without_effect_is_told(grid: str, told: list[str]) -> None:
    remarks = experiment(grid).remarks

    assert len(remarks) == (1 if told else 0)
    assert all(words in remark for remark in remarks for words in told)
