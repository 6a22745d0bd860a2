import ast
import math
import pickle
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.errors import TargetError
from sweep.training.network.target import Target

floats = st.floats(-1e6, 1e6)
FAR = (-1e6, 1e6)


def python_value(tree: ast.expr, x: float) -> float:
    """Evaluate by recursion over Python's own floats: the slow oracle."""
    match tree:
        case ast.Name():
            return x
        case ast.Constant(value=value):
            return float(value)
        case ast.UnaryOp(op=op, operand=operand):
            value = python_value(operand, x)
            return -value if isinstance(op, ast.USub) else +value
        case ast.BinOp(left=left, op=op, right=right):
            a, b = python_value(left, x), python_value(right, x)
            return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
    raise AssertionError(ast.dump(tree))


atoms = st.just("x") | st.floats(0, 100).map(repr) | st.integers(0, 1000).map(str)
polynomials = st.recursive(
    atoms,
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*"), inner).map("".join)
        | inner.map("({})".format)
        | inner.map("-{}".format)
    ),
    max_leaves=12,
)


@given(polynomials, st.floats(-10, 10))
def test_sums_and_products_have_the_bits_of_plain_python_floats(text, x):
    expected = python_value(ast.parse(text, mode="eval").body, x)
    found = Target(text, interval=(-10, 10))([x])[0]
    assert found.tobytes() == np.float64(expected).tobytes()


@given(floats)
def test_the_cubic_has_the_bits_of_plain_python_floats(x):
    assert Target("x*x*x - 2.5*x*x", interval=FAR)(x) == x * x * x - 2.5 * x * x


@given(floats)
def test_a_square_is_a_product(x):
    assert Target("x**2", interval=FAR)(x) == x * x == np.square(x)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=50), st.data())
def test_a_value_does_not_depend_on_its_neighbours(values, data):
    target = Target("exp(sin(3*x)) + tanh(x)**3 - where(x < 0, sqrt(abs(x)), log(x + 1)) * 2**x", (-3, 3))
    i = data.draw(st.integers(0, len(values) - 1))
    assert target(values)[i].tobytes() == target(values[i]).tobytes()
    assert target(values)[i].tobytes() == target(np.repeat(values, 3)[::3])[i].tobytes()


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("-x**2", -0.25),
        ("2**-x", 2**-0.5),
        ("x**x**2", 0.5**0.25),
        ("x - 1 - 1", -1.5),
        ("x / 2 / 2", 0.125),
        ("2 * -x", -1.0),
        ("sin(2*pi*x)", math.sin(math.pi)),
        ("e**x", math.exp(0.5)),
        ("1_000 * x + .5e1", 505.0),
        ("minimum(x, 0.25) + maximum(x, 1)", 1.25),
        ("abs(-x) + sign(-x)", -0.5),
        ("where(x < 1, 2, 3)", 2.0),
        ("where(0 < x <= 0.5, x, -1)", 0.5),
        ("where(0 < x < 0.5, x, -1)", -1.0),
        ("where(x < 0.1 or not x != 0.5 and x > 0, 7, 8)", 7.0),
        ("where(x == 0, 1, where(x >= 0.5, 2, 3))", 2.0),
        ("where(x > 0, log(x), 0)", math.log(0.5)),
        (" x\n + 1\t", 1.5),
        ("3", 3.0),
        ("+x", 0.5),
    ],
)
def test_an_expression_has_its_value(function, expected):
    assert Target(function)(0.5) == pytest.approx(expected, rel=1e-15, abs=1e-15)


@pytest.mark.parametrize("function", ["x", "+x", "2", "x**2", "where(1 < 2, x, 3)", "minimum(1, 2)"])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (5,), (2, 3), (2, 0, 3)])
def test_the_result_is_a_new_contiguous_array_of_the_same_shape(function, shape):
    x = np.array(np.random.default_rng(1).random(shape), order="F")
    before = x.copy()
    y = Target(function)(x)
    assert y.shape == shape
    assert y.dtype == np.float64
    assert y.flags.c_contiguous
    assert y.flags.writeable
    y[...] = 9.0
    np.testing.assert_array_equal(x, before)


def test_points_are_computed_in_the_printed_order():
    low, high = 0.1, 2.3
    expected = [low + (high - low) * i / 10 for i in range(11)]
    assert Target("x", interval=(low, high)).points(11).tolist() == expected
    with pytest.raises(ValueError, match="at least 2"):
        Target("x").points(1)


def test_targets_are_equal_by_text_and_interval():
    target = Target("x**2", interval=(0, 3))
    assert target == Target("x**2", interval=[0.0, 3.0])
    assert hash(target) == hash(Target("x**2", (-0.0, 3)))
    assert target != Target("x** 2", (0, 3))
    assert target != Target("x**2", (0, 2))
    assert target.interval == (0.0, 3.0)
    with pytest.raises(AttributeError):
        target.function = "x"
    assert repr(target) == "Target(function='x**2', interval=(0.0, 3.0))"


def test_a_target_can_be_pickled():
    target = pickle.loads(pickle.dumps(Target("where(0 < x < 1 and x != 0.5, sin(x), 2)", interval=(0, 3))))
    assert target == Target("where(0 < x < 1 and x != 0.5, sin(x), 2)", interval=(0, 3))
    assert target([0.25, 0.5]).tolist() == [math.sin(0.25), 2.0]


REFUSED = [
    (
        "x + inf",
        4,
        r"`inf` is not known at character 5 of .*: write a number: what is to be learned is finite",
    ),
    ("NaN", 0, r"`NaN` is not known at character 1 of .*: write a number: what is to be learned is finite"),
    ("2 * sine(x)", 4, r'`sine` is not known at character 5 of "2 \* sine\(x\)": did you mean `sin`\?'),
    ("2x", 1, r"write `2\*x`"),
    ("2 sin(x)", 2, r"write `2\*sin`"),
    ("(x)(x)", 3, "an operator is missing"),
    ("x(2)", 1, "an operator is missing"),
    ("exp(x)(2)", 6, "an operator is missing"),
    ("x²", 1, r"write `\*\*2` for a power"),
    ("x^2", 1, r"write `\*\*` for a power"),
    ("3 − x", 2, "write `-`"),
    ("sin(π*x)", 4, "write `pi`"),
    ("x × 2", 2, r"write `\*`"),
    ("ｘ", 0, "cannot stand"),
    ("math.sin(x)", 0, "write `sin` alone"),
    ("x.real", 0, "no attributes"),
    ("x .real", 2, "cannot stand"),
    ("x.__class__", 0, "no attributes"),
    ("Sin(x)", 0, "names are in lower case, did you mean `sin`"),
    ("X + 1", 0, "names are in lower case, did you mean `x`"),
    ("1 + t", 4, "the variable is `x`"),
    ("theta", 0, "the variable is `x`"),
    ("f(x)", 0, "functions are pi, e, sin"),
    ("ln(x + 1)", 0, "write `log`"),
    ("max(x, 1)", 0, "write `maximum`"),
    ("__import__('os')", 0, "is not known"),
    ("open(x)", 0, "is not known"),
    ("eval(x)", 0, "is not known"),
    ("'x'", 0, "without quotes"),
    ('sin("x")', 4, "without quotes"),
    ("x if x > 0 else 1", 2, "write `where"),
    ("lambda: 1", 0, "`lambda` is not known"),
    ("[x for x in x]", 0, "cannot stand"),
    ("x[0]", 1, "cannot stand"),
    ("{x}", 0, "cannot stand"),
    ("(x := 1)", 3, "`:=` is not an operator"),
    ("sin(x=1)", 5, "`=` cannot stand"),
    ("sin(*x)", 4, "something is missing"),
    ("sin(**x)", 4, "something is missing"),
    ("sin(x, 1)", 0, "`sin` has 2 arguments .* expected 1"),
    ("sin()", 0, "`sin` has 0 arguments"),
    ("1 + minimum(x)", 4, "`minimum` has 1 argument .* expected 2"),
    ("where(x < 1, 2)", 0, "`where` has 2 arguments .* expected 3"),
    ("where(x, 1, 2)", 6, "expected a comparison"),
    ("where(1 < x, x < 2, 2)", 13, "a comparison cannot stand"),
    ("where((x < 1) < 2, 1, 2)", 7, "a comparison cannot stand"),
    ("where(x and 1, 1, 2)", 6, "expected a comparison"),
    ("x < 1", 0, "only in the first place of `where"),
    ("not x", 0, "a comparison cannot stand"),
    ("where(x < not x < 1, 1, 2)", 10, "something is missing"),
    ("x not in x", 2, "something is missing"),
    ("x is x", 2, "`is` is not known"),
    ("True", 0, "is not known"),
    ("sin", 0, r"`sin` has no arguments .* write `sin\(x\)`"),
    ("sin x", 0, "has no arguments"),
    ("sin**2", 0, "has no arguments"),
    ("x // 2", 2, "is not an operator"),
    ("x % 2", 2, "cannot stand"),
    ("~x", 0, "cannot stand"),
    ("x # comment", 2, "cannot stand"),
    ("x; x", 1, "cannot stand"),
    ("x\\", 1, "cannot stand"),
    ("x\0", 1, r"U\+0000"),
    ("x, 1", 1, "between the arguments"),
    ("0,5 * x", 1, "the point of a decimal"),
    ("(x, 1)", 2, "between the arguments"),
    ("x +", 3, "something is missing"),
    ("* x", 0, "something is missing"),
    ("x + * 2", 4, "something is missing"),
    ("()", 1, "something is missing"),
    ("sin(,x)", 4, "something is missing"),
    ("((x)", 0, "never closed"),
    ("x) + (x", 1, "closes nothing"),
    ("007 + x", 0, "write `7`"),
    ("0x1F", 1, "is not known"),
    ("1j", 1, "is not known"),
    ("1e999", 0, "too large"),
    ("9" * 400, 0, "too large"),
    ("", 0, "is empty"),
    (" \n", 0, "is empty"),
    ("x" + "+x" * 500, 1000, "limit of 1000 characters .* it has 1001"),
    ("(" * 51 + "x" + ")" * 51, 50, "more than 50 levels"),
    ("-" * 60 + "x", 51, "more than 50 levels"),
    ("x" + "**x" * 332, 153, "more than 50 levels"),
    ("-" * 999 + "x", 51, "more than 50 levels"),
    ("where(" + "not " * 200 + "x < 1, 0, 1)", 206, "more than 50 levels"),
]


@pytest.mark.parametrize(("function", "position", "message"), REFUSED)
def test_what_is_outside_of_the_language_is_refused_at_its_place(function, position, message):
    with pytest.raises(TargetError, match=message) as caught:
        Target(function)
    assert caught.value.position == position
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("function", [5, None, b"x", ["x"]])
def test_a_function_that_is_no_text_is_refused(function):
    with pytest.raises(TargetError, match="must be a text"):
        Target(function)


@pytest.mark.parametrize(
    ("interval", "message"),
    [
        ((3, 0), "low end below its high end"),
        ((1, 1), "low end below its high end"),
        ((0, math.inf), "finite ends"),
        ((math.nan, 1), "finite ends"),
        ((0, 1e308), "finite ends"),
        ((0, 10**400), "two numbers"),
        ((0,), "two numbers"),
        ((0, 1, 2), "two numbers"),
        (("0", "1"), "two numbers"),
        ("01", "two numbers"),
        ((False, True), "two numbers"),
        (7, "two numbers"),
        (None, "two numbers"),
    ],
)
def test_what_is_no_interval_is_refused(interval, message):
    with pytest.raises(TargetError, match=message):
        Target("x", interval)


@pytest.mark.parametrize(
    ("function", "interval", "message"),
    [
        ("1/x", (0, 1), '"1/x" is infinite at x = 0: .* whole interval .0, 1.'),
        ("1/x", (-1, 0), "infinite at x = 0"),
        ("log(x)", (-1, 1), "not defined at x = -1"),
        ("sqrt(x)", (-1, 1), "not defined at x = -1"),
        ("x / 0", (1, 2), "infinite at x = 1"),
        ("0 / 0", (1, 2), "not defined at x = 1"),
        ("exp(x)", (0, 1e5), "infinite at x = 8"),
        ("9**9**9", (0, 1), "infinite"),
        ("9**9**9**9", (0, 1), "infinite"),
    ],
)
def test_a_target_that_is_not_finite_is_refused_with_the_place(function, interval, message):
    with pytest.raises(TargetError, match=message):
        Target(function, interval)


def test_outside_of_its_interval_a_target_may_be_infinite_without_a_warning():
    np.testing.assert_array_equal(Target("1/x + log(x)", (1, 2))([1, -1]), [1, np.nan])


@pytest.mark.parametrize(
    "function", ["x" + "+x" * 499, "x" + "-1" * 499, "where(" + "x>2 or " * 140 + "x>3,0,1)"]
)
def test_a_chain_may_fill_the_whole_length_even_deep_in_the_stack(function):
    def below(levels):
        return below(levels - 1) if levels else Target(function)

    frame, depth = sys._getframe(), 0
    while frame := frame.f_back:
        depth += 1
    assert below(max(sys.getrecursionlimit() - depth - 400, 0))(1.0) in (500.0, -498.0, 1.0)


def test_nested_chains_of_comparisons_take_no_exponential_time():
    function = "x"
    for _ in range(24):
        function = f"where(0<{function}<9,x,1)"
    assert Target(function)(0.5) == 0.5


@given(st.text(max_size=30) | st.text("x0129.+-*/()<>=,!abdehinoprstwlg _\n", max_size=30))
def test_any_text_is_a_target_or_a_target_error(text):
    try:
        target = Target(text)
    except TargetError as refusal:
        error = refusal
    else:
        assert np.isfinite(target(target.points(5))).all()
        return
    assert 0 <= error.position <= len(text)
    assert str(error).isprintable()
